//! `palier invoices`: a month closed, reviewed and made final.

use clap::{Args, Subcommand};
use palier_billing::Month;

use super::failure::Failure;
use crate::invoicing::InvoicingError;
use crate::text::Language;

mod credit;
mod finalise;
mod list;
mod progress;
mod run;
mod settings;
mod table;

/// Close a month, review what it comes to, and make its documents final
#[derive(Args)]
pub(super) struct Invoices {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Settings(Box<settings::BillingSettings>),
    Run(Box<run::RunInvoices>),
    List(Box<list::List>),
    Finalise(Box<finalise::Finalise>),
    Credit(Box<credit::CreditInvoice>),
}

impl Invoices {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Settings(settings) => settings.run(),
            Command::Run(run) => run.run(),
            Command::List(list) => list.run(),
            Command::Finalise(finalise) => finalise.run(),
            Command::Credit(credit) => credit.run(),
        }
    }
}

/// A month as it is given on the command line.
fn month(text: &str) -> Result<Month, String> {
    text.parse().map_err(|_| "expected a month such as 2026-07".to_owned())
}

/// What stops a run: what it was given cannot be invoiced, or the database does not do what it
/// should.
fn stopped(error: InvoicingError) -> Failure {
    match error {
        InvoicingError::Database(error) => Failure::database(error),
        other => Failure::input(other.text().in_language(Language::En)),
    }
}
