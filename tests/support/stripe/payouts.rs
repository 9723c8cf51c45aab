//! `/v1/payouts`: what went to the bank account, and which lines it was made of.

use serde_json::{Value, json};

use super::balance::{self, Entry};
use super::fault::Fault;
use super::form::Params;
use super::lists::Asked;
use super::state::{State, int, new_id, text};

/// Pays out all that can be, of euros; none if there is nothing to pay. Of what somebody pays out by hand,
/// nobody is told what it consists of.
pub(super) fn pay_out(s: &mut State, automatic: bool) -> Option<String> {
    let amount = balance::available(s, "eur");
    if amount <= 0 {
        return None;
    }
    let lines: Vec<_> = s
        .all("balance_transaction")
        .iter()
        .filter(|it| it["currency"] == "eur" && it["status"] == "available")
        .map(|it| text(it, "id").to_owned())
        .filter(|id| !s.paid_out.contains_key(id))
        .collect();
    let now = s.now();
    let payout = s.make(
        "payout",
        "po",
        json!({
            "amount": amount, "arrival_date": now, "currency": "eur", "destination": new_id("ba"),
            "status": "in_transit", "automatic": automatic,
            "reconciliation_status": if automatic { "in_progress" } else { "not_applicable" },
        }),
    );
    let own = book(s, &payout, "payout", "payout", amount.saturating_neg());
    for line in lines.into_iter().chain([own.clone()]) {
        s.paid_out.insert(line, payout.clone());
    }
    s.set("payout", &payout, json!({ "balance_transaction": own }));
    s.emit("payout.created", "payout", &payout);
    s.set("payout", &payout, json!({ "status": "paid" }));
    s.emit("payout.paid", "payout", &payout);
    if automatic {
        s.set("payout", &payout, json!({ "reconciliation_status": "completed" }));
        s.emit("payout.reconciliation_completed", "payout", &payout);
    }
    Some(payout)
}

/// The bank sends it back, even if it was told to be paid: the money is here again.
pub(super) fn fail(s: &mut State, id: &str) {
    let amount = int(&s.get("payout", id), "amount");
    let back = book(s, id, "payout_failure", "payout_reversal", amount);
    s.set("payout", id, json!({
        "status": "failed", "failure_balance_transaction": back, "failure_code": "account_closed",
        "failure_message": "The bank account has been closed",
    }));
    s.emit("payout.failed", "payout", id);
}

pub(super) fn list(s: &State, p: &mut Params, path: &str) -> Result<Value, Fault> {
    let asked = Asked::read(p, &["status", "destination"], &["created", "arrival_date"])?;
    asked.page(s, "payout", path, |_| true)
}

fn book(
    s: &mut State,
    id: &str,
    kind: &'static str,
    category: &'static str,
    amount: i64,
) -> String {
    balance::book(
        s,
        &Entry { kind, category, amount, fee: 0, currency: "eur", source: id, days: 0 },
    )
}
