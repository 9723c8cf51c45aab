//! `palier usage drop`: events that are not kept any longer.

use clap::Args;
use palier_billing::Month;
use serde_json::json;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::{month, print};
use crate::config::Settings;
use crate::metering::retention::{RetentionError, by_rule, drop_before, look};
use crate::quote::words::counted;
use crate::text::Language;
use crate::work::Author;

/// Drop events whose months are invoiced
///
/// Only where every month before is closed, all its documents are final, and nothing that came in
/// late waits to be billed. Sums by day, maxima, stocks and different values stay for ever, and are
/// proved once more before; what goes is the events they were added up from. From then on, an event of
/// that time is refused: one that is gone could not be told from a new one.
///
/// Without --before, the pole's own rule is applied (`usage_retention_months`): so many whole months
/// before the current one are kept. Vouchers of French accounts are kept for ten years (Code de
/// commerce, art. L123-22), and events are what an invoice can be explained by: `palier usage export`
/// them before.
///
/// It can be run again, and goes on where it was broken off. It ends with 0 when all are gone, with 2
/// if they may not go yet, which is said in one line, and with 1 if the database does not do what it
/// should.
#[derive(Args)]
pub(super) struct Drop {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The first month to keep, such as 2026-01; by the pole's own rule, if left out
    #[arg(long, value_name = "MONTH", value_parser = month)]
    before: Option<Month>,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Drop {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let before = self.before.map_or_else(|| by_rule(&pole, app.now()), Ok).map_err(stopped)?;
        let dropped = if self.dry_run {
            look(&app, &pole, before)
        } else {
            drop_before(&app, &Author::operator(&pole.pole_id, app.now()), &pole, before)
        };
        let dropped = dropped.map_err(stopped)?;
        let before = dropped.before.to_string();
        if self.json {
            let report =
                json!({ "dry_run": self.dry_run, "before": before, "events": dropped.events });
            return print(&format!("{report}\n"));
        }
        let events = counted(dropped.events, "event", "events");
        let would = if self.dry_run { "would be dropped" } else { "dropped" };
        print(&format!("usage: {events} before {before} {would}\n"))
    }
}

/// What keeps events from being dropped: they may not go yet, or the database does not do what it
/// should.
fn stopped(error: RetentionError) -> Failure {
    match error {
        RetentionError::Database(error) => Failure::database(error),
        other => Failure::input(other.text().in_language(Language::En)),
    }
}
