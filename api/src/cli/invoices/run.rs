//! `palier invoices run`: a month closed, priced, and written as drafts.

use clap::Args;
use palier_billing::Month;

use super::progress::Progress;
use super::{month, stopped, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::invoicing::review::review;
use crate::invoicing::run;
use crate::invoicing::view;
use crate::work::Author;

/// Close a month and write its drafts
///
/// It closes the month's books, so that what comes in later is late; prices every subscription; and
/// writes a draft for each member. It can be run again: what is done is not done twice, and after a
/// crash it goes on from where it was. A month that is drafted is shown as its drafts stand, with what
/// was done to them since. Drafts are made final with `palier invoices finalise`.
///
/// It ends with 0 when all drafts are there, with 2 if the month cannot be invoiced, which is said
/// in one line, and with 1 if the database does not do what it should.
#[derive(Args)]
pub(super) struct RunInvoices {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Month,
    /// Say what it would come to, priced anew, and write nothing; the month may be under way, or
    /// drafted already
    #[arg(long)]
    dry_run: bool,
    /// Make its drafts anew, after something was mended; none of its documents may be final, and lines
    /// by hand go with the drafts they stand on
    #[arg(long, conflicts_with = "dry_run")]
    again: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl RunInvoices {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let progress = Progress::new(self.json);
        let tell = |at| match at {
            run::Progress::Frozen => progress.tell("closed", 1, 1),
            run::Progress::Priced(done, all) => progress.tell("services priced", done, all),
            run::Progress::Drafted(done, all) => progress.tell("documents written", done, all),
        };
        let author = Author::operator(&pole.pole_id, app.now());
        if self.again {
            run::take_back(&app, &author, self.period).map_err(stopped)?;
        }
        let view = if self.dry_run {
            view::priced(&app, &pole, self.period, &tell)
        } else {
            run::run(&app, &author, &pole, self.period, &tell)
        };
        progress.end();
        let view = view.map_err(stopped)?;
        let review = review(&app, &pole, &view).map_err(stopped)?;
        if self.json {
            return print(&format!("{}\n", table::json(&view, &review, self.dry_run)));
        }
        print(&table::write(&view, &review, self.dry_run))
    }
}
