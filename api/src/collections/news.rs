//! What is learned of a collection, and what follows from it.

use palier_billing::Money;

use super::{documents, setbacks, told};
use crate::day::Day;
use crate::db::collections::{self, CollectionRow, CollectionStatus};
use crate::db::payments::{self, Holder, PaymentKind, PaymentMethod};
use crate::db::{DbError, invoices, poles};
use crate::id::{CollectionId, InvoiceId, PaymentId};
use crate::payments::{Facts, Movement, Recorded, Return, note_of, record, reverse};
use crate::problem::Problem;
use crate::work::{Changes, Tx};

/// What is learned of a collection.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// It was given to whoever collects: under a name, in a file, if it was.
    Sent { external_id: Option<String>, file_id: Option<String> },
    /// Whoever collects calls it so.
    Named(String),
    /// Whoever collects is at it.
    Processing,
    /// The money came in.
    Succeeded(Receipt),
    /// It did not, and why: a code, and in words.
    Failed { code: String, reason: String },
    /// Nothing was asked for, and nothing will be.
    Cancelled { reason: String },
    /// The money is there again: what it went back for did not hold.
    Reinstated(Receipt),
    /// The money went back.
    Returned { code: String, reason: String, back: Return },
}

/// How money came in.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) method: PaymentMethod,
    pub(crate) holder: Holder,
    pub(crate) paid_on: Day,
    /// What it is called in the books.
    pub(crate) reference: String,
    pub(crate) movement: Option<Movement>,
}

/// Writes down what is learned of a collection, with the payment that it becomes or that is taken back.
/// News that was known, and news that comes after what followed it, changes nothing.
///
/// # Errors
/// A [`Problem`] where what it becomes cannot be booked, or somebody changed it meanwhile; the database's.
pub(crate) fn learn(
    tx: &mut Tx<'_>,
    id: &CollectionId,
    news: News,
) -> Result<CollectionRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = collections::find(tx.conn, tx.pole(), id)?.ok_or_else(Problem::not_found)?;
    let before = told(&row);
    let Some(next) = next(tx, &row, news)? else { return Ok(row) };
    let version = row.version;
    let next = CollectionRow { version: version.saturating_add(1), updated_at: tx.at(), ..next };
    if !collections::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let action = match next.status {
        CollectionStatus::Planned => "collection.planned",
        CollectionStatus::Sent => "collection.sent",
        CollectionStatus::Processing => "collection.processing",
        CollectionStatus::Succeeded => "collection.succeeded",
        CollectionStatus::Failed => "collection.failed",
        CollectionStatus::Cancelled => "collection.cancelled",
        CollectionStatus::Returned => "collection.returned",
    };
    tx.note(action, next.collection_id.as_str(), &Changes::between(&before, &told(&next)))?;
    if next.status != row.status {
        setbacks::note(tx, &next)?;
    }
    Ok(next)
}

/// Why a collection is back whose payment somebody took back by hand.
pub(super) const BY_HAND: &str = "reversed";

/// Notes that somebody took a payment back by hand: what was collected by it has not come in any more.
///
/// # Errors
/// As [`learn`].
pub(crate) fn taken_back(
    tx: &mut Tx<'_>,
    payment: &PaymentId,
    back: Return,
) -> Result<(), Problem> {
    let Some(of) = collections::by_payment(tx.conn, tx.pole(), payment)? else { return Ok(()) };
    let (code, reason) = (BY_HAND.to_owned(), back.note.clone());
    learn(tx, &of.collection_id, News::Returned { code, reason, back }).map(drop)
}

