//! Series: what one member uses of one meter, in one combination of the meter's dimensions.

use std::collections::{BTreeMap, HashSet};

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::clock::Time;
use crate::db::meters::MeterRow;
use crate::db::schema::{members, meters, services, usage_events, usage_series};
use crate::db::services::ServiceRow;
use crate::db::{Db, DbError, poles};
use crate::id::{MemberId, MeterId, PoleId, ProviderId, ServiceId};
use crate::on_backend;

/// A row of `usage_series`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_series)]
pub(crate) struct SeriesRow {
    pub(crate) pole_id: PoleId,
    pub(crate) series_id: i64,
    pub(crate) member_id: MemberId,
    pub(crate) meter_id: MeterId,
    /// JSON, by name; empty if there are none.
    pub(crate) dimensions: String,
}

impl SeriesRow {
    /// The values of its dimensions, by name.
    pub(crate) fn values(&self) -> Result<BTreeMap<String, String>, DbError> {
        if self.dimensions.is_empty() {
            return Ok(BTreeMap::new());
        }
        serde_json::from_str(&self.dimensions).map_err(|error| DbError::Unreadable {
            table: "usage_series",
            id: self.series_id.to_string(),
            what: error.to_string(),
        })
    }

    /// What it is of.
    pub(crate) fn key(&self) -> (&MemberId, &MeterId, &str) {
        (&self.member_id, &self.meter_id, &self.dimensions)
    }
}

/// A series that is not numbered yet.
pub(crate) type NewSeries = (MemberId, MeterId, String);

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 5_000;

/// All series of a pole.
pub(crate) fn of_pole(conn: &mut Db, pole: &PoleId) -> Result<Vec<SeriesRow>, DbError> {
    let rows = usage_series::table.filter(usage_series::pole_id.eq(pole));
    Ok(rows.select(SeriesRow::as_select()).load(conn)?)
}

/// The series of a service's meters.
pub(crate) fn of_service(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
) -> Result<Vec<SeriesRow>, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let rows = usage_series::table
        .inner_join(meters::table.on(meter))
        .filter(usage_series::pole_id.eq(pole).and(meters::service_id.eq(service)));
    Ok(rows.select(SeriesRow::as_select()).load(conn)?)
}

/// Whether a service was used before an instant.
pub(crate) fn is_any_before(
    conn: &mut Db,
    service: &ServiceRow,
    before: Time,
) -> Result<bool, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let of_service = usage_series::table
        .inner_join(meters::table.on(meter))
        .filter(usage_series::pole_id.eq(&service.pole_id))
        .filter(meters::service_id.eq(&service.service_id))
        .select(usage_series::series_id);
    let event = usage_events::table
        .filter(usage_events::pole_id.eq(&service.pole_id))
        .filter(usage_events::happened_at.lt(before))
        .filter(usage_events::series_id.eq_any(of_service));
    Ok(diesel::select(exists(event)).get_result(conn)?)
}

/// An id and a code.
type Named = (String, String);

/// What a series is of: the id and the code of its member, and of its meter.
pub(crate) type Names = (i64, [String; 2], [String; 2]);

/// What these series are of.
pub(crate) fn names(conn: &mut Db, pole: &PoleId, series: &[i64]) -> Result<Vec<Names>, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let member = usage_series::pole_id
        .eq(members::pole_id)
        .and(usage_series::member_id.eq(members::member_id));
    let mut names = Vec::new();
    for series in series.chunks(BATCH) {
        let rows = usage_series::table
            .inner_join(meters::table.on(meter))
            .inner_join(members::table.on(member))
            .filter(usage_series::pole_id.eq(pole).and(usage_series::series_id.eq_any(series)));
        let columns = (
            usage_series::series_id,
            (members::member_id, members::code),
            (meters::meter_id, meters::code),
        );
        let rows: Vec<(i64, Named, Named)> = rows.select(columns).load(conn)?;
        let both = |(id, code): Named| [id, code];
        names.extend(rows.into_iter().map(|(it, member, meter)| (it, both(member), both(meter))));
    }
    Ok(names)
}

