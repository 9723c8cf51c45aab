//! Files that are no statement, each refused with the place of what is wrong.

use palier_billing::statement::read_camt;

use crate::camt::V02;

fn said(file: &str) -> Vec<String> {
    let faults = read_camt(file.as_bytes()).unwrap_err();
    faults.0.iter().map(ToString::to_string).collect()
}

/// All that is found after one change.
#[track_caller]
fn with(from: &str, to: &str) -> Vec<String> {
    assert!(V02.contains(from), "{from}");
    said(&V02.replacen(from, to, 1))
}

#[test]
fn balances_must_add_up() {
    // Fully written out, with currencies: two may differ in nothing else.
    let off = "line 5: opens with -1000.00 EUR, its entries come to 1551.35 EUR, \
               and it closes with 551.36 EUR";
    assert_eq!(with("551.35", "551.36"), [off]);
    // An entry that got lost on the way.
    let (from, to) = (V02.find("<Ntry>").unwrap(), V02.find("</Ntry>").unwrap() + 7);
    let lost = said(&[&V02[..from], &V02[to..]].concat());
    let short = "line 5: opens with -1000.00 EUR, its entries come to 316.85 EUR, \
                 and it closes with 551.35 EUR";
    assert_eq!(lost, [short]);
    let gone = "line 5: Bal with code OPBD is missing";
    assert_eq!(with("OPBD", "FWAV"), [gone]);
}

#[test]
fn transactions_must_come_to_their_entry() {
    let differ = "line 26, entry 2: the entry comes to 360.00, its transactions to 360.01";
    assert_eq!(with(">240.00<", ">240.01<"), [differ]);
}

#[test]
fn every_fault_is_told_with_its_entry() {
    let file = V02
        .replacen(">1234.5<", ">1234,5<", 1)
        .replacen("T10:15:00+02:00", " 10:15", 1)
        .replacen("<RvslInd>true", "<RvslInd>yes", 1)
        .replacen("<Amt Ccy=\"EUR\">7.15", "<Amt Ccy=\"XAU\">7.15", 1)
        .replacen("<Sts>PDNG", "<Sts>???", 1);
    assert_eq!(
        said(&file),
        [
            "line 12, entry 1: \"1234,5\" is no amount: not a decimal number",
            "line 28, entry 2: \"2026-08-03 10:15\" is no date",
            "line 46, entry 3: RvslInd is \"yes\", expected true or false",
            "line 59, entry 4: \"XAU\" is no currency of ISO 4217 with minor units",
            "line 64, entry 5: Sts is \"???\", expected BOOK, PDNG, INFO or FUTR",
        ]
    );
}

#[test]
fn amounts_are_never_signed_and_never_finer_than_a_cent() {
    for (wrong, why) in [
        ("-7.15", "not a decimal number"),
        ("7.155", "more than 2 decimal places"),
        ("7e0", "not a decimal number"),
        ("", "not a decimal number"),
        ("99999999999999999999", "too large"),
    ] {
        let said = with(">7.15<", &format!(">{wrong}<"));
        assert_eq!(said, [format!("line 59, entry 4: {wrong:?} is no amount: {why}")]);
    }
    let side = "line 58, entry 4: CdtDbtInd is missing";
    assert_eq!(with("7.15</Amt><CdtDbtInd>DBIT</CdtDbtInd>", "7.15</Amt>"), [side]);
    let mixed = with(">7.15</Amt>", ">0.00</Amt>").concat();
    assert!(mixed.contains("its entries come to 1558.50"), "{mixed}");
    let dollars = with("EUR\">7.15", "USD\">7.15");
    assert_eq!(dollars, ["line 5: an amount in USD cannot be combined with one in EUR"]);
}

#[test]
fn an_account_number_is_checked() {
    let wrong = "line 8: \"FR15 2004 1010 0505 0001 3M02 606\" is no IBAN";
    assert_eq!(with("FR14", "FR15"), [wrong]);
}

#[test]
fn other_files_are_named() {
    let other = V02.replace("BkToCstmrStmt", "BkToCstmrAcctRpt");
    let kind = "line 3: is BkToCstmrAcctRpt, not a camt.053 bank statement (BkToCstmrStmt)";
    assert_eq!(said(&other), [kind]);
    let html = "line 1: is html, not a camt.053 bank statement (BkToCstmrStmt)";
    assert_eq!(said("<html><Document/></html>"), [html]);
    assert_eq!(said(""), ["line 1: cannot be read: the file is not complete"]);
    let cut = V02.split_at(V02.find("</Stmt>").unwrap()).0;
    assert_eq!(said(cut), ["line 67: cannot be read: the file is not complete"]);
    assert!(said(&V02.replacen("</Acct>", "</Account>", 1))[0].starts_with("line 8: cannot be"));
}

/// The attacks that XML is known for: entities that multiply, entities that name files, elements
/// without end.
#[test]
fn nothing_is_expanded() {
    let laughs = "<!DOCTYPE Document [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<Document>";
    let doctype = "has a document type definition, which no bank statement needs";
    assert_eq!(with("<Document", &format!("{laughs}<Document")), [format!("line 2: {doctype}")]);
    let file = "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><Document/>";
    assert_eq!(said(file), [format!("line 1: {doctype}")]);
    assert_eq!(with("&amp;", "&secret;"), ["line 18: refers to the entity \"secret\""]);
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(said(&deep), ["line 1: has more than 64 elements inside one another"]);
}
