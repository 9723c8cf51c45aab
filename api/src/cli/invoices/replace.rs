//! `palier invoices replace`: an invoice given back whole, and billed anew.

use clap::Args;

use super::list::{json_line, text_line};
use super::{numbered, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::invoicing::replace::{Replacement, replace};
use crate::work::Author;

/// Cancel a final invoice, and bill it anew to the member as it is now
///
/// For an invoice with a wrong address, VAT number or VAT: mend the member first. It makes a credit
/// note of the whole and an invoice with the same lines, both final, both citing the invoice, and
/// prints them. What was paid of it pays the new one. Lines are changed over HTTP.
#[derive(Args)]
pub(super) struct ReplaceInvoice {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The number of the invoice, such as FA-2026-000123
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Why, as both documents say it
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl ReplaceInvoice {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let wanted = Replacement { reason: self.reason, lines: Vec::new() };
        let author = Author::operator(&pole.pole_id, app.now());
        let invoice = numbered(&app, &pole, &self.number)?;
        let made = app.write_now(&author, |tx| replace(tx, &pole, &invoice, &wanted));
        let made = made.map_err(stopped)?;
        let line = if self.json { json_line } else { text_line };
        print(&[line(&made.credit_note), line(&made.invoice)].concat())
    }
}
