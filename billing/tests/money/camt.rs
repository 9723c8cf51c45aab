//! The same statement in the words of two versions of camt.053, read line by line.

use palier_billing::statement::{Statement, StatementLine, read_camt};

use crate::eur;

pub(crate) const V02: &str = include_str!("files/camt_02.xml");
const V08: &str = include_str!("files/camt_08.xml");

fn one(file: &str) -> Statement {
    let mut statements = read_camt(file.as_bytes()).unwrap();
    assert_eq!(statements.len(), 1);
    statements.remove(0)
}

/// A line in a few words: amount, who, what for.
fn said(line: &StatementLine) -> (String, &str, &str) {
    let who = line.counterparty.as_deref().unwrap_or("-");
    (line.amount.to_string(), who, &line.remittance)
}

#[test]
fn entries_are_read_with_their_signs_and_their_parties() {
    let statement = one(V02);
    let said: Vec<_> = statement.lines.iter().map(said).collect();
    let expected = [
        ("1234.50", "Forge & Fils SA", "FA-2026- 000123 merci"),
        ("240.00", "Usine SARL", "FA-2026-000124"),
        ("120.00", "Atelier", "facture <125>"),
        ("-36.00", "Tour SAS", "PRLV REJETE"),
        ("-7.15", "-", "FRAIS DE TENUE DE COMPTE"),
    ];
    assert_eq!(said, expected.map(|(amount, who, what)| (amount.to_owned(), who, what)));
    assert_eq!(statement.account, "FR1420041010050500013M02606");
    let balances = statement.balances.unwrap();
    assert_eq!((balances.opening, balances.closing), (eur("-1000"), eur("551.35")));
    assert_eq!(statement.not_booked, 1);
}

#[test]
fn all_that_a_transaction_says_is_kept() {
    let statement = one(V02);
    let line = serde_json::to_value(&statement.lines[0]).unwrap();
    let expected = serde_json::json!({
        "key": "FR1420041010050500013M02606|2026-08-03|1234.50 EUR|ref B-1|1",
        "line": 15,
        "booked_on": "2026-08-03",
        "value_on": "2026-08-02",
        "amount": "1234.50",
        "reversal": false,
        "bank_reference": "B-1",
        "counterparty": "Forge & Fils SA",
        "on_behalf_of": "Forge Sud",
        "counterparty_iban": "FR7630006000011234567890189",
        "remittance": "FA-2026- 000123 merci",
        "structured_reference": "RF31FA2026000123",
        "end_to_end": "PAY-77",
    });
    assert_eq!(line, expected);
    let returned = &statement.lines[3];
    assert!(returned.reversal);
    assert_eq!(returned.return_reason.as_deref(), Some("AC04"));
    assert_eq!(returned.end_to_end.as_deref(), Some("FA-2026-000101"));
    assert_eq!(statement.lines[1].end_to_end, None);
}

#[test]
fn versions_say_the_same() {
    let without_places = |file| {
        let mut statement = one(file);
        statement.lines.iter_mut().for_each(|line| line.line = 0);
        statement
    };
    assert_eq!(without_places(V02), without_places(V08));
}

/// Where the bank does not tell the amounts of a batch, nobody can tell them apart.
#[test]
fn a_batch_without_amounts_stays_one_line() {
    let file =
        V02.replacen("<AmtDtls><TxAmt><Amt Ccy=\"EUR\">120.00</Amt></TxAmt></AmtDtls>", "", 1);
    let statement = one(&file);
    let batch = &statement.lines[1];
    let expected = ("360.00".to_owned(), "-", "FA-2026-000124 facture <125>");
    assert_eq!((said(batch), batch.line), (expected, 26));
}

#[test]
fn a_file_may_hold_several_statements_and_pages() {
    let start = V02.find("<Stmt>").unwrap();
    let end = V02.find("</BkToCstmrStmt>").unwrap();
    let page = &V02[start..end];
    let second = page.replace("3M02606", "").replace("2026-150", "2026-151").replace(
        "<Acct><Id><IBAN>FR14 2004 1010 0505 0001 3M02 606</IBAN></Id>",
        "<Acct><Id><Othr><Id>0500013 M026</Id></Othr></Id>",
    );
    let second = second.replace("OPBD", "ITBD").replace("CLBD", "ITBD");
    let file = format!("{}{page}{second}{}", &V02[..start], &V02[end..]);
    let statements = read_camt(file.as_bytes()).unwrap();
    let accounts: Vec<_> = statements.iter().map(|it| it.account.as_str()).collect();
    assert_eq!(accounts, ["FR1420041010050500013M02606", "0500013 M026"]);
    assert_eq!(statements[1].balances, statements[0].balances);
}
