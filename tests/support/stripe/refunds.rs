//! `/v1/refunds`: money that goes back to who paid.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::fault::Fault;
use super::form::Params;
use super::intents;
use super::state::{State, int, merged, text};

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let (charge, intent) = (p.text("charge")?, p.text("payment_intent")?);
    let amount = p.integer("amount")?;
    let reason = p.word("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let metadata = merged(&Value::Null, p.metadata()?);
    p.end()?;
    let charge = match (charge, intent) {
        (Some(id), None) => s.named("charge", &id, "charge")?,
        (None, Some(id)) => {
            let intent = s.named("payment_intent", &id, "payment_intent")?;
            let Some(latest) = intent["latest_charge"].as_str() else {
                let message = "This PaymentIntent does not have a successful charge to refund.";
                return Err(Fault::invalid(message).param("payment_intent"));
            };
            s.named("charge", latest, "payment_intent")?
        }
        _ => {
            let message = "One of the following params should be provided for this request: \
                payment_intent or charge.";
            return Err(Fault::invalid(message).code("parameter_missing"));
        }
    };
    let id = text(&charge, "id").to_owned();
    if charge["status"] != "succeeded" {
        let message = format!("Charge {id} has not come in, and cannot be refunded.");
        return Err(Fault::invalid(message).code("charge_not_refundable"));
    }
    if charge["disputed"] == true {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(Fault::invalid(message).code("charge_disputed"));
    }
    let left = int(&charge, "amount").saturating_sub(int(&charge, "amount_refunded"));
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(Fault::invalid(message).code("charge_already_refunded"));
    }
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        intents::amount_is_taken(amount)?;
    }
    if amount > left {
        let message =
            format!("Refund amount ({amount}) is greater than unrefunded amount ({left})");
        return Err(Fault::invalid(message).param("amount"));
    }
    let refund = make(s, &charge, amount);
    s.set("refund", &refund, json!({ "reason": reason, "metadata": metadata }));
    s.emit("refund.created", "refund", &refund);
    s.emit("charge.refunded", "charge", &id);
    s.asked("refund", &refund)
}

fn make(s: &mut State, charge: &Value, amount: i64) -> String {
    let is_card = charge["payment_method_details"]["type"] == "card";
    let (id, currency) = (text(charge, "id"), text(charge, "currency"));
    let refund = s.make(
        "refund",
        if is_card { "re" } else { "pyr" },
        json!({
            "amount": amount, "charge": id, "currency": currency, "customer": charge["customer"],
            "payment_intent": charge["payment_intent"], "payment_method": charge["payment_method"],
        }),
    );
    if is_card {
        let details = json!({ "card": { "type": "refund" }, "type": "card" });
        s.set("refund", &refund, json!({ "destination_details": details }));
    }
    let transaction = balance::book(
        s,
        &Entry {
            kind: if is_card { "refund" } else { "payment_refund" },
            category: "refund",
            amount: amount.saturating_neg(),
            fee: 0,
            currency,
            source: &refund,
            days: 0,
        },
    );
    s.set("refund", &refund, json!({ "balance_transaction": transaction }));
    let refunded = int(charge, "amount_refunded").saturating_add(amount);
    let all = refunded == int(charge, "amount");
    s.set("charge", id, json!({ "amount_refunded": refunded, "refunded": all }));
    refund
}

/// The bank of who paid does not take it: the money is here again.
pub(super) fn fail(s: &mut State, id: &str) {
    let refund = s.get("refund", id);
    let (amount, charge) = (int(&refund, "amount"), text(&refund, "charge"));
    let transaction = balance::book(
        s,
        &Entry {
            kind: "refund_failure",
            category: "refund_failure",
            amount,
            fee: 0,
            currency: text(&refund, "currency"),
            source: id,
            days: 0,
        },
    );
    s.set(
        "refund",
        id,
        json!({
            "status": "failed", "failure_reason": "expired_or_canceled_card",
            "failure_balance_transaction": transaction,
        }),
    );
    let refunded = int(&s.get("charge", charge), "amount_refunded").saturating_sub(amount);
    s.set("charge", charge, json!({ "amount_refunded": refunded, "refunded": false }));
    s.emit("refund.failed", "refund", id);
}
