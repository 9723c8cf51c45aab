//! What Stripe pays out to the bank: fees taken off, booked to the cent.
//!
//! What members paid stands on the provider’s account already, and so does what went back to them or on to those
//! who are owed. A payout
//! clears it: the bank has the sum, fees are a cost, and what Palier knows nothing of (charges that somebody made
//! at Stripe, money put onto the balance) waits on the suspense account for somebody who does. So the bank and
//! the provider’s account are right on the day, whatever is found out later.

use std::collections::{HashMap, HashSet};

use actix_web::web::Data;
use palier_billing::ledger::{Heading, Payout, payout as entry, payout_back};
use palier_billing::{Currency, Money};
use stripe_shared::BalanceTransaction;

use super::intent::day;
use super::refund::write;
use super::{Stripe, Trouble, event, transfer};
use crate::app::App;
use crate::bank;
use crate::db::collections;
use crate::db::journal;
use crate::db::poles::{self, PoleRow};
use crate::db::stripe::{self, BalanceRow, PayoutRow};
use crate::invoicing::Settings;
use crate::problem::Problem;
use crate::work::{Changes, Tx};

/// What moved on a balance, by what Palier makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Booked with the payment, or with what took it back, if that is one of Palier’s.
    Booked,
    /// What Stripe keeps.
    Fee,
    /// Nothing that Palier did.
    Other,
    /// A payout that came back, and is paid out with this one.
    Back,
    /// The payout itself.
    Payout,
}

/// What is kept of one that somebody made by hand: nobody knows what it consists of.
const BY_HAND: &str = "payout_by_hand";

/// Of which part something is that moved on a balance (docs.stripe.com/reports/balance-transaction-types).
fn part(kind: &str) -> Part {
    match kind {
        "charge"
        | "payment"
        | "refund"
        | "payment_refund"
        | "adjustment"
        | "payment_failure_refund"
        | "payment_reversal"
        | "refund_failure"
        | "transfer"
        | "transfer_refund" => Part::Booked,
        "stripe_fee" | "network_cost" | "tax_fee" | "stripe_fx_fee" => Part::Fee,
        "payout_failure" | "payout_cancel" | BY_HAND => Part::Back,
        "payout" => Part::Payout,
        _ => Part::Other,
    }
}

/// Books a payout that has arrived, and takes one back that did not.
pub(super) async fn look(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    id: &str,
) -> Result<String, Trouble> {
    let payout = stripe.payout_now(id).await?;
    let status = payout.status.clone();
    if !matches!(status.as_str(), "paid" | "failed" | "canceled") {
        return Ok(status);
    }
    let Some(currency) = currency(&payout.currency) else {
        return Ok(format!("in {}, which Palier does not book", payout.currency));
    };
    // Stripe says only of automatic ones what they consist of.
    let moved = if payout.automatic { stripe.paid_out(id).await? } else { Vec::new() };
    let unknown = unknown(app, stripe, pole, (id, &moved)).await?;
    let of_pole = pole.clone();
    let row = PayoutRow {
        pole_id: pole.pole_id.clone(),
        payout_id: payout.id.to_string(),
        status,
        currency: currency.code().to_owned(),
        amount_minor: payout.amount,
        fees_minor: 0,
        arrives_on: day(pole, payout.arrival_date),
        descriptor: payout.statement_descriptor.clone().unwrap_or_else(|| "STRIPE".to_owned()),
        journal: None,
        year: None,
        seq: None,
        back_journal: None,
        back_year: None,
        back_seq: None,
        created_at: app.now(),
        updated_at: app.now(),
    };
    let mut parts: Vec<_> = moved.iter().map(|it| balance(pole, &row, it, &unknown)).collect();
    if !payout.automatic {
        let known_as = payout.balance_transaction.as_ref().map(|it| it.id().to_string());
        parts.push(by_hand(&row, known_as, payout.created));
    }
    write(app, pole, move |tx| learn(tx, &of_pole, row, parts)).await
}

