//! The first sheet of a workbook.

mod slim;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::MAX_ROWS;
use super::fault::{self, RowFault};
use super::sheet::{Cell, MAX_COLUMNS, Rows};

/// Reads all rows of the first sheet that is shown.
///
/// Cells are read one after the other: a sheet of two cells that lie a million rows apart is two
/// cells, not a million rows.
pub(super) fn read(bytes: &[u8], rows: &mut Rows) -> Result<(), RowFault> {
    let slim = slim::slim(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(slim)).map_err(unreadable)?;
    let shown = book
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = shown.map(|sheet| sheet.name.clone()).ok_or_else(fault::empty)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut found: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let Some(value) = value(cell.get_value()) else {
            continue;
        };
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            let line = u64::from(row).saturating_add(1);
            return Err(fault::too_many_columns(line, MAX_COLUMNS));
        }
        let cells = found.entry(row).or_default();
        let width = cells.len().max(column.saturating_add(1));
        cells.resize(width, Cell::of(""));
        if let Some(place) = cells.get_mut(column) {
            *place = value;
        }
        // The header is one of them.
        if found.len() > MAX_ROWS.saturating_add(1) {
            return Err(fault::too_many_rows(MAX_ROWS));
        }
    }
    for (row, cells) in found {
        rows.push(u64::from(row).saturating_add(1), cells)?;
    }
    Ok(())
}

/// What a cell says, if anything. A SIREN typed into a spreadsheet is a number, exact up to 15
/// digits, and printed without a decimal point.
fn value(value: &DataRef<'_>) -> Option<Cell> {
    let cell = match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::DateTime(time) => Cell::Number(time.as_f64().to_string()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::of(text)
        }
        DataRef::SharedString(text) => Cell::of(text),
        DataRef::Bool(yes) => Cell::Text(yes.to_string()),
        DataRef::Error(error) => Cell::Text(error.to_string()),
    };
    Some(cell).filter(|cell| !cell.text().is_empty())
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unreadable(error: XlsxError) -> RowFault {
    fault::unreadable(&error)
}