/// The collection as news leaves it; none where they change nothing.
fn next(
    tx: &mut Tx<'_>,
    row: &CollectionRow,
    news: News,
) -> Result<Option<CollectionRow>, Problem> {
    use CollectionStatus::{Cancelled, Failed, Planned, Processing, Returned, Sent, Succeeded};
    let status = row.status;
    let with = |status| CollectionRow { status, ..row.clone() };
    let why = |status, code: String, reason: String| CollectionRow {
        failure_code: Some(code),
        failure_reason: Some(reason),
        ..with(status)
    };
    Ok(match news {
        News::Sent { external_id, file_id } if status == Planned => {
            Some(CollectionRow { external_id, file_id, ..with(Sent) })
        }
        News::Named(name) if row.external_id.is_none() => {
            Some(CollectionRow { external_id: Some(name), ..row.clone() })
        }
        News::Processing if matches!(status, Planned | Sent) => Some(with(Processing)),
        // Whoever pays on a page may fail, and try again.
        News::Processing if status == Failed && row.means_id.is_none() => {
            let its = documents(tx, row)?;
            let free = collections::on_the_way(tx.conn, tx.pole(), &its)?;
            free.is_empty().then(|| with(Processing))
        }
        News::Succeeded(receipt) if !matches!(status, Succeeded | Returned) => {
            Some(received(row, receive(tx, row, row.amount(), receipt)?))
        }
        // Part of it may have gone back before, for another reason.
        News::Reinstated(receipt) if status == Returned => {
            let taken = row.payment_id.as_ref().map(|id| payments::find(tx.conn, tx.pole(), id));
            let taken = taken.transpose()?.flatten();
            let taken = taken
                .map_or(row.amount(), |paid| Money::from_minor(paid.amount_minor, paid.currency()));
            Some(received(row, receive(tx, row, taken, receipt)?))
        }
        News::Failed { code, reason } if status.is_live() => Some(why(Failed, code, reason)),
        News::Cancelled { reason } if matches!(status, Planned | Sent) => {
            Some(why(Cancelled, "cancelled".to_owned(), reason))
        }
        News::Returned { code, reason, back } if status == Succeeded => {
            if let Some(payment) = &row.payment_id {
                // Somebody may have taken it back by hand before.
                if payments::reversal(tx.conn, tx.pole(), payment)?.is_none() {
                    let recorded = reverse(tx, payment, back)?;
                    note_payment(tx, &recorded)?;
                }
            }
            Some(why(Returned, code, reason))
        }
        // Whoever took it back by hand knew before the bank said why.
        News::Returned { code, reason, .. } if is_back_by_hand(row) && code != BY_HAND => {
            Some(why(Returned, code, reason))
        }
        _ => None,
    })
}

/// Whether somebody took the payment of a collection back by hand, and nobody else has said why.
pub(crate) fn is_back_by_hand(row: &CollectionRow) -> bool {
    row.status == CollectionStatus::Returned && row.failure_code.as_deref() == Some(BY_HAND)
}

/// A collection whose money is there.
fn received(row: &CollectionRow, payment: PaymentId) -> CollectionRow {
    CollectionRow {
        status: CollectionStatus::Succeeded,
        payment_id: Some(payment),
        failure_code: None,
        failure_reason: None,
        ..row.clone()
    }
}

/// Records the payment that a collection became: it settles what is still open of its documents, and
/// what the member has paid otherwise meanwhile stays to its credit.
fn receive(
    tx: &mut Tx<'_>,
    row: &CollectionRow,
    amount: Money,
    receipt: Receipt,
) -> Result<PaymentId, Problem> {
    let parts = still_open(tx, row, amount)?;
    let facts = Facts {
        kind: PaymentKind::Payment,
        member: row.member_id.clone(),
        method: receipt.method,
        holder: Some(receipt.holder),
        paid_on: receipt.paid_on,
        amount,
        reference: receipt.reference,
        note: String::new(),
        movement: receipt.movement,
        parts,
    };
    let recorded = record(tx, facts)?;
    note_payment(tx, &recorded)?;
    Ok(recorded.row.payment_id)
}

fn note_payment(tx: &mut Tx<'_>, recorded: &Recorded) -> Result<(), DbError> {
    let (action, made) = note_of(recorded);
    tx.note(action, recorded.row.payment_id.as_str(), &made)
}

/// What of an amount settles documents of a collection: as much as was collected of each and is open still.
pub(crate) fn still_open(
    tx: &mut Tx<'_>,
    row: &CollectionRow,
    amount: Money,
) -> Result<Vec<(InvoiceId, Money)>, Problem> {
    let its = collections::parts(tx.conn, tx.pole(), std::slice::from_ref(&row.collection_id))?;
    let ids: Vec<_> = its.iter().map(|part| part.invoice_id.clone()).collect();
    let settled = payments::settled(tx.conn, tx.pole(), &ids)?;
    let (mut left, mut parts) = (amount.minor(), Vec::new());
    for part in its {
        let document = invoices::find(tx.conn, tx.pole(), &part.invoice_id)?;
        let document = document.ok_or_else(Problem::not_found)?;
        let settled = settled.get(&part.invoice_id).copied().unwrap_or_default();
        let open = document.gross_minor.saturating_sub(settled);
        let open = open.min(part.amount_minor).min(left);
        if open > 0 {
            left = left.saturating_sub(open);
            parts.push((part.invoice_id, Money::from_minor(open, amount.currency())));
        }
    }
    Ok(parts)
}
