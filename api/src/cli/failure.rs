//! Why a command could not do what it was asked to, in words for whoever asked.

use std::{fmt, io, process::ExitCode, string::FromUtf8Error};

use crate::app::StartError;
use crate::db::DbError;
use crate::problem::{FaultPlace, Problem};

/// Why a command ended without its result.
#[derive(Debug)]
pub(super) enum Failure {
    /// What it was given cannot be used; each fault in a line of its own.
    Input(Vec<String>),
    /// What it made cannot be put where it belongs.
    Output(String),
}

impl Failure {
    /// One fault in what was given.
    pub(super) fn input(fault: impl fmt::Display) -> Self {
        Self::Input(vec![fault.to_string()])
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(file: &str, error: &io::Error) -> Self {
        Self::input(match error.kind() {
            io::ErrorKind::NotFound => format!("{file}: expected a file, found none of that name"),
            io::ErrorKind::IsADirectory => format!("{file}: expected a file, found a directory"),
            _ => format!("{file}: {error}"),
        })
    }

    /// A file that is no text.
    pub(super) fn not_utf8(file: &str, error: &FromUtf8Error) -> Self {
        let (good, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let byte = rest.first().copied().unwrap_or_default();
        let (line, column) = end_of(&String::from_utf8_lossy(good));
        Place { file, line, column, name: "" }.not_utf8(byte)
    }

    /// A file that cannot be written.
    pub(super) fn unwritable(file: &str, error: &io::Error) -> Self {
        Self::Output(format!("{file}: {error}"))
    }

    /// The service cannot be started with what it was given.
    pub(super) fn start(error: StartError) -> Self {
        match error {
            StartError::Database(error) => Self::database(error),
            StartError::Keys(_)
            | StartError::Mail(_)
            | StartError::Archive(_)
            | StartError::Platform(_)
            | StartError::Gate(_) => Self::input(error),
            StartError::Metering(_) => Self::Output(error.to_string()),
        }
    }

    /// The database does not do what it should.
    pub(super) fn database(error: DbError) -> Self {
        match error {
            DbError::Unreachable { .. } => Self::input(error),
            other => Self::Output(other.to_string()),
        }
    }

    /// What cannot be done, as the API tells it; where it is about a file, with its name.
    pub(super) fn problem(file: Option<&str>, problem: &Problem) -> Self {
        if problem.kind.status().is_server_error() {
            return Self::Output(problem.detail.en.clone());
        }
        let name = file.map_or_else(String::new, |file| format!("{file}: "));
        let lines = problem.errors.iter().map(|fault| match &fault.place {
            place @ FaultPlace::File { line: Some(_), .. } => {
                format!("{name}{place}: {}", fault.detail.en)
            }
            _ => format!("{name}{}", fault.detail.en),
        });
        let lines: Vec<_> = lines.collect();
        Self::Input(if lines.is_empty() {
            vec![format!("{name}{}", problem.detail.en)]
        } else {
            lines
        })
    }

    /// What is said on standard error.
    pub(super) fn lines(&self) -> Vec<String> {
        let faults = match self {
            Self::Input(faults) => faults.as_slice(),
            Self::Output(fault) => std::slice::from_ref(fault),
        };
        let lines = faults.iter().map(|fault| format!("palier: {fault}"));
        lines.collect()
    }

    /// How the process ends: 2 for bad input, as for wrong options, and 1 for the unexpected.
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Input(_) => ExitCode::from(2),
            Self::Output(_) => ExitCode::FAILURE,
        }
    }
}

/// A place in a file, as `usage.csv: line 4, column 3 (quantity)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    pub(super) file: &'p str,
    /// Counted from 1.
    pub(super) line: u64,
    /// Counted from 1, in characters, or in cells if the line is a row of a table; 0 if the whole
    /// line is meant.
    pub(super) column: usize,
    /// The column's name, or the field's; empty if it has none.
    pub(super) name: &'p str,
}

impl Place<'_> {
    /// What should stand here and what does.
    pub(super) fn fault(&self, expected: impl fmt::Display, found: impl fmt::Display) -> Failure {
        Failure::input(format!("{self}: expected {expected}, found {found}"))
    }

    /// A byte that is no part of a text.
    pub(super) fn not_utf8(&self, byte: u8) -> Failure {
        self.fault("UTF-8 text", format_args!("the byte 0x{byte:02X}: save the file as UTF-8"))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}", self.file, self.line)?;
        if self.column > 0 {
            write!(f, ", column {}", self.column)?;
        }
        if !self.name.is_empty() {
            write!(f, " ({})", self.name)?;
        }
        Ok(())
    }
}

/// Line and column behind a text, both counted from 1.
pub(super) fn end_of(text: &str) -> (u64, usize) {
    let above = u64::try_from(text.matches('\n').count()).unwrap_or(u64::MAX);
    let line = text.rsplit('\n').next().unwrap_or_default();
    (above.saturating_add(1), line.chars().count().saturating_add(1))
}

/// What was found, in quotes, and no more of it than fits on a line.
pub(super) fn quoted(found: &str) -> String {
    const LONGEST: usize = 40;
    if found.is_empty() {
        return "nothing".to_owned();
    }
    match found.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", found.get(..end).unwrap_or(found)),
        None => format!("{found:?}"),
    }
}
