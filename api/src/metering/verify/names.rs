//! What series are called, and which of them have levels.

use std::collections::HashMap;

use palier_billing::Aggregation;

use crate::db::usage::known::Known;

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

    /// The property whose values are kept of a series, if its days cannot be added up.
    pub(super) fn levels(&self, series: i64) -> Option<&str> {
        self.get(series)?.levels.as_deref()
    }
}
