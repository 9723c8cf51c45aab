//! `palier dunning charge`: interest and indemnity for a late payment, as a document.

use clap::Args;

use super::{day, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::invoices::{json_line, numbered, text_line};
use crate::cli::print;
use crate::config::Settings;
use crate::day::Day;
use crate::dunning::charge;
use crate::work::Author;

/// Charge what the delay of a document came to, by a document of its own
///
/// Interest of the days that were not charged yet, and once the indemnity for recovery costs, as far as
/// the pole's dunning settings claim them. It is final: numbered in its own series, sealed and booked. It
/// cites the document, which may be paid by now, and bears neither VAT nor interest.
///
/// It ends with 0 when it is charged, with 2 if nothing is due that is not charged yet or rates are
/// missing, which is said in one line, and with 1 if the database does not do what it should.
#[derive(Args)]
pub(super) struct ChargePenalty {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The number of the document that was late, such as FA-2026-000123
    #[arg(value_name = "NUMBER")]
    number: String,
    /// The last day whose interest is charged; today, if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl ChargePenalty {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let late = numbered(&app, &pole, &self.number)?;
        let made = app.write_now(&author, |tx| charge(tx, &pole, late, self.until));
        let made = made.map_err(|problem| stopped(&problem))?;
        print(&if self.json { json_line(&made) } else { text_line(&made) })
    }
}
