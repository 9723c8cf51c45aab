//! `palier usage export`: events as lines of JSON, into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::DbError;
use crate::db::poles::PoleRow;
use crate::metering::export::{Wanted, export};
use crate::quote::words::counted;

mod choice;

use choice::Choice;

/// Write events into a file, a line of JSON each
///
/// Each line is an event as it was received, and in `record` what became of it: when it came in,
/// whether that was late, and, with --voided, why it no longer counts. Lines stand in the order of
/// time and id, and all of them are one state of the database, whatever comes in meanwhile.
///
/// `palier usage import` reads such files: what counted here counts there, and what did not does
/// not. A file is there under its name once it is whole.
#[derive(Args)]
pub(super) struct Export {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    #[command(flatten)]
    choice: Choice,
    /// Where it goes, gzipped if that ends in .gz; standard output, if left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl Export {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let wanted = self.choice.wanted(&app, &pole)?;
        let Some(path) = self.output else {
            let written = write(&app, &pole, &wanted, &mut BufWriter::new(io::stdout().lock()));
            return match written {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(Ended::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written.map(drop).map_err(|ended| ended.of("standard output")),
            };
        };
        let shown = path.display().to_string();
        let count = save(&app, &pole, &wanted, &path).map_err(|ended| ended.of(&shown))?;
        print(&format!("usage: {} exported\n", counted(count, "event", "events")))
    }
}

/// Why an export ends before its end.
enum Ended {
    Database(DbError),
    Output(io::Error),
}

impl From<DbError> for Ended {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Ended {
    fn of(self, file: &str) -> Failure {
        match self {
            Self::Database(error) => Failure::database(error),
            Self::Output(error) => Failure::unwritable(file, &error),
        }
    }
}

/// Writes a file under another name, and gives it its own once all is on disk: what was broken off
/// must not look like an export.
fn save(app: &App, pole: &PoleRow, wanted: &Wanted, path: &Path) -> Result<u64, Ended> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let file = BufWriter::new(File::create(&part)?);
    let (count, file) = if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("gz")) {
        let mut packed = GzEncoder::new(file, Compression::default());
        (write(app, pole, wanted, &mut packed)?, packed.finish()?)
    } else {
        let mut plain = file;
        (write(app, pole, wanted, &mut plain)?, plain)
    };
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&part, path)?;
    Ok(count)
}

fn write(app: &App, pole: &PoleRow, wanted: &Wanted, to: &mut impl Write) -> Result<u64, Ended> {
    let count = app.db.read_now(|conn| {
        export(conn, &pole.pole_id, wanted, |event| Ok::<_, Ended>(event.write(&mut *to)?))
    })?;
    to.flush()?;
    Ok(count)
}
