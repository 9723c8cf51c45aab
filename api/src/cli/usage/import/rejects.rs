//! What becomes of lines that are not taken.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::pieces::Piece;
use super::progress::Progress;
use crate::cli::complain;
use crate::cli::failure::Failure;
use crate::quote::words::counted;

/// How many lines are told on standard error.
const TOLD: u64 = 20;

/// Where refused lines go.
pub(super) enum Rejects {
    /// Into a file: its name and what writes it.
    File(String, Box<csv::Writer<BufWriter<File>>>),
    /// To standard error, as far as anybody would read them; how many there were.
    Told(u64),
}

impl Rejects {
    /// To a file, which is made anew, or to standard error.
    pub(super) fn to(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Told(0)) };
        let name = path.display().to_string();
        let file = File::create(path).map_err(|error| Failure::unwritable(&name, &error))?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        let header = writer.write_record(["file", "line", "reason", "row"]);
        header.map_err(|error| unwritable(&name, error))?;
        Ok(Self::File(name, Box::new(writer)))
    }

    /// Puts a line there.
    pub(super) fn add(
        &mut self,
        piece: &Piece,
        number: u64,
        reason: &str,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let file = &piece.about.file;
        match self {
            Self::File(name, writer) => {
                let row = piece.raw(number);
                let record = [file.as_str(), &number.to_string(), reason, &row];
                writer.write_record(record).map_err(|error| unwritable(name, error))?;
            }
            Self::Told(count) => {
                if *count < TOLD {
                    progress.clear();
                    complain(&format!("palier: {file}: line {number}: {reason}"));
                }
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    /// All of them are told, or written.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        match self {
            Self::File(name, writer) => {
                writer.flush().map_err(|error| Failure::unwritable(name, &error))
            }
            Self::Told(count) => {
                let more = count.saturating_sub(TOLD);
                if more > 0 {
                    let more = counted(more, "more line was refused", "more lines were refused");
                    complain(&format!("palier: {more}: --rejects FILE keeps them all"));
                }
                Ok(())
            }
        }
    }
}

fn unwritable(name: &str, error: csv::Error) -> Failure {
    Failure::unwritable(name, &error.into())
}
