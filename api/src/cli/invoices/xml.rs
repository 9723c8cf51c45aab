//! `palier invoices xml`: final documents as electronic invoices.

use std::path::PathBuf;

use actix_web::rt::System;
use actix_web::web::Data;
use clap::{ArgGroup, Args};
use palier_billing::Month;

use super::{identified_now, month, numbered, of_month};
use crate::app::App;
use crate::archive;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::archive::FileForm;
use crate::db::invoices::InvoiceStatus;
use crate::db::poles::PoleRow;
use crate::einvoice::{EinvoiceFile, Syntax};
use crate::id::InvoiceId;
use crate::invoicing::paper;
use crate::text::{Language, Text};

/// Write final documents as electronic invoices, each into a file under its number
#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["period", "number"])))]
pub(super) struct WriteXml {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Those of a month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Option<Month>,
    /// The one of a number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// In which syntax of EN 16931
    #[arg(long, value_name = "SYNTAX", default_value = "cii")]
    syntax: Syntax,
    /// The folder that they are written to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    to: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl WriteXml {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = Data::new(App::for_command(self.settings.clone())?);
        let pole = app.pole(&self.pole)?;
        let (runtime, ids) = (System::new(), self.ids(&app, &pole)?);
        let (mut told, mut refused) = (String::new(), Vec::new());
        for id in ids {
            let Some(row) = identified_now(&app, &pole, &id)? else { continue };
            let row = &row;
            let kept = match self.syntax {
                Syntax::Cii if row.status == InvoiceStatus::Final => {
                    let kept = archive::of(&app, &pole, row, FileForm::Cii);
                    runtime.block_on(kept).map_err(|error| Failure::Output(error.to_string()))?
                }
                _ => None,
            };
            let file = match kept {
                Some(kept) => {
                    let name = paper::name(row, FileForm::Cii.ending());
                    Ok(EinvoiceFile { name, bytes: kept.bytes.to_vec() })
                }
                None => EinvoiceFile::of(row, self.syntax),
            };
            match file {
                Ok(file) => {
                    let path = self.to.join(&file.name);
                    let shown = path.display().to_string();
                    let written = std::fs::write(&path, &file.bytes);
                    written.map_err(|error| Failure::unwritable(&shown, &error))?;
                    told.push_str(&shown);
                    told.push('\n');
                }
                Err(none) => {
                    let name = row.number.as_deref().unwrap_or(row.invoice_id.as_str());
                    let text = Text::from(&none);
                    refused.push(format!("{name}: {}", text.in_language(Language::En)));
                }
            }
        }
        print(&told)?;
        // The others were written: what could not be is said at the end.
        if refused.is_empty() { Ok(()) } else { Err(Failure::Input(refused)) }
    }

    /// The documents that are meant: of a month those that are final, by their numbers.
    fn ids(&self, app: &App, pole: &PoleRow) -> Result<Vec<InvoiceId>, Failure> {
        match self.period {
            Some(period) => of_month(app, pole, period, false),
            None => {
                let number = self.number.as_deref().unwrap_or_default();
                Ok(vec![numbered(app, pole, number)?.invoice_id])
            }
        }
    }
}