/// What moved of which the books know nothing, though it is of a charge or a transfer: somebody made that at
/// Stripe. What webhooks have missed is taken in first.
async fn unknown(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    (payout, moved): (&str, &[BalanceTransaction]),
) -> Result<HashSet<String>, Trouble> {
    let (transfers, others): (Vec<_>, Vec<_>) = moved
        .iter()
        .filter(|it| part(it.type_.as_str()) == Part::Booked)
        .partition(|it| it.type_.as_str().starts_with("transfer"));
    let mut unknown = passed_on(app, stripe, pole, (payout, &transfers)).await?;
    let mut charges = None;
    let mut intents = Vec::new();
    for it in others {
        let source = it.source.as_ref().map(|source| source.id().to_string()).unwrap_or_default();
        let intent = if source.starts_with("ch_") || source.starts_with("py_") {
            if charges.is_none() {
                charges = Some(stripe.charges_in(payout).await?);
            }
            charges.as_ref().and_then(|charges| charges.get(&source).cloned())
        } else {
            behind(stripe, &source).await?
        };
        intents.push((it.id.to_string(), intent));
    }
    for (id, intent) in intents {
        let Some(intent) = intent else {
            unknown.insert(id);
            continue;
        };
        if !is_paid(app, pole, &intent).await? {
            event::intent(app, stripe, pole, &intent).await?;
            if !is_paid(app, pole, &intent).await? {
                unknown.insert(id);
            }
        }
    }
    Ok(unknown)
}

/// What moved by transfers of which the books know nothing: somebody made those at Stripe, or took back a part.
async fn passed_on(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    (payout, moved): (&str, &[&BalanceTransaction]),
) -> Result<HashSet<String>, Trouble> {
    let is_back = |it: &BalanceTransaction| it.type_.as_str() == "transfer_refund";
    let taken_back = if moved.iter().any(|it| is_back(it)) {
        stripe.taken_back_in(payout).await?
    } else {
        HashMap::new()
    };
    let mut unknown = HashSet::new();
    for it in moved {
        let source = it.source.as_ref().map(|source| source.id().to_string());
        let of = if is_back(it) { taken_back.get(it.id.as_str()).cloned() } else { source };
        let Some(of) = of else {
            unknown.insert(it.id.to_string());
            continue;
        };
        if !transfer::is_booked(app, pole, (&of, is_back(it))).await? {
            transfer::look(app, stripe, pole, &of).await?;
            if !transfer::is_booked(app, pole, (&of, is_back(it))).await? {
                unknown.insert(it.id.to_string());
            }
        }
    }
    Ok(unknown)
}

/// The intent of what went back of one: a refund or a dispute.
async fn behind(stripe: &Stripe, source: &str) -> Result<Option<String>, Trouble> {
    let named = if source.starts_with("re_") || source.starts_with("pyr_") {
        stripe.refund_now(source).await?.payment_intent.as_ref().map(|it| it.id().to_string())
    } else if source.starts_with("du_") || source.starts_with("dp_") {
        stripe.dispute_now(source).await?.payment_intent.as_ref().map(|it| it.id().to_string())
    } else {
        None
    };
    Ok(named)
}

/// Whether an intent became a payment.
async fn is_paid(app: &Data<App>, pole: &PoleRow, intent: &str) -> Result<bool, Trouble> {
    let (pole, intent) = (pole.pole_id.clone(), intent.to_owned());
    let found = app.db.read(move |conn| collections::by_external(conn, &pole, &intent)).await;
    let found = found.map_err(Trouble::ours)?;
    Ok(found.is_some_and(|row| row.payment_id.is_some()))
}

