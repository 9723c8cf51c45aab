//! What was used of a service in a month, and the pool that a tariff makes of it: what price boards
//! show before it is billed, and what is billed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use palier_billing::{
    Aggregation, Charge, ChargeKind, Days, Error, Event, Metering, Month, Period, Pool, Quantity,
    Stocks, Subscriber, Tariff, UsageRecord,
};

use super::calendar::number;
use crate::clock::Time;
use crate::day::Day;
use crate::db::meters::{self, MeterAggregation, MeterRow};
use crate::db::services::ServiceRow;
use crate::db::subscriptions::{self, SubscriptionRow};
use crate::db::usage::late::LateRow;
use crate::db::usage::rollups::{self, Total};
use crate::db::usage::series::{self, SeriesRow};
use crate::db::usage::{self, LevelRow, levels};
use crate::db::{Db, DbError};
use crate::quote::ContractYears;

/// A month of a service: who was subscribed, and what was used, as of one instant.
#[derive(Clone, Debug)]
pub(crate) struct ServiceMonth {
    pub(crate) month: Month,
    pub(crate) period: Period,
    pub(crate) subscriptions: Vec<SubscriptionRow>,
    zone: TimeZone,
    /// The day from which its contract years count.
    anniversary: Option<Day>,
    used: Vec<Used>,
}

/// What one member used of one meter, in one combination of the meter's dimensions.
#[derive(Clone, Debug)]
struct Used {
    series: i64,
    member: String,
    meter: String,
    aggregation: MeterAggregation,
    /// The property that names the meter's stocks, or whose values it counts.
    property: Option<String>,
    dimensions: BTreeMap<String, String>,
    total: Total,
    /// The quantity of each event, where a charge asks for them.
    events: Vec<Quantity>,
    /// Levels, where days cannot be added up: those of the month, and those that stood when it began.
    levels: Vec<LevelRow>,
    standing: Vec<LevelRow>,
}

/// The pool of a month, as a tariff sees it.
#[derive(Clone, Debug)]
pub(crate) struct MonthPool {
    /// Dated, with the usage of each member for each charge. What was used and billed before in a
    /// contract year is not in it.
    pub(crate) pool: Pool,
    /// Meters of whose usage some has no price.
    pub(crate) unpriced: BTreeSet<String>,
    /// Members that used it and are not subscribed, which usage that was taken in was once: their
    /// usage is not in the pool.
    pub(crate) strangers: BTreeSet<String>,
}

