//! `palier invoices pdf`: documents as files to be read and printed.

use std::path::PathBuf;

use actix_web::rt::System;
use actix_web::web::Data;
use clap::Args;
use palier_billing::Month;

use super::{identified_now, month, numbered, of_month};
use crate::app::App;
use crate::archive;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::archive::FileForm;
use crate::db::invoices::InvoiceStatus;
use crate::invoicing::paper;
use crate::quote::words::counted;

/// Write documents as PDF, one or those of a month
///
/// A file each, called by its number. Drafts are written only where --drafts asks for them: as previews
/// that say so across every page.
#[derive(Args)]
pub(super) struct Pdf {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The number of the document, such as FA-2026-000123
    #[arg(value_name = "NUMBER", required_unless_present = "period", conflicts_with = "period")]
    number: Option<String>,
    /// All of a month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Option<Month>,
    /// With the drafts of the month
    #[arg(long, requires = "period")]
    drafts: bool,
    /// The folder they go to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    to: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl Pdf {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = Data::new(App::for_command(self.settings)?);
        let pole = app.pole(&self.pole)?;
        let mut ids = Vec::new();
        if let Some(number) = &self.number {
            ids.push(numbered(&app, &pole, number)?.invoice_id);
        }
        if let Some(period) = self.period {
            ids.extend(of_month(&app, &pole, period, self.drafts)?);
        }
        let look = app.db.read_now(|conn| paper::look(conn, &pole)).map_err(Failure::database)?;
        let runtime = System::new();
        let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        for id in ids {
            // One at a time: a month needs no more memory than the largest of its documents.
            let Some(row) = identified_now(&app, &pole, &id)? else { continue };
            let row = &row;
            let pdf = if row.status == InvoiceStatus::Final {
                let kept = archive::of(&app, &pole, row, FileForm::Pdf);
                let kept = runtime.block_on(kept).map_err(|error| error.to_string());
                kept.map(|kept| kept.map(|kept| kept.bytes.to_vec()).unwrap_or_default())
            } else {
                paper::draft(&pole, row, &look).map_err(|error| error.to_string())
            };
            let pdf = pdf.map_err(Failure::Output)?;
            let path = self.to.join(paper::name(row, FileForm::Pdf.ending()));
            let shown = path.display().to_string();
            let written = std::fs::write(&path, &pdf);
            written.map_err(|error| Failure::unwritable(&shown, &error))?;
            if self.number.is_some() {
                return print(&format!("{shown}\n"));
            }
        }
        let files = counted(count, "file", "files");
        print(&format!("{}: {files}\n", self.to.display()))
    }
}
