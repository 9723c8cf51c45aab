//! Dropping events whose months are invoiced. Sums by day and levels stay for ever; what goes is the
//! proof of them, and what could be exported.
//!
//! 1. What the events prove is proved once more, and conflicts are swept.
//! 2. The barrier moves, in one short transaction that waits for whoever is writing usage, if nothing
//!    of the time before can move any more. From then on nobody takes or reads an event of that time:
//!    a repeat of one that is gone could not be told from a new one.
//! 3. Events go, few at a time. Whoever is killed here goes on when it is called again.

use palier_billing::Month;
use serde_json::json;

use super::Calendar;
use super::sweep::sweep;
use super::verify::verify;
use crate::app::App;
use crate::clock::Time;
use crate::db::invoice_runs::{self, RunStatus};
use crate::db::invoices::short;
use crate::db::poles::{self, PoleRow};
use crate::db::usage::{self, months, retention};
use crate::db::{Db, DbError};
use crate::problem::Fault;
use crate::say;
use crate::text::Text;
use crate::work::{Author, Changes, Tx};

/// How many events one transaction drops: whoever else writes waits no longer than for these.
const TOGETHER: i64 = 5_000;
/// How often it is tried to drop months as a whole, and the pause before it is tried again.
const TRIES: u32 = 5;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// What was dropped, or would be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropped {
    /// The first month whose events are there.
    pub(crate) before: Month,
    /// How many events.
    pub(crate) events: u64,
}

/// Why events are not dropped.
#[derive(Debug)]
pub(crate) enum RetentionError {
    /// The database.
    Database(DbError),
    /// The pole keeps its events for ever.
    NoRule,
    /// A month is outside of what calendars hold.
    OutOfTime,
    /// The month is still open.
    Open { month: Month },
    /// The month was closed, and never invoiced.
    NotInvoiced { month: Month },
    /// Documents of a month are not final.
    Drafts { period: String, count: i64 },
    /// What came in late is not billed yet.
    LateUsage,
    /// What came in late is billed with a month that is not final.
    LateUsageOf { period: String },
    /// Events that match nothing wait.
    Unmatched { count: i64 },
    /// Sums are not what the events say.
    Differences { count: u64 },
}

impl From<DbError> for RetentionError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for RetentionError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Why an event of a time whose events are dropped is not taken.
pub(super) fn refusal(before: Time) -> Fault {
    let detail = say!(
        en "Events of before {before} were dropped: this one could not be told from one that was counted.",
        fr "Les événements d’avant le {before} ont été supprimés : celui-ci ne se distinguerait pas d’un autre déjà compté."
    );
    Fault::body("/time", "dropped", detail)
}

/// The first month whose events are kept by the pole's own rule.
pub(crate) fn by_rule(pole: &PoleRow, now: Time) -> Result<Month, RetentionError> {
    let months = pole.usage_retention_months.ok_or(RetentionError::NoRule)?;
    let mut month = Month::at(now.timestamp(), Calendar::of(pole).zone());
    for _ in 0..months {
        let days = month.days().map_err(|_| RetentionError::OutOfTime)?;
        let before = days.first().yesterday().map_err(|_| RetentionError::OutOfTime)?;
        month = Month::of(before);
    }
    Ok(month)
}

/// Says how many events would be dropped; it writes nothing.
///
/// # Errors
/// [`RetentionError`], as [`drop_before`].
pub(crate) fn look(app: &App, pole: &PoleRow, before: Month) -> Result<Dropped, RetentionError> {
    let begin = begin(pole, before)?;
    prove(app, pole)?;
    app.db.read_now(|conn| {
        conn.snapshot(|conn| {
            let from = retention::begins(conn, &pole.pole_id)?;
            check(conn, pole, (from, begin))?;
            let ever = jiff::Timestamp::MIN.into();
            let events = retention::count(conn, &pole.pole_id, (ever, begin))?;
            Ok(Dropped { before, events: u64::try_from(events).unwrap_or_default() })
        })
    })
}

/// Drops the events that happened before a month, all of whose usage is invoiced.
///
/// # Errors
/// [`RetentionError`]. If it is broken off after the barrier has moved, it goes on when it is called
/// again.
pub(crate) fn drop_before(
    app: &App,
    author: &Author,
    pole: &PoleRow,
    before: Month,
) -> Result<Dropped, RetentionError> {
    let begin = begin(pole, before)?;
    // Whoever may not learns it before everything is read.
    app.db.read_now(|conn| {
        conn.snapshot(|conn| {
            let from = retention::begins(conn, &pole.pole_id)?;
            check(conn, pole, (from, begin))
        })
    })?;
    sweep(app, author, pole)?;
    prove(app, pole)?;
    app.write_now(author, |tx| {
        if !move_barrier(tx, pole, begin)? {
            return Ok(tx.unchanged(()));
        }
        let changes = Changes::made(&json!({ "before": begin }));
        Ok::<_, RetentionError>(tx.done("usage.dropped", "usage", &changes, ())?)
    })?;
    let ever = jiff::Timestamp::MIN.into();
    let events = app.db.read_now(|conn| retention::count(conn, &pole.pole_id, (ever, begin)))?;
    take_away(app, pole, begin)?;
    Ok(Dropped { before, events: u64::try_from(events).unwrap_or_default() })
}

