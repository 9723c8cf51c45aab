//! `palier invoices`: a month closed, reviewed and made final.

use clap::{Args, Subcommand};
use palier_billing::Month;

use super::failure::Failure;
use super::month;
use crate::app::App;
use crate::db::invoices::{self, Filter, InvoiceRow, InvoiceStatus, short};
use crate::db::poles::PoleRow;
use crate::id::InvoiceId;
use crate::invoicing::InvoicingError;
use crate::say;
use crate::text::Language;
use crate::work::Tx;

mod adjust;
mod archive;
mod credit;
mod exchange;
mod finalise;
mod grant;
mod grants;
mod hold;
mod list;
mod pdf;
mod progress;
mod replace;
mod revoke;
mod run;
mod settings;
mod statuses;
mod table;
mod xml;
mod zip;

pub(super) use list::{json_line, text_line};

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
    AddLine(Box<adjust::AddLine>),
    DropLines(Box<adjust::DropLines>),
    Hold(Box<hold::Hold>),
    Release(Box<hold::Release>),
    Pdf(Box<pdf::Pdf>),
    Finalise(Box<finalise::Finalise>),
    Credit(Box<credit::CreditInvoice>),
    Replace(Box<replace::ReplaceInvoice>),
    Xml(Box<xml::WriteXml>),
    Zip(Box<zip::WriteZip>),
    Archive(Box<archive::Archive>),
    Exchange(Box<exchange::Exchange>),
    Statuses(Box<statuses::Statuses>),
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
            Command::AddLine(line) => line.run(),
            Command::DropLines(lines) => lines.run(),
            Command::Hold(hold) => hold.run(),
            Command::Release(release) => release.run(),
            Command::Pdf(pdf) => pdf.run(),
            Command::Finalise(finalise) => finalise.run(),
            Command::Credit(credit) => credit.run(),
            Command::Replace(replace) => replace.run(),
            Command::Xml(xml) => xml.run(),
            Command::Zip(zip) => zip.run(),
            Command::Archive(archive) => archive.run(),
            Command::Exchange(exchange) => exchange.run(),
            Command::Statuses(statuses) => statuses.run(),
            Command::Grant(grant) => grant.run(),
            Command::Grants(grants) => grants.run(),
            Command::Revoke(revoke) => revoke.run(),
        }
    }
}

/// The document of a number.
pub(super) fn numbered(app: &App, pole: &PoleRow, number: &str) -> Result<InvoiceRow, Failure> {
    let filter = Filter { number: Some(number.to_owned()), ..Filter::default() };
    let found = app.db.read_now(|conn| invoices::page(conn, &pole.pole_id, &filter, None, 1));
    let found = found.map_err(Failure::database)?.pop();
    found.ok_or_else(|| Failure::input(format!("{number}: no document has this number")))
}

/// The documents of a month that are final, or all of them.
fn of_month(
    app: &App,
    pole: &PoleRow,
    period: Month,
    with_drafts: bool,
) -> Result<Vec<InvoiceId>, Failure> {
    let period = period.to_string();
    let found = app.db.read_now(|conn| short::ids_of_period(conn, &pole.pole_id, &period));
    let found = found.map_err(Failure::database)?.into_iter();
    let meant = found.filter(|(_, status)| with_drafts || *status == InvoiceStatus::Final);
    Ok(meant.map(|(id, _)| id).collect())
}

/// The document of an id; none, if it was a draft that is gone.
fn identified_now(
    app: &App,
    pole: &PoleRow,
    id: &InvoiceId,
) -> Result<Option<InvoiceRow>, Failure> {
    let found = app.db.read_now(|conn| invoices::find(conn, &pole.pole_id, id));
    found.map_err(Failure::database)
}

/// The document of an id, to be changed.
fn identified(tx: &mut Tx<'_>, id: &InvoiceId) -> Result<InvoiceRow, InvoicingError> {
    let found = invoices::find(tx.conn, tx.pole(), id)?;
    found.ok_or_else(|| {
        let text = say!(
            en "{id}: no document has this id",
            fr "{id} : aucun document n’a cet identifiant"
        );
        InvoicingError::refused("", "not_found", text)
    })
}

/// What stops a run: what it was given cannot be invoiced, or the database does not do what it
/// should.
fn stopped(error: InvoicingError) -> Failure {
    match error {
        InvoicingError::Database(error) => Failure::database(error),
        other => Failure::input(other.text().in_language(Language::En)),
    }
}
