//! The journal: entries that balance, and never change.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use palier_billing::ledger::{Entry, Journal, Posting, Side};

use super::schema::{journal_entries, journal_lines, journal_numbers};
use super::{Db, DbError, closings};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, PoleId, ProviderId};
use crate::on_backend;

/// A row of `journal_entries`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_entries, treat_none_as_default_value = false)]
pub(crate) struct EntryRow {
    pub(crate) pole_id: PoleId,
    pub(crate) journal: String,
    /// The financial year.
    pub(crate) year: i32,
    pub(crate) seq: i64,
    pub(crate) entry_on: Day,
    pub(crate) piece: String,
    pub(crate) piece_on: Day,
    pub(crate) label: String,
    pub(crate) invoice_id: Option<InvoiceId>,
    pub(crate) total_minor: i64,
    pub(crate) recorded_at: Time,
}

/// A row of `journal_lines`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_lines, treat_none_as_default_value = false)]
pub(crate) struct LineRow {
    pub(crate) pole_id: PoleId,
    pub(crate) journal: String,
    pub(crate) year: i32,
    pub(crate) seq: i64,
    pub(crate) line: i32,
    pub(crate) account: String,
    pub(crate) account_label: String,
    pub(crate) auxiliary: Option<String>,
    pub(crate) auxiliary_label: Option<String>,
    pub(crate) label: String,
    pub(crate) debit_minor: i64,
    pub(crate) credit_minor: i64,
    pub(crate) service_id: Option<String>,
}

impl LineRow {
    /// Whether it is on the account of a provider, whose code in the books is its id, and not of a member.
    pub(crate) fn is_provider_s(&self) -> bool {
        self.auxiliary.as_deref().is_some_and(is_provider)
    }
}

/// Whether a company of the books is a provider: members have other codes.
pub(crate) fn is_provider(code: &str) -> bool {
    code.parse::<ProviderId>().is_ok()
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 1_000;

/// Adds an entry, with the next number of its journal and year; the row it became.
///
/// What happened on a day whose books are closed is booked on the first that is still open, and says
/// when it happened (plan comptable général, art. 921-4). What a year begins with is booked on its
/// first day, whatever is closed of it. The pole must be [held](super::poles::hold), as by whoever
/// closes a period.
pub(crate) fn add(
    conn: &mut Db,
    pole: &PoleId,
    entry: &Entry,
    invoice: Option<&InvoiceId>,
    at: Time,
) -> Result<EntryRow, DbError> {
    let rows = add_all(conn, pole, &[(entry, invoice)], at)?;
    rows.into_iter().next().ok_or(DbError::Interrupted)
}

/// Adds entries as [`add`] does, numbered in their order.
///
/// Lines stand before their entries, since the database checks that they balance when an entry comes.
pub(crate) fn add_all(
    conn: &mut Db,
    pole: &PoleId,
    entries: &[(&Entry, Option<&InvoiceId>)],
    at: Time,
) -> Result<Vec<EntryRow>, DbError> {
    let open = closings::first_open_day(conn, pole)?;
    let mut rows: Vec<_> = entries
        .iter()
        .map(|(entry, invoice)| {
            let (entry_on, label) = booked_as(entry, open.as_ref());
            EntryRow {
                pole_id: pole.clone(),
                journal: entry.journal().as_str().to_owned(),
                year: i32::from(entry_on.date().year()),
                seq: 0,
                entry_on,
                piece: entry.heading().piece().to_owned(),
                piece_on: entry.heading().piece_date().into(),
                label,
                invoice_id: (*invoice).cloned(),
                total_minor: entry.total().minor(),
                recorded_at: at,
            }
        })
        .collect();
    number(conn, pole, &mut rows)?;
    let lines: Vec<_> = entries
        .iter()
        .zip(&rows)
        .flat_map(|((entry, _), row)| entry.postings().iter().zip(1..).map(|it| line(row, it)))
        .collect();
    for lines in lines.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(journal_lines::table).values(lines).execute(c))?;
    }
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(journal_entries::table).values(rows).execute(c))?;
    }
    Ok(rows)
}

/// The day on which an entry is booked while the books are open from one on, and what it says.
fn booked_as(entry: &Entry, open: Option<&Day>) -> (Day, String) {
    let (day, label) = (Day::from(entry.heading().date()), entry.heading().label().to_owned());
    let opens_year = entry.journal() == Journal::Opening;
    match open.filter(|open| !opens_year && **open > day) {
        Some(open) => (open.clone(), format!("{label} (opération du {day})")),
        None => (day, label),
    }
}

/// Gives entries the next numbers of their journals and years.
fn number(conn: &mut Db, pole: &PoleId, rows: &mut [EntryRow]) -> Result<(), DbError> {
    let mut series: BTreeMap<(String, i32), Vec<&mut EntryRow>> = BTreeMap::new();
    for row in rows {
        series.entry((row.journal.clone(), row.year)).or_default().push(row);
    }
    for ((journal, year), rows) in series {
        let many = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let last = take_numbers(conn, pole, &journal, year, many)?;
        for (row, left) in rows.into_iter().zip((0..many).rev()) {
            row.seq = last.saturating_sub(left);
        }
    }
    Ok(())
}

