//! Payments by hand: what they settle, what the books say of them, and what is refused.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod bank;
mod by_command;
mod lettering;
mod members;
mod prepaid;

use palier_tests::{Engine, Pole, on_both};
use serde_json::{Value, json};

use crate::invoices::setting::Small;
use crate::sql::Sql;

/// Two invoices of 120.00 for July, and as many for August: the pole, and the documents of the
/// forge and of the usine, oldest first.
struct Setting {
    small: Small,
    forge: Vec<String>,
    usine: Vec<String>,
}

impl Setting {
    #[track_caller]
    fn new(engine: Engine) -> Self {
        let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
        small.close("2026-07");
        small.close("2026-08");
        let mut setting = Self { small, forge: Vec::new(), usine: Vec::new() };
        let documents = |member: &str| {
            let items = setting.open(member);
            items.iter().map(|it| it["invoice"].as_str().unwrap().to_owned()).collect()
        };
        (setting.forge, setting.usine) = (documents("forge"), documents("usine"));
        assert_eq!((setting.forge.len(), setting.usine.len()), (2, 2));
        setting
    }

    #[track_caller]
    fn open(&self, member: &str) -> Vec<Value> {
        let id = &self.small.members[member];
        let items = self.small.finance.get(&self.small.at(&format!("open-items?member={id}")));
        items.expect(200).json()["data"].as_array().unwrap().clone()
    }

    /// What is open of each of a member's documents.
    #[track_caller]
    fn amounts(&self, member: &str) -> Vec<String> {
        self.open(member).iter().map(|it| it["open"].as_str().unwrap().to_owned()).collect()
    }

    /// What happened, with what it settles.
    fn facts(&self, kind: &str, member: &str, amount: &str, parts: &[(&str, &str)]) -> Value {
        let moves = kind != "write_off" && amount != "0.00";
        let parts = parts.iter().map(|(id, part)| json!({ "invoice": id, "amount": part }));
        json!({
            "kind": kind, "member": self.small.members[member],
            "method": if moves { "transfer" } else { "none" },
            "paid_on": "2028-01-15", "amount": amount, "reference": "VIR-0042",
            "allocations": parts.collect::<Vec<_>>(),
        })
    }

    #[track_caller]
    fn record(&self, facts: Value) -> Value {
        self.small.finance.post(&self.small.at("payments"), facts).expect(201).json()
    }

    /// What is wrong: places and codes.
    #[track_caller]
    fn refused(&self, status: u16, facts: Value) -> Vec<String> {
        let answer = self.small.finance.post(&self.small.at("payments"), facts).expect(status);
        faults(&answer.json())
    }

    #[track_caller]
    fn reverse(&self, payment: &Value, status: u16) -> Value {
        let id = payment["id"].as_str().unwrap();
        let why = json!({ "paid_on": "2028-01-20", "reference": "REJET", "note": "AC04" });
        let at = self.small.at(&format!("payments/{id}/reverse"));
        self.small.finance.post(&at, why).expect(status).json()
    }

    /// The postings of a payment's entry, a line each.
    fn booked(&self, payment: &Value) -> Vec<String> {
        let (journal, seq) = payment["entry"].as_str().unwrap().split_at(2);
        let seq: i64 = seq.parse().unwrap();
        self.small.sql().lines(&format!(
            "SELECT account || ' ' || CAST(debit_minor AS TEXT) || ' ' || \
             CAST(credit_minor AS TEXT) AS line FROM journal_lines \
             WHERE journal = '{journal}' AND seq = {seq} ORDER BY line"
        ))
    }
}

fn faults(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    let fault = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("pointer"), text("code"))
    };
    errors.iter().map(fault).collect()
}

on_both!(a_document_is_paid_in_parts);
fn a_document_is_paid_in_parts(engine: Engine) {
    let setting = Setting::new(engine);
    let first = setting.forge[0].as_str();
    let part = setting.record(setting.facts("payment", "forge", "50.00", &[(first, "50.00")]));
    assert_eq!((&part["credit"], &part["kind"]), (&json!("0.00"), &json!("payment")));
    // VAT is due on receipt: the sixth part of what came in.
    let booked = setting.booked(&part);
    assert_eq!(booked, ["411000 0 5000", "445710 0 833", "445740 833 0", "512000 5000 0"]);
    assert_eq!(setting.amounts("forge"), ["70.00", "120.00"]);
    setting.record(setting.facts("payment", "forge", "70.00", &[(first, "70.00")]));
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    let again = setting.facts("payment", "forge", "1.00", &[(first, "1.00")]);
    assert_eq!(setting.refused(422, again), ["/allocations/0/amount not_open"]);
    // One transfer for several documents.
    let all = [(setting.usine[0].as_str(), "120.00"), (setting.usine[1].as_str(), "120.00")];
    let paid = setting.record(setting.facts("payment", "usine", "240.00", &all));
    assert_eq!(setting.amounts("usine"), [""; 0]);
    let id = paid["id"].as_str().unwrap();
    let got = setting.small.finance.get(&setting.small.at(&format!("payments/{id}")));
    assert_eq!(got.expect(200).json(), paid);
    let listed = setting.small.finance.get(&setting.small.at("payments?limit=2")).expect(200);
    assert_eq!(listed.json()["data"].as_array().unwrap().len(), 2);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_is_paid_too_much_is_the_members_credit);
