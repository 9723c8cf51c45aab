//! From usage to pools ready to be rated: who is subscribed, and what each used, month by month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};
use palier_billing::{
    Basis, ChargeKind, Days, Error, Event, Metering, Month, Pool, Stocks, Subscriber, Tariff,
    YearToDate,
};

use super::{
    months::{ContractYears, Months},
    usage::{EventFile, Form, Usage},
    weights::{self, Weights},
    words::{counted, listed, month_name},
};
use crate::cli::failure::{Failure, Place};

mod sheet;

/// What is known about the service besides its tariff and its usage.
pub(super) struct Terms<'q> {
    pub(super) months: &'q [Months],
    pub(super) zone: &'q TimeZone,
    pub(super) contract_start: Option<Date>,
    pub(super) subscribed_since: Option<Date>,
    pub(super) weights: Weights,
}

/// The pools of the periods that are priced, in their order.
pub(super) struct Pools {
    pub(super) pools: Vec<Pool>,
    /// What the reader should know.
    pub(super) warnings: Vec<String>,
}

impl Pools {
    /// Gathers them.
    pub(super) fn of(tariff: &Tariff, usage: &Usage, terms: &Terms<'_>) -> Result<Self, Failure> {
        let subscribers = terms.subscribers(tariff, usage)?;
        match &usage.form {
            Form::Sheet(sheet) => sheet::pool(tariff, &usage.file, sheet, subscribers, terms),
            Form::Events(events) => {
                let run = Run::new(tariff, &usage.file, events, subscribers, terms)?;
                run.pools()
            }
        }
    }
}

impl Terms<'_> {
    fn subscribers(&self, tariff: &Tariff, usage: &Usage) -> Result<Vec<Subscriber>, Failure> {
        let members: BTreeSet<_> = usage.members.iter().chain(self.weights.keys()).collect();
        if members.is_empty() {
            let file = &usage.file;
            return Err(Failure::input(format!(
                "{file}: expected rows below the header, found none"
            )));
        }
        weights::check(&self.weights, tariff, members.iter().copied())?;
        let subscribers = members.into_iter().map(|member| {
            let usual = Subscriber::new(member);
            let weight = self.weights.get(member).copied().unwrap_or(usual.weight);
            Subscriber { weight, start: self.subscribed_since, ..usual }
        });
        Ok(subscribers.collect())
    }
}

/// Months in their order, each beginning where the one before ended.
struct Run<'q> {
    tariff: &'q Tariff,
    file: &'q str,
    events: &'q EventFile,
    by_month: BTreeMap<Month, Vec<&'q Event>>,
    subscribers: Vec<Subscriber>,
    zone: &'q TimeZone,
    selected: BTreeSet<Month>,
    contract: ContractYears,
    stocks: Stocks,
    years: BTreeMap<usize, YearToDate>,
    unpriced: BTreeMap<String, u64>,
}

impl<'q> Run<'q> {
    fn new(
        tariff: &'q Tariff,
        file: &'q str,
        events: &'q EventFile,
        subscribers: Vec<Subscriber>,
        terms: &Terms<'q>,
    ) -> Result<Self, Failure> {
        let mut by_month: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in events.log.effective() {
            let month = Month::at(event.time, terms.zone);
            by_month.entry(month).or_default().push(event);
        }
        let selected = selected(file, &by_month, terms.months)?;
        let first = selected.first().and_then(|first| first.days().ok());
        let first = first.map_or(Date::MIN, Days::first);
        Ok(Self {
            tariff,
            file,
            events,
            by_month,
            subscribers,
            zone: terms.zone,
            selected,
            contract: ContractYears::since(terms.contract_start.unwrap_or(first)),
            stocks: Stocks::new(),
            years: BTreeMap::new(),
            unpriced: BTreeMap::new(),
        })
    }

