//! What a statement says of payouts: what a payment provider collected, and sent as one sum.
//!
//! It is in the books already, so that the movement is no payment: it is taken for the payout where the bank
//! names the provider, the sum is the same, and no other could be meant.

use jiff::ToSpan as _;

use super::decide::reconciled;
use crate::day::Day;
use crate::db::DbError;
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::stripe::{self, PayoutRow};
use crate::problem::Problem;
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
    let on = row.booked_on.date();
    let days = (on.saturating_sub(AROUND.days()), on.saturating_add(AROUND.days()));
    let days = (Day::from(days.0), Day::from(days.1));
    let of = (row.amount_minor, row.currency.as_str());
    let mut found = stripe::payouts_like(tx.conn, tx.pole(), of, (&days.0, &days.1))?;
    let text = said(row);
    found
        .retain(|it| text.contains(&it.descriptor.to_ascii_uppercase()) || text.contains("STRIPE"));
    let mut free = Vec::new();
    for it in found {
        let known = bank::is_counterpart(tx.conn, tx.pole(), &it.payout_id)?;
        if !known && !taken.contains(&it.payout_id) {
            free.push(it.payout_id);
        }
    }
    match free.as_slice() {
        [only] => Ok(Some(only.clone())),
        _ => Ok(None),
    }
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
