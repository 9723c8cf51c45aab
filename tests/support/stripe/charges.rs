//! `/v1/charges`: each time a bank was asked, and what it said.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::fault::Fault;
use super::means;
use super::state::{State, int, new_id, text};

/// What charges are listed by.
pub(super) const FILTERS: &[&str] = &["customer", "payment_intent"];

/// A card is charged.
pub(super) fn pay(s: &mut State, intent: &str) {
    let charge = open(s, intent, None);
    come_in(s, &charge);
}

/// An account is debited, of which the end is known in days.
pub(super) fn debit(s: &mut State, intent: &str, mandate: &str) {
    let charge = open(s, intent, Some(mandate));
    let amount = int(&s.get("charge", &charge), "amount");
    s.set("charge", &charge, json!({ "captured": true, "amount_captured": amount }));
    s.emit("charge.pending", "charge", &charge);
    s.set("payment_intent", intent, json!({ "status": "processing", "next_action": null }));
    s.emit("payment_intent.processing", "payment_intent", intent);
}

/// The money of a charge has come. As with Stripe, what it costs is known a moment later, unless the
/// capture was asked for at once.
pub(super) fn come_in(s: &mut State, id: &str) {
    let charge = s.get("charge", id);
    let amount = int(&charge, "amount");
    let receipt = format!("https://pay.stripe.example/receipts/payment/{id}");
    s.set(
        "charge",
        id,
        json!({
            "status": "succeeded", "paid": true, "captured": true, "amount_captured": amount,
            "receipt_url": receipt,
            "outcome": outcome("approved_by_network", None, "Payment complete.", "authorized"),
        }),
    );
    let intent = text(&charge, "payment_intent");
    let is_card = charge["payment_method_details"]["type"] == "card";
    let later = is_card && s.get("payment_intent", intent)["capture_method"] == "automatic_async";
    if later {
        s.unbooked.push(id.to_owned());
    } else {
        book(s, id);
    }
    s.emit("charge.succeeded", "charge", id);
    s.set(
        "payment_intent",
        intent,
        json!({
            "status": "succeeded", "amount_received": amount, "next_action": null,
            "last_payment_error": null,
        }),
    );
    s.emit("payment_intent.succeeded", "payment_intent", intent);
}

/// Books what came a moment ago.
pub(super) fn book_later(s: &mut State) {
    for id in std::mem::take(&mut s.unbooked) {
        book(s, &id);
        s.emit("charge.updated", "charge", &id);
    }
}

fn book(s: &mut State, id: &str) {
    let charge = s.get("charge", id);
    let amount = int(&charge, "amount");
    let is_card = charge["payment_method_details"]["type"] == "card";
    let transaction = balance::book(
        s,
        &Entry {
            kind: if is_card { "charge" } else { "payment" },
            category: "charge",
            amount,
            fee: balance::fee(amount, is_card),
            currency: text(&charge, "currency"),
            source: id,
            days: if is_card { 3 } else { 1 },
        },
    );
    s.set("charge", id, json!({ "balance_transaction": transaction }));
}

/// A card is refused: the fault is what the caller is told.
pub(super) fn refuse(s: &mut State, intent: &str, reason: &str) -> Fault {
    let charge = open(s, intent, None);
    let own = ["authentication_required", "expired_card", "incorrect_cvc", "processing_error"];
    let code = if own.contains(&reason) { reason } else { "card_declined" };
    let fault = Fault::card(code, message(reason)).with("decline_code", reason);
    let status = "declined_by_network";
    let outcome = outcome(status, Some(reason), "The bank did not say why.", "issuer_declined");
    let fault = fail(s, &charge, code, message(reason), &outcome, fault);
    let now = s.get("payment_intent", intent);
    fault.with("payment_intent", now)
}

/// A debit comes back before its money had come.
pub(super) fn come_back(s: &mut State, id: &str, code: &str) {
    let fault = Fault::invalid(message(code)).code(code);
    let status = "declined_by_network";
    let outcome = outcome(status, Some(code), "The bank refused the debit.", "issuer_declined");
    fail(s, id, code, message(code), &outcome, fault);
}

fn fail(
    s: &mut State,
    id: &str,
    code: &str,
    message: &str,
    outcome: &Value,
    fault: Fault,
) -> Fault {
    s.set(
        "charge",
        id,
        json!({
            "status": "failed", "paid": false, "captured": false, "amount_captured": 0,
            "failure_code": code, "failure_message": message, "outcome": outcome,
        }),
    );
    s.emit("charge.failed", "charge", id);
    let charge = s.get("charge", id);
    let method = s.get("payment_method", text(&charge, "payment_method"));
    let fault = fault.with("charge", id).with("payment_method", method);
    let intent = text(&charge, "payment_intent");
    s.set(
        "payment_intent",
        intent,
        json!({
            "status": "requires_payment_method", "payment_method": null, "next_action": null,
            "last_payment_error": fault.remembered(),
        }),
    );
    s.emit("payment_intent.payment_failed", "payment_intent", intent);
    fault
}

fn open(s: &mut State, intent: &str, mandate: Option<&str>) -> String {
    let object = s.get("payment_intent", intent);
    let method = s.get("payment_method", text(&object, "payment_method"));
    let prefix = if method["type"] == "card" { "ch" } else { "py" };
    let amount = int(&object, "amount");
    let id = s.make(
        "charge",
        prefix,
        json!({
            "amount": amount,
            "billing_details": method["billing_details"],
            "currency": object["currency"],
            "customer": object["customer"],
            "description": object["description"],
            "metadata": object["metadata"],
            "outcome": outcome("not_sent_to_network", None, "", "authorized"),
            "paid": false,
            "payment_intent": intent,
            "payment_method": method["id"],
            "payment_method_details": means::of_charge(&method, amount, mandate),
            "receipt_email": object["receipt_email"],
            "statement_descriptor": object["statement_descriptor"],
            "statement_descriptor_suffix": object["statement_descriptor_suffix"],
            "status": "pending",
            "transfer_group": object["transfer_group"],
        }),
    );
    s.set("payment_intent", intent, json!({ "latest_charge": id }));
    id
}

fn outcome(network: &str, reason: Option<&str>, seller: &str, kind: &str) -> Value {
    let advice = if kind == "issuer_declined" { "try_again_later".into() } else { Value::Null };
    json!({
        "advice_code": advice, "network_advice_code": null, "network_decline_code": null,
        "network_status": network, "reason": reason, "seller_message": seller, "type": kind,
    })
}

fn message(code: &str) -> &'static str {
    match code {
        "authentication_required" => {
            "Your card was declined. This transaction requires authentication."
        }
        "expired_card" => "Your card has expired.",
        "incorrect_cvc" => "Your card's security code is incorrect.",
        "processing_error" => "An error occurred while processing your card.",
        "insufficient_funds" => "There is not enough money behind it.",
        "account_closed" => "The bank account has been closed.",
        "debit_not_authorized" => "The customer has told the bank that this debit was not allowed.",
        "no_account" => "The bank account could not be found.",
        _ => "Your card was declined.",
    }
}

/// A payment in another account, of which only the id is known here.
pub(super) fn elsewhere() -> String {
    new_id("py")
}
