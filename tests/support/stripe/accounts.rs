//! `/v1/accounts`: providers that are connected.

use serde_json::{Value, json};

use super::fault::Fault;
use super::form::Params;
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
