//! Money that goes out: to providers for their bills, and back to members out of their credit.
//!
//! A transfer is planned, written into a file for the bank or asked of Stripe, and becomes an entry of the books
//! when the pole's account was debited; each is a transaction under the lock that payments take. While one is on its
//! way, or was executed, its bill is in no other: the database refuses that as well. What comes back opens
//! the bill, or gives the member its credit again.

pub(crate) mod answers;
pub(crate) mod file;
pub(crate) mod planner;
pub(crate) mod verify;

use palier_billing::Money;
use palier_billing::ledger::{Disbursement, Heading, Treasury, disbursement};
use serde_json::json;

use crate::bills::{auxiliary, unbooked};
use crate::day::Day;
use crate::db::bills::{self, BillRow, BillStatus};
use crate::db::collections::Channel;
use crate::db::journal::{self, EntryRow};
use crate::db::payments::{self, PaymentKind, PaymentMethod};
use crate::db::provider_accounts::AccountRow;
use crate::db::transfers::{self, TransferKind, TransferRow, TransferStatus};
use crate::db::{poles, providers};
use crate::id::{BankMovementId, PaymentId};
use crate::invoicing::Settings;
use crate::payments::{Facts, Return, note_of, record_kept, reverse};
use crate::problem::{Fault, Problem};
use crate::provider_accounts::masked;
use crate::say;
use crate::text::Text;
use crate::work::{Changes, Tx};

/// How it is known that one was executed.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// Somebody says so.
    Said,
    /// The bank tells of this movement.
    Moved(BankMovementId),
    /// Stripe calls it so.
    AtStripe(String),
}

/// Writes down that the pole's account was debited, with what that is in the books.
///
/// # Errors
/// A [`Problem`] where it is over, or the member's credit does not cover it any more; the database's.
pub(crate) fn execute(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    on: &Day,
    proof: Proof,
) -> Result<TransferRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if !row.status.is_live() {
        let detail = say!(en "It is on its way no more.", fr "Il n’est plus en cours.");
        return Err(Problem::conflict(Fault::body("", "over", detail)));
    }
    let mut next = TransferRow {
        status: TransferStatus::Executed,
        executed_on: Some(on.clone()),
        // Why it had to wait matters no more.
        failure_code: None,
        failure_reason: None,
        ..row.clone()
    };
    match proof {
        Proof::Said => {}
        Proof::Moved(movement) => next.movement_id = Some(movement),
        Proof::AtStripe(id) => next.external_id = Some(id),
    }
    match row.kind {
        TransferKind::Bill => {
            let entry = entry(tx, &next, on, false)?;
            bill_is(tx, row, BillStatus::Paid)?;
            next.journal = Some(entry.journal);
            (next.year, next.seq) = (Some(entry.year), Some(entry.seq));
        }
        TransferKind::Credit => next.payment_id = Some(refund(tx, row, on)?),
    }
    change(tx, row, next)
}

/// How a transfer came back.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) on: Day,
    /// A code of the bank's or of Stripe's, and in words.
    pub(crate) code: String,
    pub(crate) reason: String,
}

/// Writes down that a transfer came back that was executed: the bill is open again, or the member has its
/// credit again.
///
/// # Errors
/// A [`Problem`] where it was not executed, or cannot have come back then; the database's.
pub(crate) fn come_back(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    back: Back,
) -> Result<TransferRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let executed_on = row.executed_on.clone();
    let Some(executed_on) = executed_on.filter(|_| row.status == TransferStatus::Executed) else {
        let detail = say!(
            en "It was not executed, or came back already.",
            fr "Il n’a pas été exécuté, ou est déjà revenu."
        );
        return Err(Problem::conflict(Fault::body("", "not_executed", detail)));
    };
    if back.on < executed_on {
        let detail = say!(
            en "It was executed on {executed_on} and cannot have come back before.",
            fr "Il a été exécuté le {executed_on} et n’a pu revenir avant."
        );
        return Err(Problem::invalid(vec![Fault::body("/paid_on", "before_payment", detail)]));
    }
    let mut next = row.clone();
    match &row.payment_id {
        None => {
            let entry = entry(tx, row, &back.on, true)?;
            bill_is(tx, row, BillStatus::Open)?;
            (next.back_year, next.back_seq) = (Some(entry.year), Some(entry.seq));
        }
        // Somebody may have taken it back by hand.
        Some(payment) if payments::reversal(tx.conn, tx.pole(), payment)?.is_none() => {
            let why = Return {
                paid_on: back.on,
                reference: called(row).to_owned(),
                note: format!("{} {}", back.code, back.reason).trim().to_owned(),
                movement: None,
            };
            let recorded = reverse(tx, payment, why)?;
            let (action, made) = note_of(&recorded);
            tx.note(action, recorded.row.payment_id.as_str(), &made)?;
        }
        Some(_) => {}
    }
    next.status = TransferStatus::Returned;
    (next.failure_code, next.failure_reason) = (Some(back.code), Some(back.reason));
    change(tx, row, next)
}

