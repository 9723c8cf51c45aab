//! What an import did, for people.

use comfy_table::{LineStyle, Table, TableStyle};

use crate::members_import::ImportReport;

/// A table of what was added and changed, and a line that sums up.
pub(super) fn write(report: &ImportReport) -> String {
    const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));
    let sum = summary(report);
    if report.changes.is_empty() {
        return sum;
    }
    let mut table = Table::new();
    table.load_style(RULED).set_header(["line", "code", "action", "fields"]);
    for change in &report.changes {
        let fields = change.fields.join(", ");
        table.add_row([
            &change.line.to_string(),
            &change.code,
            change.action.as_str(),
            fields.as_str(),
        ]);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 3 }, 0));
    }
    let lines: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    format!("{lines}\n{sum}")
}

fn summary(report: &ImportReport) -> String {
    let ImportReport { dry_run, created, updated, unchanged, .. } = report;
    let counts = if *dry_run {
        format!("{created} would be created, {updated} updated, {unchanged} stay as they are")
    } else {
        format!("{created} created, {updated} updated, {unchanged} as they were")
    };
    format!("members: {counts}\n")
}
