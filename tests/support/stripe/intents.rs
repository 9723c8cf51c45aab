//! `/v1/payment_intents`: an amount to be collected, and what has become of it.

use serde_json::{Map, Value, json};

use super::charges;
use super::fault::Fault;
use super::form::Params;
use super::means::Outcome;
use super::payment_methods;
use super::state::{State, merged, new_id, text};

const TEXTS: [&str; 5] = [
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];

/// Under what circumstances money is asked for.
#[derive(Debug, Default)]
pub(super) struct Confirming {
    /// The person is not there.
    pub(super) off_session: bool,
    /// Better a refusal than something for the person to do.
    error_on_action: bool,
    return_url: Option<String>,
    mandate: Option<String>,
}

impl Confirming {
    fn read(p: &mut Params) -> Result<Self, Fault> {
        let off = p.word("off_session", &["true", "false", "one_off", "recurring"])?;
        Ok(Self {
            off_session: off.is_some_and(|off| off != "false"),
            error_on_action: p.flag("error_on_requires_action")?,
            return_url: p.text("return_url")?,
            mandate: p.text("mandate")?,
        })
    }
}

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let amount = p.required_integer("amount")?;
    let currency = currency(p)?;
    let customer = p.text("customer")?;
    let method = p.text("payment_method")?;
    let mut kinds = p.list("payment_method_types")?;
    let allowed = p.list("allowed_payment_method_types")?;
    let automatic = p.group("automatic_payment_methods", |p| {
        Ok((p.flag("enabled")?, p.word("allow_redirects", &["always", "never"])?))
    })?;
    let confirm = p.flag("confirm")?;
    let how = Confirming::read(p)?;
    let mut fields = Map::new();
    for name in TEXTS {
        fields.insert(name.to_owned(), p.text(name)?.into());
    }
    let usage = p.word("setup_future_usage", &["off_session", "on_session"])?;
    fields.insert("setup_future_usage".to_owned(), usage.into());
    let capture = p.word("capture_method", &["automatic", "automatic_async"])?;
    let capture = capture.unwrap_or_else(|| "automatic_async".to_owned());
    fields.insert("capture_method".to_owned(), capture.into());
    p.word("confirmation_method", &["automatic"])?;
    let metadata = merged(&Value::Null, p.metadata()?);
    p.end()?;

    amount_is_taken(amount)?;
    if let Some(customer) = &customer {
        s.named("customer", customer, "customer")?;
    }
    let redirects = if kinds.is_empty() {
        kinds = offered(&currency);
        narrow(&mut kinds, &allowed);
        let redirects = automatic.and_then(|(_, redirects)| redirects);
        let redirects = redirects.unwrap_or_else(|| "always".to_owned());
        let automatic = json!({ "allow_redirects": redirects, "enabled": true });
        fields.insert("automatic_payment_methods".to_owned(), automatic);
        redirects == "always"
    } else if automatic.is_some_and(|(enabled, _)| enabled) {
        let message =
            "You may only specify one of: automatic_payment_methods, payment_method_types.";
        return Err(Fault::invalid(message).param("payment_method_types"));
    } else {
        false
    };
    if let Some(method) = &method {
        fits(s, method, customer.as_deref(), &kinds, &currency)?;
    }
    if how.off_session && !confirm {
        let message = "You may only set off_session when confirming: set confirm=true.";
        return Err(Fault::invalid(message).param("off_session"));
    }
    if confirm && method.is_none() {
        return Err(p.missing("payment_method"));
    }
    if confirm && redirects && !how.off_session && how.return_url.is_none() {
        let message = "This PaymentIntent may redirect the customer: a return_url is needed.";
        return Err(Fault::invalid(message));
    }

    let id = make(s, amount, &currency, customer.as_deref(), &kinds);
    fields.insert("metadata".to_owned(), metadata);
    s.set("payment_intent", &id, Value::Object(fields));
    if let Some(method) = &method {
        let given = json!({ "payment_method": method, "status": "requires_confirmation" });
        s.set("payment_intent", &id, given);
    }
    s.emit("payment_intent.created", "payment_intent", &id);
    if confirm {
        attempt(s, &id, &how)?;
    }
    s.asked("payment_intent", &id)
}

/// Leaves of what is offered what the merchant allows, if it says anything of that.
pub(super) fn narrow(kinds: &mut Vec<String>, allowed: &[String]) {
    kinds.retain(|kind| allowed.is_empty() || allowed.contains(kind));
}

/// One of which nothing more is known; its event is the caller's.
pub(super) fn make(
    s: &mut State,
    amount: i64,
    currency: &str,
    customer: Option<&str>,
    kinds: &[String],
) -> String {
    let id = s.make(
        "payment_intent",
        "pi",
        json!({
            "amount": amount, "currency": currency, "customer": customer,
            "payment_method_types": kinds,
        }),
    );
    let secret = format!("{id}_secret_{}", new_id("s"));
    s.set("payment_intent", &id, json!({ "client_secret": secret }));
    id
}

pub(super) fn update(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let mut fields = Map::new();
    if let Some(description) = p.change("description")? {
        fields.insert("description".to_owned(), description);
    }
    let metadata = p.metadata()?;
    p.end()?;
    let intent = s.asked("payment_intent", id)?;
    fields.insert("metadata".to_owned(), merged(&intent, metadata));
    s.set("payment_intent", id, Value::Object(fields));
    s.asked("payment_intent", id)
}