/// Writes down that one that was sent is not executed.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn reject(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    (code, reason): (String, String),
) -> Result<TransferRow, Problem> {
    let next = TransferRow {
        status: TransferStatus::Rejected,
        failure_code: Some(code),
        failure_reason: Some(reason),
        ..row.clone()
    };
    change(tx, row, next)
}

/// Gives one up that was not sent.
///
/// # Errors
/// A [`Problem`] where it is not planned any more; the database's.
pub(crate) fn cancel(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    reason: String,
) -> Result<TransferRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if row.status != TransferStatus::Planned {
        let detail = say!(
            en "It is not planned any more: what is in a file is called off with it, and Stripe has what it was asked.",
            fr "Il n’est plus prévu : ce qui est dans un fichier s’annule avec lui, et Stripe a reçu ce qui lui est demandé."
        );
        return Err(Problem::conflict(Fault::body("", "not_planned", detail)));
    }
    call_off(tx, row, reason)
}

/// Gives one up that was planned, or is in a file that the bank did not carry out.
fn call_off(tx: &mut Tx<'_>, row: &TransferRow, reason: String) -> Result<TransferRow, Problem> {
    let next = TransferRow {
        status: TransferStatus::Cancelled,
        failure_code: Some("cancelled".to_owned()),
        failure_reason: Some(reason),
        ..row.clone()
    };
    change(tx, row, next)
}

/// Writes down which movement at the bank one is that was said to be executed.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn moved(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    movement: &BankMovementId,
) -> Result<TransferRow, Problem> {
    change(tx, row, TransferRow { movement_id: Some(movement.clone()), ..row.clone() })
}

/// The entry by which a provider is paid, or by which that is taken back.
fn entry(tx: &mut Tx<'_>, row: &TransferRow, on: &Day, back: bool) -> Result<EntryRow, Problem> {
    let missing = || Problem::internal(&"a transfer for a bill has no provider");
    let provider = row.provider_id.as_ref().ok_or_else(missing)?;
    let provider = providers::find(tx.conn, tx.pole(), provider)?.ok_or_else(missing)?;
    let chart = Settings::of(tx.conn, tx.pole())?.chart;
    let label = format!("{} {}", row.reference, provider.name);
    let heading = Heading::new(on.date(), called(row), &label);
    let heading = heading.map_err(|error| unbooked(&error))?;
    let currency = row.amount().currency();
    let amount =
        |minor: i64| Money::from_minor(if back { minor.saturating_neg() } else { minor }, currency);
    let facts = Disbursement {
        heading,
        provider: auxiliary(&provider)?,
        from: paid_from(row),
        paid: amount(row.amount_minor),
        vat: amount(bill_of(tx, row)?.waiting_vat_minor()),
    };
    let made = disbursement(&chart, &facts).map_err(|error| unbooked(&error))?;
    let made = made.ok_or_else(|| Problem::internal(&"a transfer of nothing"))?;
    Ok(journal::add(tx.conn, tx.pole(), &made, None, tx.at())?)
}

/// Where the money was that a transfer moves.
const fn paid_from(row: &TransferRow) -> Treasury {
    match row.channel {
        Some(Channel::Stripe) => Treasury::PaymentProvider,
        Some(Channel::Bank) | None => Treasury::Bank,
    }
}

