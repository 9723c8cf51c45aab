//! What a statement says of transfers: one that was debited by itself, a file's of a day that were as one
//! sum, and one that came back.
//!
//! As with direct debits, what the bank names and is of the right sum is certain. Where only the sum is the
//! same, somebody is asked; what names a transfer of ours and is not what it should be is left to people.

use std::collections::{BTreeMap, HashSet};

use super::debits::{said, words};
use super::decide::reconciled;
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::transfers::{self, TransferKind, TransferRow, TransferStatus};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::payments::credit;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::transfers::{Back, Proof, come_back, execute, moved};
use crate::work::Tx;

/// What the names of our transfers begin with, and those of our files.
const TRANSFERS: &str = "TRF-";
const FILES: &str = "VIR";

/// Decides what is certain of new movements; the places of those that are about transfers and must be left
/// to people.
pub(super) fn decide(tx: &mut Tx<'_>, rows: &mut [MovementRow]) -> Result<HashSet<usize>, Problem> {
    let mut held = HashSet::new();
    let open = |row: &MovementRow| row.status == MovementStatus::Open && row.resembles.is_none();
    // What comes back went out before, whatever their order.
    for outgoing in [true, false] {
        let found = rows.iter_mut().enumerate();
        let found = found.filter(|(_, row)| open(row) && (row.amount_minor < 0) == outgoing);
        for (place, row) in found {
            match one(tx, row)? {
                Outcome::Decided(decided) => *row = *decided,
                Outcome::Held => {
                    held.insert(place);
                }
                Outcome::Other => {}
            }
        }
    }
    Ok(held)
}

/// What a movement is to transfers.
enum Outcome {
    Decided(Box<MovementRow>),
    /// It is about one, and not what it should be.
    Held,
    /// It is about none.
    Other,
}

impl Outcome {
    fn of(decided: Option<MovementRow>) -> Self {
        decided.map_or(Self::Held, |it| Self::Decided(Box::new(it)))
    }
}

fn one(tx: &mut Tx<'_>, row: &MovementRow) -> Result<Outcome, Problem> {
    if let Some(transfer) = named(tx.conn, tx.pole(), row)? {
        let decided = if row.amount_minor < 0 {
            went_out(tx, row, vec![transfer.clone()], transfer.transfer_id.to_string())?
        } else {
            came_back(tx, row, &transfer)?
        };
        return Ok(Outcome::of(decided));
    }
    let text = said(row);
    if row.amount_minor >= 0 || row.reversal || !text.contains(FILES) {
        return Ok(Outcome::Other);
    }
    let mut found = awaited(tx.conn, tx.pole())?;
    found.retain(|batch, _| text.contains(&message(batch)));
    if found.is_empty() {
        return Ok(Outcome::Other);
    }
    found.retain(|_, of| sum(of) == row.amount_minor.saturating_neg());
    if found.len() > 1 {
        let words: HashSet<_> = words(row).collect();
        found.retain(|batch, _| words.contains(&batch.to_ascii_uppercase()));
    }
    let (Some((batch, of)), true) = (found.pop_first(), found.is_empty()) else {
        return Ok(Outcome::Held);
    };
    Ok(Outcome::of(went_out(tx, row, of, batch)?))
}

/// The transfer that a movement names from end to end.
fn named(conn: &mut Db, pole: &PoleId, row: &MovementRow) -> Result<Option<TransferRow>, DbError> {
    let name = row.end_to_end.as_deref().map(|it| it.trim().to_ascii_uppercase());
    let Some(name) = name.filter(|it| it.starts_with(TRANSFERS)) else { return Ok(None) };
    transfers::by_external(conn, pole, &name)
}

/// Transfers that were debited as this movement: some may have been said to be before.
fn went_out(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    of: Vec<TransferRow>,
    counterpart: String,
) -> Result<Option<MovementRow>, Problem> {
    if row.reversal || row.amount_minor.saturating_neg() != sum(&of) {
        return Ok(None);
    }
    for it in &of {
        let known = it.movement_id.is_some();
        let expected = matches!(it.status, TransferStatus::Sent | TransferStatus::Executed);
        if known || !expected || !is_covered(tx.conn, tx.pole(), it)? {
            return Ok(None);
        }
    }
    for it in of {
        if it.status == TransferStatus::Sent {
            execute(tx, &it, &row.booked_on, Proof::Moved(row.movement_id.clone()))?;
        } else {
            moved(tx, &it, &row.movement_id)?;
        }
    }
    Ok(Some(reconciled(row, counterpart)))
}

