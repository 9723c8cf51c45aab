//! Cards and debits: what is answered at once, and what days later.

use palier_tests::stripe::{FakeStripe, Means, Outcome};
use serde_json::{Value, json};

use super::package::Package;
use super::{customer, id, off_session};

#[test]
fn a_refusal_is_a_card_error_with_its_reason() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    for (means, code, decline_code) in [
        (Means::POOR_CARD, "card_declined", "insufficient_funds"),
        (Means::DECLINED_CARD, "card_declined", "generic_decline"),
        (Means::EXPIRED_CARD, "expired_card", "expired_card"),
        (Means::GUARDED_CARD, "authentication_required", "authentication_required"),
    ] {
        let (customer, method) = customer(&stripe, &mut package, means);
        let asked = json!([off_session(&customer, &method, 1200)]);
        let error = package.error("paymentIntents.create", &asked);
        assert_eq!((&error["name"], &error["status"]), (&json!("StripeCardError"), &json!(402)));
        assert_eq!([&error["code"], &error["decline_code"]], [code, decline_code]);
        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
        assert_eq!(intent["last_payment_error"]["decline_code"], decline_code);
        assert_eq!(intent["last_payment_error"]["payment_method"]["id"], method.as_str());
        let charge = stripe.object(intent["latest_charge"].as_str().unwrap());
        assert_eq!((&charge["status"], &charge["paid"]), (&json!("failed"), &json!(false)));
        assert_eq!(charge["failure_code"], code);

        // The same intent, with a card that is better by now.
        stripe.behave(&method, Outcome::Succeeds);
        let again = json!([intent["id"], { "payment_method": method, "off_session": true }]);
        let paid = package.call("paymentIntents.confirm", &again);
        assert_eq!(
            (&paid["status"], &paid["amount_received"]),
            (&json!("succeeded"), &json!(1200))
        );
        let error = package.error("paymentIntents.confirm", &again);
        assert_eq!(error["code"], "payment_intent_unexpected_state");
        let error = package.error("paymentIntents.cancel", &json!([intent["id"]]));
        assert_eq!(error["code"], "payment_intent_unexpected_state");
    }
    assert!(stripe.all("balance_transaction").len() == 4);
}

#[test]
fn who_is_there_is_asked_by_her_bank() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::GUARDED_CARD);
    let mut asked = off_session(&customer, &method, 1200);
    asked["off_session"] = json!(false);
    asked["return_url"] = json!("https://pole.example/done");
    let intent = package.call("paymentIntents.create", &json!([asked]));
    assert_eq!(intent["status"], "requires_action");
    assert_eq!(intent["next_action"]["type"], "redirect_to_url");
    stripe.authenticate(intent["id"].as_str().unwrap());
    let paid = package.call("paymentIntents.retrieve", &json!([intent["id"]]));
    assert_eq!((&paid["status"], &paid["next_action"]), (&json!("succeeded"), &json!(null)));
}

#[test]
fn a_debit_takes_days_and_may_come_back() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (customer, method) = customer(&stripe, &mut package, Means::ACCOUNT);
    let debit = |package: &mut Package| {
        let asked = json!([off_session(&customer, &method, 8000)]);
        let intent = package.call("paymentIntents.create", &asked);
        assert_eq!(intent["status"], "processing");
        let charge = stripe.object(intent["latest_charge"].as_str().unwrap());
        assert_eq!((&charge["status"], &charge["paid"]), (&json!("pending"), &json!(false)));
        assert_eq!(charge["balance_transaction"], json!(null));
        let mandate = &charge["payment_method_details"]["sepa_debit"]["mandate"];
        assert_eq!(package.call("mandates.retrieve", &json!([mandate]))["status"], "active");
        (id(&intent), id(&charge))
    };
    let (settled, came) = debit(&mut package);
    let (failed, _) = debit(&mut package);
    stripe.settle(&settled);
    stripe.fail(&failed, "insufficient_funds");
    let paid = package.call("paymentIntents.retrieve", &json!([settled]));
    assert_eq!(paid["status"], "succeeded");
    let unpaid = package.call("paymentIntents.retrieve", &json!([failed]));
    assert_eq!(unpaid["status"], "requires_payment_method");
    assert_eq!(unpaid["last_payment_error"]["code"], "insufficient_funds");
    let lines = package.all("balanceTransactions.list", &json!([{ "type": "payment" }]));
    assert_eq!((lines.len(), &lines[0]["fee"]), (1, &json!(35)));

    // Weeks later its owner takes it back, and nothing can be said against that.
    let dispute = stripe.dispute(&came, "debit_not_authorized");
    let dispute = package.call("disputes.retrieve", &json!([dispute]));
    assert_eq!((&dispute["status"], &dispute["amount"]), (&json!("lost"), &json!(8000)));
    assert_eq!(dispute["balance_transactions"][0]["net"], -8750);
    let refund = package.error("refunds.create", &json!([{ "charge": came }]));
    assert_eq!(refund["code"], "charge_disputed");

    let told = stripe.told();
    let told: Vec<_> = told.iter().map(String::as_str).collect();
    let expected = [
        "customer.created",
        "mandate.updated",
        "payment_method.attached",
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_may_not_be_charged_is_not() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (owner, card) = customer(&stripe, &mut package, Means::CARD);
    let (_, account) = customer(&stripe, &mut package, Means::ACCOUNT);
    let mut refused = |asked: &Value, param: &str| {
        let error = package.error("paymentIntents.create", &json!([asked]));
        assert_eq!((&error["status"], &error["param"]), (&json!(400), &json!(param)), "{error}");
    };
    refused(&off_session(&owner, &account, 1200), "payment_method");
    let mut only_debits = off_session(&owner, &card, 1200);
    only_debits["payment_method_types"] = json!(["sepa_debit"]);
    refused(&only_debits, "payment_method");
    let mut later = off_session(&owner, &card, 1200);
    later["confirm"] = json!(false);
    refused(&later, "off_session");

    let mine = stripe.saved(&owner, Means::ACCOUNT);
    let mut dollars = off_session(&owner, &mine, 1200);
    dollars["currency"] = json!("usd");
    refused(&dollars, "currency");
    let mandate = stripe.all("mandate").pop().unwrap();
    stripe.revoke(mandate["id"].as_str().unwrap());
    let asked = json!([off_session(&owner, &mine, 1200)]);
    let error = package.error("paymentIntents.create", &asked);
    assert_eq!(error["code"], "payment_intent_mandate_invalid");

    let list = json!([{ "customer": owner }]);
    assert_eq!(package.all("paymentMethods.list", &list).len(), 2);
    package.call("paymentMethods.detach", &json!([card]));
    assert_eq!(package.all("customers.listPaymentMethods", &json!([owner])).len(), 1);
    package.error("paymentMethods.attach", &json!([card, { "customer": owner }]));
    package.error("paymentIntents.create", &json!([off_session(&owner, &card, 1200)]));
    assert_eq!(stripe.all("charge").len(), 0);
}