/// The payment by which a member has its credit back.
fn refund(tx: &mut Tx<'_>, row: &TransferRow, on: &Day) -> Result<PaymentId, Problem> {
    let missing = || Problem::internal(&"a transfer of a credit has no member");
    let facts = Facts {
        kind: PaymentKind::Refund,
        member: row.member_id.clone().ok_or_else(missing)?,
        method: PaymentMethod::Transfer,
        holder: None,
        paid_on: on.clone(),
        amount: row.amount(),
        reference: called(row).to_owned(),
        note: row.reference.clone(),
        movement: None,
        parts: Vec::new(),
    };
    // While it is on its way, nothing else uses it.
    let zero = Money::zero(row.amount().currency());
    let kept = if row.status == TransferStatus::Sent { row.amount() } else { zero };
    let recorded = record_kept(tx, facts, kept)?;
    let (action, made) = note_of(&recorded);
    tx.note(action, recorded.row.payment_id.as_str(), &made)?;
    Ok(recorded.row.payment_id)
}

/// What a transfer is called in the books.
fn called(row: &TransferRow) -> &str {
    row.external_id.as_deref().unwrap_or(&row.reference)
}

/// Writes down where the bill of a transfer stands.
fn bill_of(tx: &mut Tx<'_>, row: &TransferRow) -> Result<BillRow, Problem> {
    let missing = || Problem::internal(&"the bill of a transfer is missing");
    let bill = row.bill_id.as_ref().ok_or_else(missing)?;
    bills::find(tx.conn, tx.pole(), bill)?.ok_or_else(missing)
}

fn bill_is(tx: &mut Tx<'_>, of: &TransferRow, status: BillStatus) -> Result<(), Problem> {
    let bill = bill_of(tx, of)?;
    let version = bill.version;
    let next = BillRow { status, version: version.saturating_add(1), updated_at: tx.at(), ..bill };
    if !bills::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    Ok(())
}

/// Writes a transfer as it is now.
fn change(
    tx: &mut Tx<'_>,
    before: &TransferRow,
    next: TransferRow,
) -> Result<TransferRow, Problem> {
    let version = before.version;
    let next = TransferRow { version: version.saturating_add(1), updated_at: tx.at(), ..next };
    if !transfers::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let action = match next.status {
        TransferStatus::Planned => "transfer.planned",
        TransferStatus::Sent => "transfer.sent",
        TransferStatus::Executed => "transfer.executed",
        TransferStatus::Rejected => "transfer.rejected",
        TransferStatus::Returned => "transfer.returned",
        TransferStatus::Cancelled => "transfer.cancelled",
    };
    tx.note(action, next.transfer_id.as_str(), &Changes::between(&told(before), &told(&next)))?;
    Ok(next)
}

/// What the audit log says of one.
fn told(row: &TransferRow) -> serde_json::Value {
    json!({
        "kind": row.kind, "provider": row.provider_id, "bill": row.bill_id, "member": row.member_id,
        "status": row.status, "amount": row.amount().to_string(), "currency": row.currency,
        "execute_on": row.execute_on, "channel": row.channel,
        "number": row.number.as_deref().map(|it| masked(row.channel, it)),
        "external_id": row.external_id, "file": row.file_id, "failure_code": row.failure_code,
        "executed_on": row.executed_on, "payment": row.payment_id,
    })
}

/// Hands one over to Stripe, for the account at which its provider is paid.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn hand_over(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    to: AccountRow,
) -> Result<TransferRow, Problem> {
    let next = TransferRow {
        status: TransferStatus::Sent,
        channel: Some(Channel::Stripe),
        holder: Some(to.holder),
        number: Some(to.number),
        failure_code: None,
        failure_reason: None,
        ..row.clone()
    };
    change(tx, row, next)
}

/// Has one wait that was sent and cannot be executed yet: it is planned again, and says why it waits.
///
/// # Errors
/// A [`Problem`] where somebody changed it meanwhile; the database's.
pub(crate) fn put_off(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    (code, reason): (String, String),
) -> Result<TransferRow, Problem> {
    let next = TransferRow {
        status: TransferStatus::Planned,
        channel: None,
        holder: None,
        number: None,
        failure_code: Some(code),
        failure_reason: Some(reason),
        ..row.clone()
    };
    change(tx, row, next)
}

/// The reason that is kept, in the language of the books.
fn kept(why: &Text) -> String {
    why.fr.clone()
}
