//! A network that loses things, and a package that tries again by itself.

use std::time::Duration;

use palier_tests::stripe::{FakeStripe, Means, Trouble};
use palier_tests::wait_for;
use serde_json::json;

use super::package::Package;
use super::{customer, off_session};

#[test]
fn a_lost_answer_is_found_by_trying_again() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    for trouble in [Trouble::LostAnswer, Trouble::LostRequest, Trouble::Broken] {
        let before = stripe.all("charge").len();
        stripe.trouble(1, trouble);
        let asked = json!([off_session(&customer, &method, 1200), { "maxNetworkRetries": 2 }]);
        let paid = package.call("paymentIntents.create", &asked);
        assert_eq!(paid["status"], "succeeded", "{trouble:?}");
        assert_eq!(stripe.all("charge").len(), before + 1, "{trouble:?}");
    }
    let keys: Vec<_> = stripe.calls_to("POST", "/v1/payment_intents");
    assert_eq!(keys.len(), 6);
    for pair in keys.chunks(2) {
        assert!(pair[0].idempotency_key.is_some());
        assert_eq!(pair[0].idempotency_key, pair[1].idempotency_key);
    }
}

/// As with Stripe: only the list or an event tells what has become of it.
#[test]
fn a_500_after_the_charge_is_the_answer_of_its_key_ever_after() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    stripe.trouble_with("POST", "/v1/payment_intents", 1, Trouble::BrokenAfter);
    let asked = json!([off_session(&customer, &method, 1200), { "idempotencyKey": "a" }]);
    for _ in 0..2 {
        let error = package.error("paymentIntents.create", &asked);
        assert_eq!((&error["name"], &error["status"]), (&json!("StripeAPIError"), &json!(500)));
    }
    let found = package.all("paymentIntents.list", &json!([{ "customer": customer }]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["status"], "succeeded");
}

#[test]
fn silence_ends_when_the_client_gives_up() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::CARD);
    let intent = off_session(&customer, &method, 1200);
    // Time enough to be heard, on a busy machine too.
    let asked = json!([intent, { "idempotencyKey": "a", "timeout": 3000 }]);
    for (calls, trouble, charges) in [(1, Trouble::Deaf, 0), (2, Trouble::Silence, 1)] {
        stripe.trouble(1, trouble);
        let error = package.error("paymentIntents.create", &asked);
        assert_eq!(error["name"], "StripeConnectionError");
        // What is done about a call is done once it is seen.
        let heard = || stripe.calls_to("POST", "/v1/payment_intents").len() == calls;
        wait_for(Duration::from_mins(1), || heard().then_some(())).expect("it was heard");
        assert_eq!(stripe.all("charge").len(), charges);
    }
    let patient = json!([intent, { "idempotencyKey": "a" }]);
    assert_eq!(package.call("paymentIntents.create", &patient)["status"], "succeeded");
    assert_eq!(stripe.all("charge").len(), 1);
}
