//! Whether what Stripe paid out is what is in the books.

use palier_billing::ledger::Role;

use crate::db::stripe::{self, PayoutRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::invoicing::Settings;

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// Verifies the payouts of a pole: each is what it consists of, has its entry, and one that came back has
/// another. Gives how many there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let (mut count, mut faults) = (0_u64, Vec::new());
    let mut before: Option<(String, String)> = None;
    loop {
        let place = before.as_ref().map(|(day, id)| (day.as_str(), id.as_str()));
        let rows = stripe::payouts(conn, pole, place, STEP)?;
        let Some(last) = rows.last() else { break };
        before = Some((last.arrives_on.date().to_string(), last.payout_id.clone()));
        for row in rows {
            count = count.saturating_add(1);
            faults.extend(differs(conn, pole, &row)?);
        }
    }
    Ok((count, faults))
}

/// What of a payout differs from its parts, or from its entry.
fn differs(conn: &mut Db, pole: &PoleId, row: &PayoutRow) -> Result<Option<String>, DbError> {
    let id = &row.payout_id;
    let parts = stripe::balance_of(conn, pole, id)?;
    let net = parts.iter().map(|part| part.net_minor).fold(0_i64, i64::saturating_add);
    if net != row.amount_minor {
        return Ok(Some(format!("{id}: what it consists of comes to something else")));
    }
    let entry = (row.journal.as_deref(), row.year, row.seq);
    let bank = Settings::moved(conn, pole, entry, Role::Bank)?;
    if row.amount_minor != 0 && bank != Some(row.amount_minor) {
        return Ok(Some(format!("{id}: its entry is missing, or of another amount")));
    }
    let unknown = parts.iter().filter(|part| !part.known).map(|part| part.amount_minor);
    let waits = unknown.fold(0_i64, i64::saturating_add);
    let suspended = Settings::moved(conn, pole, entry, Role::Suspense)?.unwrap_or_default();
    if row.journal.is_some() && suspended != waits.saturating_neg() {
        return Ok(Some(format!("{id}: what nobody knows of it does not wait on suspense")));
    }
    let back = (row.back_journal.as_deref(), row.back_year, row.back_seq);
    let back = Settings::moved(conn, pole, back, Role::Bank)?;
    let wanted = (row.status != "paid").then(|| row.amount_minor.saturating_neg());
    if row.amount_minor != 0 && back != wanted {
        return Ok(Some(format!("{id}: it came back, and the books do not say so")));
    }
    Ok(None)
}