fn what_is_paid_too_much_is_the_members_credit(engine: Engine) {
    let setting = Setting::new(engine);
    let (first, second) = (setting.forge[0].as_str(), setting.forge[1].as_str());
    let over = setting.record(setting.facts("payment", "forge", "150.00", &[(first, "120.00")]));
    assert_eq!(over["credit"], "30.00");
    // Paid twice: nothing is open, all of it is credit.
    let double = setting.record(setting.facts("payment", "forge", "120.00", &[]));
    assert_eq!(double["credit"], "120.00");
    // Another's document, and more than there is of one's own.
    let usine = setting.usine[0].as_str();
    let other = setting.facts("payment", "forge", "0.00", &[(usine, "1.00")]);
    assert_eq!(setting.refused(422, other), ["/allocations/0/invoice unknown_invoice"]);
    let more = setting.facts("refund", "forge", "150.01", &[]);
    assert_eq!(setting.refused(409, more), ["/amount no_credit"]);
    // Credit pays the next document; the rest goes back.
    let used = setting.record(setting.facts("payment", "forge", "0.00", &[(second, "120.00")]));
    assert_eq!(used["credit"], "-120.00");
    assert_eq!(
        setting.booked(&used),
        ["411000 0 12000", "411000 12000 0", "445710 0 2000", "445740 2000 0"]
    );
    let refund = setting.record(setting.facts("refund", "forge", "30.00", &[]));
    assert_eq!((&refund["amount"], &refund["credit"]), (&json!("-30.00"), &json!("-30.00")));
    assert_eq!(setting.booked(&refund), ["411000 3000 0", "512000 0 3000"]);
    let none = setting.facts("refund", "forge", "0.01", &[]);
    assert_eq!(setting.refused(409, none), ["/amount no_credit"]);
    // What was left of the double payment is spent: it cannot be taken back.
    assert_eq!(faults(&setting.reverse(&double, 409)), [" no_credit"]);
    assert_eq!(setting.amounts("forge"), [""; 0]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_mistake_is_taken_back_by_another_row);
fn a_mistake_is_taken_back_by_another_row(engine: Engine) {
    let setting = Setting::new(engine);
    let first = setting.forge[0].as_str();
    let paid = setting.record(setting.facts("payment", "forge", "130.00", &[(first, "120.00")]));
    let back = setting.reverse(&paid, 200);
    assert_eq!((&back["kind"], &back["reverses"]), (&json!("reversal"), &paid["id"]));
    assert_eq!((&back["amount"], &back["credit"]), (&json!("-130.00"), &json!("-10.00")));
    assert_eq!(
        setting.booked(&back),
        ["411000 1000 0", "411000 12000 0", "445710 2000 0", "445740 0 2000", "512000 0 13000"]
    );
    assert_eq!(setting.amounts("forge"), ["120.00", "120.00"]);
    assert_eq!(faults(&setting.reverse(&paid, 409)), [" reversed"]);
    assert_eq!(faults(&setting.reverse(&back, 409)), [" is_reversal"]);
    // A loss, and the loss that was none.
    let lost = setting.record(setting.facts("write_off", "forge", "20.00", &[(first, "20.00")]));
    assert_eq!(setting.booked(&lost), ["411000 0 2000", "445740 333 0", "654000 1667 0"]);
    assert_eq!(setting.amounts("forge"), ["100.00", "120.00"]);
    let found = setting.reverse(&lost, 200);
    assert_eq!(setting.booked(&found), ["411000 2000 0", "445740 0 333", "654000 0 1667"]);
    assert_eq!(setting.amounts("forge"), ["120.00", "120.00"]);
    let early = json!({ "paid_on": "2028-01-14", "reference": "X", "note": "X" });
    let other = setting.record(setting.facts("payment", "forge", "1.00", &[]));
    let at = format!("payments/{}/reverse", other["id"].as_str().unwrap());
    let early = setting.small.finance.post(&setting.small.at(&at), early).expect(422);
    assert_eq!(faults(&early.json()), ["/paid_on before_payment"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_makes_no_sense_is_refused);
fn what_makes_no_sense_is_refused(engine: Engine) {
    let setting = Setting::new(engine);
    let first = setting.forge[0].as_str();
    let with = |field: &str, value: Value| {
        let mut facts = setting.facts("payment", "forge", "120.00", &[(first, "120.00")]);
        facts[field] = value;
        facts
    };
    let part = |amount: &str| json!([{ "invoice": first, "amount": amount }]);
    for (facts, expected) in [
        (with("currency", json!("USD")), "/currency other_currency"),
        (with("currency", json!("XAU")), "/currency currency"),
        (with("paid_on", json!("2028-02-02")), "/paid_on in_future"),
        (with("method", json!("none")), "/method method"),
        (with("kind", json!("reversal")), "/kind not_here"),
        (with("kind", json!("write_off")), "/method method"),
        (
            with("member", json!(setting.small.members["usine"])),
            "/allocations/0/invoice unknown_invoice",
        ),
        (
            with("member", json!("mbr_01k9gz7v3hf8mv3r0x2p6d9qae")),
            "/allocations/0/invoice unknown_invoice",
        ),
        (with("amount", json!("120.001")), "/amount amount"),
        (with("allocations", part("120.01")), "/allocations/0/amount not_open"),
        (with("allocations", part("0.00")), "/allocations/0/amount nothing"),
        (
            with("allocations", json!([part("1.00")[0], part("2.00")[0]])),
            "/allocations/1/invoice duplicate",
        ),
    ] {
        assert_eq!(setting.refused(422, facts.clone()), [expected], "{facts}");
    }
    let none = setting.facts("payment", "forge", "0.00", &[]);
    assert_eq!(setting.refused(422, none), ["/amount nothing"]);
    let loss = setting.facts("write_off", "forge", "20.00", &[(first, "19.00")]);
    assert_eq!(setting.refused(422, loss), ["/allocations not_the_loss"]);
    let nobody = with("member", json!("mbr_01k9gz7v3hf8mv3r0x2p6d9qae"));
    let nobody = {
        let mut it = nobody;
        it["allocations"] = json!([]);
        it
    };
    assert_eq!(setting.refused(422, nobody), ["/member unknown_member"]);
    // A document that is still a draft, and one of another pole.
    setting.small.run("2026-09");
    let drafts = setting.small.at("invoices?status=draft&limit=1");
    let draft = setting.small.finance.get(&drafts).expect(200).string("/data/0/id");
    let of_draft = with("allocations", json!([{ "invoice": draft, "amount": "1.00" }]));
    assert_eq!(setting.refused(422, of_draft), ["/allocations/0/invoice unknown_invoice"]);
    let elsewhere = Pole::new(&setting.small.server);
    let at = format!("/v1/poles/{}/payments", elsewhere.code);
    let facts = with("amount", json!("120.00"));
    elsewhere.admin.post(&at, facts).expect(422);
    assert_eq!(setting.amounts("forge"), ["120.00", "120.00"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

/// Each changes something that must not change, or settles what is not open.
const CHANGES: [&str; 6] = [
    "UPDATE payments SET amount_minor = amount_minor + 1",
    "DELETE FROM payments",
    "UPDATE payment_allocations SET amount_minor = amount_minor + 1",
    "DELETE FROM payment_allocations",
    "INSERT INTO payment_allocations SELECT a.pole_id, a.payment_id, i.invoice_id, 12001 \
     FROM payment_allocations a JOIN invoices i ON i.pole_id = a.pole_id \
     AND i.invoice_id <> a.invoice_id",
    "INSERT INTO payment_allocations SELECT a.pole_id, a.payment_id, i.invoice_id, -1 \
     FROM payment_allocations a JOIN invoices i ON i.pole_id = a.pole_id \
     AND i.invoice_id <> a.invoice_id",
];

/// What only SQLite has: rows that take the place of others.
const REPLACEMENTS: [&str; 2] = [
    "INSERT OR REPLACE INTO payments SELECT * FROM payments",
    "INSERT OR REPLACE INTO payment_allocations SELECT * FROM payment_allocations",
];

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 4] = [
    (
        "UPDATE payments SET amount_minor = amount_minor + 1",
        "what it settles and what is left are not its amount",
    ),
    (
        "UPDATE payment_allocations SET amount_minor = amount_minor + 12000",
        "more is settled of it than it came to",
    ),
    ("UPDATE payments SET credit_minor = -1", "its credit is below nothing"),
    ("DELETE FROM payment_allocations; DELETE FROM payments", "and is no payment"),
];

on_both!(the_database_keeps_payments_as_they_are);
fn the_database_keeps_payments_as_they_are(engine: Engine) {
    let setting = Setting::new(engine);
    let first = setting.forge[0].as_str();
    setting.record(setting.facts("payment", "forge", "60.00", &[(first, "50.00")]));
    let mut sql = setting.small.sql();
    let more = if engine == Engine::Sqlite { &REPLACEMENTS[..] } else { &[] };
    for change in CHANGES.iter().chain(more) {
        let refused = sql.try_run(change).expect_err(change);
        let why = ["append-only", "more than it came to"];
        assert!(why.iter().any(|why| refused.contains(why)), "{change}: {refused}");
    }
    assert_eq!(setting.small.faults(), [""; 0]);
    unguard(&mut sql, &["payments", "payment_allocations"]);
    for (burglary, told) in BURGLARIES {
        sql.run(burglary);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{burglary}: {faults:?}");
    }
}

/// Takes the locks off some tables.
pub(crate) fn unguard(sql: &mut Sql, tables: &[&str]) {
    if matches!(sql, Sql::Postgres(_)) {
        return sql.run("SET session_replication_role = replica");
    }
    sql.run("PRAGMA foreign_keys = OFF");
    for table in tables {
        let triggers = format!(
            "SELECT name AS line FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
        );
        for trigger in sql.lines(&triggers) {
            sql.run(&format!("DROP TRIGGER {trigger}"));
        }
    }
}
