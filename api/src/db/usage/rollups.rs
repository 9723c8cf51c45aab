//! Usage by day: what was folded, and what has come in since.
//!
//! To add up each day as events come in would cost more than the events themselves, which land side
//! by side while days are scattered. So each transaction of events writes what it adds as one row,
//! a delta; every now and then deltas are folded into the days, many at once. Whoever reads adds up
//! both, in one snapshot, and sees every event that is there.

use std::collections::{BTreeMap, HashSet};

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::clock::Time;
use crate::db::schema::{usage_days, usage_deltas, usage_folds};
use crate::db::{Database, Db, DbError};
use crate::id::{PoleId, new_id};
use crate::on_backend;

mod delta;
pub(crate) mod mend;

/// A day of a series: days since 1970, and the series.
pub(crate) type DaySeries = (i32, i64);

/// What counts, by day and series.
pub(crate) type Days = BTreeMap<DaySeries, Total>;

/// What events add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    /// Millionths; [`Total::TOO_LARGE`] for good once it does not fit.
    pub(crate) quantity_micros: i64,
    pub(crate) events: i64,
}

impl Total {
    /// The largest sum there can be, of either sign: two of them still fit.
    const LARGEST: i64 = i64::MAX / 2;
    /// What stands where a sum does not fit: an error with a name for whoever bills it, and no
    /// obstacle to anybody else.
    pub(crate) const TOO_LARGE: i64 = i64::MAX;

    /// Adds what other events add up to.
    pub(crate) fn add(&mut self, other: Self) {
        let fits = |sum: i64| (-Self::LARGEST..=Self::LARGEST).contains(&sum);
        let (mine, more) = (self.quantity_micros, other.quantity_micros);
        let sum = mine.saturating_add(more);
        let fit = fits(mine) && fits(more) && fits(sum);
        self.quantity_micros = if fit { sum } else { Self::TOO_LARGE };
        self.events = self.events.saturating_add(other.events);
    }

    /// What takes it back.
    pub(crate) const fn negated(self) -> Self {
        Self {
            quantity_micros: self.quantity_micros.saturating_neg(),
            events: self.events.saturating_neg(),
        }
    }
}

/// A row of `usage_days`.
#[derive(Insertable)]
#[diesel(table_name = usage_days, treat_none_as_default_value = false)]
struct DayRow {
    pole_id: PoleId,
    day: i32,
    series_id: i64,
    quantity_micros: i64,
    events: i64,
}

/// How many days one statement asks for: a quarter.
const DAYS: usize = 92;
/// How many deltas are folded at once.
const DELTAS: i64 = 500;
/// How many rows one statement writes: SQLite takes 32,766 values.
const ROWS: usize = 5_000;

/// Writes what events add, in the transaction that adds them.
pub(crate) fn add_delta(
    conn: &mut Db,
    pole: &PoleId,
    at: Time,
    days: &Days,
) -> Result<(), DbError> {
    if days.is_empty() {
        return Ok(());
    }
    let row = (
        usage_deltas::pole_id.eq(pole),
        usage_deltas::delta_id.eq(new_id("usd", at)),
        usage_deltas::body.eq(delta::encode(days)),
    );
    diesel::insert_into(usage_deltas::table).values(row).execute(conn)?;
    Ok(())
}

/// What counts of some series from one day to another, both included, as of the last event there is.
/// It asks for a [`snapshot`](Db::snapshot).
pub(crate) fn days_of(
    conn: &mut Db,
    pole: &PoleId,
    (first, last): (i32, i32),
    series: &[i64],
) -> Result<Days, DbError> {
    let mut days = Days::new();
    // Each day by its number, not as a range: the key is looked up for each day and series, and what
    // others use is passed over.
    let all: Vec<i32> = (first..=last).collect();
    for numbers in all.chunks(DAYS) {
        for series in series.chunks(super::SERIES) {
            let rows = usage_days::table
                .filter(usage_days::pole_id.eq(pole))
                .filter(usage_days::day.eq_any(numbers))
                .filter(usage_days::series_id.eq_any(series))
                .select((
                    usage_days::day,
                    usage_days::series_id,
                    usage_days::quantity_micros,
                    usage_days::events,
                ));
            let rows: Vec<(i32, i64, i64, i64)> = rows.load(conn)?;
            days.extend(rows.into_iter().map(|(day, series, quantity_micros, events)| {
                ((day, series), Total { quantity_micros, events })
            }));
        }
    }
    let wanted: HashSet<i64> = series.iter().copied().collect();
    let is_wanted = |key: &DaySeries| (first..=last).contains(&key.0) && wanted.contains(&key.1);
    add_unfolded(conn, pole, is_wanted, &mut days)?;
    Ok(days)
}