/// Writes down where a payout stands, with its entry.
fn learn(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    row: PayoutRow,
    parts: Vec<BalanceRow>,
) -> Result<String, Problem> {
    // An event and a look may come upon it at once.
    poles::hold(tx.conn, tx.pole())?;
    let known = stripe::payout(tx.conn, tx.pole(), &row.payout_id)?;
    match (known, row.status.as_str()) {
        (None, "paid") => arrived(tx, row, parts),
        // Nobody has heard of it before it failed: its fees are due all the same.
        (None, "failed" | "canceled") => {
            let failed = row.status.clone();
            let said = arrived(tx, PayoutRow { status: "paid".to_owned(), ..row.clone() }, parts)?;
            let Some(known) = stripe::payout(tx.conn, tx.pole(), &row.payout_id)? else {
                return Ok(said);
            };
            let today = day(pole, tx.at().timestamp().as_second());
            back(tx, PayoutRow { status: failed, ..known }, &today)
        }
        (Some(known), "failed" | "canceled") if known.status == "paid" => {
            let today = day(pole, tx.at().timestamp().as_second());
            back(tx, PayoutRow { status: row.status, ..known }, &today)
        }
        _ => Ok("known".to_owned()),
    }
}

fn arrived(tx: &mut Tx<'_>, row: PayoutRow, mut parts: Vec<BalanceRow>) -> Result<String, Problem> {
    let is_own = |it: &BalanceRow| it.source_id.as_ref() == Some(&row.payout_id);
    parts.retain(|it| part(&it.kind) != Part::Payout && !is_own(it));
    let sum =
        |of: &dyn Fn(&BalanceRow) -> i64| parts.iter().map(of).fold(0_i64, i64::saturating_add);
    let net = sum(&|it| it.net_minor);
    if net != row.amount_minor {
        let (id, paid) = (&row.payout_id, row.amount_minor);
        let told = format!("{id} is of {paid} cents, what it consists of comes to {net}");
        tracing::error!(payout = %id, paid, net, "a payout does not add up and is not booked");
        return Ok(told);
    }
    let fees = sum(&|it| {
        let own = if part(&it.kind) == Part::Fee { it.amount_minor.saturating_neg() } else { 0 };
        it.fee_minor.saturating_add(own)
    });
    let other = sum(&|it| if it.known { 0 } else { it.amount_minor });
    let currency = Currency::from_code(&row.currency).unwrap_or(Currency::EUR);
    let money = |minor| Money::from_minor(minor, currency);
    let chart = Settings::of(tx.conn, tx.pole())?.chart;
    let failed = |error: palier_billing::ledger::LedgerError| Problem::internal(&error);
    let label = format!("Virement Stripe {}", row.descriptor);
    let heading = Heading::new(row.arrives_on.date(), &row.payout_id, &label).map_err(failed)?;
    let paid =
        Payout { heading, paid: money(row.amount_minor), fees: money(fees), other: money(other) };
    let made = entry(&chart, &paid).map_err(failed)?;
    let mut row = PayoutRow { fees_minor: fees, ..row };
    if let Some(made) = made {
        let added = journal::add(tx.conn, tx.pole(), &made, None, tx.at())?;
        (row.journal, row.year, row.seq) = (Some(added.journal), Some(added.year), Some(added.seq));
    }
    stripe::insert_payout(tx.conn, &row, &parts)?;
    bank::payouts::sweep(tx, &row)?;
    let told = serde_json::json!({
        "amount": money(row.amount_minor).to_string(), "fees": money(fees).to_string(),
        "unknown": money(other).to_string(), "arrives_on": row.arrives_on,
        "transactions": parts.len(),
    });
    tx.note("payout.booked", &row.payout_id, &Changes::made(&told))?;
    let (count, strange) = (parts.len(), parts.iter().filter(|it| !it.known).count());
    Ok(match strange {
        0 => format!("booked, {count} parts"),
        _ => format!("booked, {count} parts, {strange} of them not of Palier"),
    })
}

