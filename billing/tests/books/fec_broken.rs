//! The checker: a file written by hand is in order, and each way to break it is found by the rule
//! that is there for it, and by no other.

use std::collections::BTreeSet;

use jiff::civil::date;
use palier_billing::fec::{Finding, Rule, check, check_since};

const GOOD: &str = include_str!("fec.txt");
const NAME: &str = "732829320FEC20261231.txt";

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(Finding::rule).collect()
}

/// The file with one thing changed; line and column count from 1.
#[track_caller]
fn with(line: usize, column: usize, text: &str) -> String {
    let mut lines: Vec<Vec<&str>> = GOOD.lines().map(|line| line.split('\t').collect()).collect();
    assert_ne!(lines[line - 1][column - 1], text);
    lines[line - 1][column - 1] = text;
    lines.iter().map(|fields| fields.join("\t") + "\r\n").collect()
}

/// All that is found, in words: one rule's findings on one line.
#[track_caller]
fn found(file: &str) -> String {
    let findings = check(NAME, file.as_bytes());
    let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    said.concat()
}

/// As bytes of ISO 8859-15, of which the file uses what Latin-1 has.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect()
}

#[test]
fn a_good_file_passes_however_it_is_made() {
    let crlf = GOOD.replace('\n', "\r\n");
    let variants = [
        GOOD.as_bytes().to_vec(),
        crlf.clone().into_bytes(),
        GOOD.replace('\n', "\r").into_bytes(),
        GOOD.trim_end_matches('\n').as_bytes().to_vec(),
        GOOD.replace('\t', "|").into_bytes(),
        format!("\u{feff}{crlf}").into_bytes(),
        latin(&crlf),
    ];
    for file in variants {
        assert_eq!(check(NAME, &file), [], "{}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn amounts_may_have_a_sense() {
    let sides = |d, c, file: &str| -> String {
        let line = |line: &str| {
            let mut fields: Vec<_> = line.split('\t').collect();
            (fields[11], fields[12]) = match (fields[11], fields[12]) {
                ("Debit", _) => ("Montant", "Sens"),
                ("0,00", credit) => (credit, c),
                (debit, _) => (debit, d),
            };
            fields.join("\t") + "\n"
        };
        file.lines().map(line).collect()
    };
    for (d, c) in [("D", "C"), ("+1", "-1")] {
        assert_eq!(check(NAME, sides(d, c, GOOD).as_bytes()), []);
    }
    let wrong = sides("D", "H", GOOD);
    let wrong = check(NAME, wrong.as_bytes());
    assert_eq!(BTreeSet::from_iter(rules(&wrong)), BTreeSet::from([Rule::R09]));
    let said = "R09 line 3, Sens: \"H\" is neither D nor C, +1 nor -1";
    assert_eq!(wrong[0].to_string(), said);
    let zero = sides("D", "C", &with(2, 12, "0,000"));
    assert_eq!(found(&zero), "R09 line 2, Montant: is zero, and so is the other side");
}

#[test]
fn r01_the_name() {
    for name in [
        "FEC20261231.txt",
        "732829321FEC20261231.txt",
        "73282932FEC20261231.txt",
        "732829320FEC20261231",
        "732829320FEC20261231.csv",
        "732829320fec20261231.txt",
        "732829320-20261231.txt",
        "732829320FEC20260231.txt",
        "732829320FEC2026-12-31.txt",
    ] {
        let findings = check(name, GOOD.as_bytes());
        assert_eq!(rules(&findings), [Rule::R01], "{name}: {findings:?}");
        assert_eq!((findings[0].line, findings[0].column), (None, None));
    }
}

#[test]
fn r02_the_encoding() {
    assert_eq!(
        found(&with(3, 11, "À\u{7} nouveaux")),
        "R02 line 3: what stands at position 80 is no character of ISO 8859-15 nor of UTF-8",
    );
    let mut file = latin(GOOD);
    let place = file.windows(4).position(|bytes| bytes == b"juil").unwrap();
    // A curly apostrophe as Windows writes it.
    file[place] = 0x92;
    let findings = check(NAME, &file);
    assert_eq!(rules(&findings), [Rule::R02]);
    assert_eq!(findings[0].line, Some(4));
}

#[test]
fn r03_the_header() {
    assert_eq!(
        found(&with(1, 17, "MontantDevise")),
        "R03 line 1, Montantdevise: is called \"MontantDevise\""
    );
    assert_eq!(found(&GOOD.replace('\t', ";")), "R03 line 1: columns: 1 instead of 18");
    assert_eq!(found(""), "R03 line 1: columns: 1 instead of 18");
    let (_, without) = GOOD.split_once('\n').unwrap();
    assert_eq!(found(without), "R03 line 1: is no header: it names none of the columns");
}

#[test]
fn r04_the_number_of_fields() {
    for line in 2..=13 {
        let more = found(&with(line, 18, "CHF\t"));
        assert_eq!(more, format!("R04 line {line}: fields: 19 instead of 18"));
    }
    let blank = GOOD.replacen("\nVE", "\n\nVE", 1);
    assert_eq!(found(&blank), "R04 line 4: fields: 1 instead of 18");
}

#[test]
fn r05_what_must_be_filled() {
    for column in [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16] {
        for (line, empty) in [(2, ""), (3, " "), (5, ""), (13, "")] {
            let said = found(&with(line, column, empty));
            let name = GOOD.lines().next().unwrap().split('\t').nth(column - 1).unwrap();
            assert_eq!(said, format!("R05 line {line}, {name}: is empty"));
        }
    }
}

#[test]
fn r06_dates_exist() {
    for (column, name) in
        [(4, "EcritureDate"), (10, "PieceDate"), (15, "DateLet"), (16, "ValidDate")]
    {
        for wrong in ["20260229", "20261301", "2026-07-31", "260731", "2026073é", "00000000"] {
            let said = found(&with(4, column, wrong));
            assert_eq!(said, format!("R06 line 4, {name}: {wrong:?} is no date as 20261231"));
        }
    }
}

#[test]
fn r07_numbers_have_a_comma() {
    for (line, column, name) in [(4, 12, "Debit"), (5, 13, "Credit"), (7, 17, "Montantdevise")] {
        for wrong in
            ["177.15", "1 177,15", "1.177,15", ",15", "177,", "1,2,3", "1,0000000", "é", "+1"]
        {
            let said = found(&with(line, column, wrong));
            assert_eq!(said, format!("R07 line {line}, {name}: {wrong:?} is no number as 1234,50"));
        }
    }
}

#[test]
fn r08_accounts_begin_with_three_digits() {
    for wrong in ["41", "4A1000", "CLIENT"] {
        let said = found(&with(4, 5, wrong));
        assert_eq!(
            said,
            format!("R08 line 4, CompteNum: {wrong:?} does not begin with three digits")
        );
    }
}

#[test]
fn r09_debit_or_credit() {
    let none = found(&with(4, 12, "0"));
    assert_eq!(none, "R09 line 4, Debit: is zero, and so is the other side");
    let both = found(&with(4, 13, "177,15"));
    assert_eq!(both, "R09 line 4, Credit: debit and credit are both filled");
}

#[test]
fn r10_what_is_filled_together() {
    for (line, column, said) in [
        (4, 7, "R10 line 4, CompAuxNum: is empty, CompAuxLib is not"),
        (4, 8, "R10 line 4, CompAuxLib: is empty, CompAuxNum is not"),
        (4, 14, "R10 line 4, EcritureLet: is empty, DateLet is not"),
        (4, 15, "R10 line 4, DateLet: is empty, EcritureLet is not"),
        (7, 17, "R10 line 7, Montantdevise: is empty, Idevise is not"),
        (7, 18, "R10 line 7, Idevise: is empty, Montantdevise is not"),
    ] {
        assert_eq!(found(&with(line, column, "")), said);
    }
}

#[test]
fn r11_entries_are_whole() {
    for (line, column, text, said) in [
        (4, 12, "177,16", "R11 line 4: entry VE000001: debits less credits come to 0,01"),
        (6, 13, "25,125", "R11 line 4: entry VE000001: debits less credits come to -0,105"),
        (6, 13, "-25,02", "R11 line 4: entry VE000001: debits less credits come to 50,04"),
        (
            5,
            1,
            "OD",
            "R11 line 5, JournalCode: entry VE000001: \"OD\" here, \"VE\" on its first line",
        ),
        (
            8,
            9,
            "VIR-9",
            "R11 line 8, PieceRef: entry BQ000007: \"VIR-9\" here, \"VIR-0042\" on its first line",
        ),
        (
            8,
            4,
            "20260815",
            "R11 line 8, EcritureDate: entry BQ000007: \"2026-08-15\" here, \"2026-08-14\" on its \
             first line",
        ),
    ] {
        assert_eq!(found(&with(line, column, text)), said);
    }
    // The same number in two journals is one entry: as many lines differ as the second one has.
    let findings = check(NAME, GOOD.replace("BQ000008", "AN000001").as_bytes());
    assert_eq!(BTreeSet::from_iter(rules(&findings)), BTreeSet::from([Rule::R11]));
}

#[test]
fn r12_numbers_have_no_gap() {
    let gap = GOOD.replace("BQ000008", "BQ000010");
    assert_eq!(found(&gap), "R12 line 12, EcritureNum: the numbers go from BQ000007 to BQ000010");
    let wordy = GOOD.replace("AN000001", "OUVERTURE");
    let said =
        "R12 line 2, EcritureNum: \"OUVERTURE\" does not end in a number, so gaps cannot be seen";
    assert_eq!(found(&wordy), said);
}

#[test]
fn r13_dates_lie_in_the_year() {
    let early = GOOD.replace("\t20260101\t", "\t20251231\t");
    let findings = check(NAME, early.as_bytes());
    assert_eq!(rules(&findings), [Rule::R13, Rule::R13]);
    assert_eq!(
        findings[0].to_string(),
        "R13 line 2, EcritureDate: 2025-12-31 is not between 2026-01-01 and 2026-12-31",
    );
    assert_eq!(check_since(date(2025, 10, 1), NAME, early.as_bytes()), []);
    assert_eq!(rules(&check("732829320FEC20260902.txt", GOOD.as_bytes())), [Rule::R13; 2]);
    let hasty = GOOD.replace("\t20260101\t", "\t20260201\t");
    let said = "R13 line 2, ValidDate: 2026-01-31 is before the entry's date, 2026-02-01";
    assert_eq!(check(NAME, hasty.as_bytes())[0].to_string(), said);
}

#[test]
fn r14_validation_goes_forward() {
    let mut lines: Vec<_> = GOOD.lines().collect();
    lines[1..6].rotate_left(2);
    assert_eq!(
        found(&lines.join("\n")),
        "R14 line 5, ValidDate: 2026-01-31 is before the line above, 2026-07-31",
    );
}

#[test]
fn findings_come_in_the_order_of_lines_and_in_two_languages() {
    let file = GOOD.replace("BQ000008", "BQ000010").replace("177,15\t0,00", "177.15\t0,00");
    let file = file.replace("706000", "7X6000");
    let findings = check("732829321FEC20261231.txt", file.as_bytes());
    let lines: Vec<_> = findings.iter().map(|it| it.line).collect();
    assert_eq!(lines, [None, Some(4), Some(5), Some(7), Some(10), Some(12)]);
    let french: Vec<_> = findings.iter().map(Finding::french).collect();
    assert_eq!(
        french[..3],
        [
            "R01 le nom du fichier commence par « 732829321 », qui n'est pas un SIREN",
            "R07 ligne 4, Debit : « 177.15 » n'est pas un nombre à virgule, comme 1234,50",
            "R08 ligne 5, CompteNum : « 7X6000 » ne commence pas par trois chiffres",
        ]
    );
}
