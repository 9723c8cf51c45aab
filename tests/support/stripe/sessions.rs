//! `/v1/checkout/sessions`: pages of Stripe on which a person saves a payment method or pays.

use serde_json::{Map, Value, json};

use super::charges;
use super::fault::Fault;
use super::form::Params;
use super::intents::{self, Confirming};
use super::means::{Means, Outcome};
use super::payment_methods;
use super::setups;
use super::state::{DAY, State, int, merged, text};

/// Half an hour, in seconds.
const SHORTEST: i64 = 1800;

/// What the API was told of the intent that is made when somebody pays.
#[derive(Debug, Default)]
struct Later {
    description: Option<String>,
    usage: Option<String>,
    group: Option<String>,
    metadata: Map<String, Value>,
}

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let mode = p.word("mode", &["payment", "setup"])?.ok_or_else(|| p.missing("mode"))?;
    let is_setup = mode == "setup";
    let currency = if p.is_text("currency") { Some(intents::currency(p)?) } else { None };
    let customer = p.text("customer")?;
    let mut fields = Map::new();
    let texts = ["cancel_url", "client_reference_id", "customer_email", "locale", "submit_type"];
    for name in texts {
        fields.insert(name.to_owned(), p.text(name)?.into());
    }
    fields.insert("success_url".to_owned(), p.required("success_url")?.into());
    let creation = p.word("customer_creation", &["always", "if_required"])?;
    fields.insert("customer_creation".to_owned(), creation.into());
    p.word("ui_mode", &["hosted", "hosted_page"])?;
    let billing = p.word("billing_address_collection", &["auto", "required"])?;
    fields.insert("billing_address_collection".to_owned(), billing.into());
    let mut kinds = p.list("payment_method_types")?;
    let allowed = p.list("allowed_payment_method_types")?;
    let items = p.groups("line_items", item)?;
    let expires = p.integer("expires_at")?;
    let metadata = merged(&Value::Null, p.metadata()?);
    let setup = p.group("setup_intent_data", |p| {
        Ok((p.text("description")?, merged(&Value::Null, p.metadata()?)))
    })?;
    let later = p.group("payment_intent_data", later)?.unwrap_or_default();
    p.end()?;

    if let Some(customer) = &customer {
        s.named("customer", customer, "customer")?;
    }
    match (is_setup, items.is_empty()) {
        (true, true) | (false, false) => {}
        (false, true) => return Err(p.missing("line_items")),
        (true, false) => {
            let message = "You can not pass `line_items` in `setup` mode.";
            return Err(Fault::invalid(message).param("line_items"));
        }
    }
    let priced = items.first().map(|(_, currency, _)| currency.clone());
    let currency = priced.or(currency);
    if kinds.is_empty() {
        let Some(currency) = &currency else { return Err(p.missing("currency")) };
        kinds = intents::offered(currency);
        intents::narrow(&mut kinds, &allowed);
    }
    if let Some(kind) = kinds.iter().find(|kind| !["card", "sepa_debit"].contains(&kind.as_str())) {
        let message = format!("Invalid payment_method_types: {kind}");
        return Err(Fault::invalid(message).param("payment_method_types"));
    }
    let expires = end(s.now(), expires)?;
    let total = items.iter().fold(0_i64, |sum, (amount, _, _)| sum.saturating_add(*amount));
    if !is_setup {
        intents::amount_is_taken(total)?;
    }
    let id = s.make("checkout.session", "cs_test", Value::Object(fields));
    if is_setup {
        let (description, metadata) = setup.unwrap_or_else(|| (None, json!({})));
        let made = setups::make(
            s,
            json!({
                "customer": customer, "description": description, "metadata": metadata,
                "payment_method_types": kinds,
            }),
        );
        s.set(
            "checkout.session",
            &id,
            json!({
                "setup_intent": made, "payment_status": "no_payment_required", "currency": null,
            }),
        );
    } else {
        s.set(
            "checkout.session",
            &id,
            json!({
                "amount_subtotal": total, "amount_total": total, "currency": currency,
                "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            }),
        );
        let described =
            later.description.or_else(|| items.first().map(|(_, _, name)| name.clone()));
        s.later.insert(
            id.clone(),
            json!({
                "description": described, "metadata": merged(&Value::Null, later.metadata),
                "setup_future_usage": later.usage, "transfer_group": later.group,
            }),
        );
    }
    s.set("checkout.session", &id, json!({
        "customer": customer, "expires_at": expires, "metadata": metadata, "mode": mode,
        "payment_method_types": kinds, "url": format!("https://checkout.stripe.example/c/pay/{id}"),
        "ui_mode": "hosted_page",
    }));
    s.asked("checkout.session", &id)
}

pub(super) fn expire(s: &mut State, p: &Params, id: &str) -> Result<Value, Fault> {
    p.end()?;
    let session = s.asked("checkout.session", id)?;
    if session["status"] != "open" {
        let status = text(&session, "status");
        let message = format!("Only Checkout Sessions that are open can be expired, not {status}.");
        return Err(Fault::invalid(message));
    }
    s.set("checkout.session", id, json!({ "status": "expired", "url": null }));
    s.emit("checkout.session.expired", "checkout.session", id);
    s.asked("checkout.session", id)
}

/// The person on the page gives this; it is the bank that may say no to a payment.
pub(super) fn complete(s: &mut State, id: &str, means: Means) {
    let session = s.get("checkout.session", id);
    assert_eq!(session["status"], "open", "nobody can be on this page: {session}");
    let kinds = session["payment_method_types"].as_array().cloned().unwrap_or_default();
    assert!(kinds.contains(&means.kind().into()), "the page does not offer {means:?}: {session}");
    let customer = session["customer"].as_str();
    let method = payment_methods::make(s, means, customer);
    if let Some(setup) = session["setup_intent"].as_str() {
        let is_debit = means.kind() == "sepa_debit";
        let mandate = is_debit.then(|| payment_methods::sign(s, &method));
        if let Some(customer) = customer {
            payment_methods::give(s, &method, customer);
        }
        setups::succeed(s, setup, &method, mandate.as_deref());
        finish(s, &session, "no_payment_required");
    } else if let Some(status) = pay(s, &session, &method, customer) {
        finish(s, &session, status);
    }
}

/// Makes the intent or takes the one of an earlier attempt, and what is then to be paid.
fn pay(
    s: &mut State,
    session: &Value,
    method: &str,
    customer: Option<&str>,
) -> Option<&'static str> {
    let id = text(session, "id");
    let later = s.later.get(id).cloned().unwrap_or_default();
    let usage = later["setup_future_usage"].clone();
    let intent = if let Some(intent) = session["payment_intent"].as_str() {
        intent.to_owned()
    } else {
        let kinds = session["payment_method_types"].as_array().into_iter().flatten();
        let kinds: Vec<_> = kinds.filter_map(Value::as_str).map(str::to_owned).collect();
        let (amount, currency) = (int(session, "amount_total"), text(session, "currency"));
        let intent = intents::make(s, amount, currency, customer, &kinds);
        s.set("payment_intent", &intent, later);
        s.emit("payment_intent.created", "payment_intent", &intent);
        s.set("checkout.session", id, json!({ "payment_intent": intent }));
        intent
    };
    s.set("payment_intent", &intent, json!({ "payment_method": method }));
    let is_debit = s.get("payment_method", method)["type"] == "sepa_debit";
    if is_debit {
        payment_methods::sign(s, method);
    }
    // Who is there shows her bank that it is her.
    let asked = s.outcomes.get(method).copied();
    if asked == Some(Outcome::NeedsAuthentication) {
        charges::pay(s, &intent);
    } else if intents::attempt(s, &intent, &Confirming::default()).is_err() {
        return None;
    }
    if let Some(customer) = customer.filter(|_| !usage.is_null()) {
        payment_methods::give(s, method, customer);
    }
    Some(if is_debit { "unpaid" } else { "paid" })
}

