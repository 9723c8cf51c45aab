//! Tables: a column of names, and columns of numbers with a total below.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use palier_billing::{Currency, Error, Money};

use super::Style;
use crate::quote::words::in_line;

/// A table whose last row is a total.
pub(super) struct Grid {
    columns: Vec<Column>,
}

struct Column {
    title: String,
    /// The total last.
    cells: Vec<String>,
}

impl Grid {
    /// A table with its names.
    pub(super) fn new<'n>(
        title: &str,
        names: impl Iterator<Item = &'n str>,
        total: &'n str,
    ) -> Self {
        let cells = names.chain([total]).map(str::to_owned).collect();
        let title = title.to_owned();
        Self { columns: vec![Column { title, cells }] }
    }

    /// Adds a column of numbers, of at least so many decimal places.
    pub(super) fn numbers<T: ToString>(
        &mut self,
        title: &str,
        cells: impl Iterator<Item = Option<T>>,
        total: Option<T>,
        least_places: usize,
    ) {
        let cells = cells.map(|cell| cell.map(|cell| cell.to_string()));
        let cells = cells.chain([total.map(|total| total.to_string())]).collect();
        let title = title.to_owned();
        let cells = in_line(cells, least_places);
        self.columns.push(Column { title, cells });
    }

    /// Adds a column of amounts and its sum.
    pub(super) fn amounts(
        &mut self,
        title: &str,
        amounts: Vec<Option<Money>>,
        currency: Currency,
    ) -> Result<(), Error> {
        let sum = Money::sum(currency, amounts.iter().flatten().copied())?;
        self.numbers(title, amounts.into_iter(), Some(sum), 0);
        Ok(())
    }

    /// Draws it. Numbers are never broken; names and titles are, where space is short.
    pub(super) fn render(&self, style: Style) -> String {
        const LEAST_NAME: u16 = 12;
        const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));
        let mut table = table(style);
        table.load_style(RULED);
        table.set_header(self.columns.iter().map(|column| column.title.as_str()));
        let rows = self.columns.first().map_or(0, |names| names.cells.len());
        for row in 0..rows {
            let cells = self.columns.iter().map(|column| column.cells.get(row));
            table.add_row(cells.map(|cell| cell.map_or("", String::as_str)));
        }
        for (at, (column, drawn)) in self.columns.iter().zip(table.column_iter_mut()).enumerate() {
            let least = if at == 0 {
                drawn.set_padding((2, 0));
                column.widest().min(LEAST_NAME)
            } else {
                drawn.set_padding((3, 0));
                drawn.set_cell_alignment(CellAlignment::Right);
                column.widest().max(longest_word(&column.title))
            };
            let least = Width::Fixed(least.saturating_add(drawn.padding_width()));
            drawn.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
        let mut lines: Vec<_> = table.lines().collect();
        let rule = lines.iter().find(|line| line.starts_with('─')).cloned();
        if let (Some(rule), Some(total)) = (rule, lines.len().checked_sub(1)) {
            lines.insert(total, rule);
        }
        joined(lines)
    }
}

impl Column {
    fn widest(&self) -> u16 {
        self.cells.iter().map(|cell| width(cell)).max().unwrap_or_default()
    }
}

fn longest_word(title: &str) -> u16 {
    title.split(' ').map(width).max().unwrap_or_default()
}

fn width(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

/// Draws a label and what it says on each line.
pub(super) fn pairs(lines: &[(&str, String)], style: Style) -> String {
    let mut table = table(style);
    for (label, text) in lines {
        table.add_row([*label, text.as_str()]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((2, 0));
    }
    if let Some(labels) = table.column_mut(0) {
        labels.set_constraint(ColumnConstraint::ContentWidth);
    }
    joined(table.lines().collect())
}

fn table(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    if let Some(width) = style.width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn joined(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}
