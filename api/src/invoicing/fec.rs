//! The accounting file of a year, from the journal.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use palier_billing::fec::{Encoding, Record, Writer};
use palier_billing::ledger::{
    Auxiliary, ChartAccount, Entry, Heading, Journal, LedgerError, Posting, Side,
};
use palier_billing::{Currency, Days, Money};

use super::{InvoicingError, Settings};
use crate::clock::Time;
use crate::day::Day;
use crate::db::journal::{self, EntryRow, LineRow};
use crate::db::{Db, DbError, poles};
use crate::id::PoleId;

/// The file, and what it is called.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: u64,
}

/// Makes the file of a year. It asks for a [`snapshot`](Db::snapshot).
///
/// Entries stand in the order of their validation: that in which they were recorded, since none
/// changes afterwards. Somebody may record in August what the bank booked in July.
///
/// # Errors
/// [`InvoicingError::NoSettings`]; [`DbError`] for an entry that cannot be read.
pub(crate) fn export(
    conn: &mut Db,
    pole: &PoleId,
    year: i16,
    encoding: Encoding,
) -> Result<File, InvoicingError> {
    let settings = Settings::of(conn, pole)?;
    let siren = settings.seller.siren.ok_or(InvoicingError::NoSettings)?;
    let found = poles::find(conn, pole.as_str())?.ok_or(InvoicingError::NoSettings)?;
    let currency = found.currency();
    let days = Days::new(date(year, 1, 1), date(year.saturating_add(1), 1, 1));
    let days = days.map_err(|error| unreadable(&error))?;
    let mut writer = Writer::new(siren, days, encoding);
    let mut bytes = writer.header();
    let mut rows = journal::of_year(conn, pole, year.into())?;
    in_order(&mut rows);
    let (mut entries, mut validated) = (0_u64, Date::MIN);
    for (row, lines) in rows {
        let entry = entry(&row, &lines, currency).map_err(|error| unreadable(&error))?;
        let recorded = Day::today(&found, row.recorded_at).date();
        validated = validated.max(recorded).max(row.entry_on.date());
        let record = Record {
            sequence: u64::try_from(row.seq).unwrap_or_default(),
            validated,
            entry: &entry,
            letters: &[],
        };
        writer.append(&mut bytes, &record).map_err(|error| unreadable(&error))?;
        entries = entries.saturating_add(1);
    }
    Ok(File { name: writer.name(), bytes, entries })
}

/// Sorts entries by when they were recorded, and those of a journal by their numbers: of two at
/// once, the one that came first may have got the later number.
fn in_order(rows: &mut [(EntryRow, Vec<LineRow>)]) {
    let mut last: HashMap<String, Time> = HashMap::new();
    let mut validated = HashMap::new();
    rows.sort_by(|(one, _), (other, _)| (&one.journal, one.seq).cmp(&(&other.journal, other.seq)));
    for (row, _) in rows.iter() {
        let at = last.entry(row.journal.clone()).or_insert(row.recorded_at);
        *at = row.recorded_at.max(*at);
        validated.insert((row.journal.clone(), row.seq), *at);
    }
    rows.sort_by_cached_key(|(row, _)| {
        let place = (row.journal.clone(), row.seq);
        (validated.get(&place).copied(), place)
    });
}

/// An entry, as it was booked.
fn entry(row: &EntryRow, lines: &[LineRow], currency: Currency) -> Result<Entry, LedgerError> {
    let heading = Heading::new(row.entry_on.date(), &row.piece, &row.label)?;
    let journal: Journal = row.journal.parse()?;
    let postings = lines.iter().map(|line| {
        let account = ChartAccount::new(line.account.parse()?, &line.account_label)?;
        let (side, minor) = match line.debit_minor {
            0 => (Side::Credit, line.credit_minor),
            debit => (Side::Debit, debit),
        };
        let posting = Posting::new(account, side, Money::from_minor(minor, currency), &line.label)?;
        match (&line.auxiliary, &line.auxiliary_label) {
            (Some(code), Some(name)) => Ok(posting.of(Auxiliary::new(code, name)?)),
            _ => Ok(posting),
        }
    });
    let postings = postings.collect::<Result<Vec<_>, LedgerError>>()?;
    Entry::new(journal, heading.dated(row.piece_on.date()), postings)
}

fn unreadable(what: &dyn std::fmt::Display) -> InvoicingError {
    InvoicingError::Database(DbError::Unreadable {
        table: "journal_entries",
        id: String::new(),
        what: what.to_string(),
    })
}
