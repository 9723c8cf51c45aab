//! Money paid in advance: it stands to the member's credit, and pays what becomes final.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use crate::invoices::real::settings;
use crate::invoices::setting::{Small, fee};

/// 18.00 a month for each of two members; credit pays documents as the pole has said.
fn small(engine: Engine, credit_use: &str) -> Small {
    let small = Small::new(engine, &[fee()]);
    let mut settings = settings();
    settings["credit_use"] = credit_use.into();
    small.put("billing-settings", settings);
    small
}

/// Pays in advance, before anything is owed.
#[track_caller]
fn prepays(small: &Small, member: &str, amount: &str) -> String {
    let facts = json!({
        "kind": "payment", "member": small.members[member], "method": "transfer",
        "paid_on": "2028-01-15", "amount": amount, "reference": "AVANCE",
    });
    small.finance.post(&small.at("payments"), facts).expect(201).string("/id")
}

/// What a member owes and has: open, credit.
#[track_caller]
fn stands(small: &Small, member: &str) -> [String; 2] {
    let at = small.at(&format!("members/{}/balance", small.members[member]));
    let balance = small.finance.get(&at).expect(200);
    ["/open", "/credit"].map(|field| balance.string(field))
}

/// What payments settle that moved no money, by reference: the amount of each document. All are of the same
/// moment here.
#[track_caller]
fn used(small: &Small) -> Vec<(String, Vec<String>)> {
    let list = small.finance.get(&small.at("payments")).expect(200).json();
    let used = list["data"].as_array().unwrap().iter().filter(|it| it["method"] == "none");
    let of = |it: &Value| {
        let parts = it["allocations"].as_array().unwrap().iter();
        let part = |part: &Value| part["amount"].as_str().unwrap().to_owned();
        let mut parts: Vec<_> = parts.map(part).collect();
        parts.sort();
        (it["reference"].as_str().unwrap().to_owned(), parts)
    };
    let mut used: Vec<_> = used.map(of).collect();
    used.sort();
    used
}

on_both!(what_was_paid_in_advance_pays_what_becomes_final);
fn what_was_paid_in_advance_pays_what_becomes_final(engine: Engine) {
    let small = small(engine, "automatic");
    prepays(&small, "forge", "40.00");
    assert_eq!(stands(&small, "forge"), ["0.00", "40.00"]);
    assert_eq!(small.close("2026-01"), ["FA-2028-000001", "FA-2028-000002"]);
    assert_eq!(stands(&small, "forge"), ["0.00", "22.00"]);
    assert_eq!(stands(&small, "usine"), ["18.00", "0.00"]);
    small.close("2026-02");
    // Of the third only what is left.
    small.close("2026-03");
    assert_eq!(stands(&small, "forge"), ["14.00", "0.00"]);
    let parts = |number: &str, amount: &str| (number.to_owned(), vec![amount.to_owned()]);
    let expected = [
        parts("FA-2028-000001", "18.00"),
        parts("FA-2028-000003", "18.00"),
        parts("FA-2028-000005", "4.00"),
    ];
    assert_eq!(used(&small), expected);
    // VAT on receipt is due of what is paid, no sooner: 6.67 of the 9.00 that forge was billed.
    let vat = small.sql().lines(
        "SELECT CAST(sum(credit_minor - debit_minor) AS TEXT) AS line FROM journal_lines \
         WHERE account = '445710'",
    );
    assert_eq!(vat, ["667"]);
    // Money that comes later pays what is due first, when the next month becomes final.
    prepays(&small, "forge", "20.00");
    assert_eq!(stands(&small, "forge"), ["14.00", "20.00"]);
    small.close("2026-04");
    assert_eq!(stands(&small, "forge"), ["12.00", "0.00"]);
    let last = ("FA-2028-000007".to_owned(), vec!["14.00".to_owned(), "6.00".to_owned()]);
    let open =
        small.finance.get(&small.at(&format!("open-items?member={}", small.members["forge"])));
    let open = open.expect(200).json();
    assert_eq!(open["data"][0]["number"], "FA-2028-000007", "the older one is paid first: {open}");
    assert_eq!(used(&small).last(), Some(&last));
    // Who did it is on record, as of any payment.
    let audited =
        small.sql().lines("SELECT action AS line FROM audit_log WHERE action = 'payment.recorded'");
    assert_eq!(audited.len(), 6);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(money_in_advance_waits_until_somebody_asks);
fn money_in_advance_waits_until_somebody_asks(engine: Engine) {
    let small = small(engine, "on_request");
    prepays(&small, "forge", "40.00");
    small.close("2026-01");
    assert_eq!(stands(&small, "forge"), ["18.00", "40.00"]);
    let mut word = settings();
    word["credit_use"] = "sometimes".into();
    let refused =
        small.finance.with_header("if-match", "*").put(&small.at("billing-settings"), word);
    assert_eq!(refused.expect(422).string("/errors/0/pointer"), "/credit_use");
    assert_eq!(small.faults(), [""; 0]);
}
