//! Accounting files, as the checker reads them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let findings = palier_billing::fec::check("732829320FEC20261231.txt", bytes);
    for finding in findings {
        let _said = (finding.to_string(), finding.french());
    }
});
