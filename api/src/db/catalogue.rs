//! What the public catalogue is made of.

use diesel::prelude::*;

use super::meters::{self, MeterRow};
use super::providers::ProviderRow;
use super::schema::{catalogue_versions, providers, services};
use super::services::{ServiceRow, ServiceStatus};
use super::tariffs::{self, TariffRow};
use super::{Db, DbError};
use crate::id::PoleId;
use crate::on_backend;

/// All that is published in a pole.
pub(crate) struct Published {
    /// Which state of the catalogue this is.
    pub(crate) version: i64,
    pub(crate) services: Vec<(ServiceRow, ProviderRow)>,
    /// Of all services, also those not published.
    pub(crate) meters: Vec<MeterRow>,
    /// The same, the oldest versions first.
    pub(crate) tariffs: Vec<TariffRow>,
}

/// Counts a change of the catalogue, in the transaction that makes it.
#[expect(clippy::arithmetic_side_effects, reason = "the database adds")]
pub(crate) fn count_change(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    let first = (catalogue_versions::pole_id.eq(pole), catalogue_versions::version.eq(1_i64));
    on_backend!(conn, conn => diesel::insert_into(catalogue_versions::table)
        .values(first)
        .on_conflict(catalogue_versions::pole_id)
        .do_update()
        .set(catalogue_versions::version.eq(catalogue_versions::version + 1))
        .execute(conn))?;
    Ok(())
}

/// How often the catalogue of a pole has changed.
pub(crate) fn version(conn: &mut Db, pole: &PoleId) -> Result<i64, DbError> {
    let row = catalogue_versions::table.find(pole).select(catalogue_versions::version);
    Ok(row.first(conn).optional()?.unwrap_or_default())
}

/// Reads what is published.
pub(crate) fn published(conn: &mut Db, pole: &PoleId) -> Result<Published, DbError> {
    // The version first: what changes while the rest is read makes this one old, and it is read
    // again.
    let version = version(conn, pole)?;
    let of_its_provider = services::pole_id
        .eq(providers::pole_id)
        .and(services::provider_id.eq(providers::provider_id));
    let services = services::table
        .inner_join(providers::table.on(of_its_provider))
        .filter(services::pole_id.eq(pole).and(services::status.eq(ServiceStatus::Published)))
        .select((ServiceRow::as_select(), ProviderRow::as_select()))
        .load(conn)?;
    let (meters, tariffs) = (meters::of_pole(conn, pole)?, tariffs::of_pole(conn, pole)?);
    Ok(Published { version, services, meters, tariffs })
}
