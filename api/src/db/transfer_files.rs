//! Files of transfers for a pole's bank.

use diesel::prelude::*;

use super::schema::transfer_files;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{PoleId, TransferFileId};

words! {
    /// Where a file of transfers stands.
    pub(crate) enum TransferFileStatus {
        /// It is for the bank.
        Sent = "sent",
        /// The bank never carried it out: what was in it is paid by another.
        Cancelled = "cancelled",
    }
}

/// A row of `transfer_files`, but for its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = transfer_files)]
pub(crate) struct TransferFileRow {
    pub(crate) pole_id: PoleId,
    pub(crate) file_id: TransferFileId,
    /// What the bank knows it by.
    pub(crate) message_id: String,
    /// Which message of ISO 20022 it is.
    pub(crate) format: String,
    /// The last day of what was asked for.
    pub(crate) execute_by: Day,
    pub(crate) status: TransferFileStatus,
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

/// Adds a file with its bytes.
pub(crate) fn insert(conn: &mut Db, row: &TransferFileRow, body: &[u8]) -> Result<(), DbError> {
    let values = (
        transfer_files::pole_id.eq(&row.pole_id),
        transfer_files::file_id.eq(&row.file_id),
        transfer_files::message_id.eq(&row.message_id),
        transfer_files::format.eq(&row.format),
        transfer_files::execute_by.eq(&row.execute_by),
        transfer_files::status.eq(row.status),
        transfer_files::reason.eq(&row.reason),
        transfer_files::payments.eq(row.payments),
        transfer_files::amount_minor.eq(row.amount_minor),
        transfer_files::sha256.eq(&row.sha256),
        transfer_files::body.eq(body),
        transfer_files::version.eq(row.version),
        transfer_files::created_at.eq(row.created_at),
        transfer_files::updated_at.eq(row.updated_at),
    );
    diesel::insert_into(transfer_files::table).values(values).execute(conn)?;
    Ok(())
}

/// One file.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    file: &TransferFileId,
) -> Result<Option<TransferFileRow>, DbError> {
    let row = transfer_files::table.find((pole, file)).select(TransferFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that the bank knows by this.
pub(crate) fn by_message(
    conn: &mut Db,
    pole: &PoleId,
    message: &str,
) -> Result<Option<TransferFileRow>, DbError> {
    let row = transfer_files::table
        .filter(transfer_files::pole_id.eq(pole).and(transfer_files::message_id.eq(message)))
        .select(TransferFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The last one that was made of what was asked for up to a day, and holds.
pub(crate) fn last_of(
    conn: &mut Db,
    pole: &PoleId,
    execute_by: &Day,
) -> Result<Option<TransferFileRow>, DbError> {
    let row = transfer_files::table
        .filter(transfer_files::pole_id.eq(pole).and(transfer_files::execute_by.eq(execute_by)))
        .filter(transfer_files::status.eq(TransferFileStatus::Sent))
        .order(transfer_files::file_id.desc())
        .select(TransferFileRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Files in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<TransferFileRow>, DbError> {
    let mut query = transfer_files::table
        .filter(transfer_files::pole_id.eq(pole))
        .select(TransferFileRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(transfer_files::file_id.gt(after.to_owned()));
    }
    Ok(query.order(transfer_files::file_id).limit(rows).load(conn)?)
}

/// The bytes of a file.
pub(crate) fn body(
    conn: &mut Db,
    pole: &PoleId,
    file: &TransferFileId,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = transfer_files::table.find((pole, file)).select(transfer_files::body);
    Ok(row.first(conn).optional()?)
}

/// Writes down where a file stands, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &TransferFileRow, version: i64) -> Result<bool, DbError> {
    let at = transfer_files::table.find((&row.pole_id, &row.file_id));
    let changed = diesel::update(at.filter(transfer_files::version.eq(version))).set((
        transfer_files::status.eq(row.status),
        transfer_files::reason.eq(&row.reason),
        transfer_files::version.eq(row.version),
        transfer_files::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}
