//! `/v1/disputes`: somebody tells the bank that a charge was not right, up to weeks after it.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::shapes;
use super::state::{DAY, State, int, text};

/// Opens one, about so much of a charge or all that is left of it. Of a card it can be answered; of a debit it is
/// lost as soon as it is there.
pub(super) fn open(s: &mut State, charge: &str, reason: &str, part: Option<i64>) -> String {
    let object = s.get("charge", charge);
    assert_eq!(object["status"], "succeeded", "only money that came can be taken back");
    let is_card = object["payment_method_details"]["type"] == "card";
    let left = int(&object, "amount").saturating_sub(int(&object, "amount_refunded"));
    let left = part.unwrap_or(left);
    let mut evidence = shapes::empty("dispute")["evidence_details"].clone();
    evidence["due_by"] = s.now().saturating_add(20_i64.saturating_mul(DAY)).into();
    let details = json!({
        "card": {
            "brand": object["payment_method_details"]["card"]["brand"], "case_type": "chargeback",
            "network": object["payment_method_details"]["card"]["network"],
            "network_reason_code": "10.4",
        },
        "type": "card",
    });
    let id = s.make(
        "dispute",
        "dp",
        json!({
            "amount": left,
            "charge": charge,
            "currency": object["currency"],
            "evidence_details": evidence,
            "payment_intent": object["payment_intent"],
            "payment_method_details": if is_card { details } else { Value::Null },
            "reason": reason,
            "status": if is_card { "needs_response" } else { "lost" },
        }),
    );
    let fee = if is_card { 2000 } else { 750 };
    book(s, &id, left.saturating_neg(), fee, "dispute");
    s.set("charge", charge, json!({ "disputed": true }));
    s.emit("charge.dispute.created", "dispute", &id);
    s.emit("charge.dispute.funds_withdrawn", "dispute", &id);
    if !is_card {
        s.emit("charge.dispute.closed", "dispute", &id);
    }
    id
}

/// The bank has decided. What is won comes back; its fee does not.
pub(super) fn close(s: &mut State, id: &str, won: bool) {
    let dispute = s.get("dispute", id);
    assert_eq!(dispute["status"], "needs_response", "it is over");
    s.set("dispute", id, json!({ "status": if won { "won" } else { "lost" } }));
    if won {
        book(s, id, int(&dispute, "amount"), 0, "dispute_reversal");
        s.emit("charge.dispute.funds_reinstated", "dispute", id);
    }
    s.emit("charge.dispute.closed", "dispute", id);
}

fn book(s: &mut State, id: &str, amount: i64, fee: i64, category: &'static str) {
    let dispute = s.get("dispute", id);
    let transaction = balance::book(
        s,
        &Entry {
            kind: "adjustment",
            category,
            amount,
            fee,
            currency: text(&dispute, "currency"),
            source: id,
            days: 0,
        },
    );
    let mut all = dispute["balance_transactions"].as_array().cloned().unwrap_or_default();
    all.push(s.get("balance_transaction", &transaction));
    s.set("dispute", id, json!({ "balance_transactions": all }));
}
