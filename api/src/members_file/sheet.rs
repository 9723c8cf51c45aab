//! Rows of cells, whatever file they came from.

use super::fault::{self, RowFault};
use super::{MAX_ROWS, csv, xlsx};

/// More columns than any list of members has.
pub(super) const MAX_COLUMNS: usize = 100;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text, without blanks around it.
    Text(String),
    /// A number of a workbook, which has lost the zeros in front.
    Number(String),
}

impl Cell {
    /// A cell of text.
    pub(super) fn of(text: &str) -> Self {
        Self::Text(text.trim().to_owned())
    }

    /// What it says.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// A row that is not empty.
#[derive(Debug)]
pub(super) struct Row {
    /// Its line in the file, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cell>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) header: Row,
    pub(super) rows: Vec<Row>,
}

impl Sheet {
    /// Reads a file of either kind; which it is, its first bytes tell.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RowFault> {
        const ZIP: &[u8] = b"PK";
        const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
        let mut rows = Rows::default();
        if bytes.starts_with(COMPOUND) {
            return Err(fault::old_workbook());
        }
        if bytes.starts_with(ZIP) {
            xlsx::read(bytes, &mut rows)?;
        } else {
            csv::read(bytes, &mut rows)?;
        }
        let mut rows = rows.0.into_iter();
        let header = rows.next().ok_or_else(fault::empty)?;
        Ok(Self { header, rows: rows.collect() })
    }
}

/// Rows being gathered, no more than a file may have.
#[derive(Default)]
pub(super) struct Rows(Vec<Row>);

impl Rows {
    /// Adds a row unless nothing is in it.
    pub(super) fn push(&mut self, line: u64, cells: Vec<Cell>) -> Result<(), RowFault> {
        if cells.iter().all(|cell| cell.text().is_empty()) {
            return Ok(());
        }
        // The header is one of them.
        if self.0.len() > MAX_ROWS {
            return Err(fault::too_many_rows(MAX_ROWS));
        }
        if cells.len() > MAX_COLUMNS {
            return Err(fault::too_many_columns(line, MAX_COLUMNS));
        }
        self.0.push(Row { line, cells });
        Ok(())
    }
}
