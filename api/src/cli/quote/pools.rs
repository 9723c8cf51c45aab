//! From usage to pools ready to be rated: who is subscribed, and what each used, month by month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};
use palier_billing::{Error, Pool, Rating, Subscriber, Tariff};

use super::{
    usage::{Form, Usage},
    weights::{self, Weights},
};
use crate::cli::failure::Failure;
use crate::quote::Months;
use crate::quote::words::counted;

mod run;
mod sheet;

use run::Run;

/// What is known about the service besides its tariff and its usage.
pub(super) struct Terms<'q> {
    pub(super) months: &'q [Months],
    pub(super) zone: &'q TimeZone,
    pub(super) contract_start: Option<Date>,
    pub(super) subscribed_since: Option<Date>,
    pub(super) weights: Weights,
}

/// The pools of the periods that are priced, in their order.
#[derive(Default)]
pub(super) struct Pools {
    /// Where their usage comes from.
    file: String,
    periods: Vec<Pool>,
    /// What the reader should know.
    pub(super) warnings: Vec<String>,
}

impl Pools {
    /// Gathers them.
    pub(super) fn of(tariff: &Tariff, usage: &Usage, terms: &Terms<'_>) -> Result<Self, Failure> {
        let (file, subscribers) = (&usage.file, terms.subscribers(tariff, usage)?);
        match &usage.form {
            Form::Sheet(sheet) => sheet::pool(tariff, file, sheet, subscribers, terms),
            Form::Events(events) => Run::new(tariff, file, events, subscribers, terms)?.pools(),
        }
    }

    /// Rates them.
    pub(super) fn rate<'p>(&'p self, tariff: &'p Tariff) -> Result<Vec<Rating<'p>>, Failure> {
        let file = &self.file;
        let fault = |pool: &Pool, error| match (error, pool.month()) {
            (Error::EventsRequired { .. }, _) => Failure::input(format!(
                "{file}: expected events (id,member,meter,time,quantity), because the tariff has \
                 amounts per event, found quantities without dates"
            )),
            (error, Some(month)) => Failure::input(format!("{month}: {error}")),
            (error, None) => Failure::input(format!("{file}: {error}")),
        };
        let rated = self.periods.iter().map(|pool| tariff.rate(pool).map_err(|it| fault(pool, it)));
        rated.collect()
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

/// Usage that no charge prices, meter by meter.
fn unpriced(
    file: &str,
    unpriced: &BTreeMap<String, u64>,
    (one, many): (&str, &str),
) -> Vec<String> {
    let lines = unpriced.iter().map(|(meter, &count)| {
        let of = if meter.is_empty() { String::new() } else { format!(" of {meter}") };
        let (one, many) = (format!("{one}{of} has"), format!("{many}{of} have"));
        format!("{file}: {} no price in this tariff", counted(count, &one, &many))
    });
    lines.collect()
}
