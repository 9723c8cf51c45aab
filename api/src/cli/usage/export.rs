//! `palier usage export`: events as lines of JSON, into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::DbError;
use crate::db::poles::PoleRow;
use crate::metering::export::{ExportedEvent, Wanted, export};
use crate::quote::words::counted;

mod choice;
mod table;

use choice::Choice;
use table::Table;

/// Write events into a file, a line of JSON each
///
/// With --format parquet, a row of a Parquet file each, for programs that want columns; import does not
/// read those.
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
    /// The form of the file
    #[arg(long, value_enum, default_value_t = Form::Ndjson)]
    format: Form,
    #[command(flatten)]
    settings: Settings,
}

/// In which form events leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A line of JSON each
    Ndjson,
    /// Columns, compressed inside
    Parquet,
}

impl Export {
    pub(super) fn run(self) -> Result<(), Failure> {
        let is_packed = self.output.as_deref().is_some_and(is_packed);
        if is_packed && self.format == Form::Parquet {
            let fault = "--output: expected no .gz, since Parquet is compressed inside";
            return Err(Failure::input(fault));
        }
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let wanted = self.choice.wanted(&app, &pole)?;
        let taken = Taken { app: &app, pole: &pole, wanted: &wanted, form: self.format };
        let Some(path) = self.output else {
            return match taken.write(BufWriter::new(io::stdout())) {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(Ended::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written.map(drop).map_err(|ended| ended.of("standard output")),
            };
        };
        let count = taken.save(&path).map_err(|ended| ended.of(&path.display().to_string()))?;
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

/// Events that are taken out.
struct Taken<'t> {
    app: &'t App,
    pole: &'t PoleRow,
    wanted: &'t Wanted,
    form: Form,
}

impl Taken<'_> {
    /// Writes a file under another name, and gives it its own once all is on disk: what was broken
    /// off must not look like an export.
    fn save(&self, path: &Path) -> Result<u64, Ended> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let file = BufWriter::new(File::create(&part)?);
        let (count, file) = if is_packed(path) {
            let (count, packed) = self.write(GzEncoder::new(file, Compression::default()))?;
            (count, packed.finish()?)
        } else {
            self.write(file)?
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(count)
    }

    /// Writes all of them, and says how many there were.
    fn write<W: Write + Send>(&self, mut to: W) -> Result<(u64, W), Ended> {
        match self.form {
            Form::Ndjson => {
                let count = self.each(|event| event.write(&mut to))?;
                to.flush()?;
                Ok((count, to))
            }
            Form::Parquet => {
                let mut table = Table::begin(to)?;
                let count = self.each(|event| table.add(event))?;
                Ok((count, table.end()?))
            }
        }
    }

    fn each(&self, mut write: impl FnMut(ExportedEvent) -> io::Result<()>) -> Result<u64, Ended> {
        let pole = &self.pole.pole_id;
        let each = |event| Ok::<_, Ended>(write(event)?);
        self.app.db.read_now(|conn| export(conn, pole, self.wanted, each))
    }
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|it| it.eq_ignore_ascii_case("gz"))
}
