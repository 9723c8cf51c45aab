//! What a bank takes for itself out of a batch of direct debits before it credits the rest.

use palier_billing::ledger::{Heading, LedgerError, bank_fees};
use palier_billing::{Currency, Money};

use super::report::BatchLessFees;
use crate::day::Day;
use crate::db::bank::MovementRow;
use crate::db::debit_files::DebitBatchRow;
use crate::db::journal;
use crate::invoicing::Settings;
use crate::problem::Problem;
use crate::work::Tx;

/// How much a bank may take for a debit, in cents, for a smaller sum to be proposed: what is more is no fee.
const MOST: i64 = 200;

/// The batches that a movement may be once the bank has taken fees out of them, with these.
pub(super) fn may_be_less_fees(
    row: &MovementRow,
    awaited: &[(DebitBatchRow, i64)],
) -> Vec<BatchLessFees> {
    let fees = |(batch, sum): &(DebitBatchRow, i64)| {
        let fees = sum.saturating_sub(row.amount_minor);
        let most = MOST.saturating_mul(i64::from(batch.payments));
        let may_be = row.amount_minor > 0 && !row.reversal && batch.collect_on <= row.booked_on;
        (may_be && (1..=most).contains(&fees)).then(|| BatchLessFees {
            batch: batch.batch_id.clone(),
            fees: Money::from_minor(fees, Currency::EUR).to_string(),
        })
    };
    awaited.iter().filter_map(fees).collect()
}

/// Books what the bank took out of a batch: its debits came in whole, and the fees went out.
pub(super) fn take_fees(
    tx: &mut Tx<'_>,
    batch: DebitBatchRow,
    on: &Day,
    fees: Money,
) -> Result<DebitBatchRow, Problem> {
    let failed = |error: LedgerError| Problem::internal(&error);
    let chart = Settings::chart_of(tx.conn, tx.pole())?;
    let label = format!("Frais sur prélèvements {}", batch.batch_id);
    let heading = Heading::new(on.date(), &batch.batch_id, &label).map_err(failed)?;
    let Some(made) = bank_fees(&chart, &heading, fees).map_err(failed)? else { return Ok(batch) };
    let added = journal::add(tx.conn, tx.pole(), &made, None, tx.at())?;
    Ok(DebitBatchRow {
        fees_minor: fees.minor(),
        fees_journal: Some(added.journal),
        fees_year: Some(added.year),
        fees_seq: Some(added.seq),
        ..batch
    })
}