impl ServiceMonth {
    /// Reads a month of a service, of which the period is told. It asks for a
    /// [`snapshot`](Db::snapshot).
    ///
    /// Usage is that of the month by its own time, also what came in late.
    pub(crate) fn read<'t>(
        conn: &mut Db,
        service: &ServiceRow,
        (month, period, zone): (Month, Period, &TimeZone),
        tariffs: impl IntoIterator<Item = &'t Tariff>,
    ) -> Result<Self, DbError> {
        let (pole, id) = (&service.pole_id, &service.service_id);
        let (first, end) = (period.days().first(), period.days().end());
        let last = end.yesterday().unwrap_or(end);
        let (from, to) = (Time::from(period.start()), Time::from(period.end()));
        let subscribed = (&Day::from(first), &Day::from(last));
        let subscriptions = subscriptions::of_service(conn, pole, id, subscribed)?;
        let meters: HashMap<_, _> = meters::of_service(conn, pole, id)?
            .into_iter()
            .map(|meter| (meter.meter_id.clone(), meter))
            .collect();
        let mut used = BTreeMap::new();
        for row in series::of_service(conn, pole, id)? {
            if let Some(meter) = meters.get(&row.meter_id) {
                used.insert(row.series_id, Used::nothing(meter, &row)?);
            }
        }
        let of = |wanted: fn(&Used) -> bool| {
            let wanted = used.iter().filter(|(_, used)| wanted(used));
            wanted.map(|(series, _)| *series).collect::<Vec<_>>()
        };
        let (added, leveled, stocks) =
            (of(Used::is_added_up), of(|it| !it.is_added_up()), of(Used::is_stock));
        let days = rollups::days_of(conn, pole, (number(first), number(last)), &added)?;
        for ((_, series), total) in days {
            used.entry(series).and_modify(|used| used.total.add(total));
        }
        for row in levels::between(conn, pole, (from, to), &leveled)? {
            used.entry(row.series_id).and_modify(|used| used.levels.push(row));
        }
        for row in levels::standing(conn, pole, from, &stocks)? {
            used.entry(row.series_id).and_modify(|used| used.standing.push(row));
        }
        if tariffs.into_iter().any(is_per_event) {
            for (series, micros) in usage::quantities(conn, pole, (from, to), &added)? {
                let quantity = Quantity::from_units(micros);
                used.entry(series).and_modify(|used| used.events.push(quantity));
            }
        }
        Ok(Self {
            month,
            period,
            subscriptions,
            zone: zone.clone(),
            anniversary: service.contract_anniversary.clone(),
            used: used.into_values().collect(),
        })
    }

    /// Takes back what changed of the month after it was closed: it says again what it said then.
    pub(crate) fn as_closed(&mut self, changes: &[LateRow]) {
        for change in changes {
            if let Some(used) = self.of_series(change.series_id) {
                used.take_back(change);
            }
        }
    }

    /// Counts changes of this month after all, where they belong.
    pub(crate) fn count_again(&mut self, changes: &[LateRow]) {
        for change in changes {
            if let Some(used) = self.of_series(change.series_id) {
                used.take_back(&LateRow { voided: !change.voided, ..change.clone() });
            }
        }
    }

    /// Counts changes of months before as if they were of this one, and says whose they are. Where
    /// stocks stood before is known from their levels already.
    pub(crate) fn count_late(&mut self, changes: &[LateRow]) -> BTreeSet<String> {
        let start = Time::from(self.period.start());
        let mut members = BTreeSet::new();
        for change in changes {
            if let Some(used) = self.of_series(change.series_id) {
                used.count_late(change, start);
                members.insert(used.member.clone());
            }
        }
        members
    }

    fn of_series(&mut self, series: i64) -> Option<&mut Used> {
        let found = self.used.binary_search_by_key(&series, |used| used.series);
        found.ok().and_then(|at| self.used.get_mut(at))
    }

    /// The pool of the month, as a tariff sees it: all who are subscribed, whichever version of the
    /// service's tariff each of them stays with.
    ///
    /// # Errors
    /// [`Error`], if the usage cannot be counted.
    pub(crate) fn pool(&self, tariff: &Tariff) -> Result<MonthPool, Error> {
        let pool = self.subscribed()?;
        let (mine, strange): (Vec<_>, Vec<_>) =
            self.used.iter().partition(|used| pool.has(&used.member));
        let mut metering = Metering::new(tariff, self.period, self.opening(tariff, &mine)?);
        for used in mine.iter().filter(|used| !used.is_added_up()) {
            used.levels.iter().try_for_each(|row| metering.record(&used.event(row)))?;
        }
        let metered = metering.finish(pool)?;
        let records = mine.iter().filter_map(|used| used.record().transpose());
        let records = records.collect::<Result<Vec<_>, _>>()?;
        let recorded = tariff.record_usage(metered.pool, &records)?;
        let strangers = strange.into_iter().filter(|used| used.is_any());
        Ok(MonthPool {
            pool: recorded.pool,
            unpriced: metered.unpriced.into_keys().chain(recorded.unpriced.into_keys()).collect(),
            strangers: strangers.map(|used| used.member.clone()).collect(),
        })
    }

    /// Where stocks stood when the month began, as the charges of a tariff see them: what a period
    /// before it, with the last levels of each, closes with.
    fn opening(&self, tariff: &Tariff, used: &[&Used]) -> Result<Stocks, Error> {
        let standing = used.iter().flat_map(|used| used.standing.iter().map(|row| used.event(row)));
        let standing: Vec<Event> = standing.collect();
        let Some(first) = standing.iter().map(|event| event.time).min() else {
            return Ok(Stocks::new());
        };
        let first = self.zone.to_datetime(first).date();
        let before = Days::new(first, self.period.days().first())?.period(&self.zone)?;
        let mut metering = Metering::new(tariff, before, Stocks::new());
        standing.iter().try_for_each(|event| metering.record(event))?;
        Ok(metering.finish(self.subscribed()?)?.closing)
    }

    /// The subscribers, each once: of several subscriptions in a month, which follow one another, the
    /// pool sees the first day of the first, the last day of the last, and the weight of the last.
    fn subscribed(&self) -> Result<Pool, Error> {
        let mut subscribers: BTreeMap<&str, Subscriber> = BTreeMap::new();
        for row in &self.subscriptions {
            let member = row.member_id.as_str();
            let subscriber = subscribers.entry(member).or_insert_with(|| Subscriber {
                start: Some(row.first_day.date()),
                ..Subscriber::new(member)
            });
            subscriber.weight = Quantity::from_units(row.weight_micros);
            subscriber.end = row.last_day.as_ref().map(|last| last.next().date());
        }
        let pool = Pool::new(subscribers.into_values())?;
        match &self.anniversary {
            Some(day) => ContractYears::since(day.date()).date(pool, self.month),
            None => Ok(pool.in_month(self.month)),
        }
    }
}

