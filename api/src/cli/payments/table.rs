//! Payments and movements, for people.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use crate::bank::{BankMovement, ImportReport};
use crate::quote::words::{counted, grouped};

const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));
/// More of a text makes no table.
const LONGEST: usize = 40;

/// A table of these rows, amounts in the column of this place.
pub(in crate::cli) fn ruled(header: &[&str], rows: Vec<Vec<String>>, amounts: usize) -> String {
    let mut table = Table::new();
    table.load_style(RULED).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 3 }, 0));
        if at == amounts {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// What an import did.
pub(super) fn import(report: &ImportReport) -> String {
    let sum = summary(report);
    if report.imported.is_empty() {
        return sum;
    }
    let row = |it: &BankMovement| {
        vec![
            it.line.to_string(),
            it.booked_on.to_string(),
            grouped(&it.amount),
            it.counterparty.as_deref().map_or_else(|| short(&it.remittance), short),
            it.status.as_str().to_owned(),
            remark(it),
        ]
    };
    let rows = report.imported.iter().map(row).collect();
    let header = ["line", "day", "amount", "from or to", "status", "what it may be"];
    format!("{}\n{sum}", ruled(&header, rows, 2))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// What a movement that is open may be, in a few words.
fn remark(movement: &BankMovement) -> String {
    if movement.resembles.is_some() {
        return "perhaps imported before, under another name".to_owned();
    }
    if let [batch, ..] = movement.batches.as_slice() {
        return format!("direct debits {batch}");
    }
    let Some(first) = movement.proposals.first() else { return String::new() };
    let parts = first.allocations.iter().map(|it| format!("{} {}", it.number, it.amount));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let reasons = first.reasons.iter().map(|it| it.reason.replace('_', " "));
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    let more = match movement.proposals.len() {
        1 => String::new(),
        count => format!("; {count} in all"),
    };
    format!("{} {parts} ({reasons}{more})", first.outcome)
}

fn summary(report: &ImportReport) -> String {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let movements = counted(count(report.movements), "movement", "movements");
    let ImportReport { dry_run, known, booked, reconciled, open, not_booked, .. } = report;
    // Few poles debit accounts by files.
    let booked = match reconciled {
        0 => booked.to_string(),
        _ => format!("{reconciled} reconciled, {booked}"),
    };
    let sum = if *dry_run {
        format!("{movements}: {booked} would be booked, {open} open, {known} known already")
    } else {
        format!("{movements}: {booked} booked, {open} open, {known} known before")
    };
    match not_booked {
        0 => format!("{sum}\n"),
        _ => format!("{sum}; {not_booked} more that the bank has not booked\n"),
    }
}
