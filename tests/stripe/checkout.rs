//! Pages on which somebody saves a payment method, or pays.

use palier_tests::stripe::{FakeStripe, Means};
use serde_json::{Value, json};

use super::package::Package;
use super::{id, off_session};

fn setup(package: &mut Package, customer: &Value) -> Value {
    let asked = json!([{
        "mode": "setup", "currency": "eur", "customer": customer,
        "payment_method_types": ["card", "sepa_debit"],
        "success_url": "https://pole.example/saved?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://pole.example/", "metadata": { "member": "42" },
        "setup_intent_data": { "metadata": { "member": "42" } },
    }]);
    package.call("checkout.sessions.create", &asked)
}

fn payment(package: &mut Package, customer: &Value, amount: i64) -> Value {
    let data = json!({
        "currency": "eur", "unit_amount": amount, "product_data": { "name": "FA-2026-000123" },
    });
    let asked = json!([{
        "mode": "payment", "customer": customer, "success_url": "https://pole.example/paid",
        "line_items": [{ "quantity": 1, "price_data": data }],
        "payment_intent_data": { "metadata": { "invoice": "FA-2026-000123" } },
    }]);
    package.call("checkout.sessions.create", &asked)
}

#[test]
fn a_saved_account_can_be_debited_from_then_on() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let customer = package.call("customers.create", &json!([{ "email": "a@forge.example" }]));
    let session = setup(&mut package, &customer["id"]);
    assert_eq!((&session["status"], &session["mode"]), (&json!("open"), &json!("setup")));
    assert!(session["url"].as_str().unwrap().starts_with("https://"));
    stripe.complete(session["id"].as_str().unwrap(), Means::ACCOUNT);

    let expand = json!([session["id"], { "expand": ["setup_intent.payment_method"] }]);
    let session = package.call("checkout.sessions.retrieve", &expand);
    let seen = json!([session["status"], session["payment_status"], session["url"]]);
    assert_eq!(seen, json!(["complete", "no_payment_required", null]));
    assert_eq!(session["customer_details"]["email"], "a@forge.example");
    let setup = &session["setup_intent"];
    assert_eq!(
        (&setup["status"], &setup["metadata"]["member"]),
        (&json!("succeeded"), &json!("42"))
    );
    let method = &setup["payment_method"];
    assert_eq!((&method["type"], &method["customer"]), (&json!("sepa_debit"), &customer["id"]));
    assert_eq!(method["sepa_debit"]["last4"], "2606");
    let mandate = package.call("mandates.retrieve", &json!([setup["mandate"]]));
    assert_eq!(mandate["payment_method"], method["id"]);

    let asked = json!([off_session(&id(&customer), &id(method), 1200)]);
    assert_eq!(package.call("paymentIntents.create", &asked)["status"], "processing");
    let error = package.error("checkout.sessions.expire", &json!([session["id"]]));
    assert_eq!(error["status"], 400);
    let told: Vec<_> = stripe.told().into_iter().take(7).collect();
    let expected = [
        "customer.created",
        "setup_intent.created",
        "mandate.updated",
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
        "payment_intent.created",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_paid_on_a_page_is_paid_once() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let customer = package.call("customers.create", &json!([{}]));
    let session = payment(&mut package, &customer["id"], 9900);
    assert_eq!(
        (&session["amount_total"], &session["payment_intent"]),
        (&json!(9900), &json!(null))
    );
    let page = id(&session);
    // A card that is refused, and then one whose bank only wants to see its owner.
    let refused = stripe.complete(&page, Means::POOR_CARD);
    assert_eq!(
        (&refused["status"], &refused["payment_status"]),
        (&json!("open"), &json!("unpaid"))
    );
    let paid = stripe.complete(&page, Means::GUARDED_CARD);
    assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!(refused["payment_intent"], paid["payment_intent"]);
    let intent = package.call("paymentIntents.retrieve", &json!([paid["payment_intent"]]));
    assert_eq!(intent["metadata"]["invoice"], "FA-2026-000123");
    assert_eq!(intent["amount_received"], 9900);

    // A debit ends its session later than the page.
    let page = id(&payment(&mut package, &customer["id"], 5000));
    let session = stripe.complete(&page, Means::ACCOUNT);
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    stripe.settle(session["payment_intent"].as_str().unwrap());
    let session = package.call("checkout.sessions.retrieve", &json!([page]));
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(stripe.told().pop().unwrap(), "checkout.session.async_payment_succeeded");
}

#[test]
fn a_page_expires() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let customer = package.call("customers.create", &json!([{}]));
    let by_itself = setup(&mut package, &customer["id"]);
    let by_call = setup(&mut package, &customer["id"]);
    stripe.refuse_setup(&id(&by_call), "do_not_honor");
    let failed = package.call("setupIntents.retrieve", &json!([by_call["setup_intent"]]));
    assert_eq!(failed["last_setup_error"]["decline_code"], "do_not_honor");
    let ended = package.call("checkout.sessions.expire", &json!([by_call["id"]]));
    assert_eq!((&ended["status"], &ended["url"]), (&json!("expired"), &json!(null)));
    let open = json!([{ "status": "open" }]);
    assert_eq!(package.all("checkout.sessions.list", &open).len(), 1);
    stripe.pass_days(1);
    let ended = package.call("checkout.sessions.retrieve", &json!([by_itself["id"]]));
    assert_eq!(ended["status"], "expired");
    assert_eq!(stripe.told().pop().unwrap(), "checkout.session.expired");
}
