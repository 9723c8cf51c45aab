//! Every field of every kind of object, as in the examples that Stripe publishes.

use serde_json::Value;

/// Fields that only some of a kind have, beside those of Stripe's example.
const SOME: [(&str, &[&str]); 2] = [
    ("payment_method", &["sepa_debit"]),
    ("refund", &["failure_balance_transaction", "failure_reason"]),
];

/// An object of this kind to which nothing has happened.
#[track_caller]
pub(super) fn empty(kind: &str) -> Value {
    let shape = match kind {
        "account" => include_str!("shapes/account.json"),
        "balance" => include_str!("shapes/balance.json"),
        "balance_transaction" => include_str!("shapes/balance_transaction.json"),
        "charge" => include_str!("shapes/charge.json"),
        "checkout.session" => include_str!("shapes/checkout_session.json"),
        "customer" => include_str!("shapes/customer.json"),
        "deleted_customer" => include_str!("shapes/deleted_customer.json"),
        "dispute" => include_str!("shapes/dispute.json"),
        "event" => include_str!("shapes/event.json"),
        "mandate" => include_str!("shapes/mandate.json"),
        "payment_intent" => include_str!("shapes/payment_intent.json"),
        "payment_method" => include_str!("shapes/payment_method.json"),
        "payout" => include_str!("shapes/payout.json"),
        "refund" => include_str!("shapes/refund.json"),
        "setup_intent" => include_str!("shapes/setup_intent.json"),
        "transfer" => include_str!("shapes/transfer.json"),
        "transfer_reversal" => include_str!("shapes/transfer_reversal.json"),
        _ => panic!("nobody knows what a {kind} looks like"),
    };
    serde_json::from_str(shape).expect("a shape is an object")
}

/// Sets fields of an object, which it must have by its kind.
#[track_caller]
pub(super) fn put(object: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else { panic!("{fields} are no fields") };
    let kind = object["object"].as_str().unwrap_or_default().to_owned();
    for (name, value) in fields {
        let some = SOME.iter().any(|(have, some)| *have == kind && some.contains(&name.as_str()));
        assert!(object.get(&name).is_some() || some, "a {kind} has no {name:?}");
        object[name] = value;
    }
}
