//! Tiers that members were told their pools have reached.

use diesel::prelude::*;

use crate::clock::Time;
use crate::day::Day;
use crate::db::schema::tiers_told;
use crate::db::{Db, DbError};
use crate::id::{PoleId, TariffId};
use crate::on_backend;

/// A row of `tiers_told`.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = tiers_told)]
pub(crate) struct ToldRow {
    pub(crate) pole_id: PoleId,
    pub(crate) tariff_id: TariffId,
    /// Its place in the tariff, from 0.
    pub(crate) charge: i32,
    /// The first day of the month, or of the contract year.
    pub(crate) period: Day,
    /// From 1.
    pub(crate) tier: i32,
    pub(crate) told_at: Time,
}

/// The highest tier that was told of a charge in a period, if any was.
pub(crate) fn highest(
    conn: &mut Db,
    pole: &PoleId,
    (tariff, charge): (&TariffId, i32),
    period: &Day,
) -> Result<Option<i32>, DbError> {
    let row = tiers_told::table.find((pole, tariff, charge, period)).select(tiers_told::tier);
    Ok(row.first(conn).optional()?)
}

/// Notes that a tier is told; false if it was, or one above it.
pub(crate) fn tell(conn: &mut Db, row: &ToldRow) -> Result<bool, DbError> {
    let added = on_backend!(conn, c => diesel::insert_into(tiers_told::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 1 {
        return Ok(true);
    }
    // Of two who tell at once, the second waits here for the first, and looks again.
    let lower = tiers_told::table
        .find((&row.pole_id, &row.tariff_id, row.charge, &row.period))
        .filter(tiers_told::tier.lt(row.tier));
    let raised = diesel::update(lower)
        .set((tiers_told::tier.eq(row.tier), tiers_told::told_at.eq(row.told_at)));
    Ok(raised.execute(conn)? == 1)
}
