//! `palier invoices statuses`: what became of a document.

use clap::Args;
use palier_billing::einvoice::lifecycle::Status;

use super::numbered;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::DbError;
use crate::db::einvoices::{self, StatusRow};

/// Tell what became of a document on its way to the member
#[derive(Args)]
pub(super) struct Statuses {
    /// The document, by its number
    #[arg(value_name = "NUMBER")]
    number: String,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    #[command(flatten)]
    settings: Settings,
}

impl Statuses {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let document = numbered(&app, &pole, &self.number)?;
        let rows = app.db.read_now(|conn| einvoices::of(conn, &pole.pole_id, &document.invoice_id));
        let rows = rows.map_err(Failure::database)?;
        let lines: Result<String, DbError> = rows.iter().map(line).collect();
        print(&lines.map_err(Failure::database)?)
    }
}

fn line(row: &StatusRow) -> Result<String, DbError> {
    let (code, word, by) = (Status::from(row.status), row.status.as_str(), row.given_by.as_str());
    let why = row.why()?.into_iter().map(|why| format!("  {}", why.reason));
    let parts = row.parts()?.into_iter();
    let parts = parts.map(|part| format!("  {} at {} %", part.amount, part.rate_percent));
    let more: String = why.chain(parts).collect();
    let at = row.happened_at;
    Ok(format!("{at}  {code} {word:<22}  {by:<8}{more}\n"))
}
