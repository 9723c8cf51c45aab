//! `palier invoices archive`: the files of final documents, kept.

use std::num::NonZero;

use actix_web::rt::System;
use actix_web::web::Data;
use clap::Args;

use crate::app::App;
use crate::archive::run::round;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::archive;
use crate::db::queue::Waiting;
use crate::quote::words::counted;

/// Keep the files of final documents that are not kept yet, as the service does by itself
///
/// Each is made once, and put under its hash into the archive (--archive). It ends with 1 if any could not
/// be kept.
#[derive(Args)]
pub(super) struct Archive {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    #[command(flatten)]
    settings: Settings,
}

impl Archive {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = Data::new(App::for_command(self.settings)?);
        let pole = app.pole(&self.pole)?.pole_id;
        let at_once = std::thread::available_parallelism().map_or(1, NonZero::get);
        let kept = System::new().block_on(async {
            let mut all: usize = 0;
            loop {
                match round(&app, Waiting::Of(pole.clone()), at_once).await? {
                    0 => return Ok(all),
                    kept => all = all.saturating_add(kept),
                }
            }
        });
        let kept = u64::try_from(kept.map_err(Failure::database)?).unwrap_or(u64::MAX);
        print(&format!("{} kept\n", counted(kept, "document", "documents")))?;
        let left = app.db.read_now(|conn| archive::all_waiting(conn, &pole));
        let left = left.map_err(Failure::database)?;
        let Some(first) = left.first() else { return Ok(()) };
        let count = u64::try_from(left.len()).unwrap_or(u64::MAX);
        Err(Failure::Output(format!(
            "{} could not be kept; {}: {}",
            counted(count, "document", "documents"),
            first.invoice_id,
            first.last_error,
        )))
    }
}
