//! `palier fec`: the accounting file for the tax administration.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use palier_billing::fec::{Encoding, check};

use super::failure::Failure;
use crate::app::App;
use crate::cli::print;
use crate::config::Settings;
use crate::invoicing::fec::export;
use crate::quote::words::counted;
use crate::text::Language;

/// Write and check the accounting file (fichier des écritures comptables)
#[derive(Args)]
pub(super) struct Fec {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Export(Box<Export>),
    Check(Box<Check>),
}

impl Fec {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Export(export) => export.run(),
            Command::Check(check) => check.run(),
        }
    }
}

/// Write the file of a year
///
/// It is checked by the rules R01 to R14 before it is written. It is called by the pole's SIREN and
/// the last day of the year, as the administration asks for it.
#[derive(Args)]
struct Export {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The financial year, such as 2026
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(2000..=9998))]
    year: i16,
    /// The folder it goes to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    to: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl Export {
    fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let file = app.db.read_now(|conn| {
            conn.snapshot(|conn| export(conn, &pole.pole_id, self.year, Encoding::Utf8))
        });
        let file = file.map_err(|error| match error {
            crate::invoicing::InvoicingError::Database(error) => Failure::database(error),
            other => Failure::input(other.text().in_language(Language::En)),
        })?;
        told(&file.name, &file.bytes)?;
        let path = self.to.join(&file.name);
        let written = std::fs::write(&path, &file.bytes);
        written.map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
        let entries = counted(file.entries, "entry", "entries");
        print(&format!("{}: {entries}, checked by the rules R01 to R14\n", path.display()))
    }
}

/// Check a file by the rules R01 to R14
#[derive(Args)]
struct Check {
    /// The file, under the name it is handed in with
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        let path = self.file.display().to_string();
        let bytes = std::fs::read(&self.file);
        let bytes = bytes.map_err(|error| Failure::unreadable(&path, &error))?;
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        told(&name.unwrap_or_default(), &bytes)?;
        print(&format!("{path}: nothing to find fault with\n"))
    }
}

/// Fails where a file breaks a rule, each in a line.
fn told(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let findings = check(name, bytes);
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::Input(findings.iter().map(|finding| format!("{name}: {finding}")).collect()))
}
