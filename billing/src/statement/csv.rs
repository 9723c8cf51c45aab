//! What banks export for spreadsheets.

mod mapping;
mod row;

use csv::{ByteRecord, ReaderBuilder, Trim};

pub use mapping::{AmountColumns, CsvMapping, DateOrder, DecimalMark};

use self::row::Columns;
use super::{
    Statement, StatementFaultKind, StatementFaults,
    fault::{Notes, Read},
    key::Keys,
};
use crate::text::{self, Lines};

/// Reads a bank's CSV export of one account. Text is UTF-8 or, if it cannot be, Windows-1252.
///
/// What stands above the header is passed over: the header is the first row that has all columns
/// of the mapping. Rows without date and amount are no movements (blank ones, words at the end).
///
/// # Errors
/// [`StatementFaults`]: all that is wrong, each with its line.
pub fn read_csv(
    bytes: &[u8],
    mapping: &CsvMapping,
    account: &str,
) -> Result<Statement, StatementFaults> {
    let mut notes = Notes::default();
    let read = statement(bytes, mapping, account, &mut notes);
    notes.finish(read)
}

fn statement(
    bytes: &[u8],
    mapping: &CsvMapping,
    account: &str,
    notes: &mut Notes,
) -> Read<Statement> {
    let text = notes.check(1, text::of_csv(bytes))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(u8::try_from(mapping.delimiter).unwrap_or(b';'))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut columns: Option<Columns<'_>> = None;
    let mut lines = Vec::new();
    let (mut record, mut counted) = (ByteRecord::new(), Lines::of(&text));
    loop {
        let more = reader.read_byte_record(&mut record);
        let why = |error: csv::Error| StatementFaultKind::Syntax { why: error.to_string() };
        if !notes.check(1, more.map_err(why))? {
            break;
        }
        let line = counted.at(start(&text, &record));
        // Text was decoded as a whole, so every field is text.
        let fields: Vec<_> =
            record.iter().map(|field| str::from_utf8(field).unwrap_or_default()).collect();
        match &columns {
            None => columns = Columns::find(mapping, &fields),
            Some(columns) => lines.extend(columns.row(line, &fields, notes).ok().flatten()),
        }
    }
    if columns.is_none() {
        let what = format!("a row with the columns {}", mapping.names().join(", "));
        return Err(notes.note(1, StatementFaultKind::Missing { what }));
    }
    let account: String = account.chars().filter(|it| !it.is_whitespace()).collect();
    Keys::default().give(&account, &mut lines);
    Ok(Statement { account, id: None, balances: None, lines, not_booked: 0 })
}

/// Where a record begins. The reader says where the one before ended: line breaks and blank lines
/// still lie between.
fn start(text: &str, record: &ByteRecord) -> usize {
    let end = record.position().and_then(|it| usize::try_from(it.byte()).ok()).unwrap_or(0);
    let behind = text.get(end..).unwrap_or_default();
    let blank = behind.len().saturating_sub(behind.trim_start_matches(['\r', '\n']).len());
    end.saturating_add(blank)
}
