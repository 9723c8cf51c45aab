//! A member is charged exactly once, whatever happens between Palier and Stripe.

use palier_tests::stripe::{Means, Trouble};
use palier_tests::{Engine, on_both};
use serde_json::json;

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
    // Told today, debited in two days: between them, one is paid by transfer, and half of the other.
    it.save_and("usine", Means::ACCOUNT, |it| {
        for (document, amount) in it.owed("usine").iter().zip(["120.00", "60.00"]) {
            let paid = json!({
                "kind": "payment", "member": it.small.members["usine"], "method": "transfer",
                "paid_on": "2028-03-15", "amount": amount, "reference": "VIR-1",
                "allocations": [{ "invoice": document, "amount": amount }],
            });
            it.small.finance.post(&it.small.at("payments"), paid).expect(201);
        }
    });
    let left = ["cancelled cancelled 120.00", "cancelled cancelled 120.00", "processing 60.00"];
    until(|| it.collections("usine"), &left);
    let [only] = it.intents();
    assert_eq!(it.stripe.object(&only)["amount"], 6_000);
    it.stripe.settle(&only);
    until(|| it.open("usine"), &[]);
    assert_eq!(it.faults(), [""; 0]);
}

/// A pole whose forge was to be charged for both of its invoices, which Stripe has turned away so far.
#[track_caller]
fn turned_away(mut it: Collecting) -> Collecting {
    let charges = |it: &Collecting| it.stripe.calls_to("POST", "/v1/payment_intents").len();
    it.stripe.trouble_with("POST", "/v1/payment_intents", usize::MAX, Trouble::TooMany);
    it.save("forge", Means::CARD);
    // Each once: before the next there are seconds.
    until(|| vec![(charges(&it) >= 2).to_string()], &["true"]);
    assert_eq!(it.collections("forge"), ["sent 120.00", "sent 120.00"]);
    it
}

on_both!(what_is_paid_while_a_charge_waits_is_not_charged);
fn what_is_paid_while_a_charge_waits_is_not_charged(engine: Engine) {
    let it = turned_away(Collecting::new(engine));
    for (document, amount) in it.owed("forge").iter().zip(["120.00", "60.00"]) {
        let paid = json!({
            "kind": "payment", "member": it.small.members["forge"], "method": "transfer",
            "paid_on": "2028-03-15", "amount": amount, "reference": "VIR-2",
            "allocations": [{ "invoice": document, "amount": amount }],
        });
        it.small.finance.post(&it.small.at("payments"), paid).expect(201);
    }
    it.stripe.no_more_trouble();
    let left = ["cancelled cancelled 120.00", "cancelled cancelled 120.00", "succeeded 60.00"];
    until(|| it.collections("forge"), &left);
    assert_eq!((it.paid(), it.open("forge")), (1, vec![]));
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_a_page_took_unheard_is_not_charged);
fn what_a_page_took_unheard_is_not_charged(engine: Engine) {
    let it = Collecting::new(engine);
    let owed = it.owed("forge")[0].as_str().unwrap().to_owned();
    let link = it.small.finance.get(&it.small.at(&format!("invoices/{owed}/payment-link")));
    let link = link.expect(200).string("/url");
    it.small.server.client().get(link.strip_prefix(palier_tests::PUBLIC_URL).unwrap()).expect(303);
    let page = it.stripe.all("checkout.session").pop().unwrap();
    // It is open while both are charged, and paid before they are.
    let it = turned_away(it);
    it.stripe.hold();
    it.stripe.complete(page["id"].as_str().unwrap(), Means::CARD);
    it.stripe.no_more_trouble();
    let left = ["cancelled cancelled 120.00", "succeeded 120.00", "succeeded 120.00"];
    until(|| it.collections("forge"), &left);
    assert_eq!((it.paid(), it.open("forge")), (2, vec![]));
    // What Stripe told late is known.
    it.stripe.release();
    it.heard();
    assert_eq!(
        (it.collections("forge"), it.stands("517000")),
        (left.map(str::to_owned).into(), "24000".into())
    );
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(each_is_handed_over_once_by_several_processes);
fn each_is_handed_over_once_by_several_processes(engine: Engine) {
    let mut it = Collecting::new(engine);
    let other = it.another();
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    let charges = it.stripe.calls_to("POST", "/v1/payment_intents");
    assert_eq!(charges.len(), 2, "{charges:?}");
    drop(other);
}