fn finish(s: &mut State, session: &Value, payment_status: &str) {
    let id = text(session, "id");
    let customer = session["customer"].as_str().and_then(|id| s.find("customer", id));
    let known = |name: &str| customer.map_or(Value::Null, |it| it[name].clone());
    let details = json!({
        "address": known("address"), "email": known("email"), "name": known("name"),
        "phone": known("phone"), "tax_exempt": "none", "tax_ids": [], "business_name": null,
        "individual_name": null,
    });
    s.set(
        "checkout.session",
        id,
        json!({
            "status": "complete", "payment_status": payment_status, "customer_details": details,
            "url": null,
        }),
    );
    s.emit("checkout.session.completed", "checkout.session", id);
}

/// The end of a debit is the end of the session that it began in.
pub(super) fn settled(s: &mut State, intent: &str, paid: bool) {
    let mut sessions = s.all("checkout.session").iter();
    let session = sessions.find(|session| session["payment_intent"] == intent);
    let Some(id) = session.map(|session| text(session, "id").to_owned()) else { return };
    if paid {
        s.set("checkout.session", &id, json!({ "payment_status": "paid" }));
    }
    let how = if paid { "succeeded" } else { "failed" };
    s.emit(&format!("checkout.session.async_payment_{how}"), "checkout.session", &id);
}

/// When a page ends, as was asked or after a day.
fn end(now: i64, asked: Option<i64>) -> Result<i64, Fault> {
    let end = asked.unwrap_or_else(|| now.saturating_add(DAY));
    if (SHORTEST..=DAY).contains(&end.saturating_sub(now)) {
        return Ok(end);
    }
    let message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.";
    Err(Fault::invalid(message).param("expires_at"))
}

/// What a line comes to, its currency and its name.
fn item(p: &mut Params) -> Result<(i64, String, String), Fault> {
    let quantity = p.integer("quantity")?.unwrap_or(1);
    let price = p.group("price_data", |p| {
        let currency = intents::currency(p)?;
        let amount = p.required_integer("unit_amount")?;
        let name = p.group("product_data", |p| {
            p.text("description")?;
            p.required("name")
        })?;
        let name = name.ok_or_else(|| p.missing("product_data"))?;
        Ok((amount, currency, name))
    })?;
    let (amount, currency, name) = price.ok_or_else(|| p.missing("price_data"))?;
    Ok((amount.saturating_mul(quantity), currency, name))
}

fn later(p: &mut Params) -> Result<Later, Fault> {
    Ok(Later {
        description: p.text("description")?,
        usage: p.word("setup_future_usage", &["off_session", "on_session"])?,
        group: p.text("transfer_group")?,
        metadata: p.metadata()?,
    })
}
