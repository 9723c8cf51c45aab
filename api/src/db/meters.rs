//! Meters: what is counted of a service.

use diesel::prelude::*;
use palier_billing::{Aggregation, Meter};

use super::schema::meters;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{MeterId, PoleId, ServiceId};

words! {
    /// How the events of a member in a period become one quantity.
    pub(crate) enum MeterAggregation {
        /// The sum of the events' quantities.
        Sum = "sum",
        /// The number of events.
        Count = "count",
        /// The largest quantity of an event.
        Max = "max",
        /// The number of different values of a property.
        UniqueCount = "unique_count",
        /// The quantity of the latest event: a stock at the end of the period.
        Latest = "latest",
        /// The average of a stock, weighted by how long it stood.
        TimeWeightedAverage = "time_weighted_average",
    }
}

/// A row of `meters`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = meters, primary_key(pole_id, meter_id), treat_none_as_null = true)]
pub(crate) struct MeterRow {
    pub(crate) pole_id: PoleId,
    pub(crate) meter_id: MeterId,
    pub(crate) service_id: ServiceId,
    pub(crate) code: String,
    /// UN/ECE recommendation 20.
    pub(crate) unit: String,
    pub(crate) aggregation: MeterAggregation,
    pub(crate) property: Option<String>,
    /// Names of properties, each on a line.
    pub(crate) dimensions: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl MeterAggregation {
    /// As `billing` has it.
    pub(crate) const fn aggregation(self) -> Aggregation {
        match self {
            Self::Sum => Aggregation::Sum,
            Self::Count => Aggregation::Count,
            Self::Max => Aggregation::Max,
            Self::UniqueCount => Aggregation::UniqueCount,
            Self::Latest => Aggregation::Latest,
            Self::TimeWeightedAverage => Aggregation::TimeWeightedAverage,
        }
    }

    /// Whether the quantities of days add up to that of a month.
    pub(crate) const fn is_added_up(self) -> bool {
        matches!(self, Self::Sum | Self::Count)
    }
}

impl MeterRow {
    /// As `billing` has it.
    pub(crate) fn meter(&self) -> Meter {
        Meter {
            code: self.code.clone(),
            unit: self.unit.clone(),
            aggregation: self.aggregation.aggregation(),
            property: self.property.clone(),
            dimensions: self.dimensions.lines().map(str::to_owned).collect(),
        }
    }
}

/// Adds a meter.
pub(crate) fn insert(conn: &mut Db, row: &MeterRow) -> Result<(), DbError> {
    diesel::insert_into(meters::table).values(row).execute(conn)?;
    Ok(())
}

/// One meter of a service.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    meter: &MeterId,
) -> Result<Option<MeterRow>, DbError> {
    let row = meters::table.find((pole, meter)).filter(meters::service_id.eq(service));
    Ok(row.select(MeterRow::as_select()).first(conn).optional()?)
}

/// All meters of a service, in the order in which they were added.
pub(crate) fn of_service(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
) -> Result<Vec<MeterRow>, DbError> {
    let rows = meters::table.filter(meters::pole_id.eq(pole).and(meters::service_id.eq(service)));
    Ok(rows.order(meters::meter_id).select(MeterRow::as_select()).load(conn)?)
}

/// All meters of a pole, in the order in which they were added.
pub(crate) fn of_pole(conn: &mut Db, pole: &PoleId) -> Result<Vec<MeterRow>, DbError> {
    let rows = meters::table.filter(meters::pole_id.eq(pole));
    Ok(rows.order(meters::meter_id).select(MeterRow::as_select()).load(conn)?)
}

/// Meters of a service, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MeterRow>, DbError> {
    let mut query = meters::table
        .filter(meters::pole_id.eq(pole).and(meters::service_id.eq(service)))
        .select(MeterRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(meters::meter_id.gt(after.to_owned()));
    }
    Ok(query.order(meters::meter_id).limit(rows).load(conn)?)
}

/// Replaces a meter and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &MeterRow,
    version: i64,
) -> Result<Option<MeterRow>, DbError> {
    let at = meters::table.find((&row.pole_id, &row.meter_id)).filter(meters::version.eq(version));
    let changed = diesel::update(at).set(row).returning(meters::all_columns).get_result(conn);
    Ok(changed.optional()?)
}

/// Takes a meter away.
pub(crate) fn delete(conn: &mut Db, row: &MeterRow) -> Result<(), DbError> {
    diesel::delete(meters::table.find((&row.pole_id, &row.meter_id))).execute(conn)?;
    Ok(())
}