/// Numbers those that have no number yet, and gives back all of the pole's.
pub(crate) fn number(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &[NewSeries],
) -> Result<Vec<SeriesRow>, DbError> {
    // One after the other: whoever comes second sees the numbers of the first.
    poles::hold(conn, pole)?;
    let mut known = of_pole(conn, pole)?;
    let last = known.iter().map(|row| row.series_id).max().unwrap_or_default();
    let numbered: HashSet<_> = known.iter().map(SeriesRow::key).collect();
    let mut new: Vec<_> = wanted
        .iter()
        .filter(|(member, meter, dimensions)| {
            !numbered.contains(&(member, meter, dimensions.as_str()))
        })
        .collect();
    new.sort_unstable();
    new.dedup();
    let numbered = new.into_iter().zip(last.saturating_add(1)..);
    let rows: Vec<_> = numbered
        .map(|((member, meter, dimensions), series_id)| SeriesRow {
            pole_id: pole.clone(),
            series_id,
            member_id: member.clone(),
            meter_id: meter.clone(),
            dimensions: dimensions.clone(),
        })
        .collect();
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(usage_series::table).values(rows).execute(c))?;
    }
    known.extend(rows);
    Ok(known)
}

/// Whether usage of a meter was ever reported.
pub(crate) fn any_of_meter(conn: &mut Db, pole: &PoleId, meter: &MeterId) -> Result<bool, DbError> {
    let any = usage_series::table
        .filter(usage_series::pole_id.eq(pole).and(usage_series::meter_id.eq(meter)))
        .select(usage_series::series_id)
        .first::<i64>(conn);
    Ok(any.optional()?.is_some())
}

/// Which series are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Those of these members, or of these providers' services, unless the caller may see all.
    pub(crate) among: Option<(Vec<MemberId>, Vec<ProviderId>)>,
    pub(crate) member: Option<MemberId>,
    pub(crate) meter: Option<MeterId>,
    pub(crate) service: Option<ServiceId>,
}

/// Series with their meters.
pub(crate) fn with_meters(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
) -> Result<Vec<(SeriesRow, MeterRow)>, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let service =
        meters::pole_id.eq(services::pole_id).and(meters::service_id.eq(services::service_id));
    let mut query = usage_series::table
        .inner_join(meters::table.on(meter))
        .inner_join(services::table.on(service))
        .filter(usage_series::pole_id.eq(pole))
        .select((SeriesRow::as_select(), MeterRow::as_select()))
        .into_boxed();
    if let Some((members, providers)) = &filter.among {
        let of = usage_series::member_id.eq_any(members);
        query = query.filter(of.or(services::provider_id.eq_any(providers)));
    }
    if let Some(member) = &filter.member {
        query = query.filter(usage_series::member_id.eq(member));
    }
    if let Some(meter) = &filter.meter {
        query = query.filter(usage_series::meter_id.eq(meter));
    }
    if let Some(service) = &filter.service {
        query = query.filter(meters::service_id.eq(service));
    }
    Ok(query.load(conn)?)
}

/// Whose usage a series is, and of whose service.
pub(crate) fn owner(
    conn: &mut Db,
    pole: &PoleId,
    series: i64,
) -> Result<Option<(MemberId, ProviderId)>, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let service =
        meters::pole_id.eq(services::pole_id).and(meters::service_id.eq(services::service_id));
    let row = usage_series::table
        .inner_join(meters::table.on(meter))
        .inner_join(services::table.on(service))
        .filter(usage_series::pole_id.eq(pole).and(usage_series::series_id.eq(series)))
        .select((usage_series::member_id, services::provider_id));
    Ok(row.first(conn).optional()?)
}

/// Whose usage each series is, and of whose service.
pub(crate) fn owners(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<Vec<(i64, MemberId, ProviderId)>, DbError> {
    let meter =
        usage_series::pole_id.eq(meters::pole_id).and(usage_series::meter_id.eq(meters::meter_id));
    let service =
        meters::pole_id.eq(services::pole_id).and(meters::service_id.eq(services::service_id));
    let rows = usage_series::table
        .inner_join(meters::table.on(meter))
        .inner_join(services::table.on(service))
        .filter(usage_series::pole_id.eq(pole))
        .select((usage_series::series_id, usage_series::member_id, services::provider_id));
    Ok(rows.load(conn)?)
}
