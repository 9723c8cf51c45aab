//! Tables with a header, as spreadsheets and other programs write them, row by row.
//!
//! Cells are parted by commas, or by semicolons beside a decimal comma, as French spreadsheets do.

use std::{
    io::{self, BufRead, Cursor, Read},
    path::Path,
};

use csv::{Reader, ReaderBuilder, Terminator};

use super::input::Input;
use crate::cli::failure::{Failure, Place, quoted};
use crate::quote::words::listed;

mod record;
mod row;

pub(super) use record::Record;
use row::Row;

/// The records of a file, one after the other.
pub(super) struct Records {
    /// What to call it in messages.
    pub(super) file: String,
    reader: Reader<Box<dyn Read>>,
    /// Whether `1,5` is a number here.
    decimal_comma: bool,
    /// The names of the columns, and the line they stand in.
    names: Vec<String>,
    header: u64,
    /// Names that mean something here.
    known: &'static [&'static str],
}

impl Records {
    /// Opens a file and reads its header. Names that mean something here are known in any case;
    /// the others stand for themselves.
    pub(super) fn open(path: &Path, known: &'static [&'static str]) -> Result<Self, Failure> {
        let Input { file, mut bytes } = Input::open(path)?;
        let top = top(&mut bytes).map_err(|error| Failure::input(format!("{file}: {error}")))?;
        let separator = if top.contains(&b';') { b';' } else { b',' };
        // The line break behind the end tells a quote that is closed there from one that never is.
        let bytes: Box<dyn Read> = Box::new(Cursor::new(top).chain(bytes).chain(&b"\n"[..]));
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let decimal_comma = separator == b';';
        let (names, header) = (Vec::new(), 0);
        let mut records = Self { file, reader, decimal_comma, names, header, known };
        let Some(row) = records.row()? else {
            return Err(Failure::input(format!(
                "{}: expected a header such as member,quantity, found nothing",
                records.file
            )));
        };
        records.header = row.line;
        records.names = records.named(&row)?;
        Ok(records)
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|it| it == name)
    }

    /// Insists on columns.
    pub(super) fn require(&self, columns: &[&str]) -> Result<(), Failure> {
        let missing: Vec<_> = columns.iter().filter(|name| !self.has(name)).collect();
        let are = match missing.as_slice() {
            [] => return Ok(()),
            [_] => "is",
            _ => "are",
        };
        let named = self.names.iter().filter(|name| !name.is_empty());
        let found = format!("{} ({} {are} missing)", listed(named), listed(missing));
        let expected = format!("the columns {}", listed(columns));
        Err(self.place(self.header, None).fault(expected, found))
    }

    /// The next record; none at the end.
    pub(super) fn read(&mut self) -> Result<Option<Record<'_>>, Failure> {
        self.row()?.map(|row| Record::new(self, row)).transpose()
    }

    fn named(&self, header: &Row) -> Result<Vec<String>, Failure> {
        let mut names: Vec<String> = Vec::with_capacity(header.cells.len());
        for (at, cell) in header.cells.iter().enumerate() {
            let known = self.known.iter().find(|name| name.eq_ignore_ascii_case(cell));
            let name = known.map_or(cell, |name| name);
            if !name.is_empty() && names.iter().any(|it| it == name) {
                let place = self.place(header.line, Some(at));
                return Err(place.fault("each column once", format!("a second {}", quoted(cell))));
            }
            names.push(name.to_owned());
        }
        // Spreadsheets leave empty cells behind at the ends of rows; those say nothing.
        while names.pop_if(|name| name.is_empty()).is_some() {}
        Ok(names)
    }

    /// A place in a line: that of a cell, or the whole.
    fn place(&self, line: u64, cell: Option<usize>) -> Place<'_> {
        let name = cell.and_then(|at| self.names.get(at)).map_or("", String::as_str);
        let column = cell.map_or(0, |at| at.saturating_add(1));
        Place { file: &self.file, line, column, name }
    }
}

/// All down to the header, which is the first line that is not blank; of a very long one, enough
/// to know what parts its cells.
fn top(bytes: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    const MOST: u64 = 1 << 16;
    let (mut bytes, mut top) = (bytes.take(MOST), Vec::new());
    while top.trim_ascii().is_empty() && bytes.read_until(b'\n', &mut top)? > 0 {}
    Ok(top)
}
