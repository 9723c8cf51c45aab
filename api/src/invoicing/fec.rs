//! The accounting file of a year, from the journal.

use jiff::civil::date;
use palier_billing::Days;
use palier_billing::fec::{Encoding, Record, Writer};

use super::letters::letters;
use super::{InvoicingError, Settings};
use crate::day::Day;
use crate::db::journal::{self, EntryRow, LineRow};
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::reports::entries::entry;

/// The file, and what it is called.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: u64,
}

/// Makes the file of a year. It asks for a [`snapshot`](Db::snapshot).
///
/// Entries stand in the order of their validation. What is settled is lettered.
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
    let of_pole = poles::find(conn, pole.as_str())?.ok_or(InvoicingError::NoSettings)?;
    let currency = of_pole.currency();
    let days = Days::new(date(year, 1, 1), date(year.saturating_add(1), 1, 1));
    let days = days.map_err(|error| unreadable(&error))?;
    let mut writer = Writer::new(siren, days, encoding);
    let mut bytes = writer.header();
    let rows = in_order(journal::of_year(conn, pole, year.into())?, &of_pole);
    let (mut dates, mut booked) = (Vec::new(), Vec::new());
    for (day, row, lines) in rows {
        let entry = entry(&row, &lines, currency).map_err(|error| unreadable(&error))?;
        dates.push(day.date());
        booked.push((row, entry));
    }
    let letters = letters(conn, pole, year.into(), &booked)?;
    for (place, ((row, entry), validated)) in booked.iter().zip(dates).enumerate() {
        let record = Record {
            sequence: u64::try_from(row.seq).unwrap_or_default(),
            validated,
            entry,
            letters: letters.get(&place).map_or(&[], Vec::as_slice),
        };
        writer.append(&mut bytes, &record).map_err(|error| unreadable(&error))?;
    }
    let entries = u64::try_from(booked.len()).unwrap_or(u64::MAX);
    Ok(File { name: writer.name(), bytes, entries })
}

/// Entries in the order of their validation, each with its day: the one on which it was recorded, from
/// which on nobody could change it. A payment may be of an earlier day than one that was recorded before
/// it; numbers follow the order of recording.
fn in_order(
    rows: Vec<(EntryRow, Vec<LineRow>)>,
    pole: &PoleRow,
) -> Vec<(Day, EntryRow, Vec<LineRow>)> {
    let mut last: Option<(String, Day)> = None;
    let dated = rows.into_iter().map(|(row, lines)| {
        let recorded = Day::today(pole, row.recorded_at).max(row.entry_on.clone());
        // Rows come journal by journal. Who waited for a number may have begun on the day before.
        let before = last.take().filter(|(journal, _)| *journal == row.journal);
        let day = before.map_or_else(|| recorded.clone(), |(_, day)| day.max(recorded.clone()));
        last = Some((row.journal.clone(), day.clone()));
        (day, row, lines)
    });
    let mut dated: Vec<_> = dated.collect();
    dated.sort_by(|(day, row, _), (other_day, other, _)| {
        (day, &row.journal, row.seq).cmp(&(other_day, &other.journal, other.seq))
    });
    dated
}

fn unreadable(what: &dyn std::fmt::Display) -> InvoicingError {
    InvoicingError::Database(DbError::Unreadable {
        table: "journal_entries",
        id: String::new(),
        what: what.to_string(),
    })
}
