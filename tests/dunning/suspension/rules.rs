//! What keeps services from being suspended, what opens them again, and what the database keeps.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::house::{ANNOUNCED, House, NOTICE, rest};
use crate::seed::member;

/// Why the services of the forge are not suspended by hand.
#[track_caller]
fn refusal(house: &House) -> Value {
    let asked = json!({ "member": house.setting.small.members["forge"], "reason": "Un essai" });
    let at = house.at("dunning/suspensions");
    let refused = house.setting.small.finance.post(&at, asked).expect(409).json();
    refused["errors"][0]["code"].clone()
}

on_both!(nobody_is_suspended_for_less_or_without_being_told);
fn nobody_is_suspended_for_less_or_without_being_told(engine: Engine) {
    // Less than the minimum: no day is announced.
    let mut house = House::with(engine, &json!({ "after_days": 15, "minimum": "120.01" }));
    assert!(house.setting.late(NOTICE, "forge")[0].get("suspends_on").is_none());
    let letters = house.get("dunning/letters");
    assert!(letters["data"][3].get("suspends_on").is_none(), "{letters}");
    // A rule that comes later holds for later notices.
    house.setting.settings(json!({ "suspension": { "after_days": 1 } }));
    house.serve("2026-06-01T07:00:00Z");
    rest();
    assert_eq!(house.list("").len(), 0);
    for wrong in ["0.001", "-1", "x"] {
        let rule = json!({ "suspension": { "after_days": 15, "minimum": wrong } });
        let any = house.setting.small.finance.with_header("if-match", "*");
        let refused = any.put(&house.at("dunning-settings"), rule).expect(422).json();
        assert_eq!(refused["errors"][0]["pointer"], "/suspension/minimum", "{wrong}");
    }
    let none = json!({ "suspension": { "after_days": 0 } });
    let any = house.setting.small.finance.with_header("if-match", "*");
    any.put(&house.at("dunning-settings"), none).expect(422);
}

on_both!(what_is_paused_or_covered_by_credit_suspends_nothing);
fn what_is_paused_or_covered_by_credit_suspends_nothing(engine: Engine) {
    let mut house = House::new(engine);
    // Nor does who owes nothing.
    let newcomer = house.setting.small.made("members", member("halle", "552100554"));
    let forge = house.setting.small.members.insert("forge".to_owned(), newcomer).unwrap();
    assert_eq!(refusal(&house), "no_formal_notice");
    house.setting.small.members.insert("forge".to_owned(), forge);
    house.pause("forge");
    assert_eq!(refusal(&house), "no_formal_notice");
    let document = house.setting.document("forge");
    let resume = house.at(&format!("dunning/invoices/{document}/resume"));
    house.setting.small.finance.post(&resume, json!({})).expect(200);
    // Credit that covers it, whatever it settles later.
    let credit = json!({
        "kind": "payment", "member": house.setting.small.members["forge"], "method": "transfer",
        "paid_on": NOTICE, "amount": "120.00", "reference": "VIR",
    });
    let payments = house.at("payments");
    let paid = house.setting.small.finance.post(&payments, credit).expect(201).string("/id");
    assert_eq!(refusal(&house), "no_formal_notice");
    let back = json!({ "paid_on": NOTICE, "reference": "REJET", "note": "Un essai." });
    let reverse = house.at(&format!("payments/{paid}/reverse"));
    house.setting.small.finance.post(&reverse, back).expect(200);
    house.suspend("forge");
}

on_both!(money_on_its_way_begins_no_suspension_and_ends_none);
fn money_on_its_way_begins_no_suspension_and_ends_none(engine: Engine) {
    let house = House::new(engine);
    let small = &house.setting.small;
    let debits = json!({ "creditor_id": "FR72ZZZ123456", "days_ahead": 365 });
    small.put("collection-settings", json!({ "direct_debit": debits }));
    let suspension = house.suspend("usine");
    for (member, iban) in
        [("forge", "FR7630006000011234567890189"), ("usine", "FR1420041010050500013M02606")]
    {
        let mandate = json!({
            "member": small.members[member], "scheme": "core", "signed_on": "2026-01-12",
            "debtor": member, "iban": iban,
        });
        small.made("payment-means", mandate);
    }
    let documents = [house.setting.document("forge"), house.setting.document("usine")];
    let plan = json!({ "documents": documents });
    small.finance.post(&small.at("collections/plan"), plan).expect(200);
    assert_eq!(house.setting.late(NOTICE, "forge")[0]["being_collected"], true);
    assert_eq!(refusal(&house), "no_formal_notice");
    rest();
    assert_eq!(house.list("?open=true")[0]["id"], suspension["id"]);
    assert_eq!(house.list("").len(), 1);
}

