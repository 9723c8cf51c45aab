//! Files for the bank (pain.008 and pain.001): valid by the schemas of ISO 20022 whatever is in them, with
//! sums and numbers that an independent script agrees with; and what is not valid shows.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod files;
pub(crate) mod schema;

use std::fs;

use palier_billing::sepa::{DebitVersion, TransferVersion};
use palier_tests::scratch;

use files::{HELD, debits, transfers};
use schema::verdicts;

#[test]
fn every_file_is_valid_and_adds_up() {
    let folder = scratch("sepa-valid");
    let write = |name: &str, nth: usize, bytes: Vec<u8>| {
        fs::write(folder.join(format!("{name}-{nth}.xml")), bytes).unwrap();
    };
    for nth in 0..HELD {
        for version in DebitVersion::ALL {
            write(version.as_str(), nth, debits(nth).write(*version).unwrap());
        }
        for version in TransferVersion::ALL {
            write(version.as_str(), nth, transfers(nth).write(*version).unwrap());
        }
    }
    let Some(found) = verdicts(&folder) else { return };
    assert_eq!(found.len(), 4 * HELD);
    for (file, verdict) in &found {
        assert!(verdict.failed.is_empty(), "{file}: {:#?}", verdict.failed);
        assert!(file.starts_with(&verdict.message), "{file} is {}", verdict.message);
        let (count, minor) = if file.starts_with("pain.008") {
            let given = debits(0).collections;
            (given.len(), given.iter().map(|it| it.amount.minor()).sum::<i64>())
        } else {
            let given = transfers(0).transfers;
            (given.len(), given.iter().map(|it| it.amount.minor()).sum::<i64>())
        };
        let sum = format!("{}.{:02}", minor / 100, minor % 100);
        assert_eq!((verdict.count, &verdict.sum), (count, &sum), "{file}");
    }
}

/// In which message what is changed into what, who must complain, and in which words.
type Fault = (&'static str, &'static str, &'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    // The schemas: elements that are missing, out of order, or of another version.
    ("008.001.02", "<MsgId>POLE-2026-07-1</MsgId>", "", "xsd", "MsgId )"),
    (
        "008.001.08",
        "<PmtMtd>DD</PmtMtd>",
        "<PmtMtd>TRF</PmtMtd>",
        "xsd",
        "an element of the set {'DD'}",
    ),
    ("008.001.02", "BIC>", "BICFI>", "xsd", "BICFI': This element is not expected"),
    ("008.001.08", "BICFI>", "BIC>", "xsd", "BIC': This element is not expected"),
    ("008.001.02", "<BIC>COBADEFFXXX", "<BIC>COBADEFF1", "xsd", "not accepted by the pattern"),
    ("008.001.02", "<SeqTp>FRST", "<SeqTp>FIRST", "xsd", "an element of the set {'FRST', 'RCUR'"),
    (
        "008.001.02",
        "<DtOfSgntr>2025-02-28",
        "<DtOfSgntr>28/02/2025",
        "xsd",
        "DtOfSgntr': '28/02/2025'",
    ),
    ("008.001.08", "<ReqdColltnDt>2026-07-30", "<ReqdColltnDt>2026-02-30", "xsd", "ReqdColltnDt'"),
    ("008.001.08", "Ccy=\"EUR\"", "Ccy=\"EURO\"", "xsd", "'EURO' is not accepted"),
    (
        "008.001.08",
        "<EndToEndId>",
        "<EndToEndId>AAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "xsd",
        "maximum length",
    ),
    ("008.001.02", "pain.008.001.02", "pain.008.001.99", "xsd", "no schema of the name"),
    (
        "001.001.03",
        "<ReqdExctnDt>2026-07-20<",
        "<ReqdExctnDt><Dt>2026-07-20</Dt><",
        "xsd",
        "ReqdExctnDt'",
    ),
    ("001.001.09", "<Dt>2026-07-20</Dt>", "2026-07-20", "xsd", "ReqdExctnDt'"),
    ("001.001.09", "<Cd>SCOR</Cd>", "<Cd>RF</Cd>", "xsd", "an element of the set {'RADM'"),
    // What the schemas let pass.
    ("008.001.02", "<NbOfTxs>48<", "<NbOfTxs>47<", "sums", "says 47 payments and has 48"),
    (
        "008.001.08",
        "<InstdAmt Ccy=\"EUR\">0.01<",
        "<InstdAmt Ccy=\"EUR\">0.02<",
        "sums",
        "comes to",
    ),
    (
        "001.001.03",
        "<InstdAmt Ccy=\"EUR\">0.01<",
        "<InstdAmt Ccy=\"EUR\">1.01<",
        "sums",
        "comes to",
    ),
    ("001.001.09", "<IBAN>FR14", "<IBAN>FR15", "numbers", "FR1520041010050500013M02606 is no iban"),
    ("008.001.02", "<Id>FR72ZZZ", "<Id>FR73ZZZ", "numbers", "FR73ZZZ123456 is no eu.at_02"),
    ("001.001.03", "<Ref>RF", "<Ref>RF0", "numbers", "is no iso11649"),
];

#[test]
fn what_is_not_valid_shows() {
    let folder = scratch("sepa-wrong");
    let name = |nth: usize| format!("{nth:02}.xml");
    for (nth, (version, from, to, _, _)) in FAULTS.iter().enumerate() {
        let version = format!("pain.{version}");
        let bytes = match (version.parse::<DebitVersion>(), version.parse::<TransferVersion>()) {
            (Ok(version), _) => debits(1).write(version).unwrap(),
            (_, Ok(version)) => transfers(1).write(version).unwrap(),
            _ => panic!("{version}"),
        };
        let right = String::from_utf8(bytes).unwrap();
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right, "{from} is there");
        fs::write(folder.join(name(nth)), wrong).unwrap();
    }
    let Some(found) = verdicts(&folder) else { return };
    for (nth, (version, from, _, by, words)) in FAULTS.iter().enumerate() {
        let failed = &found[&name(nth)].failed;
        let told = failed.iter().any(|[who, said]| who == by && said.contains(words));
        assert!(told, "{version} {from}: {failed:#?}");
    }
}
