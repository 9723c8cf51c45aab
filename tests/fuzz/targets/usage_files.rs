//! Files of usage, as `palier usage import` and `palier quote` read them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    palier::readers::usage_import(bytes);
    palier::readers::quote_usage(bytes);
});
