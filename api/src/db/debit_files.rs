//! Files of direct debits for a pole's bank, what of them it credits as one sum, and of which
//! collections that is.

use diesel::prelude::*;

use super::schema::{debit_batches, debit_files, debit_items};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{BankMovementId, CollectionId, DebitFileId, PoleId};
use crate::on_backend;

words! {
    /// Where a file of direct debits stands.
    pub(crate) enum DebitFileStatus {
        /// It is for the bank.
        Sent = "sent",
        /// The bank never carried it out: what was in it is collected by another.
        Cancelled = "cancelled",
    }
}

words! {
    /// The rules under which a mandate is collected.
    pub(crate) enum MandateScheme {
        /// For every debtor, which may ask for its money back for eight weeks.
        Core = "core",
        /// Between companies: the debtor's bank has the mandate confirmed, and gives nothing back.
        B2b = "b2b",
    }
}

/// A row of `debit_files`, but for its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = debit_files)]
pub(crate) struct DebitFileRow {
    pub(crate) pole_id: PoleId,
    pub(crate) file_id: DebitFileId,
    /// What the bank knows it by.
    pub(crate) message_id: String,
    /// Which message of ISO 20022 it is.
    pub(crate) format: String,
    /// The last day of what was asked for.
    pub(crate) collect_by: Day,
    pub(crate) status: DebitFileStatus,
    /// Why it was cancelled; empty before.
    pub(crate) reason: String,
    pub(crate) payments: i32,
    pub(crate) amount_minor: i64,
    /// Of its bytes.
    pub(crate) sha256: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `debit_batches`: what of a file the bank credits as one sum.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = debit_batches, treat_none_as_default_value = false)]
pub(crate) struct DebitBatchRow {
    pub(crate) pole_id: PoleId,
    /// What the bank knows it by.
    pub(crate) batch_id: String,
    pub(crate) file_id: DebitFileId,
    /// When members are debited.
    pub(crate) collect_on: Day,
    pub(crate) scheme: MandateScheme,
    pub(crate) payments: i32,
    pub(crate) amount_minor: i64,
    /// When it came in.
    pub(crate) settled_on: Option<Day>,
    /// How much came in.
    pub(crate) settled_minor: Option<i64>,
    /// As what, where the bank's statement told of it.
    pub(crate) movement_id: Option<BankMovementId>,
    /// What the bank took out of it before, and the entry that says so.
    pub(crate) fees_minor: i64,
    pub(crate) fees_journal: Option<String>,
    pub(crate) fees_year: Option<i32>,
    pub(crate) fees_seq: Option<i64>,
}

/// A row of `debit_items`: a collection of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = debit_items)]
pub(crate) struct DebitItemRow {
    pub(crate) pole_id: PoleId,
    pub(crate) collection_id: CollectionId,
    pub(crate) batch_id: String,
    pub(crate) amount_minor: i64,
}

