//! `palier usage rebuild`: what was added up, put right by the events.

use clap::Args;
use serde_json::json;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::metering::rebuild::rebuild;
use crate::metering::verify::Verification;
use crate::quote::words::grouped;
use crate::work::Author;

/// Add up again what is not as the events say
///
/// What differs is put right in one transaction, with its entry in the audit log, and then verified
/// again; a server may run meanwhile. The events themselves stay as they are.
#[derive(Args)]
pub(super) struct Rebuild {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Rebuild {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let (mended, left) = rebuild(&app, &author, &pole).map_err(Failure::database)?;
        if self.json {
            let Verification { events, voided, sums, levels, differences, .. } = left;
            let report = json!({
                "mended": mended, "events": events, "voided": voided, "sums": sums,
                "levels": levels, "differences": differences,
            });
            print(&format!("{report}\n"))?;
        } else {
            print(&format!("usage: {} mended; {}\n", grouped(mended), left.summary()))?;
        }
        left.passed("others write faster than it can be mended; try again")
    }
}
