//! Reports of usage, in every form that the intake takes. The first byte says which.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let [form, body @ ..] = bytes {
        palier::readers::usage_report(*form, body);
    }
});
