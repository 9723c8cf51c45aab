//! What Stripe tells: signed, kept, acted upon once, in any order, and found where it never came.

use palier_tests::stripe::{Envelope, Means, Trouble};
use palier_tests::{Engine, on_both};
use serde_json::json;

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];
const GOING: [&str; 2] = ["processing 120.00", "processing 120.00"];

on_both!(what_comes_twice_or_the_wrong_way_round_counts_once);
fn what_comes_twice_or_the_wrong_way_round_counts_once(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::ACCOUNT);
    until(|| it.collections("forge"), &GOING);
    it.heard();
    it.stripe.hold();
    for intent in it.intents::<2>() {
        it.stripe.settle(&intent);
    }
    // The last first, and each of them twice.
    let mut waiting: Vec<String> = it
        .stripe
        .waiting()
        .iter()
        .rev()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    waiting.extend(waiting.clone());
    for event in &waiting {
        assert_eq!(it.stripe.deliver(event, Envelope::Right), Some(204));
    }
    until(|| it.collections("forge"), &PAID);
    assert_eq!(it.booked("direct_debit").len(), 2);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(only_what_stripe_signed_is_believed);
fn only_what_stripe_signed_is_believed(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::ACCOUNT);
    until(|| it.collections("forge"), &GOING);
    it.heard();
    it.stripe.hold();
    let [first, _] = it.intents();
    it.stripe.settle(&first);
    let event = it.stripe.event("payment_intent.succeeded");
    for envelope in [Envelope::Forged, Envelope::Altered, Envelope::Old(301), Envelope::Unsigned] {
        assert_eq!(it.stripe.deliver(&event, envelope), Some(400), "{envelope:?}");
    }
    let kept = it
        .small
        .sql()
        .lines(&format!("SELECT event_id AS line FROM stripe_events WHERE event_id = '{event}'"));
    assert_eq!(kept, [""; 0]);
    assert_eq!(it.collections("forge"), GOING);
    assert_eq!(it.stripe.deliver(&event, Envelope::Right), Some(204));
    until(|| it.collections("forge"), &["processing 120.00", "succeeded 120.00"]);
}

on_both!(what_never_came_is_found_by_looking);
fn what_never_came_is_found_by_looking(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::ACCOUNT);
    until(|| it.collections("forge"), &GOING);
    it.heard();
    it.stripe.hold();
    for intent in it.intents::<2>() {
        it.stripe.settle(&intent);
    }
    it.stripe.forget_waiting();
    let found = it.look();
    assert!(found["events"].as_u64().unwrap() >= 2, "{found}");
    until(|| it.collections("forge"), &PAID);
    // The events are kept as found, and looking again finds nothing.
    let again = it.look();
    assert_eq!((&again["events"], &again["collections"]), (&json!(0), &json!(0)), "{again}");
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_nobody_knows_is_kept_and_changes_nothing);
fn what_nobody_knows_is_kept_and_changes_nothing(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    it.heard();
    let at = it.small.at("stripe-events?limit=100");
    let listed = it.small.finance.get(&at).expect(200).json();
    let events = listed["data"].as_array().unwrap();
    let of = |kind: &str| events.iter().find(|event| event["type"] == kind).unwrap();
    assert_eq!(of("customer.created")["outcome"], "nothing to do");
    assert!(of("customer.created")["handled_at"].is_string());
    assert!(
        of("payment_intent.succeeded")["outcome"].as_str().unwrap().starts_with("collection col_")
    );
}

on_both!(what_is_heard_of_a_deleted_account_is_done_with);
fn what_is_heard_of_a_deleted_account_is_done_with(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    it.stripe.delivered();
    // It cannot be acted upon while the account is there.
    it.stripe.trouble_with("GET", "/v1/disputes", 1_000, Trouble::Broken);
    let [first, _] = it.intents();
    it.stripe.dispute(&it.charge(&first), "fraudulent");
    let waiting =
        "SELECT 'waits' AS line FROM stripe_events WHERE handled_at IS NULL AND outcome <> ''";
    until(|| it.small.sql().lines(waiting), &["waits", "waits"]);
    it.small.pole.admin.delete(&it.small.at("stripe-account")).expect(204);
    until(|| it.small.sql().lines(waiting), &[]);
    let why =
        "SELECT DISTINCT outcome AS line FROM stripe_events WHERE kind LIKE 'charge.dispute%'";
    let why = it.small.sql().lines(why);
    assert!(why.len() == 1 && why[0].starts_with("the account is deleted"), "{why:?}");
    assert_eq!(it.collections("forge"), PAID);
    assert_eq!(it.faults(), [""; 0]);
}
