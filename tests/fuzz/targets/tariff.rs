//! Tariffs. What is read can be written and read again, and is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use palier_billing::Tariff;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = serde_json::from_slice(bytes) else { return };
    if let Ok(tariff) = Tariff::from_json(&document) {
        let written = serde_json::to_value(&tariff).expect("a tariff can be written");
        let again = Tariff::from_json(&written).expect("what was written can be read");
        assert_eq!(again, tariff);
        let _warnings = tariff.warnings();
    }
});
