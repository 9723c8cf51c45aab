//! `palier usage sweep`: events that share their id with another.

use clap::Args;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::metering::sweep::{Shared, find, sweep};
use crate::quote::words::counted;
use crate::work::Author;

/// Find events that share their id with another of another time
///
/// The same id with another time is a mistake of its sender, which is refused at once among recent
/// events and found here among all. The event that was received first counts; the others are
/// voided, with the reason “conflict” and an entry in the audit log; what they had amended counts
/// again. Invoicing does the same before
/// anything is billed.
#[derive(Args)]
pub(super) struct Sweep {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Sweep {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let found = if self.dry_run {
            app.db.read_now(|conn| find(conn, &pole.pole_id))
        } else {
            sweep(&app, &Author::operator(&pole.pole_id, app.now()), &pole)
        };
        let found = found.map_err(Failure::database)?;
        if self.json {
            let list: Vec<Value> = found.iter().map(Shared::json).collect();
            let report = json!({ "dry_run": self.dry_run, "conflicts": list });
            return print(&format!("{report}\n"));
        }
        let lines: String = found.iter().map(line).collect();
        let events = found.iter().map(|it| it.others.len()).fold(0, usize::saturating_add);
        let ids = counted(size(found.len()), "id stands", "ids stand");
        let voided = counted(size(events), "event", "events");
        let would = if self.dry_run { "would be voided" } else { "voided" };
        print(&format!("{lines}usage: {ids} at more than one time, {voided} {would}\n"))
    }
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn line(Shared { id, counts, others, again }: &Shared) -> String {
    let others: Vec<_> = others.iter().map(ToString::to_string).collect();
    let again = again.iter().map(|(at, id)| format!("; {id:?} at {at} counts again"));
    let again: String = again.collect();
    format!("{id:?} counts at {counts}, and not at {}{again}\n", others.join(", "))
}
