//! `palier members`: the member companies of a pole.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::input::read_whole;
use crate::app::App;
use crate::config::Settings;
use crate::members_file::{MAX_BYTES, RowFault};
use crate::members_import::{ImportError, ImportFile, import, rehearse};
use crate::problem::{Fault, FaultPlace};
use crate::work::Author;

mod table;

/// Import member companies
#[derive(Args)]
pub(super) struct Members {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Box<Import>),
}

/// Import members from a spreadsheet
///
/// A member is known by its code: it is added, or changed where the file says something new. What
/// the file does not say stays as it is, and so do members that are not in it; the same file again
/// changes nothing. Where anything is wrong with the file, all of it is said and nothing is written.
#[derive(Args)]
struct Import {
    /// CSV or XLSX file with a header; - reads standard input
    file: PathBuf,
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

impl Members {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(import) => import.run(),
        }
    }
}

impl Import {
    fn run(self) -> Result<(), Failure> {
        let (name, bytes) = read_whole(&self.file, MAX_BYTES)?;
        let file = ImportFile::read(&bytes).map_err(|faults| refused(&name, faults))?;
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let at = app.now();
        let report = if self.dry_run {
            app.db.read_now(|conn| rehearse(conn, &pole, at, &file))
        } else {
            let author = Author::operator(&pole.pole_id, at);
            app.write_now(&author, |tx| import(tx, &pole, &file))
        };
        let report = report.map_err(|error| failed(&name, error))?;
        if self.json {
            let text = serde_json::to_string(&report);
            let text = text.map_err(|error| Failure::Output(error.to_string()))?;
            return super::print(&format!("{text}\n"));
        }
        super::print(&table::write(&report))
    }
}

fn failed(name: &str, error: ImportError) -> Failure {
    match error {
        ImportError::Faults(faults) => refused(name, faults),
        ImportError::Raced => Failure::Output(format!(
            "{name}: somebody added one of these members meanwhile; nothing was imported, try again"
        )),
        ImportError::Database(error) => Failure::database(error),
    }
}

fn refused(name: &str, faults: Vec<RowFault>) -> Failure {
    let lines =
        faults.into_iter().map(Fault::from).map(|Fault { place, detail, .. }| match place {
            FaultPlace::File { line: None, .. } => format!("{name}: {}", detail.en),
            place => format!("{name}: {place}: {}", detail.en),
        });
    Failure::Input(lines.collect())
}
