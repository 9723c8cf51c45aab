//! `palier invoices finalise`: numbers, seals, and entries in the books.

use clap::Args;
use palier_billing::{Money, Month};
use serde_json::json;

use super::progress::Progress;
use super::{month, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::id::InvoiceId;
use crate::invoicing::finalise::finalise;
use crate::quote::words::{counted, grouped};
use crate::work::Author;

/// Make the drafts of a month final
///
/// Each gets the next number of its series, today as its day of issue, the day by which it is to be
/// paid, a seal over what it says and over the seal before it, and its entry in the journal, all at
/// once. It never changes from then on. Drafts that are held stay as they are. It can be run again,
/// and goes on from where it was.
#[derive(Args)]
pub(super) struct Finalise {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Month,
    /// Only these documents, by id
    #[arg(value_name = "ID")]
    only: Vec<InvoiceId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Finalise {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let progress = Progress::new(self.json);
        let tell = |done, all| progress.tell("documents final", done, all);
        let only = (!self.only.is_empty()).then_some(self.only.as_slice());
        let given = finalise(&app, &author, &pole, self.period, only, &tell);
        progress.end();
        let given = given.map_err(stopped)?;
        let currency = pole.currency();
        let gross = Money::from_minor(given.gross_minor, currency);
        if self.json {
            let report = json!({ "numbers": given.numbers, "gross": gross });
            return print(&format!("{report}\n"));
        }
        let count = u64::try_from(given.numbers.len()).unwrap_or(u64::MAX);
        let documents = counted(count, "document is final", "documents are final");
        let range = match (given.numbers.first(), given.numbers.last()) {
            (Some(first), Some(last)) if first != last => format!(": {first} to {last}"),
            (Some(only), _) => format!(": {only}"),
            _ => String::new(),
        };
        print(&format!("{documents}{range}; {} {} in all\n", grouped(gross), currency.code()))
    }
}
