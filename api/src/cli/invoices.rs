//! `palier invoices`: a month closed, reviewed and made final.

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::month;
use crate::app::App;
use crate::db::invoices::{self, Filter, InvoiceRow};
use crate::db::poles::PoleRow;
use crate::invoicing::InvoicingError;
use crate::text::Language;

mod credit;
mod finalise;
mod grant;
mod grants;
mod list;
mod progress;
mod replace;
mod revoke;
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
    Replace(Box<replace::ReplaceInvoice>),
    Grant(Box<grant::Grant>),
    Grants(Box<grants::Grants>),
    Revoke(Box<revoke::Revoke>),
}

impl Invoices {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Settings(settings) => settings.run(),
            Command::Run(run) => run.run(),
            Command::List(list) => list.run(),
            Command::Finalise(finalise) => finalise.run(),
            Command::Credit(credit) => credit.run(),
            Command::Replace(replace) => replace.run(),
            Command::Grant(grant) => grant.run(),
            Command::Grants(grants) => grants.run(),
            Command::Revoke(revoke) => revoke.run(),
        }
    }
}

/// The document of a number.
fn numbered(app: &App, pole: &PoleRow, number: &str) -> Result<InvoiceRow, Failure> {
    let filter = Filter { number: Some(number.to_owned()), ..Filter::default() };
    let found = app.db.read_now(|conn| invoices::page(conn, &pole.pole_id, &filter, None, 1));
    let found = found.map_err(Failure::database)?.pop();
    found.ok_or_else(|| Failure::input(format!("{number}: no document has this number")))
}

/// What stops a run: what it was given cannot be invoiced, or the database does not do what it
/// should.
fn stopped(error: InvoicingError) -> Failure {
    match error {
        InvoicingError::Database(error) => Failure::database(error),
        other => Failure::input(other.text().in_language(Language::En)),
    }
}
