//! What each charge billed each member, month by month.

use diesel::prelude::*;

use super::schema::billed_charges;
use super::{Db, DbError};
use crate::id::{MemberId, PoleId, ServiceId, TariffId};
use crate::on_backend;

/// A row of `billed_charges`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = billed_charges)]
pub(crate) struct BilledRow {
    pub(crate) pole_id: PoleId,
    pub(crate) service_id: ServiceId,
    /// The month of the usage, `2026-07`.
    pub(crate) period: String,
    pub(crate) tariff_id: TariffId,
    /// Of the charge in its tariff, from 0.
    pub(crate) position: i32,
    pub(crate) member_id: MemberId,
    /// The month with whose documents it was billed.
    pub(crate) billed_with: String,
    pub(crate) quantity_micros: i64,
    /// All lines of the charge.
    pub(crate) amount_minor: i64,
    /// Those of usage and of its adjustments.
    pub(crate) year_minor: i64,
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 2_000;

/// Adds what a run billed.
pub(crate) fn add(conn: &mut Db, rows: &[BilledRow]) -> Result<(), DbError> {
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(billed_charges::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Takes back what a run billed, since it is made anew.
pub(crate) fn delete(conn: &mut Db, pole: &PoleId, period: &str) -> Result<(), DbError> {
    let rows = billed_charges::table
        .filter(billed_charges::pole_id.eq(pole).and(billed_charges::billed_with.eq(period)));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}

/// What was billed for the usage of a service from one month up to, not including, another, before
/// the documents of that month.
pub(crate) fn between(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    (from, to): (&str, &str),
) -> Result<Vec<BilledRow>, DbError> {
    let rows = billed_charges::table
        .filter(billed_charges::pole_id.eq(pole).and(billed_charges::service_id.eq(service)))
        .filter(billed_charges::period.ge(from).and(billed_charges::period.lt(to)))
        .filter(billed_charges::billed_with.lt(to))
        .order((billed_charges::period, billed_charges::position, billed_charges::member_id))
        .select(BilledRow::as_select());
    Ok(rows.load(conn)?)
}
