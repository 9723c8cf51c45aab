//! Entries of the journal, as they were booked.

use std::collections::BTreeMap;

use palier_billing::ledger::{
    Account, Auxiliary, Chart, ChartAccount, Entry, Heading, Journal, LedgerError, Posting, Side,
    Standing, opening,
};
use palier_billing::{Currency, Money};

use super::{first, unreadable};
use crate::db::journal::{self, EntryRow, LineRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// An entry, as it was booked.
///
/// # Errors
/// [`LedgerError`] for one that this program would not have booked.
pub(crate) fn entry(
    row: &EntryRow,
    lines: &[LineRow],
    currency: Currency,
) -> Result<Entry, LedgerError> {
    let heading = Heading::new(row.entry_on.date(), &row.piece, &row.label)?;
    let journal: Journal = row.journal.parse()?;
    let postings = lines.iter().map(|line| {
        let account = ChartAccount::new(line.account.parse()?, &line.account_label)?;
        let (side, minor) = match line.debit_minor {
            0 => (Side::Credit, line.credit_minor),
            debit => (Side::Debit, debit),
        };
        let posting = Posting::new(account, side, Money::from_minor(minor, currency), &line.label)?;
        let posting = match (&line.auxiliary, &line.auxiliary_label) {
            (Some(code), Some(name)) => posting.of(Auxiliary::new(code, name)?),
            _ => posting,
        };
        let service = line.service_id.as_deref().filter(|service| !service.is_empty());
        Ok(service.into_iter().fold(posting, Posting::tagged))
    });
    let postings = postings.collect::<Result<Vec<_>, LedgerError>>()?;
    Entry::new(journal, heading.dated(row.piece_on.date()), postings)
}

/// The entries of a year, with what it began with.
pub(crate) struct Year {
    pub(crate) entries: Vec<Entry>,
    /// What it began with is not booked, since the year before is not closed; the first entry says
    /// what would be.
    pub(crate) is_provisional: bool,
}

/// The entries of a financial year.
///
/// What it began with is its opening entry, which is booked when the year before is closed. Until
/// then it is made of what accounts stand at, by the same rules, so that closing changes nothing of
/// what was reported before.
pub(crate) fn year(
    conn: &mut Db,
    pole: &PoleId,
    (currency, chart): (Currency, &Chart),
    year: i16,
) -> Result<Year, DbError> {
    let mut entries = of_year(conn, pole, currency, year.into())?;
    if entries.iter().any(|entry| entry.journal() == Journal::Opening) {
        return Ok(Year { entries, is_provisional: false });
    }
    let carried = carried(conn, pole, (currency, chart), year)?;
    let is_provisional = carried.is_some();
    entries.splice(0..0, carried);
    Ok(Year { entries, is_provisional })
}

/// The entry that opens a year, by what accounts come to at the end of the one before; none, if they
/// all stand at nothing.
pub(crate) fn carried(
    conn: &mut Db,
    pole: &PoleId,
    (currency, chart): (Currency, &Chart),
    year: i16,
) -> Result<Option<Entry>, DbError> {
    let mut before = Vec::new();
    let years = journal::years(conn, pole)?;
    for earlier in years.into_iter().rev().filter(|earlier| *earlier < i32::from(year)) {
        let of_year = of_year(conn, pole, currency, earlier)?;
        let opened = of_year.iter().any(|entry| entry.journal() == Journal::Opening);
        before.extend(of_year);
        // It has all that was before.
        if opened {
            break;
        }
    }
    let ended = standings(&before, currency)?;
    let begins = first(year, 1).map_err(|error| unreadable(&error))?;
    let before = year.saturating_sub(1);
    let heading = Heading::new(begins, &format!("BILAN-{before}"), &format!("À nouveaux {year}"));
    let heading = heading.map_err(|error| unreadable(&error))?;
    opening(chart, &heading, &ended).map_err(|error| unreadable(&error))
}

/// What each account, or each company's part of it, stands at after some entries.
fn standings(before: &[Entry], currency: Currency) -> Result<Vec<Standing>, DbError> {
    let mut sums: BTreeMap<(&Account, Option<&str>), (Standing, jiff::civil::Date)> =
        BTreeMap::new();
    for (entry, posting) in
        before.iter().flat_map(|entry| entry.postings().iter().map(move |it| (entry, it)))
    {
        let date = entry.heading().date();
        let key = (posting.account(), posting.auxiliary().map(Auxiliary::code));
        let named = ChartAccount::new(posting.account().clone(), posting.account_label());
        let named = named.map_err(|error| unreadable(&error))?;
        let (standing, last) = sums.entry(key).or_insert_with(|| {
            let standing = Standing {
                account: named.clone(),
                whose: posting.auxiliary().cloned(),
                balance: Money::zero(currency),
            };
            (standing, date)
        });
        // Accounts and companies are called as their last entry has it.
        if *last <= date {
            (standing.account, standing.whose, *last) = (named, posting.auxiliary().cloned(), date);
        }
        let moved = posting.on(Side::Debit).checked_sub(posting.on(Side::Credit));
        let balance = moved.and_then(|moved| standing.balance.checked_add(moved));
        standing.balance = balance.map_err(|error| unreadable(&error))?;
    }
    Ok(sums.into_values().map(|(standing, _)| standing).collect())
}

/// The entries of a financial year, as they were booked.
pub(crate) fn of_year(
    conn: &mut Db,
    pole: &PoleId,
    currency: Currency,
    year: i32,
) -> Result<Vec<Entry>, DbError> {
    let rows = journal::of_year(conn, pole, year)?;
    let entries = rows.iter().map(|(row, lines)| entry(row, lines, currency));
    entries.collect::<Result<_, _>>().map_err(|error| unreadable(&error))
}
