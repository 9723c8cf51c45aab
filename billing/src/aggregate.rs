//! Aggregation: from the events of a member in a period to one exact quantity.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{Aggregation, Error, Event, Meter, Period, Quantity, decimal::div_round};

/// The levels of a member's stocks, by name, as they stand at one instant.
///
/// A stock that no property names has the empty name.
pub type Levels = BTreeMap<String, Quantity>;

/// What is known of a member's usage of one meter, in a form that can be added to and merged in
/// any order with the same result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    aggregation: Aggregation,
    property: Option<String>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Sum(i128),
    Max(Option<Quantity>),
    Unique(BTreeSet<String>),
    /// By stock, then time; of two events at one instant the one with the greater id stands.
    Levels(BTreeMap<String, BTreeMap<Timestamp, (String, Quantity)>>),
}

impl Aggregate {
    /// Nothing used of a meter so far.
    pub fn new(meter: &Meter) -> Self {
        let state = match meter.aggregation {
            Aggregation::Sum | Aggregation::Count => State::Sum(0),
            Aggregation::Max => State::Max(None),
            Aggregation::UniqueCount => State::Unique(BTreeSet::new()),
            Aggregation::Latest | Aggregation::TimeWeightedAverage => {
                State::Levels(BTreeMap::new())
            }
        };
        Self { aggregation: meter.aggregation, property: meter.property.clone(), state }
    }

    /// Adds an event. That it counts once is for the [`EventLog`](crate::EventLog) to see to.
    ///
    /// # Errors
    /// [`Error::MissingProperty`] if its values are counted and it has none.
    pub fn add(&mut self, event: &Event) -> Result<(), Error> {
        let value = self.property.as_ref().and_then(|name| event.properties.get(name));
        match &mut self.state {
            State::Sum(sum) => {
                let counts = self.aggregation == Aggregation::Count;
                let quantity = if counts { Quantity::ONE } else { event.quantity };
                *sum = sum.saturating_add(quantity.wide());
            }
            State::Max(max) => *max = (*max).max(Some(event.quantity)),
            State::Unique(values) => {
                let value = value.ok_or_else(|| Error::MissingProperty {
                    id: event.id.clone(),
                    property: self.property.clone().unwrap_or_default(),
                })?;
                values.insert(value.clone());
            }
            State::Levels(stocks) => {
                let stock = stocks.entry(value.cloned().unwrap_or_default()).or_default();
                stand(stock, event.time, (event.id.clone(), event.quantity));
            }
        }
        Ok(())
    }

    /// Adds what is known from elsewhere: another batch, another server, another day.
    ///
    /// # Errors
    /// [`Error::UsageMismatch`] if it is of another kind of meter.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        match (&mut self.state, other.state) {
            (State::Sum(sum), State::Sum(more)) => *sum = sum.saturating_add(more),
            (State::Max(max), State::Max(other)) => *max = (*max).max(other),
            (State::Unique(values), State::Unique(more)) => values.extend(more),
            (State::Levels(stocks), State::Levels(more)) => {
                for (name, levels) in more {
                    let stock = stocks.entry(name).or_default();
                    for (time, level) in levels {
                        stand(stock, time, level);
                    }
                }
            }
            _ => {
                let why = "aggregates of different meters cannot be merged".to_owned();
                return Err(Error::UsageMismatch { why });
            }
        }
        Ok(())
    }

    /// The quantity of the period, given the levels at which stocks stood when it began.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn quantity(&self, period: &Period, opening: &Levels) -> Result<Quantity, Error> {
        match &self.state {
            State::Sum(sum) => Quantity::from_wide(*sum),
            State::Max(max) => Ok(max.unwrap_or_default()),
            State::Unique(values) => {
                let count = i128::try_from(values.len()).unwrap_or(i128::MAX);
                Quantity::from_wide(count.saturating_mul(Quantity::ONE.wide()))
            }
            State::Levels(_) if self.aggregation == Aggregation::Latest => {
                let levels = self.closing(opening);
                levels.into_values().try_fold(Quantity::ZERO, Quantity::checked_add)
            }
            State::Levels(stocks) => {
                let names: BTreeSet<_> = opening.keys().chain(stocks.keys()).collect();
                let volume = names.into_iter().map(|name| {
                    let opening = opening.get(name).copied().unwrap_or_default();
                    volume(opening, stocks.get(name), period)
                });
                let volume = volume.fold(0, i128::saturating_add);
                Quantity::from_wide(div_round(volume, period.micros())?)
            }
        }
    }

    /// The levels at which stocks stand at the end, to begin the next period with.
    pub fn closing(&self, opening: &Levels) -> Levels {
        let mut closing = opening.clone();
        if let State::Levels(stocks) = &self.state {
            for (name, levels) in stocks {
                if let Some((_, level)) = levels.values().next_back() {
                    closing.insert(name.clone(), *level);
                }
            }
        }
        closing
    }
}

/// A level stands from its time on; of two at one instant the one with the greater id does.
fn stand(
    stock: &mut BTreeMap<Timestamp, (String, Quantity)>,
    time: Timestamp,
    level: (String, Quantity),
) {
    let standing = stock.entry(time).or_insert_with(|| level.clone());
    if *standing < level {
        *standing = level;
    }
}

