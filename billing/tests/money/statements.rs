//! Laws of statements made at random.

use std::{collections::BTreeSet, fmt::Write};

use jiff::{ToSpan, civil::date};
use palier_billing::statement::{CsvMapping, StatementFaultKind, read_camt, read_csv};
use proptest::{collection::vec, prelude::*};

/// A movement: the day of the month, cents, what was written.
type Movement = (i8, i64, u8);

fn movements() -> impl Strategy<Value = Vec<Movement>> {
    vec((0..6_i8, prop_oneof![-5..6_i64, -10_000_000..10_000_000_i64], 0..3_u8), 0..30).prop_map(
        |mut all| {
            all.retain(|(_, cents, _)| *cents != 0);
            // Banks write days in their order.
            all.sort_by_key(|(day, ..)| *day);
            all
        },
    )
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn side(cents: i64) -> &'static str {
    if cents < 0 { "DBIT" } else { "CRDT" }
}

fn camt(opening: i64, closing: i64, movements: &[Movement]) -> String {
    let balance = |code: &str, cents| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{}</Amt>\
             <CdtDbtInd>{}</CdtDbtInd></Bal>",
            decimal(cents),
            side(cents),
        )
    };
    let mut file = String::from(
        "<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id>\
         </Acct>",
    );
    file += &balance("OPBD", opening);
    file += &balance("CLBD", closing);
    for (day, cents, text) in movements {
        let day = date(2026, 7, 29).saturating_add(i64::from(*day).days());
        write!(
            file,
            "<Ntry><Amt Ccy='EUR'>{}</Amt><CdtDbtInd>{}</CdtDbtInd><BookgDt><Dt>{day}</Dt>\
             </BookgDt><AddtlNtryInf>text {text}</AddtlNtryInf></Ntry>",
            decimal(*cents),
            side(*cents),
        )
        .unwrap();
    }
    file + "</Stmt></BkToCstmrStmt></Document>"
}

fn export(movements: &[Movement]) -> String {
    let mut file = String::from("Jour;Montant;Texte\n");
    for (day, cents, text) in movements {
        let day = date(2026, 7, 29).saturating_add(i64::from(*day).days());
        let sign = if *cents < 0 { "-" } else { "" };
        let amount = decimal(*cents).replace('.', ",");
        writeln!(file, "{};{sign}{amount};text {text}", day.strftime("%d/%m/%Y")).unwrap();
    }
    file
}

fn keys(file: &str) -> Vec<String> {
    let mapping = r#"{"booked_on": "jour", "amount": "montant", "text": ["texte"]}"#;
    let mapping: CsvMapping = serde_json::from_str(mapping).unwrap();
    let statement = read_csv(file.as_bytes(), &mapping, "FR1420041010050500013M02606").unwrap();
    statement.lines.into_iter().map(|line| line.key).collect()
}

proptest! {
    /// What is read is what was written, cent by cent; a statement that is a cent off is refused.
    #[test]
    fn a_statement_adds_up_or_is_refused(
        opening in -1_000_000..1_000_000_i64,
        movements in movements(),
        off in prop_oneof![Just(0), -3..3_i64],
    ) {
        let sum: i64 = movements.iter().map(|(_, cents, _)| cents).sum();
        let read = read_camt(camt(opening, opening + sum + off, &movements).as_bytes());
        if off == 0 {
            let lines = read.unwrap().remove(0).lines;
            let cents: Vec<_> = lines.iter().map(|line| line.amount.minor()).collect();
            prop_assert_eq!(cents, movements.iter().map(|(_, it, _)| *it).collect::<Vec<_>>());
        } else {
            let faults = read.unwrap_err().0;
            let found = faults.iter().map(|fault| &fault.kind).collect::<Vec<_>>();
            let unbalanced = matches!(found[..], [StatementFaultKind::Unbalanced { .. }]);
            prop_assert!(unbalanced, "{:?}", found);
        }
    }

    /// No two movements of a file have one key; read again, or in an export of other whole days
    /// that overlap, each has the same.
    #[test]
    fn a_movement_has_one_key_in_any_export(
        movements in movements(),
        cut in 0..7_i8,
        back in 0..7_i8,
    ) {
        let all = keys(&export(&movements));
        let distinct: BTreeSet<_> = all.iter().collect();
        prop_assert_eq!(distinct.len(), movements.len());
        let (first, second): (Vec<_>, Vec<_>) = (
            movements.iter().copied().filter(|(day, ..)| *day < cut).collect(),
            movements.iter().copied().filter(|(day, ..)| *day >= cut - back).collect(),
        );
        let exports = [first, second].map(|part| keys(&export(&part)));
        let joined: BTreeSet<_> = exports.into_iter().flatten().collect();
        prop_assert_eq!(joined, all.iter().cloned().collect::<BTreeSet<_>>());
        // camt.053 without references of the bank gives the same keys.
        let sum: i64 = movements.iter().map(|(_, cents, _)| cents).sum();
        let camt = read_camt(camt(0, sum, &movements).as_bytes()).unwrap().remove(0);
        prop_assert_eq!(camt.lines.into_iter().map(|line| line.key).collect::<Vec<_>>(), all);
    }

    /// Whatever bytes come, reading ends: with a statement or with a fault.
    #[test]
    fn anything_is_read_or_refused(
        bytes in vec(any::<u8>(), 0..300),
        at in 0..4000_usize,
        byte: u8,
    ) {
        prop_assert!(read_camt(&bytes).is_err());
        let mapping = r#"{"booked_on": "a", "amount": "b", "text": []}"#;
        let mapping: CsvMapping = serde_json::from_str(mapping).unwrap();
        let _ = read_csv(&[b"a;b\n", bytes.as_slice()].concat(), &mapping, "X");
        // A good file with one byte changed.
        let mut file = crate::camt::V02.as_bytes().to_vec();
        let place = at % file.len();
        file[place] = byte;
        let _ = read_camt(&file);
    }
}