/// Takes a payout back that the bank did not take.
fn back(tx: &mut Tx<'_>, row: PayoutRow, today: &crate::day::Day) -> Result<String, Problem> {
    let currency = Currency::from_code(&row.currency).unwrap_or(Currency::EUR);
    let amount = Money::from_minor(row.amount_minor, currency);
    let chart = Settings::of(tx.conn, tx.pole())?.chart;
    let failed = |error: palier_billing::ledger::LedgerError| Problem::internal(&error);
    let label = format!("Rejet virement Stripe {}", row.descriptor);
    let heading = Heading::new(today.date(), &row.payout_id, &label).map_err(failed)?;
    let mut row = row;
    if let Some(made) = payout_back(&chart, &heading, amount).map_err(failed)? {
        let added = journal::add(tx.conn, tx.pole(), &made, None, tx.at())?;
        (row.back_journal, row.back_year, row.back_seq) =
            (Some(added.journal), Some(added.year), Some(added.seq));
    }
    let row = PayoutRow { updated_at: tx.at(), ..row };
    stripe::update_payout(tx.conn, &row)?;
    tx.note("payout.returned", &row.payout_id, &Changes::none())?;
    Ok("taken back".to_owned())
}

fn balance(
    pole: &PoleRow,
    of: &PayoutRow,
    moved: &BalanceTransaction,
    unknown: &HashSet<String>,
) -> BalanceRow {
    let happened =
        jiff::Timestamp::from_second(moved.created).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    BalanceRow {
        pole_id: pole.pole_id.clone(),
        transaction_id: moved.id.to_string(),
        payout_id: of.payout_id.clone(),
        kind: moved.type_.as_str().to_owned(),
        source_id: moved.source.as_ref().map(|source| source.id().to_string()),
        currency: of.currency.clone(),
        amount_minor: moved.amount,
        fee_minor: moved.fee,
        net_minor: moved.net,
        happened_at: happened.into(),
        known: part(moved.type_.as_str()) != Part::Other && !unknown.contains(moved.id.as_str()),
    }
}

/// What is kept of a payout that somebody made by hand: so much of the balance, whatever it came from. The fees
/// of what it came from stay on the provider’s account.
fn by_hand(of: &PayoutRow, known_as: Option<String>, created: i64) -> BalanceRow {
    let happened = jiff::Timestamp::from_second(created).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    BalanceRow {
        pole_id: of.pole_id.clone(),
        transaction_id: known_as.unwrap_or_else(|| of.payout_id.clone()),
        payout_id: of.payout_id.clone(),
        kind: BY_HAND.to_owned(),
        source_id: None,
        currency: of.currency.clone(),
        amount_minor: of.amount_minor,
        fee_minor: 0,
        net_minor: of.amount_minor,
        happened_at: happened.into(),
        known: true,
    }
}

/// A currency of Stripe’s as one of ours, if it is.
fn currency(of: &stripe_types::Currency) -> Option<Currency> {
    Currency::from_code(&of.to_string().to_ascii_uppercase())
}

/// The payouts that arrived or failed since a moment.
pub(super) async fn look_at_all(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    since: i64,
) -> Result<usize, Trouble> {
    let mut found = stripe.payouts_since(since).await?;
    found.sort_by_key(|payout| payout.created);
    let mut booked = 0_usize;
    for payout in found {
        let (pole_id, id) = (pole.pole_id.clone(), payout.id.to_string());
        let known = app.db.read(move |conn| stripe::payout(conn, &pole_id, &id)).await;
        let known = known.map_err(Trouble::ours)?;
        if known.is_none_or(|row| row.status != payout.status) {
            match look(app, stripe, pole, payout.id.as_str()).await {
                Ok(_) => booked = booked.saturating_add(1),
                // What Stripe does not tell of one keeps no other from being booked.
                Err(error @ (Trouble::Refused { .. } | Trouble::Unknown(_))) => {
                    tracing::error!(payout = %payout.id, %error, "a payout cannot be booked");
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(booked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_not_taken_for_a_payment() {
        assert_eq!(part("charge"), Part::Booked);
        assert_eq!(part("stripe_fee"), Part::Fee);
        assert_eq!(part("payout"), Part::Payout);
        assert_eq!(part("payout_failure"), Part::Back);
        assert_eq!(part("topup"), Part::Other);
        assert_eq!(part("something_new"), Part::Other);
    }
}
