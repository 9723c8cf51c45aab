//! R11 to R14: what lines say together.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    fields::Line,
    finding::{FindingKind, Findings, shown},
};

/// An entry, as its lines so far tell it.
struct Entry<'b> {
    line: u64,
    journal: &'b [u8],
    piece: &'b [u8],
    date: Option<Date>,
    /// Debits less credits; none once a line could not be read.
    balance: Option<i128>,
}

/// The entries of a file, by the number alone: that is how the administration's checker knows them.
pub(super) struct Entries<'b> {
    year: Option<(Date, Date)>,
    seen: BTreeMap<&'b [u8], Entry<'b>>,
    /// The number on the line above.
    last: Option<&'b [u8]>,
    /// Whether a line above could not be read, which may have been one of the next entry.
    skipped: bool,
    validated: Option<Date>,
}

impl<'b> Entries<'b> {
    pub(super) const fn new(year: Option<(Date, Date)>) -> Self {
        Self { year, seen: BTreeMap::new(), last: None, skipped: false, validated: None }
    }

    /// Passes a line that could not be read: it may have been one of the entry above, or of the one
    /// below.
    pub(super) fn skip(&mut self) {
        if let Some(entry) = self.last.and_then(|last| self.seen.get_mut(last)) {
            entry.balance = None;
        }
        self.skipped = true;
    }

    pub(super) fn add(&mut self, line: &Line<'b>, findings: &mut Findings) {
        self.dates(line, findings);
        if line.number.is_empty() {
            self.skip();
            return;
        }
        let entry = self.seen.entry(line.number).or_insert(Entry {
            line: line.at,
            journal: line.journal,
            piece: line.piece,
            date: line.date,
            balance: Some(0),
        });
        let amount = line.amount.filter(|_| !self.skipped);
        let sum = |balance: i128| balance.checked_add(amount?);
        entry.balance = entry.balance.and_then(sum);
        self.skipped = false;
        self.last = Some(line.number);
        entry.compare(line, findings);
    }

    /// R13 and R14.
    fn dates(&mut self, line: &Line<'_>, findings: &mut Findings) {
        if let (Some(date), Some((first, last))) = (line.date, self.year)
            && !(first..=last).contains(&date)
        {
            let kind = FindingKind::OutsideYear { date, first, last };
            findings.note(line.at, Some("EcritureDate"), kind);
        }
        let Some(validated) = line.validated else { return };
        if let Some(date) = line.date.filter(|date| validated < *date) {
            let kind = FindingKind::ValidatedBefore { validated, date };
            findings.note(line.at, Some("ValidDate"), kind);
        }
        if let Some(previous) = self.validated.filter(|previous| validated < *previous) {
            let kind = FindingKind::OutOfOrder { validated, previous };
            findings.note(line.at, Some("ValidDate"), kind);
        }
        self.validated = Some(validated);
    }

    /// What shows once all lines are read: R11's balance, and R12.
    pub(super) fn finish(self, findings: &mut Findings) {
        let mut numbers = BTreeMap::new();
        for (number, entry) in &self.seen {
            if let Some(difference) = entry.balance.filter(|balance| *balance != 0) {
                let difference = with_comma(difference);
                let kind = FindingKind::Unbalanced { number: shown(number), difference };
                findings.note(entry.line, None, kind);
            }
            match sequence(number) {
                Some(place) => {
                    numbers.insert(place, (*number, entry.line));
                }
                None => {
                    let kind = FindingKind::NoSequence { found: shown(number) };
                    findings.note(entry.line, Some("EcritureNum"), kind);
                }
            }
        }
        let pairs = numbers.iter().zip(numbers.iter().skip(1));
        for (((prefix, place), (before, _)), ((same, next), (found, line))) in pairs {
            if prefix == same && next.abs_diff(*place) > 1 {
                let kind = FindingKind::Gap { before: shown(before), found: shown(found) };
                findings.note(*line, Some("EcritureNum"), kind);
            }
        }
    }
}

impl<'b> Entry<'b> {
    /// R11: one journal, one date, one document. What is empty, or no date, another rule found.
    fn compare(&mut self, line: &Line<'b>, findings: &mut Findings) {
        let mut differs = |column, first: &[u8], found: &[u8]| {
            let (number, first, found) = (shown(line.number), shown(first), shown(found));
            findings.note(line.at, Some(column), FindingKind::Differs { number, found, first });
        };
        let texts =
            [("JournalCode", self.journal, line.journal), ("PieceRef", self.piece, line.piece)];
        for (column, first, found) in texts {
            if first != found && !first.is_empty() && !found.is_empty() {
                differs(column, first, found);
            }
        }
        if let (Some(first), Some(found)) = (self.date, line.date)
            && first != found
        {
            let (first, found) = (first.to_string(), found.to_string());
            differs("EcritureDate", first.as_bytes(), found.as_bytes());
        }
        if self.journal.is_empty() {
            self.journal = line.journal;
        }
        if self.piece.is_empty() {
            self.piece = line.piece;
        }
        self.date = self.date.or(line.date);
    }
}

/// A number apart from what stands before it, which is the sequence it belongs to.
fn sequence(number: &[u8]) -> Option<(&[u8], u64)> {
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (prefix, digits) = number.split_at_checked(number.len().saturating_sub(digits))?;
    Some((prefix, str::from_utf8(digits).ok()?.parse().ok()?))
}

/// Millionths as a number with a decimal comma, and with the decimals that say something.
fn with_comma(millionths: i128) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let digits = format!("{:07}", millionths.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(6));
    let (cents, finer) = fraction.split_at(2);
    format!("{sign}{whole},{cents}{}", finer.trim_end_matches('0'))
}
