//! CSV as spreadsheets write it.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::columns::Column;
use super::fault::{self, RowFault};
use super::sheet::{Cell, MAX_COLUMNS, Rows};

/// Reads all rows.
pub(super) fn read(bytes: &[u8], rows: &mut Rows) -> Result<(), RowFault> {
    // A row of its own at the end, unless a quote that nobody closed takes it in.
    const END: &str = "\0";
    let mut text = decoded(bytes).into_owned();
    let separator = separator(&text);
    text.push('\n');
    text.push_str(END);
    let mut reader = builder(separator).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    // The text is UTF-8 and records may have any length: reading cannot fail.
    while reader.read_record(&mut record).unwrap_or_default() {
        let line = lines.of(record.position());
        let is_last = usize::try_from(reader.position().byte()).is_ok_and(|at| at >= text.len());
        if is_last && !record.iter().eq([END]) {
            return Err(fault::open_quote(line));
        }
        if is_last {
            break;
        }
        // One more than may be, so that the row is refused without keeping a million cells.
        let cells = record.iter().take(MAX_COLUMNS.saturating_add(1)).map(Cell::of).collect();
        rows.push(line, cells)?;
    }
    Ok(())
}

/// Counts lines. The reader counts too, but takes the line break and the empty lines above for a
/// part of the row.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first character at or behind a place, which lies behind the one before.
    fn of(&mut self, place: Option<&csv::Position>) -> u64 {
        let start = place.and_then(|place| usize::try_from(place.byte()).ok()).unwrap_or(self.at);
        while let Some([byte, rest @ ..]) = self.text.get(self.at..) {
            let is_break = *byte == b'\n' || (*byte == b'\r' && rest.first() != Some(&b'\n'));
            if self.at >= start && !is_break && *byte != b'\r' {
                break;
            }
            self.line = self.line.saturating_add(is_break.into());
            self.at = self.at.saturating_add(1);
        }
        self.line
    }
}

/// The text: in Unicode if it says so or can be nothing else, otherwise in the code page of Excel
/// in western Europe.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let unmarked = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(unmarked).0;
    }
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The separator under which most columns of the header are known.
fn separator(text: &str) -> u8 {
    let mut best = (0, b';');
    for separator in [b';', b',', b'\t'] {
        let mut header = StringRecord::new();
        let mut reader = builder(separator).from_reader(text.as_bytes());
        while reader.read_record(&mut header).unwrap_or_default() {
            if header.iter().any(|cell| !cell.trim().is_empty()) {
                break;
            }
        }
        let known = Column::known(header.iter().take(MAX_COLUMNS));
        if known > best.0 {
            best = (known, separator);
        }
    }
    best.1
}

fn builder(separator: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator);
    builder
}
