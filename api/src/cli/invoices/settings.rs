//! `palier invoices settings`: how a pole bills.

use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::billing_settings;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::text::Language;
use crate::work::Author;

/// Show how a pole bills, or set it from a file
///
/// The file is the JSON that the API takes at `/v1/poles/{pole}/billing-settings`.
#[derive(Args)]
pub(super) struct BillingSettings {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The settings, as JSON; without it, those that there are are printed
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl BillingSettings {
    pub(super) fn run(self) -> Result<(), Failure> {
        let name = self.file.as_ref().map(|file| file.display().to_string());
        let text = self.file.as_ref().map(std::fs::read_to_string).transpose();
        let text = text.map_err(|error| {
            Failure::unreadable(name.as_deref().unwrap_or_default(), &error)
        })?;
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let settings = match text {
            Some(text) => billing_settings::set(&app, &author, &text),
            None => billing_settings::shown(&app, &pole.pole_id),
        };
        let settings = settings.map_err(|problem| {
            let faults = problem.errors.iter().map(|fault| {
                let fault = fault.said(Language::En);
                format!("{}: {fault}", name.as_deref().unwrap_or("billing settings"))
            });
            let faults: Vec<_> = faults.collect();
            if faults.is_empty() {
                return Failure::input(problem.detail.in_language(Language::En));
            }
            Failure::Input(faults)
        })?;
        print(&format!("{settings}\n"))
    }
}
