//! A member is charged exactly once, whatever happens between Palier and Stripe.

use palier_tests::stripe::{Means, Trouble};
use palier_tests::{Engine, on_both};

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];

/// Trouble with the next charges, and then none any more.
#[track_caller]
fn charged_once_after(engine: Engine, calls: usize, trouble: Trouble) {
    let mut it = Collecting::new(engine);
    it.stripe.trouble_with("POST", "/v1/payment_intents", calls, trouble);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    assert_eq!(it.paid(), 2, "{trouble:?}");
    assert_eq!(it.open("forge"), [""; 0]);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(too_many_calls_are_made_later);
fn too_many_calls_are_made_later(engine: Engine) {
    charged_once_after(engine, 2, Trouble::TooMany);
}

on_both!(a_broken_stripe_is_asked_again);
fn a_broken_stripe_is_asked_again(engine: Engine) {
    charged_once_after(engine, 2, Trouble::Broken);
}

on_both!(an_answer_that_is_lost_is_asked_for_again);
fn an_answer_that_is_lost_is_asked_for_again(engine: Engine) {
    charged_once_after(engine, 2, Trouble::LostAnswer);
}

on_both!(what_broke_after_it_was_done_is_found);
fn what_broke_after_it_was_done_is_found(engine: Engine) {
    charged_once_after(engine, 2, Trouble::BrokenAfter);
}

on_both!(a_proxy_that_answers_in_its_place_changes_nothing);
fn a_proxy_that_answers_in_its_place_changes_nothing(engine: Engine) {
    charged_once_after(engine, 1, Trouble::Proxy);
}

on_both!(who_dies_between_the_answer_and_the_books_charges_nobody_again);
fn who_dies_between_the_answer_and_the_books_charges_nobody_again(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.stripe.trouble_with("POST", "/v1/payment_intents", 2, Trouble::Silence);
    it.save("forge", Means::CARD);
    until(|| vec![it.paid().to_string()], &["2"]);
    it.small.server.kill();
    // Keys are forgotten after a day, what was charged is not.
    it.later(3);
    until(|| it.collections("forge"), &PAID);
    assert_eq!(it.paid(), 2);
    assert_eq!(it.open("forge"), [""; 0]);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_was_paid_otherwise_meanwhile_is_not_charged);
fn what_was_paid_otherwise_meanwhile_is_not_charged(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.stripe.trouble_with("POST", "/v1/payment_intents", 1, Trouble::TooMany);
    it.save("usine", Means::CARD);
    until(|| it.collections("usine"), &PAID);
    // Two processes on one database hand over each collection once.
    let charges = it.stripe.calls_to("POST", "/v1/payment_intents");
    let keys: std::collections::BTreeSet<_> =
        charges.iter().map(|call| call.idempotency_key.clone()).collect();
    assert_eq!(keys.len(), 2, "{charges:?}");
}
