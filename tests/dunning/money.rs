//! What payments, credit and corrections make of what is late.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Setting, left_out, letters};

/// Days, what was open on them, and what interest that makes.
fn periods(late: &Value) -> Vec<String> {
    let periods = late["penalty"]["periods"].as_array().unwrap().iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap();
        format!(
            "{} {} {} × {} = {}",
            text("first_day"),
            text("last_day"),
            it["days"],
            text("open"),
            text("amount")
        )
    });
    periods.collect()
}

on_both!(a_payment_changes_interest_stops_letters_and_lets_them_go_on_if_it_is_taken_back);
fn a_payment_changes_interest_stops_letters_and_lets_them_go_on_if_it_is_taken_back(
    engine: Engine,
) {
    let setting = Setting::new(engine);
    setting.run("2026-03-11T10:00:00Z");
    setting.pay("forge", "2026-03-31", "20.00");
    let late = &setting.late("2026-04-30", "forge")[0];
    assert_eq!((&late["total"], &late["open"]), (&json!("120.00"), &json!("100.00")));
    // What is paid on a day was open on it still.
    let expected =
        ["2026-03-05 2026-03-31 27 × 120.00 = 1.08", "2026-04-01 2026-04-30 30 × 100.00 = 1.00"];
    assert_eq!(periods(late), expected);
    assert_eq!(
        (&late["penalty"]["interest"], &late["penalty"]["indemnity"]),
        (&json!("2.08"), &json!("40.00"))
    );
    let rest = setting.pay("forge", "2026-04-10", "100.00");
    assert!(setting.late("2026-04-30", "forge").is_empty());
    assert_eq!(setting.late("2026-04-09", "forge")[0]["open"], "100.00");
    assert_eq!(setting.run("2026-04-20T10:00:00Z"), ["second_reminder usine FA-2026-000002"]);

    // It came back: open again from the day after, at the level that was reached.
    let back = json!({ "paid_on": "2026-05-05", "reference": "REJET", "note": "AC04" });
    let at = setting.small.at(&format!("payments/{rest}/reverse"));
    setting.small.finance.post(&at, back).expect(200);
    let late = &setting.late("2026-05-06", "forge")[0];
    let expected = [
        "2026-03-05 2026-03-31 27 × 120.00 = 1.08",
        "2026-04-01 2026-04-10 10 × 100.00 = 0.33",
        "2026-05-06 2026-05-06 1 × 100.00 = 0.03",
    ];
    assert_eq!(periods(late), expected);
    assert_eq!(late["last"]["level"], "reminder");
    assert_eq!(setting.run("2026-05-06T10:00:00Z"), ["second_reminder forge FA-2026-000001"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(nobody_is_dunned_whose_credit_covers_it_or_whom_nobody_can_write_to);
fn nobody_is_dunned_whose_credit_covers_it_or_whom_nobody_can_write_to(engine: Engine) {
    let setting = Setting::new(engine);
    let member = |code: &str| setting.small.members[code].clone();
    let credit = |amount: &str| {
        let payment = json!({
            "kind": "payment", "member": member("forge"), "method": "transfer",
            "paid_on": "2026-03-06", "amount": amount, "reference": "VIR",
        });
        setting.small.finance.post(&setting.small.at("payments"), payment).expect(201);
    };
    // It came in, and nobody has said yet what for.
    credit("100.00");
    let whole = json!({ "billing_contact": null });
    setting.small.patch(&format!("members/{}", member("usine")), whole);
    let seen = setting.report("2026-03-11T10:00:00Z", &["--dry-run"]);
    assert_eq!(letters(&seen), ["reminder forge FA-2026-000001"]);
    assert_eq!(left_out(&seen), ["usine reminder no_email"]);
    credit("20.00");
    let sent = setting.report("2026-03-11T10:00:00Z", &[]);
    assert_eq!(letters(&sent), [""; 0]);
    let mut expected = ["forge reminder in_credit", "usine reminder no_email"];
    expected.sort_unstable();
    let mut told = left_out(&sent);
    told.sort_unstable();
    assert_eq!(told, expected);
    // They were not written to: their letters are due still.
    assert_eq!(setting.sent(), [""; 0]);
    let contact = json!({ "billing_contact": { "email": setting.usine } });
    setting.small.patch(&format!("members/{}", member("usine")), contact);
    assert_eq!(setting.run("2026-03-12T10:00:00Z"), ["reminder usine FA-2026-000002"]);
}

on_both!(a_credit_note_is_credit_too);
fn a_credit_note_is_credit_too(engine: Engine) {
    let setting = Setting::new(engine);
    let document = setting.document("forge");
    let at = setting.small.at(&format!("invoices/{document}/credit-notes"));
    let note = setting.small.finance.post(&at, json!({ "reason": "Panne" })).expect(201).json();
    let sent = setting.report("2026-03-11T10:00:00Z", &[]);
    assert_eq!(letters(&sent), ["reminder usine FA-2026-000002"]);
    assert_eq!(left_out(&sent), ["forge reminder in_credit"]);
    // Once it is set against the invoice, nothing is late.
    let both = json!({
        "kind": "payment", "member": setting.small.members["forge"], "method": "none",
        "paid_on": "2026-03-12", "amount": "0.00", "reference": "LETTRAGE",
        "allocations": [
            { "invoice": document, "amount": "120.00" },
            { "invoice": note["id"], "amount": "120.00" },
        ],
    });
    setting.small.finance.post(&setting.small.at("payments"), both).expect(201);
    assert!(setting.late("2026-03-12", "forge").is_empty());
    // Nobody is dunned for a credit note.
    let pause = format!("dunning/invoices/{}/pause", note["id"].as_str().unwrap());
    let why = json!({ "reason": "Avoir" });
    setting.small.finance.post(&setting.small.at(&pause), why).expect(409);
}
