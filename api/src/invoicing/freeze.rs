//! Closing a month's books.

use palier_billing::Month;

use super::InvoicingError;
use crate::clock::Time;
use crate::db::invoice_runs::{self, RunRow, RunStatus};
use crate::db::poles::{self, PoleRow};
use crate::db::usage::{self, late, turns};
use crate::fault;
use crate::metering::Calendar;
use crate::work::{Changes, Done, Tx};

/// Closes a month, unless it is closed: usage that comes in from now on is late, and what came in
/// late for months before is billed with this one. Gives back the run, and whether it is new.
///
/// It waits for whoever is writing usage at the moment, and nobody waits long for it: it writes a
/// row or two.
pub(super) fn freeze(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    month: Month,
) -> Result<Done<(RunRow, bool)>, InvoicingError> {
    let period = month.to_string();
    // Two that begin at once follow one another here.
    poles::hold(tx.conn, tx.pole())?;
    if let Some(run) = invoice_runs::find(tx.conn, tx.pole(), &period)? {
        return Ok(tx.unchanged((run, false)));
    }
    let calendar = Calendar::of(pole);
    let days = month.days().map_err(|_| InvoicingError::NotOver { month })?;
    let end = calendar.begin(days.end());
    if tx.at() < end {
        return Err(InvoicingError::NotOver { month });
    }
    in_order(tx, month)?;
    // In the queue of those who write usage: a row that many hold in turn might never be free.
    turns::alone(tx.conn, tx.pole())?;
    usage::close(tx.conn, tx.pole(), end)?;
    fault::point("barrier moved");
    let taken = late::take(tx.conn, tx.pole(), &period)?;
    let run = RunRow {
        pole_id: tx.pole().clone(),
        period,
        status: RunStatus::Frozen,
        actor: tx.author.actor.clone(),
        frozen_at: tx.at(),
        drafted_at: None,
    };
    invoice_runs::insert(tx.conn, &run)?;
    let changes = Changes::made(&serde_json::json!({
        "closed_before": Time::from(end.timestamp()), "late_changes": taken,
    }));
    Ok(tx.done("invoice_run.frozen", &run.period.clone(), &changes, (run, true))?)
}

/// Months are invoiced one after the other, from whichever is the first.
fn in_order(tx: &mut Tx<'_>, month: Month) -> Result<(), InvoicingError> {
    let runs = invoice_runs::all(tx.conn, tx.pole())?;
    let Some(last) = runs.first().and_then(|run| run.period.parse::<Month>().ok()) else {
        return Ok(());
    };
    match last.next() {
        Ok(next) if next != month => Err(InvoicingError::NotNext { month, next }),
        _ => Ok(()),
    }
}
