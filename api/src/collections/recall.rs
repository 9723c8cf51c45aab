//! Files of direct debits that the bank never carried out: called off, and planned again.

use super::debits::{DebitFile, of, told};
use super::{News, learn, plan_rest};
use crate::day::Day;
use crate::db::collections::{CollectionRow, CollectionStatus};
use crate::db::debit_files::{self, DebitFileRow, DebitFileStatus};
use crate::db::means::{self, MeansStatus};
use crate::db::poles::{self, PoleRow};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

/// Calls a file off that the bank refused as a whole, or never got: what was in it is planned again, under
/// other names.
///
/// # Errors
/// A [`Problem`] where it was called off already, or any of it was carried out; the database's.
pub(crate) fn cancel(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    file: &DebitFileRow,
    reason: &str,
) -> Result<DebitFile, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if file.status == DebitFileStatus::Cancelled {
        let detail = say!(en "It was called off already.", fr "Il est déjà annulé.");
        return Err(Problem::conflict(Fault::body("", "cancelled", detail)));
    }
    let of_file = std::slice::from_ref(&file.file_id);
    let batches = debit_files::batches(tx.conn, tx.pole(), of_file)?;
    let rows = of(tx.conn, tx.pole(), &batches)?;
    let was_done = |row: &CollectionRow| {
        matches!(row.status, CollectionStatus::Succeeded | CollectionStatus::Returned)
    };
    if batches.iter().any(|it| it.settled_on.is_some()) || rows.iter().any(was_done) {
        let detail = say!(
            en "The bank has carried some of it out.",
            fr "La banque en a exécuté une partie."
        );
        return Err(Problem::conflict(Fault::body("", "carried_out", detail)));
    }
    let version = file.version;
    let next = DebitFileRow {
        status: DebitFileStatus::Cancelled,
        reason: reason.to_owned(),
        version: version.saturating_add(1),
        updated_at: tx.at(),
        ..file.clone()
    };
    if !debit_files::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let today = Day::today(pole, tx.at());
    for row in rows {
        // What failed by itself is not planned again with the rest.
        if !row.status.is_live() {
            continue;
        }
        let reason = reason.to_owned();
        // It may be said that the bank is at it: it is not.
        let news = match row.status {
            CollectionStatus::Processing => News::Failed { code: "cancelled".to_owned(), reason },
            _ => News::Cancelled { reason },
        };
        learn(tx, &row.collection_id, news)?;
        plan_again(tx, row, &today)?;
    }
    tx.note(
        "debit_file.cancelled",
        next.file_id.as_str(),
        &Changes::between(&told(file), &told(&next)),
    )?;
    Ok(DebitFile { row: next, batches })
}

/// Plans what a collection was of once more, as far as it is open and its mandate holds.
fn plan_again(tx: &mut Tx<'_>, row: CollectionRow, today: &Day) -> Result<(), Problem> {
    let means = row.means_id.as_ref().map(|id| means::find(tx.conn, tx.pole(), id));
    let means = means.transpose()?.flatten();
    if means.is_none_or(|it| it.status != MeansStatus::Active) {
        return Ok(());
    }
    let collect_on = row.collect_on.clone().max(today.clone());
    plan_rest(tx, &CollectionRow { collect_on, ..row })
}
