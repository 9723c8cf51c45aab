//! Lists, page by page, as the package goes through them.

use palier_tests::stripe::{FakeStripe, Means};
use serde_json::{Value, json};

use super::package::Package;
use super::{customer, id, off_session};

#[test]
fn pages_are_gone_through_in_both_directions() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let made: Vec<_> = (0..25)
        .map(|nth| id(&package.call("customers.create", &json!([{ "name": format!("{nth}") }]))))
        .collect();
    let newest_first: Vec<_> = made.iter().rev().cloned().collect();
    let ids = |all: Vec<Value>| all.iter().map(id).collect::<Vec<_>>();

    let seen = ids(package.all("customers.list", &json!([{ "limit": 10 }])));
    assert_eq!(seen, newest_first);
    // Backwards, it turns the pages around: oldest of them first.
    let before = json!([{ "limit": 10, "ending_before": made[2] }]);
    assert_eq!(ids(package.all("customers.list", &before)), made[3..]);
    let page = package.call("customers.list", &json!([{ "limit": 3, "ending_before": made[2] }]));
    assert_eq!(ids(page["data"].as_array().unwrap().clone()), [&*made[5], &made[4], &made[3]]);
    assert_eq!(page["has_more"], true);
    let page = package.call("customers.list", &json!([{ "starting_after": made[2] }]));
    assert_eq!(ids(page["data"].as_array().unwrap().clone()), [&*made[1], &made[0]]);
    assert_eq!((&page["has_more"], &page["url"]), (&json!(false), &json!("/v1/customers")));
    assert_eq!(stripe.calls_to("GET", "/v1/customers").len(), 3 + 3 + 2);
}

#[test]
fn events_tell_everything_in_order() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    stripe.set_clock(1_790_000_000);
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    // A clock that is put back does not make events older.
    stripe.set_clock(1_789_999_990);
    let intent = off_session(&customer, &method, 5000);
    let intent = package.call("paymentIntents.create", &json!([intent]));
    stripe.set_clock(1_790_000_010);
    package.call("refunds.create", &json!([{ "payment_intent": intent["id"], "amount": 100 }]));

    let told = package.all("events.list", &json!([{ "limit": 2 }]));
    let kinds: Vec<_> = told.iter().rev().map(|event| event["type"].as_str().unwrap()).collect();
    let expected = [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "refund.created",
        "charge.refunded",
    ];
    assert_eq!(kinds, expected);
    assert!(
        told.is_sorted_by(|newer, older| newer["created"].as_i64() >= older["created"].as_i64())
    );
    let created = told.iter().find(|it| it["type"] == "payment_intent.created").unwrap();
    assert_eq!(created["data"]["object"]["status"], "requires_confirmation");
    assert!(created["request"]["idempotency_key"].is_string());
    let since = json!([{ "created": { "gt": 1_790_000_000 } }]);
    assert_eq!(package.all("events.list", &since).len(), 2);
    let some = json!([{ "types": ["charge.succeeded", "charge.refunded"] }]);
    assert_eq!(package.all("events.list", &some).len(), 2);
    // After thirty days Stripe has forgotten them; meanwhile what was charged became available.
    stripe.pass_days(31);
    let left = package.all("events.list", &json!([]));
    let kinds: Vec<_> = left.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["balance.available"]);
}

#[test]
fn objects_stand_where_they_are_asked_for() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    let mut asked = off_session(&customer, &method, 5000);
    asked["capture_method"] = json!("automatic");
    asked["expand"] = json!(["latest_charge.balance_transaction", "customer"]);
    let intent = package.call("paymentIntents.create", &json!([asked]));
    assert_eq!(intent["customer"]["name"], "Forge");
    assert_eq!(intent["latest_charge"]["balance_transaction"]["fee"], 100);
    let expand = json!([{ "expand": ["data.source"] }]);
    let lines = package.all("balanceTransactions.list", &expand);
    assert_eq!(lines[0]["source"]["object"], "charge");
    let wrong = json!([intent["id"], { "expand": ["amount"] }]);
    package.error("paymentIntents.retrieve", &wrong);
}
