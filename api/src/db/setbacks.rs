//! Collections that failed or whose money went back, until members are told.

use diesel::prelude::*;

use super::collections::CollectionStatus;
use super::schema::collection_setbacks;
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::{CollectionId, PoleId};

/// A row of `collection_setbacks`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collection_setbacks, treat_none_as_default_value = false)]
pub(crate) struct SetbackRow {
    pub(crate) pole_id: PoleId,
    pub(crate) collection_id: CollectionId,
    /// Of the collection, as it left it.
    pub(crate) version: i64,
    pub(crate) status: CollectionStatus,
    pub(crate) run_at: Time,
    /// How often it was tried.
    pub(crate) attempts: i32,
    pub(crate) last_error: String,
    pub(crate) told_at: Option<Time>,
}

/// Adds one, in the transaction that learns of it.
pub(crate) fn insert(conn: &mut Db, row: &SetbackRow) -> Result<(), DbError> {
    diesel::insert_into(collection_setbacks::table).values(row).execute(conn)?;
    Ok(())
}

/// Those of which members are to be told by now, those that have waited longest first.
pub(crate) fn waiting(conn: &mut Db, now: Time, rows: i64) -> Result<Vec<SetbackRow>, DbError> {
    let found = collection_setbacks::table
        .filter(collection_setbacks::told_at.is_null().and(collection_setbacks::run_at.le(now)))
        .order((collection_setbacks::run_at, collection_setbacks::collection_id))
        .limit(rows)
        .select(SetbackRow::as_select());
    Ok(found.load(conn)?)
}

/// Notes that a member is told of one; false if somebody else did.
pub(crate) fn told(conn: &mut Db, row: &SetbackRow, at: Time) -> Result<bool, DbError> {
    let key = (&row.pole_id, &row.collection_id, row.version);
    let waiting = collection_setbacks::table.find(key);
    let waiting = waiting.filter(collection_setbacks::told_at.is_null());
    let told = diesel::update(waiting).set(collection_setbacks::told_at.eq(at));
    Ok(told.execute(conn)? > 0)
}

/// The member could not be told; it is tried again later.
pub(crate) fn postpone(
    conn: &mut Db,
    row: &SetbackRow,
    run_at: Time,
    error: &str,
) -> Result<(), DbError> {
    let key = (&row.pole_id, &row.collection_id, row.version);
    diesel::update(collection_setbacks::table.find(key))
        .set((
            collection_setbacks::run_at.eq(run_at),
            collection_setbacks::attempts.eq(row.attempts.saturating_add(1)),
            collection_setbacks::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}
