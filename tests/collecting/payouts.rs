//! What reaches the bank: to the cent, with what Stripe keeps.

use palier_tests::stripe::{KEY, Means};
use palier_tests::{Client, Engine, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];

/// Imports what moved at the bank; the new movements.
#[track_caller]
fn statement(it: &Collecting, lines: &str) -> Vec<Value> {
    let mapping = "%7B%22booked_on%22:%22D%22,%22amount%22:%22A%22,%22text%22:%5B%22T%22%5D%7D";
    let import = it.small.at(&format!("bank-statements?mapping={mapping}"));
    let csv = it.small.finance.with_header("content-type", "text/csv");
    let file = format!("D;A;T\n{lines}");
    let report = csv.send(Method::POST, &import, Some(file.as_bytes())).expect(200).json();
    report["imported"].as_array().unwrap().clone()
}

/// Pays out what is there; its id.
#[track_caller]
fn paid_out(it: &Collecting) -> String {
    let payout = it.stripe.pay_out().expect("something is available");
    let id = payout["id"].as_str().unwrap().to_owned();
    let known = format!("SELECT status AS line FROM stripe_payouts WHERE payout_id = '{id}'");
    until(|| it.small.sql().lines(&known), &["paid"]);
    id
}

on_both!(a_payout_clears_what_the_provider_held);
fn a_payout_clears_what_the_provider_held(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    it.save("usine", Means::ACCOUNT);
    until(|| it.collections("forge"), &PAID);
    until(|| it.collections("usine"), &["processing 120.00", "processing 120.00"]);
    for intent in it.stripe.all("payment_intent") {
        if intent["status"] == "processing" {
            it.stripe.settle(intent["id"].as_str().unwrap());
        }
    }
    until(|| it.collections("usine"), &PAID);
    assert_eq!(it.stands("517000"), "48000");
    // 1.5 % and 0.25 of each card, 0.35 of each debit: 2.05 and 0.35, twice.
    it.stripe.delivered();
    it.later(10);
    let payout = it.stripe.pay_out().expect("something is available");
    assert_eq!(payout["amount"], json!(48_000 - 2 * 205 - 2 * 35));
    let payouts = || {
        it.small.sql().lines(
        "SELECT status || ' ' || CAST(amount_minor AS TEXT) || ' ' || CAST(fees_minor AS TEXT) AS line \
         FROM stripe_payouts")
    };
    until(payouts, &["paid 47520 480"]);
    assert_eq!(it.stands("517000"), "0");
    assert_eq!(it.stands("512000"), "47520");
    assert_eq!(it.stands("627000"), "480");
    let id = payout["id"].as_str().unwrap();
    let shown = it.small.finance.get(&it.small.at(&format!("payouts/{id}"))).expect(200).json();
    assert_eq!((&shown["amount"], &shown["fees"]), (&json!("475.20"), &json!("4.80")));
    assert_eq!(shown["parts"].as_array().unwrap().len(), 4);
    // On the statement it is the payout, and no payment of anybody's.
    let moved = statement(&it, "2028-03-27;475,20;STRIPE PAYOUT\n2028-03-27;475,20;MARTIN\n");
    let [stripe, martin] = [&moved[0], &moved[1]];
    assert_eq!((&stripe["status"], &stripe["counterpart"]), (&json!("reconciled"), &json!(id)));
    assert_eq!(martin["status"], "open");
    assert_eq!((it.stands("512000"), it.faults()), ("47520".to_owned(), vec![]));
    // The bank does not take it.
    it.stripe.fail_payout(id);
    until(payouts, &["failed 47520 480"]);
    assert_eq!((it.stands("512000"), it.stands("517000")), ("0".into(), "47520".into()));
    assert_eq!(it.faults(), [""; 0]);
    // The next one takes it along, and no fee again.
    it.stripe.pay_out().expect("what came back is available");
    until(payouts, &["failed 47520 480", "paid 47520 0"]);
    assert_eq!((it.stands("512000"), it.stands("517000")), ("47520".into(), "0".into()));
    assert_eq!((it.stands("627000"), it.faults()), ("480".into(), vec![]));
}

on_both!(a_payout_that_nobody_heard_of_before_it_failed_costs_its_fees);
fn a_payout_that_nobody_heard_of_before_it_failed_costs_its_fees(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    it.heard();
    it.later(4);
    it.stripe.hold();
    let payout = it.stripe.pay_out().expect("something is available");
    it.stripe.fail_payout(payout["id"].as_str().unwrap());
    it.stripe.release();
    it.heard();
    let payouts = "SELECT status || ' ' || CAST(fees_minor AS TEXT) AS line FROM stripe_payouts";
    until(|| it.small.sql().lines(payouts), &["failed 410"]);
    assert_eq!((it.stands("512000"), it.stands("517000")), ("0".into(), "23590".into()));
    assert_eq!((it.stands("627000"), it.faults()), ("410".into(), vec![]));
}

