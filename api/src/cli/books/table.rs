//! A report as a table in a terminal.

use std::io::{self, Write};

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use crate::quote::words::grouped;
use crate::sheet::{Cell, Sheet};
use crate::text::Language;

const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Writes the rows, and what they come to.
pub(super) fn write(out: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
    let mut table = Table::new();
    let titles = sheet.columns.iter().map(|column| column.title.in_language(Language::En));
    table.load_style(RULED).set_header(titles);
    for row in sheet.rows.iter().chain(&sheet.total) {
        table.add_row(row.iter().map(shown));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 3 }, 0));
        if sheet.rows.iter().filter_map(|row| row.get(at)).any(Cell::is_number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()
}

fn shown(cell: &Cell) -> String {
    if cell.is_number() { grouped(cell) } else { cell.to_string() }
}
