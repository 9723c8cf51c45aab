//! R05 to R10: what stands in the fields of one line.

use jiff::civil::Date;

use super::{
    finding::{FindingKind, Findings, shown},
    header::{Fields, Header},
};

/// Columns that may be empty; each goes with the one after it or before it.
const PAIRS: [(usize, usize); 3] = [(AUXILIARY, AUXILIARY + 1), (LETTER, LETTER_DATE), (16, 17)];
const NUMBER: usize = 2;
const DATE: usize = 3;
const ACCOUNT: usize = 4;
const AUXILIARY: usize = 6;
const PIECE: usize = 8;
const PIECE_DATE: usize = 9;
const DEBIT: usize = 11;
const CREDIT: usize = 12;
const LETTER: usize = 13;
const LETTER_DATE: usize = 14;
const VALIDATED: usize = 15;
const FOREIGN: usize = 16;

/// What a line says of its entry. What could not be read is none.
pub(super) struct Line<'b> {
    /// Which line it is, from 1.
    pub(super) at: u64,
    pub(super) number: &'b [u8],
    pub(super) journal: &'b [u8],
    pub(super) piece: &'b [u8],
    pub(super) date: Option<Date>,
    pub(super) validated: Option<Date>,
    /// Debit less credit, in millionths.
    pub(super) amount: Option<i128>,
}

impl<'b> Line<'b> {
    pub(super) fn read(
        header: &Header,
        line: u64,
        fields: &Fields<'b>,
        findings: &mut Findings,
    ) -> Self {
        let mut reader = Reader { header, line, fields, findings };
        reader.filled();
        reader.pairs();
        reader.account();
        reader.date(PIECE_DATE);
        reader.date(LETTER_DATE);
        reader.number(FOREIGN);
        Self {
            at: line,
            number: reader.field(NUMBER),
            journal: reader.field(0),
            piece: reader.field(PIECE),
            date: reader.date(DATE),
            validated: reader.date(VALIDATED),
            amount: reader.amount(),
        }
    }
}

struct Reader<'r, 'b> {
    header: &'r Header,
    line: u64,
    fields: &'r Fields<'b>,
    findings: &'r mut Findings,
}

impl<'b> Reader<'_, 'b> {
    fn field(&self, column: usize) -> &'b [u8] {
        self.fields.get(column).copied().unwrap_or_default().trim_ascii()
    }

    fn name(&self, column: usize) -> &'static str {
        self.header.names.get(column).copied().unwrap_or_default()
    }

    fn note(&mut self, column: usize, kind: FindingKind) {
        self.findings.note(self.line, Some(self.name(column)), kind);
    }

    /// R05.
    fn filled(&mut self) {
        for column in 0..self.fields.len() {
            let optional = PAIRS.iter().any(|(one, other)| column == *one || column == *other);
            if !optional && self.field(column).is_empty() {
                self.note(column, FindingKind::Empty);
            }
        }
    }

    /// R06.
    fn date(&mut self, column: usize) -> Option<Date> {
        let field = self.field(column);
        let read = date(field);
        if read.is_none() && !field.is_empty() {
            self.note(column, FindingKind::NotADate { found: shown(field) });
        }
        read
    }

    /// R07.
    fn number(&mut self, column: usize) -> Option<i128> {
        let field = self.field(column);
        let read = millionths(field);
        if read.is_none() && !field.is_empty() {
            self.note(column, FindingKind::NotANumber { found: shown(field) });
        }
        read
    }

    /// R08.
    fn account(&mut self) {
        let field = self.field(ACCOUNT);
        let first = field.first_chunk::<3>();
        let begins = first.is_some_and(|first| first.iter().all(u8::is_ascii_digit));
        if !begins && !field.is_empty() {
            self.note(ACCOUNT, FindingKind::NotAnAccount { found: shown(field) });
        }
    }

    /// R09, and what the line comes to.
    fn amount(&mut self) -> Option<i128> {
        if self.header.with_sense {
            return self.amount_with_sense();
        }
        let (debit, credit) = (self.number(DEBIT), self.number(CREDIT));
        match (debit?, credit?) {
            (0, 0) => self.note(DEBIT, FindingKind::NoSide),
            (0, credit) => return credit.checked_neg(),
            (debit, 0) => return Some(debit),
            _ => self.note(CREDIT, FindingKind::BothSides),
        }
        None
    }

    fn amount_with_sense(&mut self) -> Option<i128> {
        let (amount, sense) = (self.number(DEBIT), self.field(CREDIT));
        if amount == Some(0) {
            self.note(DEBIT, FindingKind::NoSide);
            return None;
        }
        match sense {
            b"D" | b"+1" => amount,
            b"C" | b"-1" => amount?.checked_neg(),
            b"" => None,
            _ => {
                self.note(CREDIT, FindingKind::Sense { found: shown(sense) });
                None
            }
        }
    }

    /// R10.
    fn pairs(&mut self) {
        for (one, other) in PAIRS {
            match (self.field(one).is_empty(), self.field(other).is_empty()) {
                (true, false) => self.note(one, FindingKind::Unpaired { other: self.name(other) }),
                (false, true) => self.note(other, FindingKind::Unpaired { other: self.name(one) }),
                _ => {}
            }
        }
    }
}

/// A date as AAAAMMJJ, if it exists.
pub(super) fn date(field: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *field else { return None };
    let digits = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |number, digit| {
            let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
            number.checked_mul(10)?.checked_add(digit.into())
        })
    };
    let (year, month, day) = (digits(&[y1, y2, y3, y4])?, digits(&[m1, m2])?, digits(&[d1, d2])?);
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// A number with a decimal comma and at most six decimals, in millionths.
fn millionths(field: &[u8]) -> Option<i128> {
    const PLACES: usize = 6;
    let unsigned = field.strip_prefix(b"-").unwrap_or(field);
    let mut parts = unsigned.split(|byte| *byte == b',');
    let (whole, fraction) = (parts.next()?, parts.next());
    let places = fraction.map_or(0, <[u8]>::len);
    let written = !whole.is_empty() && fraction != Some(b"") && parts.next().is_none();
    if !written || places > PLACES {
        return None;
    }
    let digits = whole.iter().chain(fraction.unwrap_or_default());
    let zeros = std::iter::repeat_n(&b'0', PLACES.saturating_sub(places));
    let number = digits.chain(zeros).try_fold(0_i128, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(digit.into())
    })?;
    if field.starts_with(b"-") { number.checked_neg() } else { Some(number) }
}
