//! Rows, and what must not stand in them.

use csv::{ByteRecord, StringRecord};

use super::Records;
use crate::cli::failure::Failure;

/// A row with anything in it; its cells have no blanks at their ends.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: StringRecord,
}

impl Records {
    /// The next row with anything in it; none at the end.
    pub(super) fn row(&mut self) -> Result<Option<Row>, Failure> {
        while let Some(bytes) = self.bytes()? {
            self.refuse_line_breaks(&bytes)?;
            // The reader stands in the line below. It also tells where a row begins, but takes
            // blank lines above for part of it.
            let line = self.reader.position().line().saturating_sub(1);
            self.refuse_late_quotes(line, &bytes)?;
            let mut cells = self.decoded(line, bytes)?;
            cells.trim();
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(Row { line, cells }));
            }
        }
        Ok(None)
    }

    fn bytes(&mut self) -> Result<Option<ByteRecord>, Failure> {
        let mut bytes = ByteRecord::new();
        match self.reader.read_byte_record(&mut bytes) {
            Ok(true) => Ok(Some(bytes)),
            Ok(false) => Ok(None),
            Err(error) => {
                let place = self.place(self.reader.position().line(), None);
                Err(Failure::input(format!("{place}: {error}")))
            }
        }
    }

    /// A quote that is not closed takes all that follows, to the next quote or the end of the
    /// file, into its cell. No cell has a reason to go on in another line, so that none does
    /// unnoticed.
    fn refuse_line_breaks(&self, row: &ByteRecord) -> Result<(), Failure> {
        let broken = |cell: &[u8]| cell.contains(&b'\n') || cell.trim_ascii_end().contains(&b'\r');
        let Some(at) = row.iter().position(broken) else {
            return Ok(());
        };
        // Counted back from where the reader stands: below the row, or at the end of the file.
        let inside = row.iter().skip(at).flatten().filter(|&&byte| byte == b'\n').count();
        let below = if row.as_slice().ends_with(b"\n") { inside } else { inside.saturating_add(1) };
        let below = u64::try_from(below).unwrap_or(u64::MAX);
        let line = self.reader.position().line().saturating_sub(below);
        let place = self.place(line, Some(at));
        Err(place.fault("a cell on one line", "a line break: is a quote not closed?"))
    }

    /// Behind a blank, a quote is part of the text: `a, "b"` would not be the `b` of other rows.
    fn refuse_late_quotes(&self, line: u64, row: &ByteRecord) -> Result<(), Failure> {
        let late = |cell: &[u8]| {
            cell.first().is_some_and(u8::is_ascii_whitespace)
                && cell.trim_ascii_start().starts_with(b"\"")
        };
        row.iter().position(late).map_or(Ok(()), |at| {
            let place = self.place(line, Some(at));
            Err(place.fault("a quote right behind the separator", "a blank before it"))
        })
    }

    fn decoded(&self, line: u64, row: ByteRecord) -> Result<StringRecord, Failure> {
        StringRecord::from_byte_record(row).map_err(|error| {
            let (at, good) = (error.utf8_error().field(), error.utf8_error().valid_up_to());
            let row = error.into_byte_record();
            let byte = row.get(at).and_then(|cell| cell.get(good)).copied();
            self.place(line, Some(at)).not_utf8(byte.unwrap_or_default())
        })
    }
}
