//! `/v1/accounts` and `/v1/transfers`: providers that are connected, and what is passed on to them.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::charges;
use super::fault::Fault;
use super::form::Params;
use super::intents;
use super::state::{State, merged};

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let kind = p.word("type", &["standard", "express", "custom"])?;
    let country = p.text("country")?.unwrap_or_else(|| "FR".to_owned());
    let (email, business) = (p.text("email")?, p.text("business_type")?);
    let capability = |p: &mut Params| p.flag("requested");
    let wanted = p.group("capabilities", |p| {
        let transfers = p.group("transfers", capability)?;
        Ok((transfers, p.group("card_payments", capability)?))
    })?;
    let metadata = merged(&Value::Null, p.metadata()?);
    p.end()?;
    let mut capabilities = json!({});
    let (transfers, cards) = wanted.unwrap_or_default();
    for (name, wanted) in [("transfers", transfers), ("card_payments", cards)] {
        if wanted == Some(true) {
            capabilities[name] = "inactive".into();
        }
    }
    let id = s.make(
        "account",
        "acct",
        json!({
            "business_type": business, "capabilities": capabilities, "country": country,
            "default_currency": "eur", "email": email, "metadata": metadata,
            "type": kind.as_deref().unwrap_or("standard"),
        }),
    );
    let url = format!("/v1/accounts/{id}/external_accounts");
    s.set(
        "account",
        &id,
        json!({
            "external_accounts": { "data": [], "has_more": false, "object": "list", "url": url },
        }),
    );
    s.asked("account", &id)
}

/// Its owner has told Stripe all that it wants to know.
pub(super) fn onboard(s: &mut State, id: &str) {
    s.set(
        "account",
        id,
        json!({
            "capabilities": { "card_payments": "active", "transfers": "active" },
            "charges_enabled": true, "details_submitted": true, "payouts_enabled": true,
        }),
    );
    let mut wants = s.get("account", id)["requirements"].clone();
    for list in ["currently_due", "eventually_due", "past_due"] {
        wants[list] = json!([]);
    }
    wants["disabled_reason"] = Value::Null;
    s.set("account", id, json!({ "requirements": wants }));
    s.emit("account.updated", "account", id);
}

pub(super) fn transfer(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let amount = p.required_integer("amount")?;
    let currency = intents::currency(p)?;
    let destination = p.required("destination")?;
    let source = p.text("source_transaction")?;
    let (group, description) = (p.text("transfer_group")?, p.text("description")?);
    let metadata = merged(&Value::Null, p.metadata()?);
    p.end()?;
    if amount < 1 {
        intents::amount_is_taken(amount)?;
    }
    let account = s.named("account", &destination, "destination")?;
    if account["capabilities"]["transfers"] != "active" {
        let message = "Your destination account needs to have the transfers capability enabled.";
        return Err(Fault::invalid(message).code("insufficient_capabilities_for_transfer"));
    }
    if let Some(charge) = &source {
        let charge = s.named("charge", charge, "source_transaction")?;
        if charge["status"] != "succeeded" || charge["amount"].as_i64() < Some(amount) {
            let message = "The source_transaction has not that much to transfer.";
            return Err(Fault::invalid(message).param("source_transaction"));
        }
    } else if balance::available(s, &currency) < amount {
        let message = "You have insufficient available funds in your Stripe account.";
        return Err(Fault::invalid(message).code("balance_insufficient"));
    }
    let id = s.make(
        "transfer",
        "tr",
        json!({
            "amount": amount, "currency": currency, "description": description,
            "destination": destination, "destination_payment": charges::elsewhere(),
            "metadata": metadata, "source_transaction": source, "transfer_group": group,
        }),
    );
    let entry = Entry {
        kind: "transfer",
        category: "transfer",
        amount: amount.saturating_neg(),
        fee: 0,
        currency: &currency,
        source: &id,
        days: 0,
    };
    let transaction = balance::book(s, &entry);
    let url = format!("/v1/transfers/{id}/reversals");
    s.set(
        "transfer",
        &id,
        json!({
            "balance_transaction": transaction,
            "reversals": { "data": [], "has_more": false, "object": "list", "url": url },
        }),
    );
    s.emit("transfer.created", "transfer", &id);
    s.asked("transfer", &id)
}
