//! The Stripe of `tests/support`, driven by Stripe's own package: what a test proves against it is worth
//! as much as it is like the real one.

mod checkout;
mod keys;
mod lists;
mod money;
mod package;
mod parameters;
mod payments;
mod shapes;
mod trouble;
mod webhooks;

use palier_tests::stripe::{FakeStripe, Means};
use serde_json::{Value, json};

use package::Package;

/// A customer by the API, and what was saved for it.
#[track_caller]
fn customer(stripe: &FakeStripe, package: &mut Package, means: Means) -> (String, String) {
    let customer = package.call("customers.create", &json!([{ "name": "Forge" }]));
    let customer = id(&customer);
    let method = stripe.saved(&customer, means);
    (customer, method)
}

/// What is asked of somebody who is not there.
fn off_session(customer: &str, method: &str, amount: i64) -> Value {
    json!({
        "amount": amount, "currency": "eur", "customer": customer, "payment_method": method,
        "payment_method_types": ["card", "sepa_debit"], "confirm": true, "off_session": true,
    })
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