/// Whether the books can take it: a member's credit may have been spent since.
fn is_covered(conn: &mut Db, pole: &PoleId, row: &TransferRow) -> Result<bool, DbError> {
    let (TransferKind::Credit, TransferStatus::Sent, Some(member)) =
        (row.kind, row.status, &row.member_id)
    else {
        return Ok(true);
    };
    // What is free leaves out what is on its way, this one too.
    Ok(credit::free(conn, pole, (member, &row.currency))? >= 0)
}

/// A transfer that came back. Where nobody has told that it was executed, it waits for that.
fn came_back(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    of: &TransferRow,
) -> Result<Option<MovementRow>, Problem> {
    let executed = of.executed_on.clone().filter(|_| of.status == TransferStatus::Executed);
    let in_order = executed.is_some_and(|day| day <= row.booked_on);
    if row.amount_minor != of.amount_minor || !in_order {
        return Ok(None);
    }
    let back = Back {
        on: row.booked_on.clone(),
        code: row.return_reason.clone().unwrap_or_else(|| "NARR".to_owned()),
        reason: row.remittance.clone(),
    };
    let counterpart = format!("{} back", of.transfer_id);
    come_back(tx, of, back)?;
    Ok(Some(reconciled(row, counterpart)))
}

/// Looks at what is open once more after a transfer was said to be executed: it may have come back before
/// anybody knew.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<(), Problem> {
    for row in bank::open_named(tx.conn, tx.pole(), TRANSFERS)? {
        if row.resembles.is_some() || row.amount_minor < 0 {
            continue;
        }
        let Some(of) = named(tx.conn, tx.pole(), &row)? else { continue };
        let version = row.version;
        if let Some(decided) = came_back(tx, &row, &of)? {
            let next = MovementRow { version: version.saturating_add(1), ..decided };
            if !bank::decide(tx.conn, &next, version)? {
                return Err(Problem::changed());
            }
        }
    }
    Ok(())
}

/// Says that a movement is what a batch of transfers was debited as; none, where it is no batch of these.
///
/// # Errors
/// A [`Problem`] where it is of another sum; the database's.
pub(super) fn by_hand(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    batch: &str,
) -> Result<Option<MovementRow>, Problem> {
    if row.amount_minor >= 0 {
        return Ok(None);
    }
    let Some(of) = awaited(tx.conn, tx.pole())?.remove(batch) else { return Ok(None) };
    let [sum, moved] = [sum(&of), row.amount_minor.saturating_neg()]
        .map(|minor| palier_billing::Money::from_minor(minor, palier_billing::Currency::EUR));
    let decided = went_out(tx, row, of, batch.to_owned())?;
    decided.map(Some).ok_or_else(|| {
        let detail = say!(
            en "What of it is on its way is {sum}, what moved is {moved}.",
            fr "Ce qui en est en cours est de {sum}, le mouvement de {moved}."
        );
        Problem::conflict(Fault::body("/batch", "other_amount", detail))
    })
}

/// The batches that a movement may be, by their sums.
pub(super) fn may_be(
    row: &MovementRow,
    awaited: &BTreeMap<String, Vec<TransferRow>>,
) -> Vec<String> {
    if row.amount_minor >= 0 || row.reversal {
        return Vec::new();
    }
    let same = awaited.iter().filter(|(_, of)| {
        sum(of) == row.amount_minor.saturating_neg()
            && of.iter().all(|it| it.execute_on <= row.booked_on)
    });
    same.map(|(batch, _)| batch.clone()).collect()
}

/// What of each batch no statement has told of.
pub(super) fn awaited(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<BTreeMap<String, Vec<TransferRow>>, DbError> {
    let mut batches: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in transfers::awaited(conn, pole)? {
        let batch = row.batch_id.clone().unwrap_or_default();
        batches.entry(batch).or_default().push(row);
    }
    Ok(batches)
}

fn sum(of: &[TransferRow]) -> i64 {
    of.iter().map(|it| it.amount_minor).fold(0, i64::saturating_add)
}

/// The name of a batch's file as it may be found in what a bank writes.
fn message(batch: &str) -> String {
    let name = batch.rsplit_once('-').map_or(batch, |(name, _)| name);
    super::debits::letters(name)
}
