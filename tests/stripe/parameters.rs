//! What is wrong with a call is said in Stripe's words.

use palier_tests::stripe::{FakeStripe, Means};
use serde_json::json;

use super::package::Package;

#[test]
fn a_fault_names_its_parameter_and_its_code() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let eur = json!([{ "amount": 1000, "currency": "eur", "payment_method": "pm_no" }]);
    let charge = json!([{ "charge": "ch_no" }]);
    for (path, args, status, code, param) in [
        (
            "paymentIntents.create",
            json!([{ "currency": "eur" }]),
            400,
            "parameter_missing",
            "amount",
        ),
        (
            "paymentIntents.create",
            json!([{ "amount": 1000 }]),
            400,
            "parameter_missing",
            "currency",
        ),
        (
            "paymentIntents.create",
            json!([{ "amount": "ten", "currency": "eur" }]),
            400,
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "paymentIntents.create",
            json!([{ "amount": 1000.5, "currency": "eur" }]),
            400,
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "paymentIntents.create",
            json!([{ "amount": 10, "currency": "eur" }]),
            400,
            "amount_too_small",
            "amount",
        ),
        ("paymentIntents.create", eur, 400, "resource_missing", "payment_method"),
        ("customers.create", json!([{ "nom": "Forge" }]), 400, "parameter_unknown", "nom"),
        (
            "checkout.sessions.create",
            json!([{ "mode": "setup", "success_url": "https://pole.example", "setup_intent_data": { "no": 1 } }]),
            400,
            "parameter_unknown",
            "setup_intent_data[no]",
        ),
        ("customers.list", json!([{ "limit": 101 }]), 400, "parameter_invalid_integer", "limit"),
        (
            "customers.list",
            json!([{ "starting_after": "cus_no" }]),
            400,
            "resource_missing",
            "starting_after",
        ),
        ("customers.retrieve", json!(["cus_no"]), 404, "resource_missing", "id"),
        ("paymentIntents.retrieve", json!(["pi_no"]), 404, "resource_missing", "intent"),
        ("refunds.create", charge, 400, "resource_missing", "charge"),
    ] {
        let error = package.error(path, &args);
        let seen = json!([error["name"], error["status"], error["code"], error["param"]]);
        let expected = json!(["StripeInvalidRequestError", status, code, param]);
        assert_eq!(seen, expected, "{path} {args}: {error}");
        assert!(error["request"].as_str().unwrap().starts_with("req_"));
    }
    assert_eq!(stripe.all("payment_intent").len(), 0);
}

#[test]
fn nobody_comes_in_without_a_key() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::with_key(&stripe, "sk_live_of_a_customer") else { return };
    let error = package.error("customers.list", &json!([]));
    assert_eq!(
        (&error["name"], &error["status"]),
        (&json!("StripeAuthenticationError"), &json!(401))
    );
    stripe.accept_only("sk_live_of_a_customer");
    package.call("customers.list", &json!([]));
}

#[test]
fn customers_are_changed_field_by_field() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let made = json!([{
        "name": "Forge & Cie", "email": "compta@forge.example",
        "address": { "line1": "1 rue de la Forge", "city": "Nîmes", "country": "FR" },
        "metadata": { "member": "42", "pole": "one" },
    }]);
    let made = package.call("customers.create", &made);
    assert_eq!(made["name"], "Forge & Cie");
    assert_eq!(made["address"]["city"], "Nîmes");
    let id = &made["id"];
    let change = json!([id, { "email": "", "metadata": { "pole": "", "kind": "sme" } }]);
    let changed = package.call("customers.update", &change);
    assert_eq!(changed["email"], json!(null));
    assert_eq!(changed["metadata"], json!({ "member": "42", "kind": "sme" }));
    let method = stripe.saved(id.as_str().unwrap(), Means::CARD);
    assert_eq!(package.call("customers.del", &json!([id]))["deleted"], true);
    assert_eq!(package.call("paymentMethods.retrieve", &json!([method]))["customer"], json!(null));
    assert_eq!(package.call("customers.retrieve", &json!([id]))["deleted"], true);
    assert!(package.all("customers.list", &json!([])).is_empty());
    let expected = [
        "customer.created",
        "customer.updated",
        "payment_method.attached",
        "payment_method.detached",
        "customer.deleted",
    ];
    assert_eq!(stripe.told(), expected);
}
