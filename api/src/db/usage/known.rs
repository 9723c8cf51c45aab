//! What usage may name: the members, meters and subscriptions of a pole.

use diesel::prelude::*;

use super::series::{self, SeriesRow};
use crate::day::Day;
use crate::db::members::MemberStatus;
use crate::db::meters::{self, MeterRow};
use crate::db::schema::{audit_heads, members, services, subscriptions};
use crate::db::suspensions::{self, Open};
use crate::db::{Db, DbError};
use crate::id::{MemberId, PoleId, ProviderId, ServiceId};

/// All that usage may name in a pole.
pub(crate) struct Known {
    /// Which state of the pole this is.
    pub(crate) version: i64,
    /// With their codes, and where they stand.
    pub(crate) members: Vec<(MemberId, String, MemberStatus)>,
    /// With their codes and providers.
    pub(crate) services: Vec<(ServiceId, String, ProviderId)>,
    pub(crate) meters: Vec<MeterRow>,
    /// From which day to which, both included.
    pub(crate) subscriptions: Vec<(MemberId, ServiceId, Day, Option<Day>)>,
    pub(crate) series: Vec<SeriesRow>,
    /// Whose services are suspended, and since when.
    pub(crate) suspensions: Vec<(MemberId, Open)>,
}

/// Which state a pole is in: whatever changes it is written into its audit log.
pub(crate) fn version(conn: &mut Db, pole: &PoleId) -> Result<i64, DbError> {
    Ok(audit_heads::table.find(pole).select(audit_heads::seq).first(conn)?)
}

/// Reads it all.
pub(crate) fn read(conn: &mut Db, pole: &PoleId) -> Result<Known, DbError> {
    // The version first: what changes while the rest is read makes this one old.
    let version = version(conn, pole)?;
    let of_members = members::table.filter(members::pole_id.eq(pole));
    let of_services = services::table.filter(services::pole_id.eq(pole));
    let of_subscriptions = subscriptions::table.filter(subscriptions::pole_id.eq(pole));
    let period = (
        subscriptions::member_id,
        subscriptions::service_id,
        subscriptions::first_day,
        subscriptions::last_day,
    );
    Ok(Known {
        version,
        members: of_members
            .select((members::member_id, members::code, members::status))
            .load(conn)?,
        services: of_services
            .select((services::service_id, services::code, services::provider_id))
            .load(conn)?,
        meters: meters::of_pole(conn, pole)?,
        subscriptions: of_subscriptions.select(period).load(conn)?,
        series: series::of_pole(conn, pole)?,
        suspensions: suspensions::open(conn, pole)?,
    })
}
