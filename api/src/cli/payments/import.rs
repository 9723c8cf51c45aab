//! `palier payments import`: a bank statement.

use std::path::PathBuf;

use clap::Args;
use palier_billing::statement::CsvMapping;

use super::table;
use crate::app::App;
use crate::bank::{BankFile, Format, Holder, ImportReport, MAX_BYTES, import, rehearse};
use crate::cli::failure::Failure;
use crate::cli::input::read_whole;
use crate::cli::print;
use crate::config::Settings;
use crate::db::poles::PoleRow;
use crate::problem::Problem;
use crate::work::Author;

/// How large a mapping may be.
const MAX_MAPPING: usize = 64 << 10;

/// Import a bank statement of the pole's account
///
/// A movement is known by what the bank says of it: the same file again, or one that overlaps it, books
/// nothing twice. What a movement pays is recorded where that is certain; the rest stays open, with
/// what it may be, until somebody resolves it over HTTP. Where anything is wrong with the file, all of
/// it is said and nothing is written.
#[derive(Args)]
pub(super) struct Import {
    /// camt.053 file (XML), or CSV with --mapping; - reads standard input
    file: PathBuf,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The file is CSV, and this JSON file says which of its columns is what: `booked_on`, `amount`,
    /// `text` and others, as in the README
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Import {
    pub(super) fn run(self) -> Result<(), Failure> {
        let format = self.format()?;
        let (name, bytes) = read_whole(&self.file, MAX_BYTES)?;
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let report = take(&app, &pole, (&bytes, &format), self.dry_run);
        let report = report.map_err(|problem| Failure::problem(Some(&name), &problem))?;
        if self.json {
            let text = serde_json::to_string(&report);
            let text = text.map_err(|error| Failure::Output(error.to_string()))?;
            return print(&format!("{text}\n"));
        }
        print(&table::import(&report))
    }

    fn format(&self) -> Result<Format, Failure> {
        let Some(path) = &self.mapping else { return Ok(Format::Camt) };
        let (name, text) = read_whole(path, MAX_MAPPING)?;
        let mapping: Result<CsvMapping, _> = serde_json::from_slice(&text);
        let mapping = mapping.map_err(|error| Failure::input(format!("{name}: {error}")))?;
        Ok(Format::Csv(Box::new(mapping)))
    }
}

fn take(
    app: &App,
    pole: &PoleRow,
    (bytes, format): (&[u8], &Format),
    dry_run: bool,
) -> Result<ImportReport, Problem> {
    let holder = app.db.read_now(|conn| Holder::of(conn, pole, app.now()))?;
    let file = BankFile::read(bytes, format, &holder)?;
    let author = Author::operator(&pole.pole_id, app.now());
    if dry_run {
        return app.db.write_now(|conn| rehearse(conn, &author, pole, &file));
    }
    app.write_now(&author, |tx| import(tx, pole, &file))
}
