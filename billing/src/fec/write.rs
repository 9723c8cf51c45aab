//! Writing the file.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};

use super::{Encoding, FecError};
use crate::{
    Currency, Days, Money, Siren,
    ledger::{Entry, EntryNumber, Journal, Lettering, Posting, Side},
};

const COLUMNS: [&str; 18] = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
];

/// An entry of the books, with what happened to it there.
#[derive(Clone, Copy, Debug)]
pub struct Record<'e> {
    /// Its place in its journal.
    pub sequence: u64,
    /// The day from which it could not be changed.
    pub validated: Date,
    /// The entry.
    pub entry: &'e Entry,
    /// How its postings are lettered, in their order; what is missing at the end is not.
    pub letters: &'e [Option<Lettering>],
}

impl Record<'_> {
    const fn number(&self) -> EntryNumber {
        EntryNumber { journal: self.entry.journal(), sequence: self.sequence }
    }
}

/// Writes the file of a year: the header, then entry after entry in the order of their validation.
///
/// It keeps nothing of what it wrote but the last numbers, so a file of any size takes no memory if
/// the caller sends on what was appended.
///
/// Fields are separated by tabs, lines by CR LF. The columns for amounts in a foreign currency are
/// empty: entries are in euros.
#[derive(Clone, Debug)]
pub struct Writer {
    siren: Siren,
    year: Days,
    encoding: Encoding,
    validated: Option<Date>,
    sequences: BTreeMap<Journal, u64>,
}

impl Writer {
    /// Begins the file of a company's accounting year.
    pub const fn new(siren: Siren, year: Days, encoding: Encoding) -> Self {
        Self { siren, year, encoding, validated: None, sequences: BTreeMap::new() }
    }

    /// The name that the file must have: SIREN and closing date.
    pub fn name(&self) -> String {
        let closing = self.year.end().saturating_sub(1.day());
        format!("{}FEC{}.txt", self.siren, day(closing))
    }

    /// The first line: the names of the columns.
    pub fn header(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.line(&mut out, &COLUMNS);
        out
    }

    /// Appends the lines of an entry, or nothing if it cannot stand here.
    ///
    /// # Errors
    /// [`FecError`]: the entry is not in euros or not of the year, was validated before it was
    /// booked or before the one that was written last, or does not follow the last one of its
    /// journal.
    pub fn append(&mut self, out: &mut Vec<u8>, record: &Record<'_>) -> Result<(), FecError> {
        self.check(record)?;
        let Record { sequence, validated, entry, letters } = *record;
        self.validated = Some(validated);
        self.sequences.insert(entry.journal(), sequence);
        let letters = letters.iter().copied().chain(std::iter::repeat(None));
        for (posting, letter) in entry.postings().iter().zip(letters) {
            self.posting(out, record, posting, letter);
        }
        Ok(())
    }

    fn check(&self, record: &Record<'_>) -> Result<(), FecError> {
        let (number, validated) = (record.number(), record.validated);
        let (date, currency) = (record.entry.heading().date(), record.entry.currency());
        if currency != Currency::EUR {
            return Err(FecError::NotEuro { number, found: currency.code() });
        }
        if !self.year.contains(date) {
            return Err(FecError::OutsideYear { number, date });
        }
        if validated < date {
            return Err(FecError::ValidatedBefore { number, date, validated });
        }
        if let Some(previous) = self.validated.filter(|previous| validated < *previous) {
            return Err(FecError::OutOfOrder { number, validated, previous });
        }
        if let Some(last) = self.sequences.get(&number.journal) {
            let expected = EntryNumber { sequence: last.saturating_add(1), ..number };
            if number != expected {
                return Err(FecError::NotNext { number, expected });
            }
        }
        Ok(())
    }

    fn posting(
        &self,
        out: &mut Vec<u8>,
        record: &Record<'_>,
        posting: &Posting,
        letter: Option<Lettering>,
    ) {
        let (entry, heading) = (record.entry, record.entry.heading());
        let auxiliary = posting.auxiliary();
        let fields = [
            entry.journal().as_str(),
            entry.journal().label(),
            &record.number().to_string(),
            &day(heading.date()),
            posting.account().as_str(),
            posting.account_label(),
            auxiliary.map_or("", |it| it.code()),
            auxiliary.map_or("", |it| it.name()),
            heading.piece(),
            &day(heading.piece_date()),
            posting.label(),
            &amount(posting.on(Side::Debit)),
            &amount(posting.on(Side::Credit)),
            &letter.map(|it| it.letter.to_string()).unwrap_or_default(),
            &letter.map(|it| day(it.date)).unwrap_or_default(),
            &day(record.validated),
            "",
            "",
        ];
        self.line(out, &fields);
    }

    fn line(&self, out: &mut Vec<u8>, fields: &[&str; 18]) {
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                out.push(b'\t');
            }
            self.encoding.append(out, field);
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// A date as AAAAMMJJ.
fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// An amount with a decimal comma; a point is an error since 2019.
fn amount(amount: Money) -> String {
    amount.to_string().replace('.', ",")
}