/// Adds a file with its bytes, its batches and what they are of.
pub(crate) fn insert(
    conn: &mut Db,
    row: &DebitFileRow,
    body: &[u8],
    (batches, items): (&[DebitBatchRow], &[DebitItemRow]),
) -> Result<(), DbError> {
    let values = (
        debit_files::pole_id.eq(&row.pole_id),
        debit_files::file_id.eq(&row.file_id),
        debit_files::message_id.eq(&row.message_id),
        debit_files::format.eq(&row.format),
        debit_files::collect_by.eq(&row.collect_by),
        debit_files::status.eq(row.status),
        debit_files::reason.eq(&row.reason),
        debit_files::payments.eq(row.payments),
        debit_files::amount_minor.eq(row.amount_minor),
        debit_files::sha256.eq(&row.sha256),
        debit_files::body.eq(body),
        debit_files::version.eq(row.version),
        debit_files::created_at.eq(row.created_at),
        debit_files::updated_at.eq(row.updated_at),
    );
    diesel::insert_into(debit_files::table).values(values).execute(conn)?;
    on_backend!(conn, c => {
        diesel::insert_into(debit_batches::table).values(batches).execute(c)
    })?;
    for items in items.chunks(BATCH) {
        on_backend!(conn, c => {
            diesel::insert_into(debit_items::table).values(items).execute(c)
        })?;
    }
    Ok(())
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// One file.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    file: &DebitFileId,
) -> Result<Option<DebitFileRow>, DbError> {
    let row = debit_files::table.find((pole, file)).select(DebitFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that the bank knows by this.
pub(crate) fn by_message(
    conn: &mut Db,
    pole: &PoleId,
    message: &str,
) -> Result<Option<DebitFileRow>, DbError> {
    let row = debit_files::table
        .filter(debit_files::pole_id.eq(pole).and(debit_files::message_id.eq(message)))
        .select(DebitFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The last one that was made of what was asked for up to a day, and holds.
pub(crate) fn last_of(
    conn: &mut Db,
    pole: &PoleId,
    collect_by: &Day,
) -> Result<Option<DebitFileRow>, DbError> {
    let row = debit_files::table
        .filter(debit_files::pole_id.eq(pole).and(debit_files::collect_by.eq(collect_by)))
        .filter(debit_files::status.eq(DebitFileStatus::Sent))
        .order(debit_files::file_id.desc())
        .select(DebitFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Files in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<DebitFileRow>, DbError> {
    let mut query = debit_files::table
        .filter(debit_files::pole_id.eq(pole))
        .select(DebitFileRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(debit_files::file_id.gt(after.to_owned()));
    }
    Ok(query.order(debit_files::file_id).limit(rows).load(conn)?)
}

/// The bytes of a file.
pub(crate) fn body(
    conn: &mut Db,
    pole: &PoleId,
    file: &DebitFileId,
) -> Result<Option<Vec<u8>>, DbError> {
    let body = debit_files::table.find((pole, file)).select(debit_files::body);
    Ok(body.first(conn).optional()?)
}

/// Writes down where a file stands, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &DebitFileRow, version: i64) -> Result<bool, DbError> {
    let at = debit_files::table.find((&row.pole_id, &row.file_id));
    let changed = diesel::update(at.filter(debit_files::version.eq(version))).set((
        debit_files::status.eq(row.status),
        debit_files::reason.eq(&row.reason),
        debit_files::version.eq(row.version),
        debit_files::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// The batches of some files, by their names.
pub(crate) fn batches(
    conn: &mut Db,
    pole: &PoleId,
    of: &[DebitFileId],
) -> Result<Vec<DebitBatchRow>, DbError> {
    let rows = debit_batches::table
        .filter(debit_batches::pole_id.eq(pole).and(debit_batches::file_id.eq_any(of)))
        .order((debit_batches::file_id, debit_batches::collect_on, debit_batches::batch_id))
        .select(DebitBatchRow::as_select());
    Ok(rows.load(conn)?)
}

/// The batches of files that hold, of which no statement has told.
pub(crate) fn awaited(conn: &mut Db, pole: &PoleId) -> Result<Vec<DebitBatchRow>, DbError> {
    let of_file = debit_files::pole_id
        .eq(debit_batches::pole_id)
        .and(debit_files::file_id.eq(debit_batches::file_id));
    let rows = debit_batches::table
        .inner_join(debit_files::table.on(of_file))
        .filter(debit_batches::pole_id.eq(pole).and(debit_batches::movement_id.is_null()))
        .filter(debit_files::status.eq(DebitFileStatus::Sent))
        .order(debit_batches::batch_id)
        .select(DebitBatchRow::as_select());
    Ok(rows.load(conn)?)
}

/// One batch.
pub(crate) fn batch(
    conn: &mut Db,
    pole: &PoleId,
    batch: &str,
) -> Result<Option<DebitBatchRow>, DbError> {
    let row = debit_batches::table.find((pole, batch)).select(DebitBatchRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Writes down that a batch came in.
pub(crate) fn settle(conn: &mut Db, row: &DebitBatchRow) -> Result<(), DbError> {
    let at = debit_batches::table.find((&row.pole_id, &row.batch_id));
    let changed = diesel::update(at).set((
        debit_batches::settled_on.eq(&row.settled_on),
        debit_batches::settled_minor.eq(row.settled_minor),
        debit_batches::movement_id.eq(&row.movement_id),
        debit_batches::fees_minor.eq(row.fees_minor),
        debit_batches::fees_journal.eq(&row.fees_journal),
        debit_batches::fees_year.eq(row.fees_year),
        debit_batches::fees_seq.eq(row.fees_seq),
    ));
    changed.execute(conn)?;
    Ok(())
}

/// What some batches are of, by their collections.
pub(crate) fn items(
    conn: &mut Db,
    pole: &PoleId,
    of: &[&str],
) -> Result<Vec<DebitItemRow>, DbError> {
    let rows = debit_items::table
        .filter(debit_items::pole_id.eq(pole).and(debit_items::batch_id.eq_any(of)))
        .order((debit_items::batch_id, debit_items::collection_id))
        .select(DebitItemRow::as_select());
    Ok(rows.load(conn)?)
}

/// In which batch a collection is.
pub(crate) fn item(
    conn: &mut Db,
    pole: &PoleId,
    collection: &CollectionId,
) -> Result<Option<DebitItemRow>, DbError> {
    let row = debit_items::table.find((pole, collection)).select(DebitItemRow::as_select());
    Ok(row.first(conn).optional()?)
}
