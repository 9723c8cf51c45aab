//! `palier invoices zip`: the final documents of a month in one file.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use actix_web::rt::System;
use actix_web::web::Data;
use clap::Args;
use palier_billing::Month;

use super::month;
use crate::app::App;
use crate::archive::bundle::{Bundle, Wanted};
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::quote::words::counted;

/// Write the final documents of a month into one file (zip), each under its number
///
/// Each is the file that is kept in the archive (--archive); those that are not kept yet are made and kept
/// first. Drafts are not in it. The same documents make the same bytes.
#[derive(Args)]
pub(super) struct WriteZip {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Month,
    /// With the electronic invoices (CII) as files of their own
    #[arg(long)]
    xml: bool,
    /// The file that is written
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl WriteZip {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = Data::new(App::for_command(self.settings)?);
        let pole = app.pole(&self.pole)?;
        let shown = self.to.display().to_string();
        let month = self.period;
        let wanted = Wanted { month, among: None, member: None, with_xml: self.xml };
        let documents = System::new().block_on(async {
            let bundle = Bundle::of(&app, &pole, wanted).await.map_err(Failure::database)?;
            let none = || Failure::input(format!("{month}: no document of this month is final"));
            let mut bundle = bundle.ok_or_else(none)?;
            let documents = bundle.left();
            // Beside its place until it is whole: half of it would look like all of it to a script.
            let draft = self.to.with_added_extension("part");
            let unwritable = |error: std::io::Error| Failure::unwritable(&shown, &error);
            let mut file = File::create(&draft).map_err(unwritable)?;
            let written = async {
                loop {
                    let piece = bundle.next().await;
                    let piece = piece.map_err(|error| Failure::Output(error.to_string()))?;
                    let Some(piece) = piece else { break };
                    file.write_all(&piece).map_err(unwritable)?;
                }
                std::fs::rename(&draft, &self.to).map_err(unwritable)
            };
            let written = written.await;
            if written.is_err() {
                // It may be gone already; what matters is said below.
                let _gone = std::fs::remove_file(&draft);
            }
            written.map(|()| documents)
        })?;
        let count = u64::try_from(documents).unwrap_or(u64::MAX);
        print(&format!("{shown}: {}\n", counted(count, "document", "documents")))
    }
}
