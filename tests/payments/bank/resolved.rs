//! What somebody says of a movement, and what is refused.

use palier_tests::{Engine, Pole, on_both};
use serde_json::{Value, json};

use super::{FORGE_IBAN, MOVED, Moved, OWN, camt, counts};
use crate::payments::{Setting, faults, unguard};

/// Ids of nothing.
const NOBODY: &str = "mbr_01k9gz7v3hf8mv3r0x2p6d9qae";
const NOTHING: &str = "pay_01k9gz7v3hf8mv3r0x2p6d9qae";

/// A movement that is a member's, and settles these parts of documents.
fn allocate(member: &str, parts: &[(&str, &str)]) -> Value {
    let parts = parts.iter().map(|(id, amount)| json!({ "invoice": id, "amount": amount }));
    let parts: Vec<_> = parts.collect();
    json!({ "action": "allocate", "member": member, "allocations": parts })
}

on_both!(what_is_open_is_resolved);
fn what_is_open_is_resolved(engine: Engine) {
    let setting = Setting::new(engine);
    let fees = Moved { cents: -300, text: "frais", reference: "A", ..MOVED };
    let gift = Moved { cents: 13_000, text: "virement", reference: "B", ..MOVED };
    assert_eq!(counts(&setting.import(&camt("RLV-1", OWN, &[fees, gift]))), [2, 0, 0, 2]);
    let open = setting.movements("&status=open");
    let why = json!({ "action": "ignore", "reason": "Bank fees" });
    let ignored = setting.resolve(&open[0], 200, why);
    assert_eq!((&ignored["status"], &ignored["reason"]), (&json!("ignored"), &json!("Bank fees")));
    let (forge, usine) = (&setting.small.members["forge"], &setting.small.members["usine"]);
    // By mistake on account of the usine; taken back, it is the forge's.
    let wrong = setting.resolve(&open[1], 200, allocate(usine, &[]));
    assert_eq!(setting.credit("usine"), "130.00");
    setting.reverse(&json!({ "id": wrong["payment"] }), 200);
    assert_eq!(setting.credit("usine"), "0.00");
    let again = setting.movements("&status=open");
    assert_eq!((again.len(), &again[0]["id"]), (1, &wrong["id"]));
    let part = [(setting.forge[1].as_str(), "120.00")];
    let right = setting.resolve(&again[0], 200, allocate(forge, &part));
    assert_ne!(right["payment"], wrong["payment"]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    assert_eq!(setting.credit("forge"), "10.00");
    // What was ignored can be looked at again: it is a refund of what is left.
    let refund = setting.resolve(&ignored, 200, allocate(forge, &[]));
    assert_eq!((&refund["status"], &refund["reason"]), (&json!("booked"), &json!("")));
    assert_eq!(setting.credit("forge"), "7.00");
    // Both payments that were made of the movement say so.
    let made = setting.payments().into_iter().filter(|it| it["movement"] == wrong["id"]).count();
    assert_eq!(made, 2);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_a_movement_cannot_be_is_refused);
fn what_a_movement_cannot_be_is_refused(engine: Engine) {
    let setting = Setting::new(engine);
    let gift = Moved { cents: 13_000, text: "virement", reference: "B", ..MOVED };
    setting.import(&camt("RLV-1", OWN, &[gift]));
    let open = setting.movements("&status=open").remove(0);
    let (forge, usine) = (&setting.small.members["forge"], &setting.small.members["usine"]);
    let on = |day: &str| {
        let mut what = allocate(forge, &[]);
        what["paid_on"] = json!(day);
        what
    };
    let first = setting.forge[0].as_str();
    for (what, expected) in [
        (json!({ "action": "allocate" }), "/member required"),
        (json!({ "action": "ignore", "reason": " " }), "/reason required"),
        (json!({ "action": "return", "reason": "x", "payment": NOTHING }), "/reason not_here"),
        (json!({ "action": "return", "payment": NOTHING }), "/payment unknown_payment"),
        (allocate(usine, &[(first, "1.00")]), "/allocations/0/invoice unknown_invoice"),
        (allocate(forge, &[(first, "120.01")]), "/allocations/0/amount not_open"),
        (allocate(forge, &[(first, "0.00")]), "/allocations/0/amount nothing"),
        (allocate(NOBODY, &[]), "/member unknown_member"),
        (on("2028-01-14"), "/paid_on before_movement"),
        (on("2028-02-02"), "/paid_on in_future"),
    ] {
        assert_eq!(faults(&setting.resolve(&open, 422, what.clone())), [expected], "{what}");
    }
    // More than what moved cannot be settled without credit.
    let all = [(first, "120.00"), (setting.forge[1].as_str(), "120.00")];
    assert_eq!(faults(&setting.resolve(&open, 409, allocate(forge, &all))), ["/amount no_credit"]);
    assert_eq!((setting.payments().len(), setting.movements("&status=open").len()), (0, 1));
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(another_pole_s_documents_and_movements_are_nothing_here);
fn another_pole_s_documents_and_movements_are_nothing_here(engine: Engine) {
    let setting = Setting::new(engine);
    let number = setting.numbers("forge")[0].clone();
    // Another pole, which is paid to the same account, and has no documents.
    let elsewhere = Pole::new(&setting.small.server);
    let at = |what: &str| format!("/v1/poles/{}/{what}", elsewhere.code);
    let xml = elsewhere.admin.with_header("content-type", "application/xml");
    let paid = Moved { cents: 12_000, text: &number, reference: "A", iban: FORGE_IBAN, ..MOVED };
    let file = camt("RLV-1", OWN, &[paid]);
    let post = ureq::http::Method::POST;
    let send = || xml.send(post.clone(), &at("bank-statements"), Some(file.as_bytes()));
    // No settings, so no account.
    send().expect(409);
    let whatever = elsewhere.admin.with_header("if-match", "*");
    whatever.put(&at("billing-settings"), crate::invoices::real::settings()).expect(200);
    let report = send().expect(200).json();
    assert_eq!(counts(&report), [1, 0, 0, 1]);
    assert_eq!(report["imported"][0]["proposals"], json!([]));
    let id = report["imported"][0]["id"].as_str().unwrap();
    setting.small.finance.get(&setting.small.at(&format!("bank-movements/{id}"))).expect(404);
    assert_eq!(setting.movements("").len(), 0);
    // The same movement is the forge's here.
    assert_eq!(counts(&setting.import(&file)), [1, 0, 1, 0]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    let what = allocate(&setting.small.members["forge"], &[(&setting.forge[1], "1.00")]);
    elsewhere.admin.post(&at(&format!("bank-movements/{id}/resolve")), what).expect(422);
    assert_eq!(setting.small.faults(), [""; 0]);
}

/// Each changes what the bank told.
const CHANGES: [&str; 4] = [
    "UPDATE bank_movements SET amount_minor = amount_minor + 1",
    "DELETE FROM bank_movements",
    "UPDATE bank_statements SET movements = movements + 1",
    "DELETE FROM bank_statements",
];

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 3] = [
    ("UPDATE bank_movements SET amount_minor = amount_minor + 1", "its payment has another amount"),
    (
        "UPDATE bank_movements SET amount_minor = amount_minor - 1; \
         UPDATE bank_movements SET status = 'ignored', payment_id = NULL",
        "it is booked twice",
    ),
    ("DELETE FROM bank_movements", "the movement that it was made of is missing"),
];

on_both!(what_the_bank_told_stays);
fn what_the_bank_told_stays(engine: Engine) {
    let setting = Setting::new(engine);
    let number = setting.numbers("forge")[0].clone();
    let paid = Moved { cents: 12_000, text: &number, reference: "A", ..MOVED };
    assert_eq!(counts(&setting.import(&camt("RLV-1", OWN, &[paid]))), [1, 0, 1, 0]);
    let mut sql = setting.small.sql();
    for change in CHANGES {
        let refused = sql.try_run(change).expect_err(change);
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    let torn = "UPDATE bank_movements SET status = 'open'";
    assert!(sql.try_run(torn).is_err(), "a movement with a payment is booked");
    assert_eq!(setting.small.faults(), [""; 0]);
    unguard(&mut sql, &["payments", "payment_allocations", "bank_statements", "bank_movements"]);
    for (burglary, told) in BURGLARIES {
        sql.run(burglary);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{burglary}: {faults:?}");
    }
}
