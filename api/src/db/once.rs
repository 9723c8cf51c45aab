//! What was answered to requests with an `Idempotency-Key`.

use diesel::prelude::*;

use super::schema::idempotency_keys;
use super::{Db, DbError, Violation};
use crate::clock::Time;
use crate::id::PoleId;

/// A request that was answered before, or is under way.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct OnceRow {
    pub(crate) pole_id: PoleId,
    pub(crate) caller: String,
    pub(crate) key: String,
    /// Of the method, the address and the body.
    pub(crate) fingerprint: String,
    /// 0 until it is answered.
    pub(crate) status: i32,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) created_at: Time,
}

/// The earlier request of this caller with this key.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    caller: &str,
    key: &str,
) -> Result<Option<OnceRow>, DbError> {
    let row = idempotency_keys::table.find((pole, caller, key));
    Ok(row.select(OnceRow::as_select()).first(conn).optional()?)
}

/// Takes the key for this transaction; false if another took it since it was looked for. On
/// PostgreSQL this waits for a transaction that is taking it now.
pub(crate) fn take(conn: &mut Db, row: &OnceRow) -> Result<bool, DbError> {
    let inserted = diesel::insert_into(idempotency_keys::table).values(row).execute(conn);
    match inserted.map_err(DbError::from) {
        Ok(_) => Ok(true),
        Err(error) if error.violation() == Some(Violation::Unique) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keeps the answer, in the transaction of the work.
pub(crate) fn answer(conn: &mut Db, row: &OnceRow) -> Result<(), DbError> {
    let at = idempotency_keys::table.find((&row.pole_id, &row.caller, &row.key));
    diesel::update(at)
        .set((
            idempotency_keys::status.eq(row.status),
            idempotency_keys::location.eq(&row.location),
            idempotency_keys::etag.eq(&row.etag),
            idempotency_keys::body.eq(&row.body),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets answers from before an instant.
pub(crate) fn forget_before(conn: &mut Db, before: Time) -> Result<usize, DbError> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}