impl Used {
    fn nothing(meter: &MeterRow, series: &SeriesRow) -> Result<Self, DbError> {
        Ok(Self {
            series: series.series_id,
            member: series.member_id.to_string(),
            meter: meter.code.clone(),
            aggregation: meter.aggregation,
            property: meter.property.clone(),
            dimensions: series.values()?,
            total: Total::default(),
            events: Vec::new(),
            levels: Vec::new(),
            standing: Vec::new(),
        })
    }

    /// Undoes a change.
    fn take_back(&mut self, change: &LateRow) {
        let (quantity_micros, events) = change.adds();
        match &change.level {
            None => {
                let total = Total { quantity_micros, events };
                self.total.add(total.negated());
                let quantity = Quantity::from_units(change.quantity_micros);
                if change.voided {
                    self.events.push(quantity);
                } else if let Some(at) = self.events.iter().position(|it| *it == quantity) {
                    self.events.remove(at);
                }
            }
            Some(value) if change.voided => self.levels.push(level(change, value)),
            Some(_) => self.levels.retain(|row| {
                (row.happened_at, &row.event_id) != (change.happened_at, &change.event_id)
            }),
        }
    }

    /// Counts a change in a month that begins at an instant.
    fn count_late(&mut self, change: &LateRow, start: Time) {
        let (quantity_micros, events) = change.adds();
        match &change.level {
            None => {
                self.total.add(Total { quantity_micros, events });
                self.events.push(Quantity::from_units(quantity_micros));
            }
            Some(value) if !change.voided && !self.is_stock() => {
                self.levels.push(LevelRow { happened_at: start, ..level(change, value) });
            }
            Some(_) => {}
        }
    }

    const fn is_added_up(&self) -> bool {
        self.aggregation.is_added_up()
    }

    const fn is_stock(&self) -> bool {
        self.aggregation.aggregation().is_stock()
    }

    const fn is_any(&self) -> bool {
        self.total.events != 0 || !self.levels.is_empty()
    }

    /// What was added up, if anything was.
    fn record(&self) -> Result<Option<UsageRecord>, Error> {
        if !self.is_added_up() || self.total == Total::default() {
            return Ok(None);
        }
        Ok(Some(UsageRecord {
            member: self.member.clone(),
            meter: Some(self.meter.clone()),
            quantity: self.total.quantity(self.aggregation.aggregation())?,
            events: self.events.clone(),
            properties: self.dimensions.clone(),
        }))
    }

    /// A level as the event it was.
    fn event(&self, row: &LevelRow) -> Event {
        row.event(&self.member, (&self.meter, self.property.as_deref()), &self.dimensions)
    }
}

/// The level that a change is about.
fn level(change: &LateRow, value: &str) -> LevelRow {
    LevelRow {
        pole_id: change.pole_id.clone(),
        series_id: change.series_id,
        happened_at: change.happened_at,
        event_id: change.event_id.clone(),
        quantity_micros: change.quantity_micros,
        value: value.to_owned(),
    }
}

impl Total {
    /// The quantity of a meter whose days can be added up.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub(crate) fn quantity(self, aggregation: Aggregation) -> Result<Quantity, Error> {
        let overflow = Error::Overflow { what: "quantity" };
        if aggregation == Aggregation::Count {
            let micros = self.events.checked_mul(Quantity::ONE.units());
            return micros.map(Quantity::from_units).ok_or(overflow);
        }
        if self.quantity_micros == Self::TOO_LARGE {
            return Err(overflow);
        }
        Ok(Quantity::from_units(self.quantity_micros))
    }
}

impl LevelRow {
    /// The event it was, as far as its meter looks at it.
    pub(crate) fn event(
        &self,
        member: &str,
        (meter, property): (&str, Option<&str>),
        dimensions: &BTreeMap<String, String>,
    ) -> Event {
        let mut properties = dimensions.clone();
        if let Some(name) = property {
            properties.insert(name.to_owned(), self.value.clone());
        }
        Event {
            id: self.event_id.clone(),
            member: member.to_owned(),
            meter: meter.to_owned(),
            time: self.happened_at.timestamp(),
            quantity: Quantity::from_units(self.quantity_micros),
            properties,
            amends: None,
        }
    }
}

/// Whether some charge of a tariff asks for each event.
fn is_per_event(tariff: &Tariff) -> bool {
    tariff.charges().iter().any(|charge: &Charge| {
        matches!(&charge.kind, ChargeKind::Usage(usage) if usage.cost.is_per_event())
    })
}

#[cfg(test)]
mod tests;