on_both!(a_payout_by_hand_is_booked_and_keeps_no_other_from_it);
fn a_payout_by_hand_is_booked_and_keeps_no_other_from_it(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    it.heard();
    it.later(4);
    it.stripe.forget_waiting();
    it.stripe.hold();
    it.stripe.pay_out_by_hand().expect("something is available");
    it.look();
    let payouts = || {
        it.small
            .sql()
            .lines("SELECT status || ' ' || CAST(amount_minor AS TEXT) AS line FROM stripe_payouts")
    };
    until(payouts, &["paid 23590"]);
    // Stripe does not say what it consists of: the fees, of 2.05 each, wait on its account.
    assert_eq!((it.stands("512000"), it.stands("517000")), ("23590".into(), "410".into()));
    assert_eq!((it.stands("627000"), it.faults()), ("0".into(), vec![]));
}

on_both!(which_of_two_payouts_it_is_somebody_says);
fn which_of_two_payouts_it_is_somebody_says(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    it.stripe.delivered();
    it.later(4);
    let first = paid_out(&it);
    it.save("usine", Means::CARD);
    until(|| it.collections("usine"), &PAID);
    it.stripe.delivered();
    it.later(4);
    let second = paid_out(&it);
    // Both of 235.90, four days apart: the bank names Stripe twice on the day between.
    let moved = statement(
        &it,
        "2028-03-20;235,90;STRIPE A\n2028-03-20;235,90;STRIPE B\n2028-03-20;235,80;STRIPE C\n",
    );
    let mut both = [first.clone(), second.clone()];
    both.sort();
    for it in &moved[..2] {
        assert_eq!((&it["status"], &it["payouts"]), (&json!("open"), &json!(both)));
    }
    assert_eq!((&moved[2]["status"], &moved[2]["payouts"]), (&json!("open"), &json!([])));
    let say = |nth: usize, payout: &str| {
        let id = moved[nth]["id"].as_str().unwrap();
        let at = it.small.at(&format!("bank-movements/{id}/resolve"));
        it.small.finance.post(&at, json!({ "action": "paid_out", "payout": payout }))
    };
    let code = |status: u16, nth: usize, payout: &str| {
        let refused = say(nth, payout).expect(status);
        format!("{} {}", refused.string("/errors/0/pointer"), refused.string("/errors/0/code"))
    };
    assert_eq!(code(422, 0, "po_none"), "/payout unknown_payout");
    assert_eq!(code(409, 2, &first), "/payout other_amount");
    let done = say(0, &first).expect(200).json();
    assert_eq!((&done["status"], &done["counterpart"]), (&json!("reconciled"), &json!(first)));
    assert_eq!(code(409, 1, &first), "/payout settled");
    it.stripe.fail_payout(&second);
    let failed = format!("SELECT status AS line FROM stripe_payouts WHERE payout_id = '{second}'");
    until(|| it.small.sql().lines(&failed), &["failed"]);
    assert_eq!(code(409, 1, &second), "/payout returned");
    let wrong = json!({ "action": "paid_out", "batch": "PAL-1" });
    let at = it.small.at(&format!("bank-movements/{}/resolve", moved[1]["id"].as_str().unwrap()));
    it.small.finance.post(&at, wrong).expect(422);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_somebody_charged_at_stripe_waits_on_suspense);
fn what_somebody_charged_at_stripe_waits_on_suspense(engine: Engine) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    // Somebody charges 50.00 by hand, of which 10.00 go back, and a member pays by a link unheard.
    let client = Client::new(&it.stripe.url())
        .with_token(KEY)
        .with_header("content-type", "application/x-www-form-urlencoded");
    let post = |path: &str, body: &str| {
        client.send(Method::POST, path, Some(body.as_bytes())).expect(200).json()
    };
    let customer = post("/v1/customers", "name=Passage");
    let customer = customer["id"].as_str().unwrap();
    let card = it.stripe.saved(customer, Means::CARD);
    let charge = format!(
        "amount=5000&currency=eur&confirm=true&customer={customer}&payment_method={card}&off_session=true"
    );
    let intent = post("/v1/payment_intents", &charge);
    let intent = intent["id"].as_str().unwrap();
    post("/v1/refunds", &format!("payment_intent={intent}&amount=1000"));
    it.stripe.delivered();
    it.stripe.hold();
    let owed = it.owed("usine");
    let link = it.small.at(&format!("invoices/{}/payment-link", owed[0].as_str().unwrap()));
    let link = it.small.finance.get(&link).expect(200).string("/url");
    let path = link.strip_prefix(palier_tests::PUBLIC_URL).unwrap().to_owned();
    it.small.server.client().get(&path).expect(303);
    let session = it.stripe.all("checkout.session").pop().unwrap();
    it.stripe.complete(session["id"].as_str().unwrap(), Means::CARD);
    assert_eq!(it.stands("517000"), "24000");
    it.later(4);
    let payout = paid_out(&it);
    // The link is booked as what it is; what was made by hand waits for whoever made it.
    assert_eq!(it.open("usine"), ["120.00"]);
    assert_eq!(it.stands("517000"), "0");
    assert_eq!(it.stands("471000"), "-4000");
    let shown = it.small.finance.get(&it.small.at(&format!("payouts/{payout}"))).expect(200).json();
    assert_eq!(shown["unknown"], "40.00");
    let unknown = shown["parts"].as_array().unwrap().iter().filter(|part| part["known"] == false);
    let mut unknown: Vec<_> = unknown.map(|part| part["amount"].as_str().unwrap()).collect();
    unknown.sort_unstable();
    assert_eq!(unknown, ["-10.00", "50.00"]);
    assert_eq!(it.faults(), [""; 0]);
}
