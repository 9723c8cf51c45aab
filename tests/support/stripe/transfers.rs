//! `/v1/transfers`: what is passed on to connected accounts, and what of that is taken back.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::charges;
use super::fault::Fault;
use super::form::Params;
use super::intents;
use super::lists::Asked;
use super::state::{State, int, merged, text};

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
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

/// Takes a transfer back, or a part of it.
pub(super) fn reverse(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let amount = p.integer("amount")?;
    let metadata = merged(&Value::Null, p.metadata()?);
    p.end()?;
    let transfer = s.asked("transfer", id)?;
    let left = int(&transfer, "amount").saturating_sub(int(&transfer, "amount_reversed"));
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        intents::amount_is_taken(amount)?;
    }
    if amount > left {
        let message =
            format!("Reversal amount ({amount}) is greater than unreversed amount ({left})");
        return Err(Fault::invalid(message).param("amount"));
    }
    let currency = text(&transfer, "currency");
    let reversal = s.make(
        "transfer_reversal",
        "trr",
        json!({
            "amount": amount, "currency": currency, "destination_payment_refund": charges::elsewhere(),
            "metadata": metadata, "transfer": id,
        }),
    );
    let entry = Entry {
        kind: "transfer_refund",
        category: "transfer_reversal",
        amount,
        fee: 0,
        currency,
        source: &reversal,
        days: 0,
    };
    let transaction = balance::book(s, &entry);
    s.set("transfer_reversal", &reversal, json!({ "balance_transaction": transaction }));
    let made = s.get("transfer_reversal", &reversal);
    let mut reversals = transfer["reversals"].clone();
    if let Some(data) = reversals["data"].as_array_mut() {
        data.insert(0, made.clone());
    }
    let reversed = int(&transfer, "amount_reversed").saturating_add(amount);
    let all = amount == left;
    s.set(
        "transfer",
        id,
        json!({ "amount_reversed": reversed, "reversed": all, "reversals": reversals }),
    );
    s.emit("transfer.reversed", "transfer", id);
    Ok(made)
}

pub(super) fn reversals(s: &State, p: &mut Params, id: &str, path: &str) -> Result<Value, Fault> {
    s.asked("transfer", id)?;
    Asked::read(p, &[], &[])?.page(s, "transfer_reversal", path, |it| it["transfer"] == id)
}
