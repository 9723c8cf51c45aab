//! Exports of banks for spreadsheets.

use palier_billing::statement::{CsvMapping, Statement, StatementFaults, read_csv};
use serde_json::{Value, json};

const ACCOUNT: &str = "FR14 2004 1010 0505 0001 3M02 606";

fn read(file: &[u8], mapping: Value) -> Result<Statement, StatementFaults> {
    let mapping: CsvMapping = serde_json::from_value(mapping).unwrap();
    read_csv(file, &mapping, ACCOUNT)
}

fn sides() -> Value {
    json!({
        "booked_on": "Date",
        "value_on": "Date de valeur",
        "amount": { "debit": "Débit", "credit": "Crédit" },
        "text": ["Libellé", "Détail"],
        "bank_reference": "Référence",
    })
}

const EXPORT: &str = "\
Compte;FR1420041010050500013M02606\r
Solde au 04/08/2026;551,35\r
\r
Date;Date de valeur;Libellé;Détail;Référence;DÉBIT;Crédit\r
03/08/2026;02/08/2026;VIR SEPA FORGE SA;\"FA-2026-000123\r\nmerci; suite\";R1;;1 234,50\r
03/08/2026;03/08/2026;FRAIS;;R2;-7,15;\r
04/08/2026;04/08/2026;PRLV;;R3;36,00;0,00\r
;;Fin du relevé;;;;\r
";

#[test]
fn an_export_is_read_in_either_encoding() {
    let windows: Vec<u8> = EXPORT.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
    let unicode = read(EXPORT.as_bytes(), sides()).unwrap();
    assert_eq!(read(&windows, sides()).unwrap(), unicode);
    let marked = format!("\u{feff}{EXPORT}");
    assert_eq!(read(marked.as_bytes(), sides()).unwrap(), unicode);

    let said = |line: &palier_billing::statement::StatementLine| {
        (line.line, line.value_on.to_string(), line.amount.to_string(), line.remittance.clone())
    };
    let said: Vec<_> = unicode.lines.iter().map(said).collect();
    let expected = [
        (5, "2026-08-02", "1234.50", "VIR SEPA FORGE SA FA-2026-000123 merci; suite"),
        (7, "2026-08-03", "-7.15", "FRAIS"),
        (8, "2026-08-04", "-36.00", "PRLV"),
    ];
    let expected = expected.map(|(a, b, c, d)| (a, b.to_owned(), c.to_owned(), d.to_owned()));
    assert_eq!(said, expected);
    assert_eq!(unicode.account, "FR1420041010050500013M02606");
    assert_eq!(unicode.lines[1].bank_reference.as_deref(), Some("R2"));
}

#[test]
fn one_column_may_hold_both_signs() {
    let file = "date,amount,currency,label,name,iban,e2e\n\
                08/03/2026,\"-1,234.50\",USD,rent,Landlord,FR76 3000 6000 0112 3456 7890 189,X9\n";
    let mapping = json!({
        "delimiter": ",", "decimal": "point", "dates": "month_first",
        "booked_on": "date", "amount": "amount", "currency_column": "currency",
        "text": ["label"], "counterparty": "name", "counterparty_iban": "iban",
        "end_to_end": "e2e",
    });
    let statement = read(file.as_bytes(), mapping).unwrap();
    let line = &statement.lines[0];
    assert_eq!(format!("{:?}", line.amount), "-1234.50 USD");
    assert_eq!(line.booked_on, line.value_on);
    assert_eq!(line.counterparty.as_deref(), Some("Landlord"));
    let iban = line.counterparty_iban.as_ref().unwrap();
    assert_eq!(iban.as_str(), "FR7630006000011234567890189");
    assert_eq!(line.end_to_end.as_deref(), Some("X9"));
}

#[test]
fn every_wrong_row_is_told_with_its_line() {
    let file = "Date;Date de valeur;Libellé;Détail;Référence;Débit;Crédit\n\
                31/02/2026;;a;;;1,00;\n\
                01/03/2026;x;a;;;1,00;\n\n\
                02/03/2026;;a;;;1,00;2,00\n\
                03/03/2026;;a;;;;\n\
                04/03/2026;;a;;;;-2,00\n\
                05/03/2026;;a;;;12.50;\n\
                ;;a;;;1,00;\n\
                06/03/2026;;a\n";
    let faults = read(file.as_bytes(), sides()).unwrap_err();
    let said: Vec<_> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 2: \"31/02/2026\" is no date",
            "line 3: \"x\" is no date",
            "line 5: has an amount in both columns, \"1,00\" and \"2,00\"",
            "line 6: the amount is missing",
            "line 7: \"-2,00\" is a credit below zero",
            "line 8: \"12.50\" is no amount: not a decimal number",
            "line 9: \"\" is no date",
            "line 10: the amount is missing",
        ]
    );
    let faults = read(b"Date;Libelle\n", sides()).unwrap_err();
    let said = "line 1: a row with the columns Date, Débit, Crédit, Libellé, Détail, \
                Date de valeur, Référence is missing";
    assert_eq!(faults.to_string(), said);
}

#[test]
fn a_mapping_knows_its_fields() {
    let mut mapping = sides();
    mapping["colour"] = json!("red");
    assert!(serde_json::from_value::<CsvMapping>(mapping).is_err());
    let written = serde_json::from_value::<CsvMapping>(sides()).unwrap();
    let again = serde_json::to_value(&written).unwrap();
    assert_eq!(serde_json::from_value::<CsvMapping>(again).unwrap(), written);
}
