//! Rows of separated values, each cell with the place where it stands.
//!
//! Both dialects of spreadsheets are read: commas, or semicolons with a decimal comma, as French
//! ones write. The `csv` crate, which writes our own tables, is not used here: it does not tell in
//! which column of a line a cell begins, and takes a quote that is never closed for one huge cell,
//! so that the rest of a file would be lost without a word.

use super::input::Input;
use crate::cli::failure::{Failure, Place, quoted};

/// The rows of a file, one after the other.
pub(super) struct Rows {
    input: Input,
    /// What the header has; unknown before it is read.
    separator: Option<char>,
    line: u64,
}

/// A row that is not empty.
#[derive(Debug)]
pub(super) struct Row {
    /// The line it begins in.
    pub(super) line: u64,
    pub(super) cells: Vec<Cell>,
}

/// What stands between two separators, without blanks at its ends.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Cell {
    /// Where it stands.
    pub(super) fn place<'p>(&self, file: &'p str, name: &'p str) -> Place<'p> {
        let (line, column) = (self.line, self.column);
        Place { file, line, column, name }
    }
}

impl Rows {
    /// Reads the header, by which the separator is known.
    pub(super) fn open(input: Input) -> Result<(Self, Row), Failure> {
        let (separator, line) = (None, 0);
        let mut rows = Self { input, separator, line };
        let Some(header) = rows.next_row()? else {
            let file = rows.file();
            return Err(Failure::input(format!(
                "{file}: expected a header such as member,quantity, found nothing"
            )));
        };
        Ok((rows, header))
    }

    /// What to call the file in messages.
    pub(super) fn file(&self) -> &str {
        &self.input.file
    }

    /// Whether `1,5` is a number here.
    pub(super) const fn has_decimal_comma(&self) -> bool {
        matches!(self.separator, Some(';'))
    }

    /// The next row with anything in it; none at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        while let Some(text) = self.next_line()? {
            if text.trim().is_empty() {
                continue;
            }
            let likely = if text.contains(';') { ';' } else { ',' };
            let separator = *self.separator.get_or_insert(likely);
            let row = self.row(separator, &text)?;
            if row.cells.iter().any(|cell| !cell.text.is_empty()) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn next_line(&mut self) -> Result<Option<String>, Failure> {
        self.line = self.line.saturating_add(1);
        let mut line = self.input.line(self.line)?;
        if self.line == 1
            && let Some(text) = &mut line
            && text.starts_with('\u{feff}')
        {
            text.remove(0);
        }
        Ok(line)
    }

    fn row(&mut self, separator: char, text: &str) -> Result<Row, Failure> {
        let line = self.line;
        let mut reader = CellReader::new(separator, line);
        reader.read(text, line).map_err(|fault| fault.failure(self.file()))?;
        while let State::Quoted = reader.state {
            let Some(text) = self.next_line()? else {
                let opened = reader.cell.place(self.file(), "");
                return Err(opened.fault("a quote to be closed", "the end of the file"));
            };
            reader.read(&text, self.line).map_err(|fault| fault.failure(self.file()))?;
        }
        reader.end_cell();
        let cells = reader.cells;
        Ok(Row { line, cells })
    }
}

/// Takes a row apart, character by character.
struct CellReader {
    separator: char,
    cells: Vec<Cell>,
    state: State,
    /// The cell being read.
    cell: Cell,
}

#[derive(Clone, Copy)]
enum State {
    /// Only blanks so far.
    Blank,
    /// Within a plain cell.
    Plain,
    /// Between quotes.
    Quoted,
    /// After a quote that closes, or is the first half of a doubled one.
    Closed,
}

/// Something stands behind a closing quote.
struct Stray {
    cell: Cell,
}

impl Stray {
    fn failure(&self, file: &str) -> Failure {
        let place = self.cell.place(file, "");
        place.fault("a separator after the closing quote", quoted(&self.cell.text))
    }
}

impl CellReader {
    fn new(separator: char, line: u64) -> Self {
        let (text, column) = (String::new(), 1);
        let cell = Cell { text, line, column };
        Self { separator, cells: Vec::new(), state: State::Blank, cell }
    }

    /// Reads a line; a cell between quotes may go on in the next.
    fn read(&mut self, text: &str, line: u64) -> Result<(), Stray> {
        for ((column, next), it) in (1..).zip(2..).zip(text.chars()) {
            match (self.state, it) {
                (State::Quoted, '"') => self.state = State::Closed,
                (State::Quoted, it) => self.cell.text.push(it),
                (State::Closed, '"') => {
                    self.cell.text.push('"');
                    self.state = State::Quoted;
                }
                (_, it) if it == self.separator => {
                    self.end_cell();
                    (self.cell.line, self.cell.column) = (line, next);
                }
                (State::Blank | State::Closed, it) if it.is_whitespace() => {}
                (State::Blank, '"') => {
                    (self.cell.line, self.cell.column) = (line, column);
                    self.state = State::Quoted;
                }
                (State::Blank, it) => {
                    (self.cell.line, self.cell.column) = (line, column);
                    self.cell.text.push(it);
                    self.state = State::Plain;
                }
                (State::Plain, it) => self.cell.text.push(it),
                (State::Closed, it) => {
                    let text = it.to_string();
                    return Err(Stray { cell: Cell { text, line, column } });
                }
            }
        }
        Ok(())
    }

    fn end_cell(&mut self) {
        let (line, column) = (self.cell.line, self.cell.column);
        let text = std::mem::take(&mut self.cell.text).trim().to_owned();
        self.cells.push(Cell { text, line, column });
        self.state = State::Blank;
    }
}