/// Takes away what happened before the barrier, and what was said of it.
fn take_away(app: &App, pole: &PoleRow, before: Time) -> Result<(), DbError> {
    drop_months(app)?;
    let (db, id) = (&app.db, &pole.pole_id);
    while db.write_now(|conn| retention::delete_events(conn, id, before, TOGETHER))? > 0 {}
    while db.write_now(|conn| retention::delete_voids(conn, id, before))? > 0 {}
    while db.write_now(|conn| retention::delete_unmatched(conn, id, before))? > 0 {}
    Ok(())
}

/// Drops months as a whole of which nobody needs an event any more. Where others write or read for
/// too long, events go one by one, and their months with those that are dropped next.
fn drop_months(app: &App) -> Result<(), DbError> {
    for _ in 0..TRIES {
        match app.db.write_now(months::drop_unneeded) {
            Err(error) if error.is_passing() => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    Ok(())
}

/// When a month begins.
fn begin(pole: &PoleRow, month: Month) -> Result<Time, RetentionError> {
    let days = month.days().map_err(|_| RetentionError::OutOfTime)?;
    Ok(Calendar::of(pole).begin(days.first()))
}

/// Moves the barrier up to an instant, if nothing of the time before can move any more; says whether
/// it was not there already.
fn move_barrier(tx: &mut Tx<'_>, pole: &PoleRow, to: Time) -> Result<bool, RetentionError> {
    // Whoever closes a month, or drops events as well, comes before or after.
    poles::hold(tx.conn, tx.pole())?;
    let from = retention::begins(tx.conn, tx.pole())?;
    if from >= to {
        return Ok(false);
    }
    // First, so that nobody writes while it is looked at what there is.
    retention::drop_before(tx.conn, tx.pole(), to)?;
    check(tx.conn, pole, (from, to))?;
    Ok(true)
}

/// Whether all usage from one instant to another is invoiced for good.
fn check(conn: &mut Db, pole: &PoleRow, (from, to): (Time, Time)) -> Result<(), RetentionError> {
    let (id, zone) = (&pole.pole_id, Calendar::of(pole).zone().clone());
    let month = |at: Time| Month::at(at.timestamp(), &zone);
    let first = retention::first(conn, id, from)?.map(|row| row.happened_at);
    let mut next = month(first.unwrap_or(to).min(to));
    let closed_before = usage::closed_before(conn, id)?;
    if closed_before < to {
        return Err(RetentionError::Open { month: next.max(month(closed_before)) });
    }
    let runs = invoice_runs::all(conn, id)?;
    let is_drafted = |period: &str| {
        runs.iter().any(|run| run.period == period && run.status == RunStatus::Drafted)
    };
    while next < month(to) {
        if !is_drafted(&next.to_string()) {
            return Err(RetentionError::NotInvoiced { month: next });
        }
        next = next.next().map_err(|_| RetentionError::OutOfTime)?;
    }
    let drafts = short::drafts(conn, id)?;
    let end = month(to).to_string();
    if let Some((period, count)) = drafts.iter().find(|(period, _)| *period < end) {
        return Err(RetentionError::Drafts { period: period.clone(), count: *count });
    }
    for period in retention::billed_with(conn, id, to)? {
        let period = period.ok_or(RetentionError::LateUsage)?;
        if !is_drafted(&period) || drafts.iter().any(|(of, _)| *of == period) {
            return Err(RetentionError::LateUsageOf { period });
        }
    }
    match retention::waiting(conn, id, to)? {
        0 => Ok(()),
        count => Err(RetentionError::Unmatched { count }),
    }
}

/// Whoever drops events drops the proof of their sums: they must be right.
fn prove(app: &App, pole: &PoleRow) -> Result<(), RetentionError> {
    let found = app.db.read_now(|conn| verify(conn, pole, |_, _| {}))?;
    match found.differences {
        0 => Ok(()),
        count => Err(RetentionError::Differences { count }),
    }
}

impl RetentionError {
    /// In words.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Database(error) => say!(en "{error}", fr "{error}"),
            Self::NoRule => say!(
                en "the pole keeps its events for ever: say --before, or set its usage_retention_months",
                fr "le pôle garde ses événements pour toujours : indiquez --before, ou son usage_retention_months"
            ),
            Self::OutOfTime => say!(
                en "expected a month within the calendar", fr "attendu : un mois du calendrier"
            ),
            Self::Open { month } => say!(
                en "{month} is not closed", fr "{month} n’est pas clos"
            ),
            Self::NotInvoiced { month } => say!(
                en "{month} has events and was never invoiced",
                fr "{month} a des événements et n’a jamais été facturé"
            ),
            Self::Drafts { period, count } => say!(
                en "{period} has documents that are not final: {count}",
                fr "{period} a des documents qui ne sont pas définitifs : {count}"
            ),
            Self::LateUsage => say!(
                en "usage that came in late is not billed yet: the next month bills it",
                fr "de l’usage arrivé en retard n’est pas encore facturé : le prochain mois le facture"
            ),
            Self::LateUsageOf { period } => say!(
                en "usage that came in late is billed with {period}, whose documents are not final",
                fr "de l’usage arrivé en retard est facturé avec {period}, dont les documents ne sont pas définitifs"
            ),
            Self::Unmatched { count } => say!(
                en "events that match nothing wait to be resolved or discarded: {count}",
                fr "des événements sans correspondance attendent d’être résolus ou écartés : {count}"
            ),
            Self::Differences { count } => say!(
                en "sums are not what the events say ({count}): palier usage verify tells which",
                fr "des sommes ne sont pas ce que disent les événements ({count}) : voir palier usage verify"
            ),
        }
    }
}