on_both!(a_payment_that_goes_back_suspends_again_after_as_many_days);
fn a_payment_that_goes_back_suspends_again_after_as_many_days(engine: Engine) {
    let mut house = House::new(engine);
    house.pause("usine");
    house.serve("2026-04-18T06:00:00Z");
    house.suspended("forge");
    let paid = house.setting.pay("forge", "2026-04-18", "120.00");
    assert_eq!(house.lifted("forge")["why"], "paid");
    // What comes late may be told behind what follows.
    house.hook.told_times(2);
    house.serve("2026-05-20T07:00:00Z");
    let back = json!({ "paid_on": "2026-05-20", "reference": "REJET", "note": "Sans provision." });
    let reverse = house.at(&format!("payments/{paid}/reverse"));
    house.setting.small.finance.post(&reverse, back).expect(200);
    rest();
    assert_eq!(house.list("?open=true").len(), 0);
    assert_eq!(house.setting.late("2026-05-21", "forge")[0]["suspends_on"], "2026-06-04");
    house.serve("2026-06-03T07:00:00Z");
    rest();
    assert_eq!(house.list("?open=true").len(), 0);
    house.serve("2026-06-04T07:00:00Z");
    let second = house.suspended("forge");
    assert_eq!(house.hook.told_times(3)[2].event()["data"]["sequence"], 3);
    // A dispute that is taken up ends it.
    house.pause("forge");
    assert_eq!(house.lifted("forge")["why"], "paused");
    assert_eq!(house.list("")[1]["id"], second["id"]);
    assert_eq!(house.setting.small.faults(), [""; 0]);
}

/// Each changes what must not change.
const CHANGES: [&str; 7] = [
    "UPDATE suspensions SET began_on = '2026-01-01'",
    "UPDATE suspensions SET lifted_by = 'nobody' WHERE lifted IS NOT NULL",
    "DELETE FROM suspensions",
    "UPDATE suspension_causes SET open_minor = open_minor + 1",
    "DELETE FROM suspension_causes",
    "UPDATE suspension_services SET service_id = 'svc_1'",
    "DELETE FROM suspension_services",
];

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 6] = [
    ("UPDATE suspension_causes SET open_minor = 12001", "more than a document came to"),
    ("UPDATE suspensions SET began_on = '2026-04-02'", "its formal notice came after it"),
    ("UPDATE suspensions SET seq = 7", "does not follow"),
    ("DELETE FROM suspension_services", "suspends no service"),
    (
        "UPDATE suspension_causes SET letter_id = (SELECT min(letter_id) FROM dunning_letters)",
        "no formal notice went out",
    ),
    ("DELETE FROM suspension_causes", "is for no document"),
];

on_both!(the_database_keeps_suspensions_as_they_are);
fn the_database_keeps_suspensions_as_they_are(engine: Engine) {
    let house = House::new(engine);
    house.suspend("forge");
    let lift = house.at(&format!(
        "dunning/suspensions/{}/lift",
        house.suspend("usine")["id"].as_str().unwrap()
    ));
    house.setting.small.finance.post(&lift, json!({ "reason": "Un essai" })).expect(200);
    house.hook.told_times(3);
    let mut sql = house.setting.small.sql();
    let more = [
        "INSERT OR REPLACE INTO suspensions SELECT * FROM suspensions",
        "INSERT OR REPLACE INTO suspension_causes SELECT * FROM suspension_causes",
    ];
    let more = if engine == Engine::Sqlite { &more[..] } else { &[] };
    for change in CHANGES.iter().chain(more) {
        let refused = sql.try_run(change).expect_err(change);
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    let second = "INSERT INTO suspensions (pole_id, suspension_id, member_id, seq, actor, reason, began_on, \
                  began_at) SELECT pole_id, 'sus_2', member_id, 9, 'x', '', began_on, 1 FROM suspensions \
                  WHERE lifted IS NULL";
    sql.try_run(second).expect_err("one at a time");
    assert_eq!(house.setting.small.faults(), [""; 0]);
    let tables = ["suspensions", "suspension_causes", "suspension_services"];
    crate::payments::unguard(&mut sql, &tables);
    for (burglary, told) in BURGLARIES {
        sql.run(burglary);
        let faults = house.setting.small.faults();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{burglary}: {faults:?}");
    }
    assert_eq!(house.setting.late(ANNOUNCED, "forge").len(), 1);
}