/// A posting as a line of its entry.
fn line(entry: &EntryRow, (posting, line): (&Posting, i32)) -> LineRow {
    LineRow {
        pole_id: entry.pole_id.clone(),
        journal: entry.journal.clone(),
        year: entry.year,
        seq: entry.seq,
        line,
        account: posting.account().as_str().to_owned(),
        account_label: posting.account_label().to_owned(),
        auxiliary: posting.auxiliary().map(|it| it.code().to_owned()),
        auxiliary_label: posting.auxiliary().map(|it| it.name().to_owned()),
        label: posting.label().to_owned(),
        debit_minor: posting.on(Side::Debit).minor(),
        credit_minor: posting.on(Side::Credit).minor(),
        service_id: posting.tag().map(str::to_owned),
    }
}

/// Takes the next numbers of a journal and tells the last of them; who else wants one waits until the
/// transaction ends.
#[expect(clippy::arithmetic_side_effects, reason = "it is the database that adds")]
fn take_numbers(
    conn: &mut Db,
    pole: &PoleId,
    journal: &str,
    year: i32,
    many: i64,
) -> Result<i64, DbError> {
    let first = (
        journal_numbers::pole_id.eq(pole),
        journal_numbers::journal.eq(journal),
        journal_numbers::year.eq(year),
        journal_numbers::last_seq.eq(0_i64),
    );
    on_backend!(conn, c => {
        diesel::insert_into(journal_numbers::table)
            .values(first)
            .on_conflict_do_nothing()
            .execute(c)
    })?;
    let row = journal_numbers::table.find((pole, journal, year));
    let taken = diesel::update(row)
        .set(journal_numbers::last_seq.eq(journal_numbers::last_seq + many))
        .returning(journal_numbers::last_seq);
    Ok(taken.get_result(conn)?)
}

/// All entries of a year with their lines, journal by journal in the order of their numbers.
pub(crate) fn of_year(
    conn: &mut Db,
    pole: &PoleId,
    year: i32,
) -> Result<Vec<(EntryRow, Vec<LineRow>)>, DbError> {
    let entries = journal_entries::table
        .filter(journal_entries::pole_id.eq(pole).and(journal_entries::year.eq(year)))
        .order((journal_entries::journal, journal_entries::seq))
        .select(EntryRow::as_select());
    let entries: Vec<EntryRow> = entries.load(conn)?;
    let lines = journal_lines::table
        .filter(journal_lines::pole_id.eq(pole).and(journal_lines::year.eq(year)))
        .order((journal_lines::journal, journal_lines::seq, journal_lines::line))
        .select(LineRow::as_select());
    let lines: Vec<LineRow> = lines.load(conn)?;
    let mut lines = lines.into_iter().peekable();
    let with_lines = entries.into_iter().map(|entry| {
        let mut mine = Vec::new();
        while let Some(line) =
            lines.next_if(|line| (&line.journal, line.seq) == (&entry.journal, entry.seq))
        {
            mine.push(line);
        }
        (entry, mine)
    });
    Ok(with_lines.collect())
}

/// By how much an entry moves an account; none if there is no such entry, or it leaves the account alone.
pub(crate) fn moved(
    conn: &mut Db,
    pole: &PoleId,
    (journal, year, seq): (&str, i32, i64),
    accounts: &[String],
) -> Result<Option<i64>, DbError> {
    let sum = journal_lines::table
        .filter(journal_lines::pole_id.eq(pole).and(journal_lines::journal.eq(journal)))
        .filter(journal_lines::year.eq(year).and(journal_lines::seq.eq(seq)))
        .filter(journal_lines::account.eq_any(accounts))
        .select(sql::<Nullable<BigInt>>("CAST(sum(debit_minor - credit_minor) AS BIGINT)"));
    Ok(sum.first(conn)?)
}

/// What an account stands at: debits less credits.
pub(crate) fn stands_at(conn: &mut Db, pole: &PoleId, account: &str) -> Result<i64, DbError> {
    let sum = journal_lines::table
        .filter(journal_lines::pole_id.eq(pole).and(journal_lines::account.eq(account)))
        // What a year began with is what was before.
        .filter(journal_lines::journal.ne(Journal::Opening.as_str()))
        .select(sql::<BigInt>("CAST(coalesce(sum(debit_minor - credit_minor), 0) AS BIGINT)"));
    Ok(sum.first(conn)?)
}

/// The first day on which anything is booked.
pub(crate) fn first_day(conn: &mut Db, pole: &PoleId) -> Result<Option<Day>, DbError> {
    let days = journal_entries::table
        .filter(journal_entries::pole_id.eq(pole))
        .order(journal_entries::entry_on)
        .select(journal_entries::entry_on);
    Ok(days.first(conn).optional()?)
}

/// The years for which there are entries.
pub(crate) fn years(conn: &mut Db, pole: &PoleId) -> Result<Vec<i32>, DbError> {
    let years = journal_entries::table
        .filter(journal_entries::pole_id.eq(pole))
        .order(journal_entries::year)
        .select(journal_entries::year)
        .distinct();
    Ok(years.load(conn)?)
}
