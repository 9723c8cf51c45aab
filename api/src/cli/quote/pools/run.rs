//! The pools of a file of events, month by month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};
use palier_billing::{Days, Error, Event, Metering, Month, Pool, Stocks, Subscriber, Tariff};

use super::{Pools, Terms, unpriced};
use crate::cli::{
    failure::{Failure, Place},
    quote::usage::EventFile,
};
use crate::quote::words::{listed, month_name};
use crate::quote::{ContractYears, Course, Months};

/// Months in their order, each beginning where the one before ended.
pub(super) struct Run<'q> {
    tariff: &'q Tariff,
    file: &'q str,
    events: &'q EventFile,
    by_month: BTreeMap<Month, Vec<&'q Event>>,
    subscribers: Vec<Subscriber>,
    zone: &'q TimeZone,
    selected: BTreeSet<Month>,
    contract: ContractYears,
    stocks: Stocks,
    unpriced: BTreeMap<String, u64>,
}

impl<'q> Run<'q> {
    pub(super) fn new(
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
        let selected = selected(file, by_month.keys().copied(), terms.months)?;
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
            unpriced: BTreeMap::new(),
        })
    }

    /// Goes through the months. Those before the first that is priced count too: stocks stand on
    /// from them, and their volume belongs to the contract year.
    pub(super) fn pools(mut self) -> Result<Pools, Failure> {
        let numbers =
            self.selected.iter().map(|&month| self.contract.number(month).map_err(in_month(month)));
        let priced_years: BTreeSet<_> = numbers.collect::<Result<_, _>>()?;
        let known = self.by_month.keys().filter(|month| Some(*month) <= self.selected.last());
        let months = Months::spanning(known.chain(&self.selected).copied());

        let mut periods = Vec::new();
        let mut course = Course::new(self.tariff, self.contract);
        for month in months.into_iter().flat_map(Months::iter) {
            let number = self.contract.number(month).map_err(in_month(month))?;
            let mut pool = self.meter(month)?;
            if priced_years.contains(&number) {
                pool = course.follow(pool, month).map_err(in_month(month))?;
            }
            if self.selected.contains(&month) {
                periods.push(pool);
            }
        }
        let (file, warnings) = (self.file.to_owned(), self.warnings());
        Ok(Pools { file, periods, warnings })
    }

    fn meter(&mut self, month: Month) -> Result<Pool, Failure> {
        let fault = in_month(month);
        let period = month.days().and_then(|days| days.period(self.zone)).map_err(fault)?;
        let mut metering = Metering::new(self.tariff, period, std::mem::take(&mut self.stocks));
        for event in self.by_month.get(&month).into_iter().flatten() {
            metering.record(event).map_err(|error| self.refused(&error))?;
        }
        let pool = Pool::new(self.subscribers.clone());
        let pool = pool.and_then(|pool| self.contract.date(pool, month)).map_err(fault)?;
        let metered = metering.finish(pool).map_err(fault)?;
        self.stocks = metered.closing;
        if self.selected.contains(&month) {
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
        let names = |wanted: &dyn Fn(Month) -> bool| {
            let months = self.selected.iter().copied().filter(|&month| wanted(month));
            listed(months.map(month_name))
        };
        let mut warnings = self.events.warnings.clone();
        let idle = names(&|month| !self.by_month.contains_key(&month));
        if !idle.is_empty() {
            warnings.push(format!("{}: there are no events in {idle}", self.file));
        }
        let early = names(&|month| self.contract.number(month).is_ok_and(|number| number < 0));
        if !early.is_empty() {
            let start = self.contract.start();
            warnings.push(format!("{early}: before the contract began on {start}"));
        }
        warnings.extend(unpriced(self.file, &self.unpriced, ("event", "events")));
        warnings
    }
}

/// The months that are priced: those asked for, or all from the first event to the last.
fn selected(
    file: &str,
    with_events: impl Iterator<Item = Month> + Clone,
    asked: &[Months],
) -> Result<BTreeSet<Month>, Failure> {
    // A mistyped year should not be priced as a century of idle months.
    const MOST: usize = 120;
    if !asked.is_empty() {
        return Ok(Months::all(asked));
    }
    let Some(all) = Months::spanning(with_events) else {
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

/// Says in which month a calculation failed.
fn in_month(month: Month) -> impl Fn(Error) -> Failure + Copy {
    move |error| Failure::input(format!("{month}: {error}"))
}
