//! What came in of files of direct debits, by hand or as the bank's statement tells it.

use serde_json::json;

use super::debits::{DebitFile, of, whole};
use super::{News, Receipt, learn};
use crate::day::Day;
use crate::db::collections::CollectionRow;
use crate::db::debit_files::{self, DebitBatchRow, DebitFileRow, DebitFileStatus};
use crate::db::payments::{Holder, PaymentMethod};
use crate::db::poles;
use crate::id::BankMovementId;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

/// Says that the money of a file came in on a day: that of one batch, or of all that have not yet.
///
/// # Errors
/// A [`Problem`] where it came in already, or the file was called off; the database's.
pub(crate) fn by_hand(
    tx: &mut Tx<'_>,
    file: &DebitFileRow,
    (batch, on): (Option<&str>, &Day),
) -> Result<DebitFile, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if file.status == DebitFileStatus::Cancelled {
        let detail = say!(en "It was called off.", fr "Il est annulé.");
        return Err(Problem::conflict(Fault::body("", "cancelled", detail)));
    }
    let all = debit_files::batches(tx.conn, tx.pole(), std::slice::from_ref(&file.file_id))?;
    let named = |it: &DebitBatchRow| batch.is_none_or(|name| name == it.batch_id);
    if !all.iter().any(named) {
        let detail = say!(en "The file has no such batch.", fr "Le fichier n’a pas ce lot.");
        return Err(Problem::invalid(vec![Fault::body("/batch", "unknown_batch", detail)]));
    }
    let mut awaited = Vec::new();
    for it in all.into_iter().filter(|it| named(it) && it.settled_on.is_none()) {
        // All of it may have failed.
        if !live(tx, &it)?.is_empty() {
            awaited.push(it);
        }
    }
    if awaited.is_empty() {
        let detail = say!(en "Nothing of it is on its way any more.",
            fr "Plus rien n’en est attendu.");
        return Err(Problem::conflict(Fault::body("", "settled", detail)));
    }
    if let Some(early) = awaited.iter().find(|it| it.collect_on > *on) {
        let day = &early.collect_on;
        let detail = say!(
            en "Members are debited on {day}: the money cannot have come in before.",
            fr "Les membres sont débités le {day} : l’argent n’a pu venir avant."
        );
        return Err(Problem::invalid(vec![Fault::body("/paid_on", "before_collection", detail)]));
    }
    for it in awaited {
        batch_in(tx, it, on, None)?;
    }
    let found = whole(tx.conn, tx.pole(), vec![file.clone()])?.pop();
    found.ok_or_else(Problem::not_found)
}

/// What of a batch is on its way.
pub(crate) fn live(tx: &mut Tx<'_>, batch: &DebitBatchRow) -> Result<Vec<CollectionRow>, Problem> {
    let rows = of(tx.conn, tx.pole(), std::slice::from_ref(batch))?;
    Ok(rows.into_iter().filter(|row| row.status.is_live()).collect())
}

/// Writes down that a batch came in, and with it all of its collections that are on their way.
pub(crate) fn batch_in(
    tx: &mut Tx<'_>,
    batch: DebitBatchRow,
    on: &Day,
    movement: Option<BankMovementId>,
) -> Result<DebitBatchRow, Problem> {
    let mut sum = 0_i64;
    for row in live(tx, &batch)? {
        sum = sum.saturating_add(row.amount_minor);
        let receipt = Receipt {
            method: PaymentMethod::DirectDebit,
            holder: Holder::Bank,
            paid_on: on.clone(),
            reference: batch.batch_id.clone(),
            movement: None,
        };
        learn(tx, &row.collection_id, News::Succeeded(receipt))?;
    }
    let row = DebitBatchRow {
        settled_on: Some(on.clone()),
        settled_minor: Some(sum),
        movement_id: movement,
        ..batch
    };
    debit_files::settle(tx.conn, &row)?;
    let changes = Changes::made(&json!({
        "batch": row.batch_id, "settled_on": row.settled_on, "movement": row.movement_id,
    }));
    tx.note("debit_file.settled", row.file_id.as_str(), &changes)?;
    Ok(row)
}
