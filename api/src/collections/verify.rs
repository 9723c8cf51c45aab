//! Whether collections, payments, files of direct debits and movements at the bank hold together.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::ledger::Role;

use crate::db::bank;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus, PartRow, Wanted};
use crate::db::debit_files::{self, DebitBatchRow, DebitFileStatus, DebitItemRow};
use crate::db::payments::{self, PaymentMethod};
use crate::db::{Db, DbError};
use crate::id::{CollectionId, PoleId};
use crate::invoicing::Settings;

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// Verifies the collections of a pole: each is of what its parts come to; what came in is a payment of as
/// much by the same member, and what went back was taken back; files are as they were written, their
/// batches of what they hold, and what came in of these is what their collections became and what moved at
/// the bank. Gives how many collections there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut faults = Vec::new();
    let mut items = files(conn, pole, &mut faults)?;
    let (mut count, mut after) = (0_u64, None::<String>);
    loop {
        let rows = collections::page(conn, pole, &Wanted::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.collection_id.to_string());
        for (row, parts) in super::whole(conn, pole, rows)? {
            count = count.saturating_add(1);
            let id = row.collection_id.clone();
            let mut wrong = by_itself(&row, &parts);
            wrong.extend(paid(conn, pole, &row)?);
            let item = items.remove(&id);
            let in_file = row.channel == Channel::Bank && row.file_id.is_some();
            if item.as_ref().is_some_and(|it| it.amount_minor != row.amount_minor) {
                wrong.push("its file has another amount for it");
            }
            if in_file != item.is_some() {
                wrong.push("it is in a file that does not have it, or in none and one does");
            }
            faults.extend(wrong.into_iter().map(|what| format!("{id}: {what}")));
        }
    }
    faults.extend(items.into_keys().map(|id| format!("{id}: a file has it, and it is missing")));
    Ok((count, faults))
}

/// What a collection says by itself.
fn by_itself(row: &CollectionRow, parts: &[PartRow]) -> Vec<&'static str> {
    let sum = parts.iter().map(|it| it.amount_minor).fold(0, i64::saturating_add);
    let live = row.status.is_live();
    let has_failed = matches!(
        row.status,
        CollectionStatus::Failed | CollectionStatus::Cancelled | CollectionStatus::Returned
    );
    let rules = [
        (sum != row.amount_minor, "its documents come to another sum"),
        // What arrives at a provider unasked may be beside another.
        (
            parts.iter().any(|it| it.live != live) && (!live || row.channel == Channel::Bank),
            "its documents are on their way, or it is",
        ),
        (has_failed && row.failure_code.is_none(), "it failed without a reason"),
    ];
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, what)| what).collect()
}

/// What the payment of a collection says.
fn paid(
    conn: &mut Db,
    pole: &PoleId,
    row: &CollectionRow,
) -> Result<Option<&'static str>, DbError> {
    let Some(payment) = &row.payment_id else { return Ok(None) };
    let Some(paid) = payments::find(conn, pole, payment)? else {
        return Ok(Some("its payment is missing"));
    };
    let back = payments::reversal(conn, pole, payment)?.is_some();
    let rules = [
        // A provider gives parts of it back.
        (
            row.channel == Channel::Bank && paid.amount_minor != row.amount_minor,
            "its payment is of another amount",
        ),
        (paid.member_id != row.member_id, "its payment is another member’s"),
        (
            row.channel == Channel::Bank && paid.method != PaymentMethod::DirectDebit,
            "its payment came in otherwise",
        ),
        (
            row.status == CollectionStatus::Returned && !back,
            "it went back and its payment was not taken back",
        ),
    ];
    Ok(rules.into_iter().find(|(broken, _)| *broken).map(|(_, what)| what))
}

/// Verifies files and their batches; what they are of, by collection.
fn files(
    conn: &mut Db,
    pole: &PoleId,
    faults: &mut Vec<String>,
) -> Result<BTreeMap<CollectionId, DebitItemRow>, DbError> {
    let (mut all, mut after) = (BTreeMap::new(), None::<String>);
    let mut movements = BTreeSet::new();
    loop {
        let rows = debit_files::page(conn, pole, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { return Ok(all) };
        after = Some(last.file_id.to_string());
        for row in rows {
            let mut say = |what: &str| faults.push(format!("{}: {what}", row.file_id));
            let body = debit_files::body(conn, pole, &row.file_id)?.unwrap_or_default();
            if crate::hex(digest(&SHA256, &body).as_ref()) != row.sha256 {
                say("it is not what was written");
            }
            let of_file = std::slice::from_ref(&row.file_id);
            let batches = debit_files::batches(conn, pole, of_file)?;
            let sum = batches.iter().map(|it| it.amount_minor).fold(0, i64::saturating_add);
            if sum != row.amount_minor {
                say("its batches come to another sum");
            }
            for batch in batches {
                let items = debit_files::items(conn, pole, &[batch.batch_id.as_str()])?;
                if row.status == DebitFileStatus::Cancelled && batch.settled_on.is_some() {
                    say("it was called off and came in");
                }
                if let Some(what) = batch_differs(conn, pole, &batch, &items)? {
                    say(&format!("{} {what}", batch.batch_id));
                }
                if batch.movement_id.clone().is_some_and(|it| !movements.insert(it)) {
                    say("a movement is two batches");
                }
                all.extend(items.into_iter().map(|it| (it.collection_id.clone(), it)));
            }
        }
    }
}

fn batch_differs(
    conn: &mut Db,
    pole: &PoleId,
    batch: &DebitBatchRow,
    items: &[DebitItemRow],
) -> Result<Option<&'static str>, DbError> {
    let sum = items.iter().map(|it| it.amount_minor).fold(0, i64::saturating_add);
    if sum != batch.amount_minor || i32::try_from(items.len()).ok() != Some(batch.payments) {
        return Ok(Some("is of other debits than it says"));
    }
    let Some(settled) = batch.settled_minor else { return Ok(None) };
    let mut paid = 0_i64;
    for it in items {
        let Some(row) = collections::find(conn, pole, &it.collection_id)? else { continue };
        if row.status.is_live() {
            return Ok(Some("came in, and a debit of it is still on its way"));
        }
        if row.payment_id.is_some() {
            paid = paid.saturating_add(row.amount_minor);
        }
    }
    if paid != settled {
        return Ok(Some("came in with another sum than its debits became"));
    }
    let Some(movement) = &batch.movement_id else { return Ok(None) };
    let moved = bank::find(conn, pole, movement)?;
    let same = moved.is_some_and(|it| {
        it.amount_minor == settled.saturating_sub(batch.fees_minor)
            && it.counterpart.as_deref() == Some(&batch.batch_id)
    });
    let entry = (batch.fees_journal.as_deref(), batch.fees_year, batch.fees_seq);
    let taken = Settings::moved(conn, pole, entry, Role::Bank)?;
    if taken.unwrap_or_default() != batch.fees_minor.saturating_neg() {
        return Ok(Some("has fees that are not in the books"));
    }
    Ok((!same).then_some("is not the movement at the bank that it came in as"))
}
