//! `/v1/payment_methods`: cards and accounts that were saved.

use serde_json::{Value, json};

use super::fault::Fault;
use super::form::Params;
use super::lists::Asked;
use super::means::Means;
use super::state::{State, text};

/// What a person types becomes a payment method, which belongs to nobody yet.
pub(super) fn make(s: &mut State, means: Means, customer: Option<&str>) -> String {
    let billed = customer.and_then(|id| s.find("customer", id));
    let known = |name: &str| billed.map_or(Value::Null, |it| it[name].clone());
    let address = known("address");
    let empty = json!({
        "city": null, "country": null, "line1": null, "line2": null, "postal_code": null,
        "state": null,
    });
    let billing = json!({
        "address": if address.is_null() { empty } else { address },
        "email": known("email"), "name": known("name"), "phone": known("phone"), "tax_id": null,
    });
    let id = s.make(
        "payment_method",
        "pm",
        json!({
            "billing_details": billing, "type": means.kind(), means.kind(): means.details(),
        }),
    );
    if means.kind() != "card" {
        s.drop_field("payment_method", &id, "card");
    }
    s.outcomes.insert(id.clone(), means.outcome());
    id
}

/// Gives it to a customer.
pub(super) fn give(s: &mut State, id: &str, customer: &str) {
    s.set("payment_method", id, json!({ "customer": customer }));
    s.emit("payment_method.attached", "payment_method", id);
}

/// The mandate by which an account may be debited, if there is one.
pub(super) fn mandate(s: &State, method: &str) -> Option<String> {
    let mut mandates = s.all("mandate").iter().rev();
    let mandate = mandates.find(|it| it["payment_method"] == method && it["status"] == "active")?;
    Some(text(mandate, "id").to_owned())
}

/// A person signs it.
pub(super) fn sign(s: &mut State, method: &str) -> String {
    let now = s.now();
    let id = s.make("mandate", "mandate", json!({ "payment_method": method }));
    let reference = id.rsplit('_').next().unwrap_or_default().to_uppercase();
    let mut acceptance = s.get("mandate", &id)["customer_acceptance"].clone();
    acceptance["accepted_at"] = now.into();
    let url = format!("https://hooks.stripe.example/adapter/sepa_debit/file/{id}");
    s.set(
        "mandate",
        &id,
        json!({
            "customer_acceptance": acceptance,
            "payment_method_details": {
                "sepa_debit": { "reference": reference, "url": url }, "type": "sepa_debit",
            },
        }),
    );
    s.emit("mandate.updated", "mandate", &id);
    id
}

pub(super) fn list(
    s: &State,
    p: &mut Params,
    customer: Option<&str>,
    path: &str,
) -> Result<Value, Fault> {
    let customer = match customer {
        Some(customer) => customer.to_owned(),
        None => p.required("customer")?,
    };
    s.named("customer", &customer, "customer")?;
    let asked = Asked::read(p, &["type"], &[])?;
    asked.page(s, "payment_method", path, |method| method["customer"] == customer.as_str())
}

pub(super) fn attach(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let customer = p.required("customer")?;
    p.end()?;
    let method = s.asked("payment_method", id)?;
    s.named("customer", &customer, "customer")?;
    usable(s, id)?;
    if !method["customer"].is_null() && method["customer"] != customer.as_str() {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(Fault::invalid(message).code("payment_method_unexpected_state"));
    }
    give(s, id, &customer);
    s.asked("payment_method", id)
}

pub(super) fn detach(s: &mut State, p: &Params, id: &str) -> Result<Value, Fault> {
    p.end()?;
    let method = s.asked("payment_method", id)?;
    if method["customer"].is_null() {
        let message = "The payment method you provided is not attached to a customer.";
        return Err(Fault::invalid(message).code("payment_method_unexpected_state"));
    }
    take_away(s, id);
    s.asked("payment_method", id)
}

/// Takes it from its customer, for ever.
pub(super) fn take_away(s: &mut State, id: &str) {
    s.set("payment_method", id, json!({ "customer": null }));
    s.detached.insert(id.to_owned());
    if let Some(mandate) = mandate(s, id) {
        s.set("mandate", &mandate, json!({ "status": "inactive" }));
        s.emit("mandate.updated", "mandate", &mandate);
    }
    s.emit("payment_method.detached", "payment_method", id);
}

/// Not if it was taken away from its customer.
pub(super) fn usable(s: &State, id: &str) -> Result<(), Fault> {
    if s.detached.contains(id) {
        let message = "This PaymentMethod was detached from a Customer, and may not be used again.";
        return Err(Fault::invalid(message).param("payment_method"));
    }
    Ok(())
}
