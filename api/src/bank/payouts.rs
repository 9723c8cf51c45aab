//! What a statement says of payouts: what a payment provider collected, and sent as one sum.
//!
//! It is in the books already, so that the movement is no payment: it is taken for the payout where the bank
//! names the provider, the sum is the same, and no other could be meant. Of several, somebody says which.

use jiff::ToSpan as _;
use palier_billing::{Currency, Money};

use super::decide::reconciled;
use crate::day::Day;
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::stripe::{self, PayoutRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

/// How many days before or after the one that Stripe expects a payout may stand on the statement.
const AROUND: i64 = 5;

/// Decides what is certain of new movements.
pub(super) fn decide(tx: &mut Tx<'_>, rows: &mut [MovementRow]) -> Result<(), Problem> {
    let open = |row: &&mut MovementRow| {
        row.status == MovementStatus::Open && row.resembles.is_none() && row.amount_minor > 0
    };
    let mut taken: Vec<String> = Vec::new();
    for row in rows.iter_mut().filter(open) {
        let Some(payout) = paid_out(tx, row, &taken)? else { continue };
        taken.push(payout.clone());
        *row = reconciled(row, payout);
    }
    Ok(())
}

/// Looks at what is open once more when a payout is known: its money may have come first.
pub(crate) fn sweep(tx: &mut Tx<'_>, payout: &PayoutRow) -> Result<(), Problem> {
    for row in bank::open_of(tx.conn, tx.pole(), (payout.amount_minor, &payout.currency))? {
        let found = paid_out(tx, &row, &[])?;
        if row.resembles.is_some() || found.as_deref() != Some(payout.payout_id.as_str()) {
            continue;
        }
        let version = row.version;
        let decided = reconciled(&row, payout.payout_id.clone());
        let next = MovementRow { version: version.saturating_add(1), ..decided };
        if !bank::decide(tx.conn, &next, version)? {
            return Err(Problem::changed());
        }
        return Ok(());
    }
    Ok(())
}

/// The payout that a movement is, if it is certain.
fn paid_out(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    taken: &[String],
) -> Result<Option<String>, DbError> {
    let mut found = like(tx.conn, tx.pole(), row)?;
    let text = said(row);
    found.retain(|it| {
        let named = text.contains(&it.descriptor.to_ascii_uppercase()) || text.contains("STRIPE");
        named && !taken.contains(&it.payout_id)
    });
    match found.as_slice() {
        [only] => Ok(Some(only.payout_id.clone())),
        _ => Ok(None),
    }
}

/// The payouts of the sum of a movement, of about its day, that no other movement is.
fn like(conn: &mut Db, pole: &PoleId, row: &MovementRow) -> Result<Vec<PayoutRow>, DbError> {
    let on = row.booked_on.date();
    let days = (on.saturating_sub(AROUND.days()), on.saturating_add(AROUND.days()));
    let days = (Day::from(days.0), Day::from(days.1));
    let of = (row.amount_minor, row.currency.as_str());
    let mut free = Vec::new();
    for it in stripe::payouts_like(conn, pole, of, (&days.0, &days.1))? {
        if !bank::is_counterpart(conn, pole, &it.payout_id)? {
            free.push(it);
        }
    }
    Ok(free)
}

/// The payouts that a movement may be, by their sums, whatever the bank calls it.
pub(super) fn may_be(
    conn: &mut Db,
    pole: &PoleId,
    row: &MovementRow,
) -> Result<Vec<String>, DbError> {
    let found = like(conn, pole, row)?;
    Ok(found.into_iter().map(|it| it.payout_id).collect())
}

/// Says that a movement is a payout.
///
/// # Errors
/// A [`Problem`] where there is no such payout, it came back, another movement is it, or it is of another
/// sum; the database's.
pub(super) fn by_hand(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    payout: &str,
) -> Result<MovementRow, Problem> {
    let refuse = |code, detail| Problem::conflict(Fault::body("/payout", code, detail));
    let found = stripe::payout(tx.conn, tx.pole(), payout)?.ok_or_else(|| {
        let detail = say!(en "There is no such payout.", fr "Ce virement n’existe pas.");
        Problem::invalid(vec![Fault::body("/payout", "unknown_payout", detail)])
    })?;
    if found.status != "paid" {
        let detail = say!(
            en "The bank did not take it: the money is with the provider again.",
            fr "La banque l’a refusé : l’argent est de nouveau chez le prestataire."
        );
        return Err(refuse("returned", detail));
    }
    if bank::is_counterpart(tx.conn, tx.pole(), payout)? {
        let detail = say!(
            en "It came in as another movement.", fr "Il correspond à un autre mouvement."
        );
        return Err(refuse("settled", detail));
    }
    let currency = Currency::from_code(&found.currency).unwrap_or(Currency::EUR);
    let (paid, moved) = (Money::from_minor(found.amount_minor, currency), row.amount());
    if paid != moved {
        let detail = say!(
            en "The payout is of {paid}, what moved is {moved}.",
            fr "Le virement est de {paid}, le mouvement de {moved}."
        );
        return Err(refuse("other_amount", detail));
    }
    Ok(reconciled(row, found.payout_id))
}

/// All that the bank says of a movement.
fn said(row: &MovementRow) -> String {
    let texts = [
        Some(row.remittance.as_str()),
        row.counterparty.as_deref(),
        row.on_behalf_of.as_deref(),
        row.structured_reference.as_deref(),
        row.end_to_end.as_deref(),
    ];
    texts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_ascii_uppercase()
}