pub(super) fn confirm(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let method = p.text("payment_method")?;
    let how = Confirming::read(p)?;
    p.end()?;
    let intent = s.asked("payment_intent", id)?;
    let status = text(&intent, "status").to_owned();
    if !["requires_payment_method", "requires_confirmation", "requires_action"]
        .contains(&status.as_str())
    {
        return Err(unexpected("confirm", &status, intent));
    }
    if let Some(method) = &method {
        let kinds: Vec<_> = intent["payment_method_types"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        fits(s, method, intent["customer"].as_str(), &kinds, text(&intent, "currency"))?;
        s.set("payment_intent", id, json!({ "payment_method": method }));
    } else if intent["payment_method"].is_null() {
        let message =
            "You cannot confirm this PaymentIntent because it's missing a payment method.";
        let fault = Fault::invalid(message).code("payment_intent_unexpected_state");
        return Err(fault.with("payment_intent", intent));
    }
    attempt(s, id, &how)?;
    s.asked("payment_intent", id)
}

pub(super) fn cancel(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
    let reason = p.word("cancellation_reason", &reasons)?;
    p.end()?;
    let intent = s.asked("payment_intent", id)?;
    let status = text(&intent, "status").to_owned();
    if ["succeeded", "canceled", "processing"].contains(&status.as_str()) {
        return Err(unexpected("cancel", &status, intent));
    }
    let now = s.now();
    s.set("payment_intent", id, json!({
        "status": "canceled", "canceled_at": now, "cancellation_reason": reason, "next_action": null,
    }));
    s.emit("payment_intent.canceled", "payment_intent", id);
    s.asked("payment_intent", id)
}

/// Asks the bank of the payment method for the money.
pub(super) fn attempt(s: &mut State, id: &str, how: &Confirming) -> Result<(), Fault> {
    let intent = s.get("payment_intent", id);
    let method = text(&intent, "payment_method").to_owned();
    if text(&s.get("payment_method", &method), "type") == "sepa_debit" {
        let mandate = how.mandate.clone().or_else(|| payment_methods::mandate(s, &method));
        let active =
            mandate.filter(|id| s.find("mandate", id).is_some_and(|it| it["status"] == "active"));
        let Some(mandate) = active else {
            let message = "The provided payment method has no active mandate.";
            let fault = Fault::invalid(message).code("payment_intent_mandate_invalid");
            return Err(fault.with("payment_intent", intent));
        };
        charges::debit(s, id, &mandate);
        return Ok(());
    }
    let outcome = s.outcomes.get(&method).copied().unwrap_or(Outcome::Succeeds);
    match outcome {
        Outcome::Succeeds => {
            charges::pay(s, id);
            Ok(())
        }
        Outcome::NeedsAuthentication if !how.off_session && !how.error_on_action => {
            let url = format!("https://hooks.stripe.example/3d_secure/{id}");
            s.set(
                "payment_intent",
                id,
                json!({
                    "status": "requires_action",
                    "next_action": {
                        "redirect_to_url": { "return_url": how.return_url, "url": url },
                        "type": "redirect_to_url",
                    },
                }),
            );
            s.emit("payment_intent.requires_action", "payment_intent", id);
            Ok(())
        }
        Outcome::NeedsAuthentication => Err(charges::refuse(s, id, "authentication_required")),
        Outcome::Declined(code) => Err(charges::refuse(s, id, code)),
    }
}

/// Whether a payment method may be used for this.
fn fits(
    s: &State,
    method: &str,
    customer: Option<&str>,
    kinds: &[String],
    currency: &str,
) -> Result<(), Fault> {
    let param = "payment_method";
    let object = s.named("payment_method", method, param)?;
    payment_methods::usable(s, method)?;
    let (owner, kind) = (object["customer"].as_str(), text(&object, "type"));
    if owner.is_some() && owner != customer {
        let message = "The PaymentMethod belongs to another Customer than this PaymentIntent.";
        return Err(Fault::invalid(message).param(param));
    }
    if !kinds.iter().any(|it| it == kind) {
        let message = format!("The PaymentMethod provided ({kind}) is not allowed here.");
        return Err(Fault::invalid(message).param(param));
    }
    if kind == "sepa_debit" && currency != "eur" {
        let message = format!("The currency {currency} is not supported by sepa_debit: use eur.");
        return Err(Fault::invalid(message).param("currency"));
    }
    Ok(())
}

/// The types of payment method of a currency, where nobody has chosen.
pub(super) fn offered(currency: &str) -> Vec<String> {
    let kinds: &[&str] = if currency == "eur" { &["card", "sepa_debit"] } else { &["card"] };
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

/// A currency that the account takes.
pub(super) fn currency(p: &mut Params) -> Result<String, Fault> {
    let currency = p.required("currency")?.to_lowercase();
    if ["eur", "usd", "gbp", "chf"].contains(&currency.as_str()) {
        return Ok(currency);
    }
    Err(Fault::invalid(format!("Invalid currency: {currency}")).param("currency"))
}

pub(super) fn amount_is_taken(amount: i64) -> Result<(), Fault> {
    let fault = |message, code| Err(Fault::invalid(message).code(code).param("amount"));
    match amount {
        ..1 => fault("This value must be greater than or equal to 1.", "parameter_invalid_integer"),
        1..50 => fault("Amount must be at least 50 cents.", "amount_too_small"),
        100_000_000.. => fault("Amount must be no more than 999,999.99.", "amount_too_large"),
        _ => Ok(()),
    }
}

fn unexpected(verb: &str, status: &str, intent: Value) -> Fault {
    let message =
        format!("You cannot {verb} this PaymentIntent because it has a status of {status}.");
    let fault = Fault::invalid(message).code("payment_intent_unexpected_state");
    fault.with("payment_intent", intent)
}
