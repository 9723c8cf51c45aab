//! Money that goes back: refunds and disputes, weeks later.

use palier_tests::stripe::{KEY, Means, Trouble};
use palier_tests::{Client, Engine, on_both};
use serde_json::json;
use ureq::http::Method;

use super::setting::{Collecting, until};

const PAID: [&str; 2] = ["succeeded 120.00", "succeeded 120.00"];

/// A pole whose forge has paid both of its invoices by card; the intents.
#[track_caller]
fn paid(engine: Engine) -> (Collecting, [String; 2]) {
    let mut it = Collecting::new(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &PAID);
    let intents = it.intents();
    (it, intents)
}

on_both!(a_dispute_opens_the_document_again_until_it_is_won);
fn a_dispute_opens_the_document_again_until_it_is_won(engine: Engine) {
    let (mut it, [first, _]) = paid(engine);
    it.stripe.delivered();
    it.later(40);
    let dispute = it.stripe.dispute(&it.charge(&first), "fraudulent");
    until(|| it.collections("forge"), &["returned fraudulent 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge"), ["120.00"]);
    assert_eq!(it.faults(), [""; 0]);
    it.heard();
    it.stripe.win(&dispute);
    until(|| it.collections("forge"), &PAID);
    assert_eq!(it.open("forge"), [""; 0]);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_lost_dispute_leaves_it_open);
fn a_lost_dispute_leaves_it_open(engine: Engine) {
    let (it, [first, _]) = paid(engine);
    let dispute = it.stripe.dispute(&it.charge(&first), "product_not_received");
    it.stripe.lose(&dispute);
    let lost = ["returned product_not_received 120.00", "succeeded 120.00"];
    until(|| it.collections("forge"), &lost);
    it.heard();
    assert_eq!(it.collections("forge"), lost);
    assert_eq!(it.open("forge"), ["120.00"]);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_is_given_back_without_a_credit_note_is_owed_again);
fn what_is_given_back_without_a_credit_note_is_owed_again(engine: Engine) {
    let (it, _) = paid(engine);
    let ids = it.small.sql().lines("SELECT collection_id AS line FROM collections ORDER BY 1");
    let refund = |id: &str, amount: serde_json::Value| {
        it.small.finance.post(&it.small.at(&format!("collections/{id}/refund")), amount)
    };
    assert_eq!(
        refund(&ids[0], json!({ "amount": "120.01" })).expect(409).string("/errors/0/code"),
        "too_much"
    );
    refund(&ids[0], json!({ "amount": "20.00" })).expect(202);
    until(|| it.open("forge"), &["20.00"]);
    // All of the other.
    refund(&ids[1], json!({})).expect(202);
    until(|| it.collections("forge"), &["returned refunded 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge").len(), 2);
    it.heard();
    assert_eq!(it.stripe.all("refund").len(), 2);
    // What stands with the provider is what it holds: 240.00 less 140.00.
    assert_eq!(it.stands("517000"), "10000");
    assert_eq!(it.faults(), [""; 0]);
}

/// Gives so many cents of an intent back at Stripe itself.
#[track_caller]
fn give_back(it: &Collecting, intent: &str, amount: u32) {
    let client = Client::new(&it.stripe.url())
        .with_token(KEY)
        .with_header("content-type", "application/x-www-form-urlencoded");
    let refund = format!("payment_intent={intent}&amount={amount}");
    client.send(Method::POST, "/v1/refunds", Some(refund.as_bytes())).expect(200);
}

