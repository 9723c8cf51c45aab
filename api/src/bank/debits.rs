//! What a statement says of direct debits: a batch that came in as one sum, a debit that came in by itself,
//! and one that went back.
//!
//! A batch is taken to be in where the bank names the file and the sum is what of it is on its way. Where
//! only the sum is the same, or less what a bank takes for itself, somebody is asked. What names a debit of ours and is not what it should be is
//! left to people as well: the matching by numbers knows nothing of files.

use std::collections::HashSet;

use palier_billing::{Currency, Money};

use super::decide::{back, movement, reconciled, reference};
use super::fees::take_fees;
use crate::collections::settle::{batch_in, live};
use crate::collections::{News, Receipt, is_back_by_hand, learn};
use crate::day::Day;
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus};
use crate::db::debit_files::{self, DebitBatchRow, DebitFileStatus};
use crate::db::payments::{self, Holder, PaymentMethod};
use crate::db::{Db, DbError};
use crate::id::{PaymentId, PoleId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

/// What the names of our debits begin with, and those of our files.
const DEBITS: &str = "COL-";
const FILES: &str = "PAL";

/// Decides what is certain of new movements; the places of those that are about direct debits and must be
/// left to people.
pub(super) fn decide(tx: &mut Tx<'_>, rows: &mut [MovementRow]) -> Result<HashSet<usize>, Problem> {
    let mut held = HashSet::new();
    let open = |row: &MovementRow| row.status == MovementStatus::Open && row.resembles.is_none();
    // What goes back came in before, whatever their order.
    for incoming in [true, false] {
        let found = rows.iter_mut().enumerate();
        let found = found.filter(|(_, row)| open(row) && (row.amount_minor > 0) == incoming);
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

/// What a movement is to direct debits.
enum Outcome {
    Decided(Box<MovementRow>),
    /// It is about one, and not what it should be.
    Held,
    /// It is about none.
    Other,
}

fn one(tx: &mut Tx<'_>, row: &MovementRow) -> Result<Outcome, Problem> {
    if let Some(collection) = named(tx.conn, tx.pole(), row)? {
        let decided = if row.amount_minor > 0 {
            came_in(tx, row, &collection)?
        } else {
            went_back(tx, row, &collection)?
        };
        return Ok(decided.map_or(Outcome::Held, |it| Outcome::Decided(Box::new(it))));
    }
    if row.amount_minor <= 0 || row.reversal {
        return Ok(Outcome::Other);
    }
    let text = said(row);
    if !text.contains(FILES) {
        return Ok(Outcome::Other);
    }
    let awaited = debit_files::awaited(tx.conn, tx.pole())?;
    let named: Vec<_> = awaited.into_iter().filter(|it| text.contains(&message(it))).collect();
    if named.is_empty() {
        return Ok(Outcome::Other);
    }
    let mut same = Vec::new();
    for it in named {
        if expected(tx, &it)? == row.amount_minor {
            same.push(it);
        }
    }
    if same.len() > 1 {
        let words: HashSet<_> = words(row).collect();
        same.retain(|it| words.contains(&it.batch_id.to_ascii_uppercase()));
    }
    let (Some(batch), true) = (same.pop(), same.is_empty()) else { return Ok(Outcome::Held) };
    Ok(Outcome::Decided(Box::new(reconcile(tx, row, batch, &row.booked_on)?)))
}

/// The collection that a movement names from end to end.
fn named(
    conn: &mut Db,
    pole: &PoleId,
    row: &MovementRow,
) -> Result<Option<CollectionRow>, DbError> {
    let name = row.end_to_end.as_deref().map(|it| it.trim().to_ascii_uppercase());
    let Some(name) = name.filter(|it| it.starts_with(DEBITS)) else { return Ok(None) };
    let found = collections::by_external(conn, pole, &name)?;
    Ok(found.filter(|it| it.channel == Channel::Bank))
}

/// A debit that the bank credits by itself.
fn came_in(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    of: &CollectionRow,
) -> Result<Option<MovementRow>, Problem> {
    if row.reversal || row.amount_minor != of.amount_minor || !of.status.is_live() {
        return Ok(None);
    }
    let receipt = Receipt {
        method: PaymentMethod::DirectDebit,
        holder: Holder::Bank,
        paid_on: row.booked_on.clone(),
        reference: reference(row),
        movement: Some(movement(row)),
    };
    let paid = learn(tx, &of.collection_id, News::Succeeded(receipt))?;
    all_in(tx, of, &row.booked_on)?;
    Ok(paid.payment_id.map(|payment| booked(row, payment)))
}

/// Writes down that a batch came in once nothing of it is on its way any more.
fn all_in(tx: &mut Tx<'_>, of: &CollectionRow, on: &Day) -> Result<(), Problem> {
    let item = debit_files::item(tx.conn, tx.pole(), &of.collection_id)?;
    let batch = item.map(|it| debit_files::batch(tx.conn, tx.pole(), &it.batch_id));
    let Some(batch) = batch.transpose()?.flatten() else { return Ok(()) };
    if batch.settled_on.is_some() || !live(tx, &batch)?.is_empty() {
        return Ok(());
    }
    let rows = crate::collections::debits::of(tx.conn, tx.pole(), std::slice::from_ref(&batch))?;
    let paid = rows.iter().filter(|it| it.payment_id.is_some()).map(|it| it.amount_minor);
    let sum = paid.fold(0, i64::saturating_add);
    let batch = DebitBatchRow { settled_on: Some(on.clone()), settled_minor: Some(sum), ..batch };
    Ok(debit_files::settle(tx.conn, &batch)?)
}

/// A debit that went back. Where nobody has told that it came in, it waits for that.
fn went_back(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    of: &CollectionRow,
) -> Result<Option<MovementRow>, Problem> {
    if row.amount_minor.saturating_neg() != of.amount_minor {
        return Ok(None);
    }
    let came_in = of.status == CollectionStatus::Succeeded || is_back_by_hand(of);
    let Some(payment) = of.payment_id.as_ref().filter(|_| came_in) else { return Ok(None) };
    // Somebody may have taken it back by hand: then the movement is no payment of its own.
    let by_hand = payments::reversal(tx.conn, tx.pole(), payment)?.is_some();
    if !by_hand && !is_covered(tx, payment)? {
        return Ok(None);
    }
    returned(tx, row, of)?;
    if by_hand {
        return Ok(Some(reconciled(row, of.collection_id.to_string())));
    }
    let reversal = payments::reversal(tx.conn, tx.pole(), payment)?;
    Ok(reversal.map(|it| booked(row, it)))
}

/// Whether the books can take a payment back: what of it stood to the member's credit may have been used since,
/// which people undo first.
fn is_covered(tx: &mut Tx<'_>, payment: &PaymentId) -> Result<bool, DbError> {
    let Some(paid) = payments::find(tx.conn, tx.pole(), payment)? else { return Ok(true) };
    let credit = payments::credit(tx.conn, tx.pole(), &paid.member_id, paid.currency().code())?;
    Ok(paid.credit_minor <= 0 || credit >= paid.credit_minor)
}

fn returned(tx: &mut Tx<'_>, row: &MovementRow, of: &CollectionRow) -> Result<(), Problem> {
    let code = row.return_reason.clone().unwrap_or_else(|| "NARR".to_owned());
    let (reason, back) = (row.remittance.clone(), back(row, row.booked_on.clone()));
    learn(tx, &of.collection_id, News::Returned { code, reason, back })?;
    Ok(())
}

/// Writes down that a collection went back whose payment was taken back by a movement that does not name it.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    payment: &PaymentId,
) -> Result<(), Problem> {
    match collections::by_payment(tx.conn, tx.pole(), payment)? {
        Some(of) if of.status == CollectionStatus::Succeeded => returned(tx, row, &of),
        _ => Ok(()),
    }
}

/// Looks at what is open once more after money came in: it may have gone back before anybody knew.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<(), Problem> {
    for row in bank::open_named(tx.conn, tx.pole(), DEBITS)? {
        if row.resembles.is_some() || row.amount_minor > 0 {
            continue;
        }
        let Some(of) = named(tx.conn, tx.pole(), &row)? else { continue };
        let version = row.version;
        if let Some(decided) = went_back(tx, &row, &of)? {
            let next = MovementRow { version: version.saturating_add(1), ..decided };
            if !bank::decide(tx.conn, &next, version)? {
                return Err(Problem::changed());
            }
        }
    }
    Ok(())
}

/// Says that a movement is what a batch collected.
///
/// # Errors
/// A [`Problem`] where there is no such batch, it is known to be in as another movement, or less the fees that
/// the bank took is of another sum; the database's.
pub(super) fn by_hand(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    (batch, on): (&str, &Day),
    fees: Money,
) -> Result<MovementRow, Problem> {
    let refuse = |code, detail| Problem::conflict(Fault::body("/batch", code, detail));
    let found = debit_files::batch(tx.conn, tx.pole(), batch)?.ok_or_else(|| {
        let detail = say!(en "There is no such batch.", fr "Ce lot n’existe pas.");
        Problem::invalid(vec![Fault::body("/batch", "unknown_batch", detail)])
    })?;
    let file = debit_files::find(tx.conn, tx.pole(), &found.file_id)?;
    if file.is_none_or(|it| it.status == DebitFileStatus::Cancelled) {
        let detail = say!(en "Its file was called off.", fr "Son fichier est annulé.");
        return Err(refuse("cancelled", detail));
    }
    if found.movement_id.is_some() {
        let detail = say!(
            en "It came in as another movement.", fr "Il correspond à un autre mouvement."
        );
        return Err(refuse("settled", detail));
    }
    let sum = expected(tx, &found)?;
    if sum.saturating_sub(fees.minor()) != row.amount_minor {
        let [sum, moved] =
            [sum, row.amount_minor].map(|minor| Money::from_minor(minor, Currency::EUR));
        let detail = say!(
            en "What of it is on its way is {sum}, the fees {fees}, what moved is {moved}.",
            fr "Ce qui en est attendu est de {sum}, les frais de {fees}, le mouvement de {moved}."
        );
        return Err(refuse("other_amount", detail));
    }
    let found = take_fees(tx, found, on, fees)?;
    reconcile(tx, row, found, on)
}

/// The batches that a movement may be, by their sums.
pub(super) fn may_be(
    conn: &mut Db,
    pole: &PoleId,
    row: &MovementRow,
    awaited: &[(DebitBatchRow, i64)],
) -> Result<Vec<String>, DbError> {
    if row.amount_minor <= 0 || row.reversal || named(conn, pole, row)?.is_some() {
        return Ok(Vec::new());
    }
    let same = awaited
        .iter()
        .filter(|(it, sum)| *sum == row.amount_minor && it.collect_on <= row.booked_on);
    Ok(same.map(|(it, _)| it.batch_id.clone()).collect())
}

/// The batches of which no statement has told, with what of each is to come in.
pub(super) fn awaited(conn: &mut Db, pole: &PoleId) -> Result<Vec<(DebitBatchRow, i64)>, Problem> {
    let found = debit_files::awaited(conn, pole)?.into_iter().map(|it| {
        let sum = coming(conn, pole, &it)?;
        Ok((it, sum))
    });
    found.collect()
}

fn coming(conn: &mut Db, pole: &PoleId, batch: &DebitBatchRow) -> Result<i64, Problem> {
    if let Some(minor) = batch.settled_minor {
        return Ok(minor);
    }
    let rows = crate::collections::debits::of(conn, pole, std::slice::from_ref(batch))?;
    let live = rows.iter().filter(|row| row.status.is_live()).map(|row| row.amount_minor);
    Ok(live.fold(0, i64::saturating_add))
}

fn expected(tx: &mut Tx<'_>, batch: &DebitBatchRow) -> Result<i64, Problem> {
    coming(tx.conn, tx.pole(), batch)
}

/// A batch came in as this movement.
fn reconcile(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    batch: DebitBatchRow,
    on: &Day,
) -> Result<MovementRow, Problem> {
    let id = Some(row.movement_id.clone());
    let name = batch.batch_id.clone();
    // Somebody may have said before that it came in.
    if batch.settled_on.is_some() {
        debit_files::settle(tx.conn, &DebitBatchRow { movement_id: id, ..batch })?;
    } else {
        batch_in(tx, batch, on, id)?;
    }
    Ok(reconciled(row, name))
}

fn booked(row: &MovementRow, payment: PaymentId) -> MovementRow {
    MovementRow {
        status: MovementStatus::Booked,
        payment_id: Some(payment),
        reason: String::new(),
        bookings: row.bookings.saturating_add(1),
        ..row.clone()
    }
}

/// The name of a batch's file as it may be found in what a bank writes: lines break where they please.
fn message(batch: &DebitBatchRow) -> String {
    let name = batch.batch_id.rsplit_once('-').map_or(batch.batch_id.as_str(), |(name, _)| name);
    letters(name)
}

/// What the bank says of a movement, as far as names of files can be in it.
pub(super) fn said(row: &MovementRow) -> String {
    letters(&texts(row).join(" "))
}

/// The words of it.
pub(super) fn words(row: &MovementRow) -> impl Iterator<Item = String> {
    let all = texts(row).join(" ").to_ascii_uppercase();
    let words = all.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    words.map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn texts(row: &MovementRow) -> Vec<&str> {
    let more = [&row.bank_reference, &row.structured_reference, &row.end_to_end];
    let more = more.into_iter().flatten().map(String::as_str);
    std::iter::once(row.remittance.as_str()).chain(more).collect()
}

/// A text without what banks put between its letters.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).collect()
}