    /// Goes through the months. Those before the first that is priced count too: stocks stand on
    /// from them, and their volume belongs to the contract year.
    fn pools(mut self) -> Result<Pools, Failure> {
        let adds_up = self.tariff.charges().iter().any(|charge| {
            matches!(&charge.kind, ChargeKind::Usage(usage) if usage.basis != Basis::Period)
        });
        let numbers = self.selected.iter().map(|&month| {
            let number = self.contract.number(month);
            number.map_err(|error| Failure::input(format!("{month}: {error}")))
        });
        let priced_years: BTreeSet<_> = numbers.collect::<Result<_, _>>()?;
        let known = self.by_month.keys().filter(|month| Some(*month) <= self.selected.last());
        let months = Months::spanning(known.chain(&self.selected).copied());

        let mut pools = Vec::new();
        let mut year = None;
        for month in months.into_iter().flat_map(Months::iter) {
            let in_month = |error| Failure::input(format!("{month}: {error}"));
            let number = self.contract.number(month).map_err(in_month)?;
            if year.replace(number) != Some(number) {
                self.years.clear();
            }
            let selected = self.selected.contains(&month);
            let mut pool = self.meter(month, selected)?;
            if adds_up && priced_years.contains(&number) {
                for (&charge, year) in &self.years {
                    pool = pool.with_year_to_date(charge, year.clone());
                }
                let rating = self.tariff.rate(&pool).map_err(in_month)?;
                let years = rating.charges().iter();
                self.years = years.filter_map(|it| Some((it.position, it.year.clone()?))).collect();
            }
            if selected {
                pools.push(pool);
            }
        }
        let warnings = self.warnings();
        Ok(Pools { pools, warnings })
    }

    fn meter(&mut self, month: Month, selected: bool) -> Result<Pool, Failure> {
        let in_month = |error: Error| Failure::input(format!("{month}: {error}"));
        let period = month.days().and_then(|days| days.period(self.zone)).map_err(in_month)?;
        let mut metering = Metering::new(self.tariff, period, std::mem::take(&mut self.stocks));
        for event in self.by_month.get(&month).into_iter().flatten() {
            metering.record(event).map_err(|error| self.refused(&error))?;
        }
        let pool = Pool::new(self.subscribers.clone())
            .map_err(in_month)?
            .in_month(month)
            .with_contract_start(self.contract.start())
            .closing_year(self.contract.ends_with(month).map_err(in_month)?);
        let metered = metering.finish(pool).map_err(in_month)?;
        self.stocks = metered.closing;
        if selected {
            for (meter, count) in metered.unpriced {
                let sum = self.unpriced.entry(meter).or_default();
                *sum = sum.saturating_add(count);
            }
        }
        Ok(metered.pool)
    }

    fn refused(&self, error: &Error) -> Failure {
        let Error::MissingProperty { id, property } = error else {
            return Failure::input(format!("{}: {error}", self.file));
        };
        let (line, column) = (self.events.line(id), 0);
        let (file, name) = (self.file, property.as_str());
        let place = Place { file, line, column, name };
        place.fault("a value, because different ones are counted", "nothing")
    }

    fn warnings(&self) -> Vec<String> {
        let file = self.file;
        let mut warnings = self.events.warnings.clone();
        let idle = self.selected.iter().filter(|month| !self.by_month.contains_key(month));
        let idle: Vec<_> = idle.map(|&month| month_name(month)).collect();
        if !idle.is_empty() {
            warnings.push(format!("{file}: there are no events in {}", listed(idle)));
        }
        let early = self
            .selected
            .iter()
            .filter(|&&month| self.contract.number(month).is_ok_and(|number| number < 0));
        let early: Vec<_> = early.map(|&month| month_name(month)).collect();
        if !early.is_empty() {
            let start = self.contract.start();
            let months = listed(early);
            warnings.push(format!("{months}: before the contract began on {start}"));
        }
        warnings.extend(unpriced(file, &self.unpriced, ("event", "events")));
        warnings
    }
}

/// The months that are priced: those asked for, or all from the first event to the last.
fn selected<T>(
    file: &str,
    by_month: &BTreeMap<Month, T>,
    asked: &[Months],
) -> Result<BTreeSet<Month>, Failure> {
    // A mistyped year should not be priced as a century of idle months.
    const MOST: usize = 120;
    if !asked.is_empty() {
        return Ok(Months::all(asked));
    }
    let Some(all) = Months::spanning(by_month.keys().copied()) else {
        return Err(Failure::input(format!(
            "{file}: expected events, found none that count: say which months to price with --period"
        )));
    };
    if all.iter().nth(MOST).is_some() {
        return Err(Failure::input(format!(
            "{file}: expected events of at most ten years, found {all}: say which months to price \
             with --period"
        )));
    }
    Ok(all.iter().collect())
}

/// Usage that no charge prices, meter by meter.
fn unpriced(
    file: &str,
    unpriced: &BTreeMap<String, u64>,
    (one, many): (&str, &str),
) -> Vec<String> {
    let lines = unpriced.iter().map(|(meter, &count)| {
        let (one, many) = (format!("{one} of {meter} has"), format!("{many} of {meter} have"));
        format!("{file}: {} no price in this tariff", counted(count, &one, &many))
    });
    lines.collect()
}
