//! `palier invoices credit`: a credit note, final at once.

use clap::Args;
use palier_billing::Money;

use super::list::{json_line, text_line};
use super::{numbered, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::poles::PoleRow;
use crate::invoicing::credit::{self, CreditLine};
use crate::work::Author;

/// Give back of a final invoice: all of it, some lines, or part of a line
///
/// It makes a credit note that cites the invoice and is final at once: numbered, sealed and booked. No
/// line is given back twice. The invoice itself never changes.
#[derive(Args)]
pub(super) struct CreditInvoice {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The number of the invoice, such as FA-2026-000123
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Why, as the credit note says it
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    /// Only this line, counted from 1, or so much of it without VAT, such as 2=20.00; can be given
    /// again
    #[arg(long, value_name = "LINE[=AMOUNT]")]
    line: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl CreditInvoice {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let lines = self.line.iter().map(|text| line(text, &pole)).collect::<Result<_, _>>()?;
        let wanted = credit::Credit { reason: self.reason, lines };
        let author = Author::operator(&pole.pole_id, app.now());
        let invoice = numbered(&app, &pole, &self.number)?;
        let made = app.write_now(&author, |tx| credit::credit(tx, &pole, &invoice, &wanted));
        let made = made.map_err(stopped)?;
        print(&if self.json { json_line(&made) } else { text_line(&made) })
    }
}

/// A line, and how much of it.
fn line(text: &str, pole: &PoleRow) -> Result<CreditLine, Failure> {
    let (line, amount) = text.split_once('=').map_or((text, None), |(line, of)| (line, Some(of)));
    let refused = |expected: &str| Failure::input(format!("--line {text}: expected {expected}"));
    let line = line.parse().map_err(|_| refused("the number of a line"))?;
    let currency = pole.currency();
    let amount = amount.map(|amount| Money::parse(amount, currency)).transpose();
    let amount = amount.map_err(|_| refused(&format!("an amount in {}", currency.code())))?;
    Ok(CreditLine { line, minor: amount.map(Money::minor) })
}
