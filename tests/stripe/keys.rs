//! Idempotency: the same key is the same call, whatever was said to it.

use std::time::Duration;

use palier_tests::stripe::{FakeStripe, Means, Outcome, Trouble};
use serde_json::{Value, json};

use super::package::Package;
use super::{customer, id, off_session};

fn keyed(params: &Value, key: &str) -> Value {
    json!([params, { "idempotencyKey": key }])
}

#[test]
fn the_same_key_gets_the_first_answer() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    let call = keyed(&off_session(&customer, &method, 1200), "invoice-1");
    let first = package.said("paymentIntents.create", &call);
    let again = package.said("paymentIntents.create", &call);
    assert_eq!(first["object"], again["object"]);
    assert!(first["headers"]["idempotent-replayed"].is_null());
    assert_eq!(again["headers"]["idempotent-replayed"], "true");
    assert_eq!(again["headers"]["original-request"], first["headers"]["request-id"]);
    assert_eq!(stripe.all("charge").len(), 1);
    let calls = stripe.calls_to("POST", "/v1/payment_intents");
    let executed: Vec<_> = calls.iter().map(|call| (call.executed, call.status)).collect();
    assert_eq!(executed, [(true, Some(200)), (false, Some(200))]);

    // Other words, or another door, under the same key.
    let other = keyed(&off_session(&customer, &method, 1300), "invoice-1");
    let error = package.error("paymentIntents.create", &other);
    assert_eq!(error["name"], "StripeIdempotencyError");
    assert_eq!((&error["status"], &error["type"]), (&json!(400), &json!("idempotency_error")));
    let error = package.error("customers.create", &keyed(&json!({}), "invoice-1"));
    assert_eq!(error["name"], "StripeIdempotencyError");
    assert_eq!(stripe.all("charge").len(), 1);

    // A day later nobody remembers it.
    stripe.pass_days(1);
    let later = package.call("paymentIntents.create", &call);
    assert_ne!(later["id"], first["object"]["id"]);
    assert_eq!(stripe.all("charge").len(), 2);
}

#[test]
fn a_refusal_is_remembered_and_what_was_not_tried_is_not() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::POOR_CARD);
    let call = keyed(&off_session(&customer, &method, 1200), "a");
    let first = package.error("paymentIntents.create", &call);
    stripe.behave(&method, Outcome::Succeeds);
    let again = package.error("paymentIntents.create", &call);
    assert_eq!(first["decline_code"], "insufficient_funds");
    assert_eq!(first["payment_intent"]["id"], again["payment_intent"]["id"]);
    assert_eq!(stripe.all("charge").len(), 1);

    // A fault of parameters, a limit and a lost call leave the key free.
    package.error("paymentIntents.create", &keyed(&json!({ "amount": 5 }), "b"));
    for trouble in [Trouble::TooMany, Trouble::Broken, Trouble::LostRequest, Trouble::Proxy] {
        // The package tries once more by itself when a connection ends.
        stripe.trouble(if trouble == Trouble::LostRequest { 2 } else { 1 }, trouble);
        let call = keyed(&off_session(&customer, &method, 1200), "b");
        let error = package.error("paymentIntents.create", &call);
        let name = match trouble {
            Trouble::TooMany => "StripeRateLimitError",
            Trouble::LostRequest => "StripeConnectionError",
            _ => "StripeAPIError",
        };
        assert_eq!(error["name"], name, "{trouble:?} {error}");
    }
    assert_eq!(stripe.all("charge").len(), 1);
    let call = keyed(&off_session(&customer, &method, 1200), "b");
    assert_eq!(package.call("paymentIntents.create", &call)["status"], "succeeded");
}

#[test]
fn a_key_in_use_conflicts() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let Some(mut other) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    // So that the other process is up.
    other.call("customers.list", &json!([]));
    let path = "paymentIntents.create";
    // Whoever comes too late, on a busy machine, hears what was made: once more, with more time.
    for (charges, seconds) in [(1, 2), (2, 10), (3, 40)] {
        let key = format!("key-{charges}");
        let call = keyed(&off_session(&customer, &method, 1200), &key);
        stripe.trouble(1, Trouble::Slow(Duration::from_secs(seconds)));
        package.begin(path, &call, false);
        let begun = || {
            let mut calls = stripe.calls_to("POST", "/v1/payment_intents").into_iter();
            calls.find(|it| it.idempotency_key.as_ref() == Some(&key))
        };
        palier_tests::wait_for(Duration::from_mins(1), begun).expect("it is begun");
        other.begin(path, &call, false);
        let error = other.end()["error"].take();
        let made = package.end();
        assert_eq!(made["object"]["status"], "succeeded");
        let same = other.call(path, &call);
        assert_eq!(id(&same), id(&made["object"]));
        assert_eq!(stripe.all("charge").len(), charges);
        if !error.is_null() {
            let seen = (&error["status"], &error["code"]);
            assert_eq!(seen, (&json!(409), &json!("idempotency_key_in_use")));
            return;
        }
    }
    panic!("the other came too late each time");
}
