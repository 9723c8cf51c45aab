//! Usage by day or month, exact for every kind of meter: what can be added up from the days that are
//! kept added up, the rest from its events.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use palier_billing::{Aggregate, Error, Levels, Period, Quantity};

use super::calendar::number;
use crate::clock::Time;
use crate::db::meters::MeterRow;
use crate::db::usage::rollups::{self, Total};
use crate::db::usage::series::SeriesRow;
use crate::db::usage::{LevelRow, levels};
use crate::db::{Db, DbError};
use crate::id::{MemberId, MeterId, PoleId};

/// How many days, times series, are read at once.
const CELLS: usize = 100_000;

/// What usage is told of: a meter, for each member or all together, for each value of a dimension or
/// all together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) meter: MeterId,
    pub(crate) member: Option<MemberId>,
    pub(crate) value: Option<String>,
}

/// A series that is asked for.
pub(crate) struct Part {
    pub(crate) series: SeriesRow,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) meter: MeterRow,
    pub(crate) group: Group,
}

/// The usage of each group, by day or month: nothing where there is none.
pub(crate) type History = BTreeMap<Group, BTreeMap<Date, Quantity>>;

/// Why there is no history.
pub(crate) enum HistoryError {
    Db(DbError),
    Usage(Error),
}

impl From<DbError> for HistoryError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<Error> for HistoryError {
    fn from(error: Error) -> Self {
        Self::Usage(error)
    }
}

/// Reads the usage of some series in periods that follow one another. It asks for a
/// [`snapshot`](Db::snapshot).
pub(crate) fn read(
    conn: &mut Db,
    pole: &PoleId,
    parts: &[Part],
    periods: &[Period],
) -> Result<History, HistoryError> {
    let mut history = History::new();
    let (added, leveled): (Vec<&Part>, Vec<&Part>) =
        parts.iter().partition(|part| part.meter.aggregation.is_added_up());
    add_days(conn, pole, &added, periods, &mut history)?;
    add_levels(conn, pole, &leveled, periods, &mut history)?;
    Ok(history)
}

fn add_days(
    conn: &mut Db,
    pole: &PoleId,
    parts: &[&Part],
    periods: &[Period],
    history: &mut History,
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(()) };
    let ids: Vec<i64> = parts.iter().map(|part| part.series.series_id).collect();
    let groups: HashMap<i64, &Part> = ids.iter().copied().zip(parts.iter().copied()).collect();
    let (first, end) = (number(first.days().first()), number(last.days().end()));
    let starts: Vec<i32> = periods.iter().map(|period| number(period.days().first())).collect();
    let run = CELLS.checked_div(ids.len()).unwrap_or_default().clamp(1, 366);
    let mut totals: BTreeMap<(&Group, usize), (Total, &MeterRow)> = BTreeMap::new();
    let days: Vec<i32> = (first..end).collect();
    for days in days.chunks(run) {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { continue };
        for ((day, series), total) in rollups::days_of(conn, pole, (*first, *last), &ids)? {
            let period = starts.partition_point(|start| *start <= day).saturating_sub(1);
            let Some(part) = groups.get(&series) else { continue };
            let so_far = totals.entry((&part.group, period));
            so_far.or_insert_with(|| (Total::default(), &part.meter)).0.add(total);
        }
    }
    for ((group, period), (total, meter)) in totals {
        let quantity = total.quantity(meter.aggregation.aggregation())?;
        note(history, group, periods.get(period), quantity);
    }
    Ok(())
}

/// The events of one member in a group.
struct Own<'p> {
    part: &'p Part,
    /// By time.
    rows: Vec<(LevelRow, &'p Part)>,
    /// Where its stocks stood before.
    standing: Vec<(LevelRow, &'p Part)>,
}

fn add_levels(
    conn: &mut Db,
    pole: &PoleId,
    parts: &[&Part],
    periods: &[Period],
    history: &mut History,
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(()) };
    let (from, to) = (Time::from(first.start()), Time::from(last.end()));
    let by_series: HashMap<i64, &Part> =
        parts.iter().map(|part| (part.series.series_id, *part)).collect();
    let stocks = parts.iter().filter(|part| part.meter.aggregation.aggregation().is_stock());
    let stocks: Vec<i64> = stocks.map(|part| part.series.series_id).collect();
    let all: Vec<i64> = by_series.keys().copied().collect();
    let mut owned: BTreeMap<(&Group, &MemberId), Own<'_>> = BTreeMap::new();
    let mut own = |row: LevelRow, stood: bool| {
        let Some(part) = by_series.get(&row.series_id) else { return };
        let own = owned.entry((&part.group, &part.series.member_id));
        let own = own.or_insert_with(|| Own { part, rows: Vec::new(), standing: Vec::new() });
        let rows = if stood { &mut own.standing } else { &mut own.rows };
        rows.push((row, *part));
    };
    for row in levels::between(conn, pole, (from, to), &all)? {
        own(row, false);
    }
    for row in levels::standing(conn, pole, from, &stocks)? {
        own(row, true);
    }
    let mut sums: BTreeMap<(&Group, usize), Quantity> = BTreeMap::new();
    for ((group, _), mut own) in owned {
        own.rows.sort_by_key(|(row, _)| row.happened_at);
        for (nth, quantity) in own.quantities(periods)?.into_iter().enumerate() {
            let sum = sums.entry((group, nth)).or_default();
            *sum = sum.checked_add(quantity)?;
        }
    }
    for ((group, period), quantity) in sums {
        note(history, group, periods.get(period), quantity);
    }
    Ok(())
}

impl Own<'_> {
    /// The quantity of each period.
    fn quantities(&self, periods: &[Period]) -> Result<Vec<Quantity>, Error> {
        let meter = self.part.meter.meter();
        let aggregate = |rows: &[(LevelRow, &Part)]| {
            let mut aggregate = Aggregate::new(&meter);
            for (row, part) in rows {
                let of = (meter.code.as_str(), meter.property.as_deref());
                aggregate.add(&row.event(part.series.member_id.as_str(), of, &part.values))?;
            }
            Ok::<_, Error>(aggregate)
        };
        let mut opening = aggregate(&self.standing)?.closing(&Levels::new());
        let (mut quantities, mut rest) = (Vec::with_capacity(periods.len()), self.rows.as_slice());
        for period in periods {
            let end = Time::from(period.end());
            let (within, later) =
                rest.split_at(rest.partition_point(|(row, _)| row.happened_at < end));
            rest = later;
            let aggregate = aggregate(within)?;
            quantities.push(aggregate.quantity(period, &opening)?);
            opening = aggregate.closing(&opening);
        }
        Ok(quantities)
    }
}

fn note(history: &mut History, group: &Group, period: Option<&Period>, quantity: Quantity) {
    if let Some(period) = period.filter(|_| !quantity.is_zero()) {
        history.entry(group.clone()).or_default().insert(period.days().first(), quantity);
    }
}

/// How many days, times series, a question is about.
pub(crate) fn cells(parts: &[Part], periods: &[Period]) -> usize {
    let days = periods.iter().map(|period| period.days().count()).sum::<i64>();
    usize::try_from(days).unwrap_or(usize::MAX).saturating_mul(parts.len())
}
