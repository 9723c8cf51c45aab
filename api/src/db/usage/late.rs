//! What changed of a month after it was closed.

use diesel::prelude::*;

use super::EventRow;
use crate::clock::Time;
use crate::db::schema::usage_late;
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::on_backend;

/// A row of `usage_late`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_late, treat_none_as_default_value = false)]
pub(crate) struct LateRow {
    pub(crate) pole_id: PoleId,
    pub(crate) happened_at: Time,
    pub(crate) event_id: String,
    /// Whether it no longer counts, or counts since.
    pub(crate) voided: bool,
    pub(crate) series_id: i64,
    pub(crate) quantity_micros: i64,
    /// The value of the meter's property, if its days cannot be added up.
    pub(crate) level: Option<String>,
    /// The period with which it is billed, `2026-08`; none yet.
    pub(crate) billed_with: Option<String>,
}

impl LateRow {
    /// An event that counts since, or no longer.
    pub(crate) fn new(event: &EventRow, level: Option<String>, voided: bool) -> Self {
        Self {
            pole_id: event.pole_id.clone(),
            happened_at: event.happened_at,
            event_id: event.event_id.clone(),
            voided,
            series_id: event.series_id,
            quantity_micros: event.quantity_micros,
            level,
            billed_with: None,
        }
    }

    /// What it adds to a sum, in quantity and in events.
    pub(crate) const fn adds(&self) -> (i64, i64) {
        if self.voided {
            (self.quantity_micros.saturating_neg(), -1)
        } else {
            (self.quantity_micros, 1)
        }
    }
}

/// How many rows one statement adds.
const BATCH: usize = 500;

/// Notes changes of closed months.
pub(crate) fn add(conn: &mut Db, rows: &[LateRow]) -> Result<(), DbError> {
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(usage_late::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Takes back that an event no longer counts, if nobody was billed for that yet; says whether it
/// did.
pub(crate) fn withdraw(conn: &mut Db, event: &EventRow) -> Result<bool, DbError> {
    let key = (&event.pole_id, event.happened_at, &event.event_id, true);
    let row = usage_late::table.find(key).filter(usage_late::billed_with.is_null());
    Ok(diesel::delete(row).execute(conn)? > 0)
}

/// Bills all that is not billed yet with a period.
pub(crate) fn take(conn: &mut Db, pole: &PoleId, period: &str) -> Result<usize, DbError> {
    let open = usage_late::table
        .filter(usage_late::pole_id.eq(pole).and(usage_late::billed_with.is_null()));
    Ok(diesel::update(open).set(usage_late::billed_with.eq(period)).execute(conn)?)
}

/// All changes of what happened from one instant to another.
pub(crate) fn between(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
) -> Result<Vec<LateRow>, DbError> {
    let rows = usage_late::table
        .filter(usage_late::pole_id.eq(pole))
        .filter(usage_late::happened_at.ge(from).and(usage_late::happened_at.lt(to)))
        .order((usage_late::happened_at, usage_late::event_id, usage_late::voided))
        .select(LateRow::as_select());
    Ok(rows.load(conn)?)
}

/// The changes that are billed with a period.
pub(crate) fn billed_with(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Vec<LateRow>, DbError> {
    let rows = usage_late::table
        .filter(usage_late::pole_id.eq(pole).and(usage_late::billed_with.eq(period)))
        .order((usage_late::happened_at, usage_late::event_id, usage_late::voided))
        .select(LateRow::as_select());
    Ok(rows.load(conn)?)
}

/// The changes that are not billed yet.
pub(crate) fn open(conn: &mut Db, pole: &PoleId) -> Result<Vec<LateRow>, DbError> {
    let rows = usage_late::table
        .filter(usage_late::pole_id.eq(pole).and(usage_late::billed_with.is_null()))
        .order((usage_late::happened_at, usage_late::event_id, usage_late::voided))
        .select(LateRow::as_select());
    Ok(rows.load(conn)?)
}
