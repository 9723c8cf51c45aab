//! What series are called, and which of them have levels.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use palier_billing::Aggregation;

use crate::db::usage::known::Known;
use crate::db::usage::{EventRow, LevelRow};

/// The series of a pole.
pub(crate) struct Names(HashMap<i64, SeriesName>);

/// What a series is of.
pub(crate) struct SeriesName {
    /// The member's code.
    pub(crate) member: String,
    /// The codes of the service and of its meter.
    pub(crate) service: String,
    pub(crate) meter: String,
    /// JSON, by name; empty if there are none.
    pub(crate) dimensions: String,
    /// The property whose values are kept, if the meter's days cannot be added up; empty if it
    /// looks at none.
    levels: Option<String>,
}

impl Names {
    /// Those of all series.
    pub(crate) fn of(known: Known) -> Self {
        let members: HashMap<_, _> =
            known.members.into_iter().map(|(id, code, _)| (id, code)).collect();
        let services: HashMap<_, _> =
            known.services.into_iter().map(|(id, code, _)| (id, code)).collect();
        let meters: HashMap<_, _> =
            known.meters.into_iter().map(|row| (row.meter_id.clone(), row)).collect();
        let named = known.series.into_iter().filter_map(|row| {
            let meter = meters.get(&row.meter_id)?;
            let levels = match meter.aggregation.aggregation() {
                Aggregation::Sum | Aggregation::Count => None,
                _ => Some(meter.property.clone().unwrap_or_default()),
            };
            let name = SeriesName {
                member: members.get(&row.member_id)?.clone(),
                service: services.get(&meter.service_id)?.clone(),
                meter: meter.code.clone(),
                dimensions: row.dimensions,
                levels,
            };
            Some((row.series_id, name))
        });
        Self(named.collect())
    }

    /// What a series is of, if there is such a series.
    pub(crate) fn get(&self, series: i64) -> Option<&SeriesName> {
        self.0.get(&series)
    }

    /// What is kept of an event that counts, if the days of its series cannot be added up.
    pub(crate) fn level(&self, row: &EventRow) -> Option<LevelRow> {
        let property = self.get(row.series_id)?.levels.as_deref()?;
        Some(LevelRow {
            pole_id: row.pole_id.clone(),
            series_id: row.series_id,
            happened_at: row.happened_at,
            event_id: row.event_id.clone(),
            quantity_micros: row.quantity_micros,
            value: value_of(&row.properties, property),
        })
    }
}

/// The value of a property; empty if the event has none of that name.
fn value_of(properties: &str, name: &str) -> String {
    let read: Result<BTreeMap<Cow<'_, str>, Cow<'_, str>>, _> = serde_json::from_str(properties);
    let value = read.ok().and_then(|mut properties| properties.remove(name));
    value.map(Cow::into_owned).unwrap_or_default()
}
