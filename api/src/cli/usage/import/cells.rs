//! The cells of one line.
//!
//! A line is a row: nothing in an event has a reason to go on in another line, and so a quote that
//! is never closed spoils its own line and not the rest of the file.

use std::borrow::Cow;

/// The cells of a line, without the blanks at their ends. A cell in quotes may hold separators, and
/// quotes written twice.
pub(super) fn split(line: &str, separator: char) -> Result<Vec<Cow<'_, str>>, &'static str> {
    let mut cells = Vec::with_capacity(8);
    let mut rest = line;
    loop {
        let (cell, behind) = match rest.strip_prefix('"') {
            Some(quoted) => in_quotes(quoted)?,
            None => bare(rest, separator)?,
        };
        cells.push(cell);
        let behind = behind.trim_start_matches(' ');
        match behind.strip_prefix(separator) {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(cells),
            None => return Err("expected a separator behind a closing quote"),
        }
    }
}

/// A cell and what stands behind it.
type Cell<'l> = (Cow<'l, str>, &'l str);

fn bare(text: &str, separator: char) -> Result<Cell<'_>, &'static str> {
    let (cell, behind) = text.split_at(text.find(separator).unwrap_or(text.len()));
    let cell = cell.trim();
    // Behind a blank, a quote would be part of the text: `a, "b"` is not the `b` of other rows.
    if cell.starts_with('"') {
        return Err("expected a quote right behind the separator, found a blank before it");
    }
    Ok((Cow::Borrowed(cell), behind))
}

fn in_quotes(text: &str) -> Result<Cell<'_>, &'static str> {
    let mut cell = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('"').ok_or("a quote is not closed")?;
        cell = joined(cell, part);
        let Some(more) = behind.strip_prefix('"') else {
            return Ok((trimmed(cell), behind));
        };
        cell.to_mut().push('"');
        rest = more;
    }
}

fn joined<'l>(mut cell: Cow<'l, str>, part: &'l str) -> Cow<'l, str> {
    if cell.is_empty() {
        return Cow::Borrowed(part);
    }
    cell.to_mut().push_str(part);
    cell
}

fn trimmed(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell {
        Cow::Borrowed(cell) => Cow::Borrowed(cell.trim()),
        Cow::Owned(cell) => Cow::Owned(cell.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart() {
        for (line, separator, cells) in [
            ("a,b,c", ',', ["a", "b", "c"].as_slice()),
            ("", ',', &[""]),
            (",", ',', &["", ""]),
            (" a ; \"b;\" \"c\" ", ';', &[]),
            ("a ;\"b;\"\"c\"\"\" ;1,5", ';', &["a", "b;\"c\"", "1,5"]),
            ("\"\",\"\"\"\",\" x \"", ',', &["", "\"", "x"]),
            ("a\tb c\t", '\t', &["a", "b c", ""]),
            ("5\" disk,b", ',', &["5\" disk", "b"]),
        ] {
            let found = split(line, separator).unwrap_or_default();
            assert_eq!(found, cells, "{line}");
        }
        for line in ["a,\"b", "\"a\"b,c", "a, \"b\"", "\"\"\"", "\"a\" \"b\""] {
            assert!(split(line, ',').is_err(), "{line}");
        }
    }
}
