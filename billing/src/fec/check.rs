//! Checking a file: every rule that can be checked from the file alone.
//!
//! Nothing here is shared with the writer. What one rule finds is kept from the others, so that one
//! mistake is one finding: an entry with an amount that cannot be read is not called unbalanced.

mod entries;
mod fields;
mod finding;
mod french;
mod header;
mod name;
mod text;

use jiff::{ToSpan, civil::Date};

pub use finding::{Finding, FindingKind, Rule};

use entries::Entries;
use fields::Line;
use finding::Findings;
use header::Header;

/// Checks a file by its name and content. The year is taken to have twelve months.
///
/// Findings are in the order of lines; none means that the file is in order.
///
/// ```
/// # use palier_billing::fec::check;
/// let findings = check("732829320FEC20261131.txt", b"JournalCode|JournalLib\n");
/// let said: Vec<_> = findings.iter().map(|it| it.to_string()).collect();
/// assert_eq!(said, [
///     "R01 the file's name has \"20261131\" where the closing date should be, as 20261231",
///     "R03 line 1: columns: 2 instead of 18",
/// ]);
/// assert_eq!(findings[1].french(), "R03 ligne 1 : colonnes : 2 au lieu de 18");
/// ```
pub fn check(name: &str, bytes: &[u8]) -> Vec<Finding> {
    run(twelve_months, name, bytes)
}

/// Checks the file of a year that began on `first` and has more or fewer than twelve months.
pub fn check_since(first: Date, name: &str, bytes: &[u8]) -> Vec<Finding> {
    run(|_| first, name, bytes)
}

/// The first day of a year of twelve months that ends with `closing`.
fn twelve_months(closing: Date) -> Date {
    closing.saturating_add(1.day()).saturating_sub(1.year())
}

fn run(first: impl Fn(Date) -> Date, name: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let year = name::closing(name, &mut findings).map(|closing| (first(closing), closing));
    let bytes = text::check(bytes, &mut findings);
    let mut lines = text::lines(bytes);
    let first_line = lines.next().map(|(_, text)| text).unwrap_or_default();
    let Some(header) = Header::read(first_line, &mut findings) else { return findings.sorted() };
    let mut entries = Entries::new(year);
    for (number, text) in lines {
        match header.split(text) {
            Ok(fields) => {
                let line = Line::read(&header, number, &fields, &mut findings);
                entries.add(&line, &mut findings);
            }
            Err(found) => {
                findings.note(number, None, FindingKind::FieldCount { found });
                entries.skip();
            }
        }
    }
    entries.finish(&mut findings);
    findings.sorted()
}