/// The level integrated over the period, in quantity units times microseconds.
fn volume(
    opening: Quantity,
    levels: Option<&BTreeMap<Timestamp, (String, Quantity)>>,
    period: &Period,
) -> i128 {
    let mut volume: i128 = 0;
    let mut since = period.start();
    let mut standing = opening;
    let mut stood_until = |time: Timestamp, next: Quantity| {
        let micros = since.duration_until(time).as_micros();
        volume = volume.saturating_add(standing.wide().saturating_mul(micros));
        since = time;
        standing = next;
    };
    for (&time, (_, level)) in levels.into_iter().flatten() {
        stood_until(time.clamp(period.start(), period.end()), *level);
    }
    stood_until(period.end(), Quantity::ZERO);
    volume
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Month, time_zone};

    fn july() -> Period {
        let month: Month = "2026-07".parse().unwrap();
        month.days().unwrap().period(&time_zone("UTC").unwrap()).unwrap()
    }

    fn meter(aggregation: Aggregation, property: Option<&str>) -> Meter {
        Meter {
            code: "disk".into(),
            unit: "E34".into(),
            aggregation,
            property: property.map(str::to_owned),
            dimensions: Vec::new(),
        }
    }

    fn event(id: &str, day: u8, quantity: &str, disk: &str) -> Event {
        Event {
            id: id.into(),
            member: "forge".into(),
            meter: "disk".into(),
            time: format!("2026-07-{day:02}T00:00:00Z").parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            properties: [("disk".to_owned(), disk.to_owned())].into(),
            amends: None,
        }
    }

    fn aggregated(meter: &Meter, events: &[Event], opening: &[(&str, &str)]) -> String {
        let opening = opening.iter();
        let opening: Levels =
            opening.map(|(name, level)| ((*name).into(), level.parse().unwrap())).collect();
        let add_all = |events: &mut dyn Iterator<Item = &Event>| {
            let mut aggregate = Aggregate::new(meter);
            events.for_each(|event| aggregate.add(event).unwrap());
            aggregate
        };
        let forwards = add_all(&mut events.iter());
        assert_eq!(forwards, add_all(&mut events.iter().rev()));
        // Whatever is split and merged again is the same.
        for at in 0..events.len() {
            let (head, tail) = events.split_at(at);
            let mut merged = add_all(&mut head.iter());
            merged.merge(add_all(&mut tail.iter())).unwrap();
            assert_eq!(merged, forwards);
        }
        forwards.quantity(&july(), &opening).unwrap().to_string()
    }

    #[test]
    fn each_aggregation_counts_its_way() {
        let events = [
            event("a", 1, "10", "x"),
            event("b", 11, "2.5", "y"),
            event("c", 21, "4", "x"),
            event("d", 21, "5", "x"),
        ];
        for (aggregation, property, expected) in [
            (Aggregation::Sum, None, "21.5"),
            (Aggregation::Count, None, "4"),
            (Aggregation::Max, None, "10"),
            (Aggregation::UniqueCount, Some("disk"), "2"),
            (Aggregation::Latest, None, "5"),
            (Aggregation::Latest, Some("disk"), "7.5"),
            // 10 × 10 days + 2.5 × 10 + 5 × 11, over 31 days.
            (Aggregation::TimeWeightedAverage, None, "5.806452"),
            // 10 × 20 + 5 × 11 on one disk, 2.5 × 21 on the other.
            (Aggregation::TimeWeightedAverage, Some("disk"), "9.919355"),
        ] {
            let meter = meter(aggregation, property);
            assert_eq!(aggregated(&meter, &events, &[]), expected, "{aggregation} {property:?}");
        }
    }

    #[test]
    fn stocks_are_carried_from_period_to_period() {
        let average = meter(Aggregation::TimeWeightedAverage, Some("disk"));
        assert_eq!(aggregated(&average, &[], &[("x", "31"), ("y", "1")]), "32");
        let later = [event("a", 11, "0", "x")];
        assert_eq!(aggregated(&average, &later, &[("x", "31"), ("y", "1")]), "11");
        let mut aggregate = Aggregate::new(&average);
        aggregate.add(&later[0]).unwrap();
        let closing = aggregate.closing(&[("y".to_owned(), Quantity::from_units(7))].into());
        assert_eq!(closing.len(), 2);
    }

    #[test]
    fn nothing_used_is_nothing() {
        for aggregation in [Aggregation::Sum, Aggregation::Max, Aggregation::TimeWeightedAverage] {
            assert_eq!(aggregated(&meter(aggregation, None), &[], &[]), "0");
        }
    }

    #[test]
    fn a_counted_property_must_be_there() {
        let mut aggregate = Aggregate::new(&meter(Aggregation::UniqueCount, Some("user")));
        let missing = aggregate.add(&event("a", 1, "1", "x"));
        let property = "user".to_owned();
        assert_eq!(missing, Err(Error::MissingProperty { id: "a".into(), property }));
    }
}
