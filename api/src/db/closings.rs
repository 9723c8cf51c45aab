//! Periods whose books are closed: rows that are never changed.

use diesel::prelude::*;

use super::schema::closings;
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::PoleId;

/// A row of `closings`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = closings)]
pub(crate) struct ClosingRow {
    pub(crate) pole_id: PoleId,
    /// `2026-07`, or `2026`.
    pub(crate) period: String,
    pub(crate) last_day: Day,
    /// An id of a user or a key, or `operator`.
    pub(crate) actor: String,
    pub(crate) closed_at: Time,
    /// What was still to be done: words, separated by spaces.
    pub(crate) accepted: String,
}

/// Adds one.
pub(crate) fn insert(conn: &mut Db, row: &ClosingRow) -> Result<(), DbError> {
    diesel::insert_into(closings::table).values(row).execute(conn)?;
    Ok(())
}

/// All of a pole, the last days first.
pub(crate) fn all(conn: &mut Db, pole: &PoleId) -> Result<Vec<ClosingRow>, DbError> {
    let rows = closings::table
        .filter(closings::pole_id.eq(pole))
        .order((closings::last_day.desc(), closings::period))
        .select(ClosingRow::as_select());
    Ok(rows.load(conn)?)
}

/// That of a period, if it is closed.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Option<ClosingRow>, DbError> {
    let row = closings::table.find((pole, period)).select(ClosingRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The first day on which anything can still be booked; any day, if nothing is closed.
pub(crate) fn first_open_day(conn: &mut Db, pole: &PoleId) -> Result<Option<Day>, DbError> {
    let last = closings::table
        .filter(closings::pole_id.eq(pole))
        .order(closings::last_day.desc())
        .select(closings::last_day);
    let last: Option<Day> = last.first(conn).optional()?;
    Ok(last.map(|last| last.next()))
}
