//! Meters: what is counted, and how a member's events become one quantity per period.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    Beside, FaultKind,
    read::{Field, Noted, Object, Place, Read, names},
};

/// How the events of a member in a period become one quantity.
///
/// The quantity of a pool is always the sum of its members' quantities; each aggregation says what
/// that sum means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// The sum of the events' quantities. Pooled: what all members used together.
    #[default]
    Sum,
    /// The number of events. Pooled: the events of all members.
    Count,
    /// The largest quantity of an event. Pooled: the sum of the members' maxima (each member's own
    /// peak, wherever in the period it fell), not the peak of the pool.
    Max,
    /// The number of different values of a property. Pooled: the sum of the members' numbers; a
    /// value that two members share counts for both.
    UniqueCount,
    /// The quantity of the latest event: a stock as it stands at the end of the period. Pooled: the
    /// stock of all members.
    Latest,
    /// The average of a stock over the period, weighted by how long it stood (a disk of 10 GB for
    /// half the month is 5 GB-months). Pooled: the average of all members' stock.
    TimeWeightedAverage,
}

names!(Aggregation {
    "sum" => Sum,
    "count" => Count,
    "max" => Max,
    "unique_count" => UniqueCount,
    "latest" => Latest,
    "time_weighted_average" => TimeWeightedAverage,
});

impl Aggregation {
    /// Whether the quantity is a level that stands until the next event, from one period into the
    /// next, rather than something that happens.
    pub const fn is_stock(self) -> bool {
        matches!(self, Self::Latest | Self::TimeWeightedAverage)
    }
}

/// Something that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// The name events call it by.
    pub code: String,
    /// Unit of its quantities (UN/ECE recommendation 20: `HUR` hour, `C62` one, `E34` gigabyte).
    pub unit: String,
    /// How events become a quantity.
    pub aggregation: Aggregation,
    /// The property whose different values are counted, or whose values name the stocks that are
    /// added up (a member's disks, say).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Properties that charges may filter by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<String>,
}

impl Meter {
    /// A meter that adds up quantities of something counted in pieces.
    pub fn sum(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            unit: "C62".to_owned(),
            aggregation: Aggregation::Sum,
            property: None,
            dimensions: Vec::new(),
        }
    }

    /// Reads a meter.
    pub(crate) fn read(value: &Value, place: Place<'_>) -> Read<Self> {
        let mut object = Object::open(value, place)?;
        let code = object.required("code");
        let unit = object.or("unit", "C62".to_owned());
        let aggregation = object.or("aggregation", Aggregation::default());
        let property = object.optional("property");
        let dimensions = object.list("dimensions", |value, mut place| {
            String::read(value).map_err(|kind| place.fault(kind))
        });
        object.close();
        Ok(Self {
            code: code?,
            unit: unit?,
            aggregation: aggregation?,
            property: property?,
            dimensions: dimensions?,
        })
    }

    /// Notes what is wrong with it.
    pub(crate) fn check(&self, place: &mut Place<'_>) {
        let counts_values = self.aggregation == Aggregation::UniqueCount;
        match &self.property {
            None => place.at("property").check(!counts_values, FaultKind::Required),
            Some(_) => place.at("property").check(
                counts_values || self.aggregation.is_stock(),
                FaultKind::Meaningless { beside: Beside::Aggregation },
            ),
        }
        let mut list = place.at("dimensions");
        for (position, dimension) in self.dimensions.iter().enumerate() {
            let first = self.dimensions.iter().position(|other| other == dimension);
            list.at(position).check(first == Some(position), FaultKind::Duplicate);
        }
    }
}

/// Which values of a meter's dimensions a charge prices.
///
/// An event passes if, for every dimension named, its property has one of the values given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Filter(pub BTreeMap<String, Vec<String>>);

impl Filter {
    /// Whether it lets everything pass.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an event with these properties passes.
    pub fn accepts(&self, properties: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|(dimension, values)| {
            properties.get(dimension).is_some_and(|value| values.contains(value))
        })
    }

    /// Whether some event could pass both: no dimension keeps them apart.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().all(|(dimension, values)| {
            other
                .0
                .get(dimension)
                .is_none_or(|others| values.iter().any(|value| others.contains(value)))
        })
    }

    /// Reads `filter` of a charge: a value, or a list of them, per dimension.
    pub(crate) fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let entries = object.entries("filter")?;
        let mut place = object.at("filter");
        let before = place.count();
        let filter = entries.into_iter().map(|(dimension, value)| {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                single => std::slice::from_ref(single),
            };
            let mut at = place.at(dimension);
            at.check(!values.is_empty(), FaultKind::Empty);
            let mut read = Vec::new();
            for (position, value) in values.iter().enumerate() {
                match String::read(value) {
                    Ok(text) if read.contains(&text) => {
                        at.at(position).fault(FaultKind::Duplicate);
                    }
                    Ok(text) => read.push(text),
                    Err(kind) => {
                        at.at(position).fault(kind);
                    }
                }
            }
            (dimension.clone(), read)
        });
        let filter = Self(filter.collect());
        if place.count() == before { Ok(filter) } else { Err(Noted) }
    }
}