/// Adds what has come in and is not folded yet.
fn add_unfolded(
    conn: &mut Db,
    pole: &PoleId,
    is_wanted: impl Fn(&DaySeries) -> bool,
    days: &mut Days,
) -> Result<(), DbError> {
    let bodies = usage_deltas::table.filter(usage_deltas::pole_id.eq(pole));
    let bodies: Vec<Vec<u8>> = bodies.select(usage_deltas::body).load(conn)?;
    for body in bodies {
        for (key, total) in read(&body, pole)?.into_iter().filter(|(key, _)| is_wanted(key)) {
            days.entry(key).or_default().add(total);
        }
    }
    Ok(())
}

/// The poles that have deltas to fold.
pub(crate) fn unfolded(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    Ok(usage_deltas::table.select(usage_deltas::pole_id).distinct().load(conn)?)
}

/// Folds some deltas of a pole into its days; says whether there may be more.
///
/// They are added up before the transaction, which others wait for. If somebody else folded some of
/// them meanwhile, it is left to them.
pub(crate) fn fold(db: &Database, pole: &PoleId) -> Result<bool, DbError> {
    let deltas = usage_deltas::table
        .filter(usage_deltas::pole_id.eq(pole))
        .order(usage_deltas::delta_id)
        .limit(DELTAS)
        .select((usage_deltas::delta_id, usage_deltas::body));
    let deltas: Vec<(String, Vec<u8>)> =
        db.read_now(|conn| deltas.load(conn).map_err(DbError::from))?;
    let mut days = Days::new();
    for (_, body) in &deltas {
        for (key, total) in read(body, pole)? {
            days.entry(key).or_default().add(total);
        }
    }
    db.write_now(|conn| {
        let done = conn.attempt(|conn| {
            let ids = deltas.iter().map(|(id, _)| id);
            let folded = usage_deltas::table.filter(usage_deltas::pole_id.eq(pole));
            let folded = folded.filter(usage_deltas::delta_id.eq_any(ids));
            let gone = diesel::delete(folded).execute(conn)?;
            if gone == deltas.len() && gone > 0 {
                add_to_days(conn, pole, &days)?;
                note_fold(conn, pole)?;
            }
            Ok::<_, DbError>((gone == deltas.len(), ()))
        });
        done.map(|(folded, ())| folded && i64::try_from(deltas.len()) == Ok(DELTAS))
    })
}

/// In the order of the table, so that two who fold cannot wait for each other, and pages are
/// written once.
#[expect(clippy::arithmetic_side_effects, reason = "the database adds what cannot overflow")]
fn add_to_days(conn: &mut Db, pole: &PoleId, days: &Days) -> Result<(), DbError> {
    let rows: Vec<_> = days
        .iter()
        .map(|((day, series), total)| DayRow {
            pole_id: pole.clone(),
            day: *day,
            series_id: *series,
            quantity_micros: total.quantity_micros,
            events: total.events,
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        let (mine, more) = (usage_days::quantity_micros, excluded(usage_days::quantity_micros));
        let fits = mine.between(-Total::LARGEST, Total::LARGEST);
        let fit = fits.and(more.between(-Total::LARGEST, Total::LARGEST));
        let sum = case_when(fit, mine + more).otherwise(Total::TOO_LARGE);
        on_backend!(conn, c => diesel::insert_into(usage_days::table)
            .values(rows)
            .on_conflict((usage_days::pole_id, usage_days::day, usage_days::series_id))
            .do_update()
            .set((
                usage_days::quantity_micros.eq(sum),
                usage_days::events.eq(usage_days::events + excluded(usage_days::events)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Says that days have moved.
#[expect(clippy::arithmetic_side_effects, reason = "it is the database that adds")]
fn note_fold(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    let first = (usage_folds::pole_id.eq(pole), usage_folds::folds.eq(1_i64));
    on_backend!(conn, c => diesel::insert_into(usage_folds::table)
        .values(first)
        .on_conflict(usage_folds::pole_id)
        .do_update()
        .set(usage_folds::folds.eq(usage_folds::folds + excluded(usage_folds::folds)))
        .execute(c))?;
    Ok(())
}

/// How often usage of each pole was folded; of a pole that never was, it says nothing.
pub(crate) fn folds(conn: &mut Db) -> Result<BTreeMap<PoleId, i64>, DbError> {
    let rows: Vec<_> = usage_folds::table.select(usage_folds::all_columns).load(conn)?;
    Ok(rows.into_iter().collect())
}

fn read(body: &[u8], pole: &PoleId) -> Result<Days, DbError> {
    delta::decode(body).ok_or_else(|| DbError::Unreadable {
        table: "usage_deltas",
        id: pole.to_string(),
        what: "a delta cannot be decoded".to_owned(),
    })
}
