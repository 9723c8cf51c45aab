//! Metering a period: every event finds the charges that price it.

use std::collections::BTreeMap;

mod record;
mod route;

pub use record::{RecordedUsage, UsageRecord};
use route::Router;

use crate::{
    Aggregate, ChargeKind, Error, Event, Levels, Meter, Metered, Period, Pool, Quantity, Tariff,
};

/// The levels of all stocks at the end of a period, by charge and member: where the next begins.
pub type Stocks = BTreeMap<(usize, String), Levels>;

/// The usage of one period, as the charges of a tariff see it, growing event by event.
#[derive(Clone, Debug)]
pub struct Metering<'t> {
    tariff: &'t Tariff,
    period: Period,
    opening: Stocks,
    router: Router<'t>,
    cells: BTreeMap<(usize, String), Cell>,
    unpriced: BTreeMap<String, u64>,
}

#[derive(Clone, Debug)]
struct Cell {
    aggregate: Aggregate,
    events: Vec<Quantity>,
}

/// What metering a period came to.
#[derive(Clone, Debug)]
pub struct MeteredPeriod {
    /// The pool with its usage.
    pub pool: Pool,
    /// The stocks to open the next period with.
    pub closing: Stocks,
    /// How many events of this period no charge prices, by meter.
    pub unpriced: BTreeMap<String, u64>,
}

impl<'t> Metering<'t> {
    /// Starts a period with the stocks the one before closed with.
    pub fn new(tariff: &'t Tariff, period: Period, opening: Stocks) -> Self {
        let (cells, unpriced) = (BTreeMap::new(), BTreeMap::new());
        Self { tariff, period, opening, router: Router::new(tariff), cells, unpriced }
    }

    /// Counts an event with every charge that prices it. Events of other periods pass by.
    ///
    /// # Errors
    /// [`Error::AmbiguousMeter`] if the tariff leaves it open which meter a charge means,
    /// [`Error::MissingProperty`] if a property is counted that the event lacks.
    pub fn record(&mut self, event: &Event) -> Result<(), Error> {
        if !self.period.contains(event.time) {
            return Ok(());
        }
        let positions = self.router.route(Some(&event.meter), &event.properties)?;
        if positions.is_empty() {
            let count = self.unpriced.entry(event.meter.clone()).or_default();
            *count = count.saturating_add(1);
        }
        for position in positions {
            let tariff = self.tariff;
            let key = (position, event.member.clone());
            let cell = self.cells.entry(key).or_insert_with(|| Cell::new(tariff, position));
            cell.aggregate.add(event)?;
            if is_per_event(tariff, position) {
                cell.events.push(event.quantity);
            }
        }
        Ok(())
    }

    /// Ends the period and gives a pool its usage.
    ///
    /// # Errors
    /// [`Error::NotSubscribed`] if someone used it who is not in the pool, [`Error::Overflow`].
    pub fn finish(self, pool: Pool) -> Result<MeteredPeriod, Error> {
        let mut usage: BTreeMap<usize, BTreeMap<String, Metered>> = BTreeMap::new();
        let mut closing = Stocks::new();
        let silent = self.silent_stocks(&pool);
        for ((position, member), cell) in self.cells.into_iter().chain(silent) {
            let key = (position, member);
            let opening = self.opening.get(&key).cloned().unwrap_or_default();
            let quantity = cell.aggregate.quantity(&self.period, &opening)?;
            let levels = cell.aggregate.closing(&opening);
            if !levels.is_empty() {
                closing.insert(key.clone(), levels);
            }
            let metered = Metered { quantity, events: cell.events };
            usage.entry(key.0).or_default().insert(key.1, metered);
        }
        let pool = usage
            .into_iter()
            .try_fold(pool, |pool, (position, usage)| pool.with_charge_usage(position, usage))?;
        Ok(MeteredPeriod { pool, closing, unpriced: self.unpriced })
    }

    /// Stocks that stood all period long without an event. Those of members that left are gone.
    fn silent_stocks(&self, pool: &Pool) -> Vec<((usize, String), Cell)> {
        let silent = |key: &&(usize, String)| !self.cells.contains_key(key) && pool.has(&key.1);
        let keys = self.opening.keys().filter(silent);
        keys.map(|key| (key.clone(), Cell::new(self.tariff, key.0))).collect()
    }
}

impl Cell {
    /// Nothing so far; a charge whose meter is not declared adds up.
    fn new(tariff: &Tariff, position: usize) -> Self {
        let source = tariff.charges().get(position).and_then(crate::Charge::source);
        let meter = source.and_then(|source| tariff.meter_of(source));
        let aggregate = meter.map_or_else(|| Aggregate::new(&Meter::sum("")), Aggregate::new);
        Self { aggregate, events: Vec::new() }
    }
}

fn is_per_event(tariff: &Tariff, position: usize) -> bool {
    let kind = tariff.charges().get(position).map(|charge| &charge.kind);
    matches!(kind, Some(ChargeKind::Usage(usage)) if usage.cost.is_per_event())
}
