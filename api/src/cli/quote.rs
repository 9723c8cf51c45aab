//! `palier quote`: prices usage offline, with the engine that prices invoices.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{ArgGroup, Args, ValueEnum};
use jiff::{civil::Date, tz::TimeZone};
use palier_billing::{Rating, Tariff};

use super::{complain, failure::Failure, print};
use crate::quote::Months;
use crate::quote::words::month_name;

mod csv;
mod curve;
mod json;
mod pools;
mod records;
mod table;
mod tariff;
mod usage;
mod weights;

use pools::{Pools, Terms};
use tariff::TariffFile;
use usage::Usage;

/// Reads a usage file, and forgets it.
pub(crate) fn read_usage(path: &Path) {
    // What is wrong with it is not of interest, as long as it is said.
    let _read = Usage::read(path);
}

/// Price usage offline: nothing is stored, the cents are those of the invoice
#[derive(Args)]
#[command(
    group(ArgGroup::new("task").args(["usage", "curve"]).required(true).multiple(true)),
    after_help = "palier quote --help explains the files and shows examples.",
    after_long_help = include_str!("quote/help.txt"),
)]
pub(super) struct Quote {
    /// The tariff, or a lone charge (JSON)
    #[arg(long, value_name = "FILE")]
    tariff: PathBuf,
    /// What members used (CSV, may be gzipped); - is standard input
    #[arg(long, value_name = "FILE")]
    usage: Option<PathBuf>,
    /// Weights for costs shared by weight: tpe=1,pme=3 or a file with member,weight
    #[arg(long, value_name = "WEIGHTS", requires = "usage")]
    weights: Option<String>,
    /// Months to price [default: all from the first event to the last]
    #[arg(long = "period", value_name = "MONTH[..MONTH]", requires = "usage")]
    months: Vec<Months>,
    /// Where months begin and end
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris", value_parser = zone)]
    time_zone: TimeZone,
    /// The day the contract began [default: the first day of the first month priced]
    #[arg(long, value_name = "DATE", requires = "usage", value_parser = date)]
    contract_start: Option<Date>,
    /// The day every subscription began, for fees [default: long ago]
    #[arg(long, value_name = "DATE", requires = "usage", value_parser = date)]
    subscribed_since: Option<Date>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table", requires = "usage")]
    format: Format,
    /// Draw unit price against volume (SVG)
    #[arg(long, value_name = "FILE")]
    curve: Option<PathBuf>,
    /// The charge to draw, by name or number from 1 [default: the first that has a price]
    #[arg(long, value_name = "CHARGE", requires = "curve")]
    charge: Option<String>,
}

/// How a quote is printed.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// With all steps
    Json,
    /// A row for each line
    Csv,
}

fn zone(name: &str) -> Result<TimeZone, &'static str> {
    palier_billing::time_zone(name).map_err(|_| "expected a time zone such as Europe/Paris")
}

fn date(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "expected a date such as 2026-07-01")
}

impl Quote {
    /// Computes everything before anything is printed: bad input leaves standard output empty.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let file = TariffFile::read(&self.tariff)?;
        let tariff = &file.tariff;
        let pools = self.pools(tariff)?;
        let ratings = pools.rate(tariff)?;
        let text = self.rendered(tariff, &ratings)?;
        let mut warnings = file.warnings();
        warnings.extend_from_slice(&pools.warnings);
        let curve = self.drawn(tariff, &ratings, &mut warnings)?;

        for warning in warnings {
            complain(&format!("warning: {warning}"));
        }
        if let Some((path, svg)) = curve {
            let written = fs::write(path, svg);
            let name = path.display().to_string();
            written.map_err(|error| Failure::unwritable(&name, &error))?;
        }
        print(&text)
    }

    fn pools(&self, tariff: &Tariff) -> Result<Pools, Failure> {
        let Some(path) = &self.usage else {
            return Ok(Pools::default());
        };
        let usage = Usage::read(path)?;
        let weights = self.weights.as_deref().map(weights::read).transpose()?;
        let terms = Terms {
            months: &self.months,
            zone: &self.time_zone,
            contract_start: self.contract_start,
            subscribed_since: self.subscribed_since,
            weights: weights.unwrap_or_default(),
        };
        Pools::of(tariff, &usage, &terms)
    }

    fn rendered(&self, tariff: &Tariff, ratings: &[Rating<'_>]) -> Result<String, Failure> {
        if ratings.is_empty() {
            return Ok(String::new());
        }
        match self.format {
            Format::Table => table::write(tariff, ratings, table::Style::detect()),
            Format::Json => json::write(ratings),
            Format::Csv => csv::write(ratings),
        }
    }

    /// The curve that was asked for, with the pool as it stood in the last month.
    fn drawn(
        &self,
        tariff: &Tariff,
        ratings: &[Rating<'_>],
        warnings: &mut Vec<String>,
    ) -> Result<Option<(&Path, String)>, Failure> {
        let Some(path) = &self.curve else {
            return Ok(None);
        };
        let position = curve::choose(tariff, self.charge.as_deref())?;
        let last = ratings.last();
        let svg = curve::draw(tariff, position, last)?;
        let charges = tariff.charges().iter().filter(|charge| charge.source().is_some());
        if self.charge.is_none() && charges.count() > 1 {
            let number = position.saturating_add(1);
            warnings.push(format!("--curve shows charge {number}: choose another with --charge"));
        }
        if let Some(month) = last.and_then(|rating| rating.pool().month())
            && ratings.len() > 1
        {
            let month = month_name(month);
            warnings.push(format!("--curve shows {month}: choose another month with --period"));
        }
        Ok(Some((path, svg)))
    }
}
