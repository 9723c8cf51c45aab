//! Closing the books of a month or a year: from then on nothing is booked on its days.
//!
//! What happened in a period that is closed and becomes known later is booked on the first day that
//! is still open, and says on which day it happened (plan comptable général, art. 921-4): see
//! [`journal::add`]. Documents are never issued on a day that is closed. The database refuses what
//! would be booked there all the same. A period stays closed for good.
//!
//! A year is closed once its months are; what its accounts stand at is what the next one begins with.

use palier_billing::ledger::Journal;

use crate::db::closings::{self, ClosingRow};
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, journal};
use crate::invoicing::Settings;
use crate::problem::{Fault, Problem, ProblemType};
use crate::reports::Period;
use crate::reports::entries::{carried, of_year};
use crate::say;
use crate::work::{Changes, Done, Tx};

pub(crate) mod checklist;

use checklist::{Checklist, State};

/// A month or a year, which is what can be closed.
#[derive(Clone, Debug)]
pub(crate) struct Closable(pub(crate) Period);

impl Closable {
    /// Whether it is a year.
    pub(crate) fn is_year(&self) -> bool {
        self.0.name().len() == 4
    }
}

impl std::str::FromStr for Closable {
    type Err = palier_billing::Error;

    fn from_str(text: &str) -> Result<Self, palier_billing::Error> {
        let wrong = || {
            let text = format!("expected a month or a year, such as 2026-07 or 2026, not {text:?}");
            palier_billing::Error::Calendar(text)
        };
        let period: Period = text.parse().map_err(|_| wrong())?;
        if period.name().contains('Q') { Err(wrong()) } else { Ok(Self(period)) }
    }
}

/// Closes a period, unless it is closed.
///
/// # Errors
/// A [`Problem`] with each thing that is still to be done: what cannot be done without, and, unless
/// it is accepted, the rest.
pub(crate) fn close(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    period: &Closable,
    accept: bool,
) -> Result<Done<ClosingRow>, Problem> {
    // Whoever books something has this as well.
    poles::hold(tx.conn, tx.pole())?;
    let name = period.0.name();
    if let Some(row) = closings::find(tx.conn, tx.pole(), name)? {
        return Ok(tx.unchanged(row));
    }
    let list = Checklist::read(tx.conn, pole, period, tx.at())?;
    let missing = list.missing(accept);
    if !missing.is_empty() {
        return Err(refused(name, missing));
    }
    let accepted: Vec<_> = list.in_state(State::Missing).map(|it| it.code.as_str()).collect();
    let row = ClosingRow {
        pole_id: tx.pole().clone(),
        period: name.to_owned(),
        last_day: period.0.last().into(),
        actor: tx.author.actor.clone(),
        closed_at: tx.at(),
        accepted: accepted.join(" "),
    };
    closings::insert(tx.conn, &row)?;
    let opening = if period.is_year() { open_next(tx, pole, period.0.year())? } else { None };
    let changes = Changes::made(&serde_json::json!({
        "last_day": row.last_day, "accepted": accepted, "opening_entry": opening,
    }));
    Ok(tx.done("books.closed", name, &changes, row)?)
}

/// Books what the next year begins with; the number of the entry, if there is anything.
fn open_next(tx: &mut Tx<'_>, pole: &PoleRow, year: i16) -> Result<Option<String>, DbError> {
    let chart = Settings::chart_of(tx.conn, tx.pole())?;
    let next = year.saturating_add(1);
    let Some(entry) = carried(tx.conn, tx.pole(), (pole.currency(), &chart), next)? else {
        return Ok(None);
    };
    let row = journal::add(tx.conn, tx.pole(), &entry, None, tx.at())?;
    Ok(Some(format!("{}{:06}", row.journal, row.seq)))
}

fn refused(period: &str, errors: Vec<Fault>) -> Problem {
    let detail = say!(
        en "{period} cannot be closed yet.",
        fr "{period} ne peut pas encore être clôturé."
    );
    Problem { errors, ..Problem::new(ProblemType::Conflict, detail) }
}

/// What of the entries of closed periods is not as it was when they were closed, in words.
pub(crate) fn verify(conn: &mut Db, pole: &PoleRow) -> Result<Vec<String>, DbError> {
    let closed = closings::all(conn, &pole.pole_id)?;
    let mut faults = Vec::new();
    for year in journal::years(conn, &pole.pole_id)? {
        for (entry, _) in journal::of_year(conn, &pole.pole_id, year)? {
            let too_late = closed.iter().find(|it| {
                entry.journal != Journal::Opening.as_str()
                    && entry.entry_on <= it.last_day
                    && entry.recorded_at > it.closed_at
            });
            if let Some(closing) = too_late {
                let number = format!("{}{:06}", entry.journal, entry.seq);
                let period = &closing.period;
                faults.push(format!("{year} {number}: it was booked after {period} was closed"));
            }
        }
    }
    let years = closed.iter().filter_map(|it| it.period.parse::<Closable>().ok());
    for year in years.filter(Closable::is_year) {
        faults.extend(opens_otherwise(conn, pole, year.0.year())?);
    }
    Ok(faults)
}

/// Whether the year after one that is closed begins with something else than that one came to.
fn opens_otherwise(conn: &mut Db, pole: &PoleRow, year: i16) -> Result<Option<String>, DbError> {
    let currency = pole.currency();
    let next = year.saturating_add(1);
    let booked = of_year(conn, &pole.pole_id, currency, next.into())?;
    let booked = booked.into_iter().find(|entry| entry.journal() == Journal::Opening);
    // Accounts of profit and loss may have another number by now.
    let chart = Settings::chart_of(conn, &pole.pole_id)?;
    let expected = carried(conn, &pole.pole_id, (currency, &chart), next)?;
    let totals = (booked.map(|it| it.total().minor()), expected.map(|it| it.total().minor()));
    let differs = totals.0 != totals.1;
    Ok(differs.then(|| format!("{next}: it does not begin with what {year} came to")))
}