on_both!(refunds_that_are_heard_of_together_are_all_booked);
fn refunds_that_are_heard_of_together_are_all_booked(engine: Engine) {
    let (it, [first, _]) = paid(engine);
    it.heard();
    it.stripe.hold();
    give_back(&it, &first, 2_000);
    give_back(&it, &first, 3_000);
    it.stripe.release();
    it.heard();
    assert_eq!((it.open("forge"), it.stands("517000")), (vec!["50.00".into()], "19000".into()));
    // A dispute takes what was left of it, and gives back no more than that.
    let dispute = it.stripe.dispute_part(&it.charge(&first), "fraudulent", 7_000);
    until(|| it.collections("forge"), &["returned fraudulent 120.00", "succeeded 120.00"]);
    it.heard();
    assert_eq!((it.open("forge"), it.stands("517000")), (vec!["120.00".into()], "12000".into()));
    it.stripe.win(&dispute);
    until(|| it.collections("forge"), &PAID);
    it.heard();
    assert_eq!((it.open("forge"), it.stands("517000")), (vec!["50.00".into()], "19000".into()));
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_refund_that_stripe_has_is_not_asked_for_again);
fn a_refund_that_stripe_has_is_not_asked_for_again(engine: Engine) {
    let (mut it, _) = paid(engine);
    let ids = it.small.sql().lines("SELECT collection_id AS line FROM collections ORDER BY 1");
    it.heard();
    it.stripe.hold();
    it.stripe.trouble_with("POST", "/v1/refunds", 1, Trouble::Silence);
    let at = it.small.at(&format!("collections/{}/refund", ids[0]));
    it.small.finance.post(&at, json!({ "amount": "20.00" })).expect(202);
    until(|| vec![it.stripe.all("refund").len().to_string()], &["1"]);
    it.small.server.kill();
    it.stripe.forget_waiting();
    // Keys are forgotten after a day, what was made is not.
    it.later(3);
    until(|| it.open("forge"), &["20.00"]);
    assert_eq!((it.stripe.all("refund").len(), it.stands("517000")), (1, "22000".into()));
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_credit_note_is_paid_out);
fn a_credit_note_is_paid_out(engine: Engine) {
    let (it, _) = paid(engine);
    let invoice = it.small.sql().lines(&format!(
        "SELECT invoice_id AS line FROM invoices WHERE member_id = '{}' ORDER BY number",
        it.small.members["forge"]
    ));
    let at = it.small.at(&format!("invoices/{}/credit-notes", invoice[0]));
    it.small.finance.post(&at, json!({ "reason": "Panne" })).expect(201);
    assert_eq!(it.open("forge"), ["-120.00"]);
    let of = it.small.sql().lines(&format!(
        "SELECT collection_id AS line FROM collection_parts WHERE invoice_id = '{}'",
        invoice[0]
    ));
    let at = it.small.at(&format!("collections/{}/refund", of[0]));
    it.small.finance.post(&at, json!({})).expect(202);
    until(|| it.open("forge"), &[]);
    assert_eq!(it.collections("forge"), PAID);
    assert_eq!(it.stands("517000"), "12000");
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_refund_that_does_not_arrive_is_taken_back);
fn a_refund_that_does_not_arrive_is_taken_back(engine: Engine) {
    let (it, _) = paid(engine);
    let ids = it.small.sql().lines("SELECT collection_id AS line FROM collections ORDER BY 1");
    for (id, amount) in ids.iter().zip([json!({ "amount": "20.00" }), json!({})]) {
        let at = it.small.at(&format!("collections/{id}/refund"));
        it.small.finance.post(&at, amount).expect(202);
    }
    until(|| vec![it.stands("517000")], &["10000"]);
    for refund in it.stripe.all("refund") {
        it.stripe.fail_refund(refund["id"].as_str().unwrap());
    }
    until(|| it.open("forge"), &[]);
    assert_eq!(it.collections("forge"), PAID);
    assert_eq!(it.stands("517000"), "24000");
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(a_dispute_about_a_part_opens_that_part_once);
fn a_dispute_about_a_part_opens_that_part_once(engine: Engine) {
    let (it, [first, second]) = paid(engine);
    let lost = it.stripe.dispute_part(&it.charge(&first), "product_not_received", 5_000);
    until(|| it.open("forge"), &["50.00"]);
    assert_eq!(it.collections("forge"), PAID);
    // Whatever else is told of it takes nothing more.
    it.stripe.lose(&lost);
    it.heard();
    it.look();
    assert_eq!(it.open("forge"), ["50.00"]);
    assert_eq!(it.stands("517000"), "19000");
    let won = it.stripe.dispute_part(&it.charge(&second), "fraudulent", 12_000 - 1);
    until(|| vec![it.open("forge").len().to_string()], &["2"]);
    it.heard();
    it.stripe.win(&won);
    until(|| it.open("forge"), &["50.00"]);
    it.heard();
    assert_eq!((it.open("forge"), it.stands("517000")), (vec!["50.00".into()], "19000".into()));
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(what_is_taken_back_by_hand_is_collected_no_more);
fn what_is_taken_back_by_hand_is_collected_no_more(engine: Engine) {
    let (it, [first, _]) = paid(engine);
    let of = it.small.sql().lines(&format!(
        "SELECT payment_id AS line FROM collections WHERE external_id = '{first}'"
    ));
    let reverse = it.small.at(&format!("payments/{}/reverse", of[0]));
    let why = json!({ "paid_on": "2028-03-15", "reference": "ERREUR", "note": "Payé deux fois" });
    it.small.finance.post(&reverse, why).expect(200);
    assert_eq!(it.collections("forge"), ["returned reversed 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge"), ["120.00"]);
    let shown = it.small.finance.get(&it.small.at("collections?status=returned")).expect(200);
    assert_eq!(shown.string("/data/0/failure/reason/fr"), "Payé deux fois");
    // Stripe still says that it was paid, which is no news.
    it.look();
    assert_eq!(it.open("forge"), ["120.00"]);
    // The bank says why, later.
    it.stripe.dispute(&it.charge(&first), "duplicate");
    until(|| it.collections("forge"), &["returned duplicate 120.00", "succeeded 120.00"]);
    assert_eq!(it.open("forge"), ["120.00"]);
    assert_eq!(it.faults(), [""; 0]);
}
