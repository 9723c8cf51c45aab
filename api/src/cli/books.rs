//! `palier books`: reports, and closing months and years.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::failure::Failure;
use super::{print, printed};
use crate::app::App;
use crate::config::Settings;
use crate::day::Day;
use crate::db::poles::{PoleRow, WrittenLanguage};
use crate::db::{Db, DbError};
use crate::reports::aged::{AgedReceivables, MemberBalances, OpenDocuments};
use crate::reports::balance::{BalanceBy, TrialBalance};
use crate::reports::journal::JournalReport;
use crate::reports::registers::{InvoiceRegister, PaymentRegister};
use crate::reports::revenue::{Revenue, RevenueBy};
use crate::reports::vat::VatReturn;
use crate::reports::{Period, Report};
use crate::sheet::FileFormat;
use crate::text::Language;

mod close;
mod table;

/// Report what members owe, accounts, VAT and revenue, and close months and years
#[derive(Args)]
pub(super) struct Books {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What members owe, by how long it has been due
    Aged(Box<OfDay>),
    /// Documents that are not settled, the oldest due first
    Open(Box<OfDay>),
    /// What each member's account stands at
    Balances(Box<OfDay>),
    /// What every account stands at
    TrialBalance(Box<BalanceOf>),
    /// The VAT to declare, by category and rate
    Vat(Box<OfPeriod>),
    /// What was earned, by service or member
    Revenue(Box<RevenueOf>),
    /// The entries of the journal
    Journal(Box<OfPeriod>),
    /// Invoices and credit notes that were issued
    Invoices(Box<OfPeriod>),
    /// Payments, refunds and losses that were booked
    Payments(Box<OfPeriod>),
    Close(Box<close::Close>),
}

impl Books {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Aged(of) => of.report(AgedReceivables::read),
            Command::Open(of) => of.report(OpenDocuments::read),
            Command::Balances(of) => of.report(MemberBalances::read),
            Command::TrialBalance(of) => {
                let BalanceOf { by, of } = *of;
                of.report(|conn, pole, period| TrialBalance::read(conn, pole, period, by.into()))
            }
            Command::Vat(of) => of.report(VatReturn::read),
            Command::Revenue(of) => {
                let RevenueOf { by, of } = *of;
                of.report(|conn, pole, period| Revenue::read(conn, pole, period, by.into()))
            }
            Command::Journal(of) => of.report(JournalReport::read),
            Command::Invoices(of) => of.report(InvoiceRegister::read),
            Command::Payments(of) => of.report(PaymentRegister::read),
            Command::Close(close) => close.run(),
        }
    }
}

/// Whose books, and where what they say goes.
#[derive(Args)]
struct Out {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Print JSON
    #[arg(long, group = "out")]
    json: bool,
    /// Print CSV
    #[arg(long, group = "out")]
    csv: bool,
    /// Write a spreadsheet, in the pole's language
    #[arg(long, value_name = "FILE", group = "out")]
    xlsx: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// A report of a day.
#[derive(Args)]
struct OfDay {
    /// The day, at its end [default: today]
    #[arg(long, value_name = "DAY")]
    as_of: Option<Date>,
    #[command(flatten)]
    out: Out,
}

/// A report of some days.
#[derive(Args)]
struct OfPeriod {
    /// A month, a quarter or a year: 2026-07, 2026-Q3, 2026
    #[arg(long, visible_alias = "year", value_name = "PERIOD", value_parser = period)]
    period: Period,
    #[command(flatten)]
    out: Out,
}

/// What every account stands at.
#[derive(Args)]
struct BalanceOf {
    /// What rows are sums of
    #[arg(long, value_enum, default_value_t)]
    by: Of,
    #[command(flatten)]
    of: OfPeriod,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Of {
    #[default]
    Account,
    Company,
}

/// What was earned.
#[derive(Args)]
struct RevenueOf {
    /// What rows are sums of
    #[arg(long, value_enum, default_value_t)]
    by: Earner,
    #[command(flatten)]
    of: OfPeriod,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Earner {
    #[default]
    Service,
    Member,
}

impl From<Of> for BalanceBy {
    fn from(of: Of) -> Self {
        match of {
            Of::Account => Self::Account,
            Of::Company => Self::Company,
        }
    }
}

impl From<Earner> for RevenueBy {
    fn from(of: Earner) -> Self {
        match of {
            Earner::Service => Self::Service,
            Earner::Member => Self::Member,
        }
    }
}

fn period(text: &str) -> Result<Period, String> {
    let expected = "expected a month, a quarter or a year, such as 2026-07, 2026-Q3 or 2026";
    text.parse().map_err(|_| expected.to_owned())
}

impl OfDay {
    fn report<R: Report>(
        self,
        read: fn(&mut Db, &PoleRow, Date) -> Result<R, DbError>,
    ) -> Result<(), Failure> {
        let Self { as_of, out } = self;
        out.report(|app, conn, pole| {
            read(conn, pole, as_of.unwrap_or_else(|| Day::today(pole, app.now()).date()))
        })
    }
}

impl OfPeriod {
    fn report<R: Report>(
        self,
        read: impl FnOnce(&mut Db, &PoleRow, &Period) -> Result<R, DbError>,
    ) -> Result<(), Failure> {
        let Self { period, out } = self;
        out.report(|_, conn, pole| read(conn, pole, &period))
    }
}

impl Out {
    /// Reads a report in one state of the database, and puts it where it should go.
    fn report<R: Report>(
        self,
        read: impl FnOnce(&App, &mut Db, &PoleRow) -> Result<R, DbError>,
    ) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let made = app.db.read_now(|conn| conn.snapshot(|conn| read(&app, conn, &pole)));
        let made = made.map_err(Failure::database)?;
        if self.json {
            let json = serde_json::to_string(&made);
            let json = json.map_err(|error| Failure::Output(error.to_string()))?;
            return print(&format!("{json}\n"));
        }
        let sheet = made.sheet();
        let language = match pole.language {
            WrittenLanguage::French => Language::Fr,
            WrittenLanguage::English => Language::En,
        };
        let written = |format| {
            let bytes = sheet.write(format, language);
            bytes.map_err(|error| Failure::Output(error.to_string()))
        };
        if let Some(path) = &self.xlsx {
            let put = std::fs::write(path, written(FileFormat::Xlsx)?);
            return put.map_err(|error| Failure::unwritable(&path.display().to_string(), &error));
        }
        if self.csv {
            let text = String::from_utf8_lossy(&written(FileFormat::Csv)?).into_owned();
            return print(&text);
        }
        printed(table::write(&mut std::io::stdout().lock(), &sheet))
    }
}
