//! What reaches the bank: to the cent, with what Stripe keeps.

use palier_tests::stripe::Means;
use palier_tests::{Engine, on_both};
use serde_json::json;
use ureq::http::Method;

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];

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
    let statement = "D;A;T\n2028-03-27;475,20;STRIPE PAYOUT\n2028-03-27;475,20;MARTIN\n";
    let mapping = "%7B%22booked_on%22:%22D%22,%22amount%22:%22A%22,%22text%22:%5B%22T%22%5D%7D";
    let import = it.small.at(&format!("bank-statements?mapping={mapping}"));
    let csv = it.small.finance.with_header("content-type", "text/csv");
    let report = csv.send(Method::POST, &import, Some(statement.as_bytes())).expect(200).json();
    let [stripe, martin] = [&report["imported"][0], &report["imported"][1]];
    assert_eq!((&stripe["status"], &stripe["counterpart"]), (&json!("reconciled"), &json!(id)));
    assert_eq!(martin["status"], "open");
    assert_eq!((it.stands("512000"), it.faults()), ("47520".to_owned(), vec![]));
    // The bank does not take it.
    it.stripe.fail_payout(id);
    until(payouts, &["failed 47520 480"]);
    assert_eq!((it.stands("512000"), it.stands("517000")), ("0".into(), "47520".into()));
    assert_eq!(it.faults(), [""; 0]);
}
