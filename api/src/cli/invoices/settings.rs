//! `palier invoices settings`: how a pole bills.

use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::billing_settings;
use crate::document::Document;
use crate::http::{IfMatch, typed};
use crate::invoicing::settings::store;
use crate::problem::Problem;
use crate::routes::BillingSettingsInput;
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
        let text =
            text.map_err(|error| Failure::unreadable(name.as_deref().unwrap_or_default(), &error))?;
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let Some(text) = text else {
            let row = app.db.read_now(|conn| billing_settings::find(conn, &pole.pole_id));
            let row = row.map_err(Failure::database)?;
            let none = || Failure::input("this pole has no billing settings yet");
            return print(&format!("{}\n", row.ok_or_else(none)?.document));
        };
        let file = name.as_deref().unwrap_or_default();
        let value = serde_json::from_str(&text);
        let Document(value) = value.map_err(|error| Failure::input(format!("{file}: {error}")))?;
        let stored = typed::<BillingSettingsInput>(&app, value)
            .and_then(|input| app.write_now(&author, |tx| store(tx, &input, IfMatch::Any)));
        let stored = stored.map_err(|problem| refused(file, &problem))?;
        print(&format!("{}\n", stored.document))
    }
}

/// What is wrong with the file, each fault in a line.
fn refused(file: &str, problem: &Problem) -> Failure {
    let faults = problem.errors.iter().map(|fault| {
        let fault = fault.said(Language::En);
        format!("{file}: {}: {}", fault.pointer.unwrap_or_default(), fault.detail)
    });
    let faults: Vec<_> = faults.collect();
    if faults.is_empty() {
        return Failure::Output(problem.detail.in_language(Language::En).to_owned());
    }
    Failure::Input(faults)
}
