//! `/v1/balance` and `/v1/balance_transactions`: every cent that came or went, with what it cost.

use serde_json::{Value, json};

use super::fault::Fault;
use super::form::Params;
use super::lists::Asked;
use super::shapes;
use super::state::{DAY, State, int, text};

/// A line of the account.
pub(super) struct Entry<'a> {
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) currency: &'a str,
    /// What it was for.
    pub(super) source: &'a str,
    /// After how many days it can be paid out.
    pub(super) days: i64,
}

/// 1.5 % and 25 cents of a card, half a cent up; 35 cents of a debit.
pub(super) fn fee(amount: i64, is_card: bool) -> i64 {
    if !is_card {
        return 35;
    }
    let share = amount.saturating_mul(15).saturating_add(500) / 1000;
    share.saturating_add(25)
}

pub(super) fn book(s: &mut State, entry: &Entry<'_>) -> String {
    let now = s.now();
    let fees = json!([{
        "amount": entry.fee, "application": null, "currency": entry.currency,
        "description": "Stripe processing fees", "type": "stripe_fee",
    }]);
    s.make(
        "balance_transaction",
        "txn",
        json!({
            "amount": entry.amount,
            "available_on": now.saturating_add(entry.days.saturating_mul(DAY)),
            "currency": entry.currency,
            "fee": entry.fee,
            "fee_details": if entry.fee == 0 { json!([]) } else { fees },
            "net": entry.amount.saturating_sub(entry.fee),
            "reporting_category": entry.category,
            "source": entry.source,
            "status": if entry.days == 0 { "available" } else { "pending" },
            "type": entry.kind,
        }),
    )
}

/// What could go to the bank now, of each currency by itself.
pub(super) fn available(s: &State, currency: &str) -> i64 {
    sum(s, currency, "available")
}

pub(super) fn retrieve(s: &State, p: &Params) -> Result<Value, Fault> {
    p.end()?;
    Ok(now(s))
}

/// The balance, as it is answered.
pub(super) fn now(s: &State) -> Value {
    let mut balance = shapes::empty("balance");
    let part = |status| {
        let amount = sum(s, "eur", status);
        json!([{ "amount": amount, "currency": "eur", "source_types": { "card": amount } }])
    };
    shapes::put(
        &mut balance,
        json!({ "available": part("available"), "pending": part("pending") }),
    );
    shapes::put(&mut balance, json!({ "connect_reserved": [{ "amount": 0, "currency": "eur" }] }));
    balance
}

pub(super) fn list(s: &State, p: &mut Params, path: &str) -> Result<Value, Fault> {
    let payout = p.text("payout")?;
    let asked = Asked::read(p, &["type", "source", "currency"], &["created"])?;
    if let Some(payout) = &payout {
        let of = s.named("payout", payout, "payout")?;
        if of["automatic"] == false {
            let message = "Balance transaction history can only be filtered on automatic transfers, not manual.";
            return Err(Fault::invalid(message).param("payout"));
        }
    }
    asked.page(s, "balance_transaction", path, |it| {
        payout.is_none() || s.paid_out.get(text(it, "id")) == payout.as_ref()
    })
}

fn sum(s: &State, currency: &str, status: &str) -> i64 {
    let all = s.all("balance_transaction").iter();
    all.filter(|it| it["currency"] == currency && it["status"] == status)
        .fold(0, |sum, it| sum.saturating_add(int(it, "net")))
}
