//! Versions of what services cost.

use diesel::prelude::*;
use palier_billing::Tariff;

use super::schema::{subscriptions, tariffs};
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{MemberId, PoleId, ServiceId, TariffId};

/// A row of `tariffs`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tariffs)]
pub(crate) struct TariffRow {
    pub(crate) pole_id: PoleId,
    pub(crate) tariff_id: TariffId,
    pub(crate) service_id: ServiceId,
    pub(crate) name: String,
    pub(crate) effective_from: Day,
    /// What `billing` reads, meters included.
    pub(crate) document: String,
    /// When that day begins in the pole.
    pub(crate) takes_effect_at: Time,
    pub(crate) created_at: Time,
}

impl TariffRow {
    /// What it asks for.
    pub(crate) fn tariff(&self) -> Result<Tariff, DbError> {
        serde_json::from_str(&self.document).map_err(|error| DbError::Unreadable {
            table: "tariffs",
            id: self.tariff_id.to_string(),
            what: error.to_string(),
        })
    }
}

/// Adds a version.
pub(crate) fn insert(conn: &mut Db, row: &TariffRow) -> Result<(), DbError> {
    diesel::insert_into(tariffs::table).values(row).execute(conn)?;
    Ok(())
}

/// One version of a service's tariff.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    tariff: &TariffId,
) -> Result<Option<TariffRow>, DbError> {
    let row = tariffs::table.find((pole, tariff)).filter(tariffs::service_id.eq(service));
    Ok(row.select(TariffRow::as_select()).first(conn).optional()?)
}

/// All versions of a service's tariff, the newest first.
pub(crate) fn of_service(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
) -> Result<Vec<TariffRow>, DbError> {
    let rows = tariffs::table
        .filter(tariffs::pole_id.eq(pole).and(tariffs::service_id.eq(service)))
        .order(tariffs::effective_from.desc())
        .select(TariffRow::as_select());
    Ok(rows.load(conn)?)
}

/// All versions of all services' tariffs, the oldest first.
pub(crate) fn of_pole(conn: &mut Db, pole: &PoleId) -> Result<Vec<TariffRow>, DbError> {
    let rows = tariffs::table.filter(tariffs::pole_id.eq(pole));
    let rows = rows.order((tariffs::service_id, tariffs::effective_from));
    Ok(rows.select(TariffRow::as_select()).load(conn)?)
}

/// The version in force on a day.
pub(crate) fn in_force(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    day: &Day,
) -> Result<Option<TariffRow>, DbError> {
    let row = tariffs::table
        .filter(tariffs::pole_id.eq(pole).and(tariffs::service_id.eq(service)))
        .filter(tariffs::effective_from.le(day))
        .order(tariffs::effective_from.desc())
        .select(TariffRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Withdraws a version.
pub(crate) fn delete(conn: &mut Db, row: &TariffRow) -> Result<(), DbError> {
    diesel::delete(tariffs::table.find((&row.pole_id, &row.tariff_id))).execute(conn)?;
    Ok(())
}

/// The members whose subscription follows a service's tariff on a day: none that stays with a
/// version of its own.
pub(crate) fn followers(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    day: &Day,
) -> Result<Vec<MemberId>, DbError> {
    let last = subscriptions::last_day;
    let members = subscriptions::table
        .filter(subscriptions::pole_id.eq(pole).and(subscriptions::service_id.eq(service)))
        .filter(subscriptions::tariff_id.is_null())
        .filter(last.is_null().or(last.ge(day)))
        .order(subscriptions::member_id)
        .select(subscriptions::member_id);
    Ok(members.distinct().load(conn)?)
}
