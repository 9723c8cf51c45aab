//! Usage events: rows that are only ever added.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::{usage_books, usage_events, usage_levels, usage_unmatched, usage_voids};
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::PoleId;
use crate::on_backend;

mod add;
pub(crate) mod alerts;
pub(crate) mod known;
pub(crate) mod late;
pub(crate) mod levels;
pub(crate) mod months;
pub(crate) mod retention;
pub(crate) mod rollups;
pub(crate) mod series;
pub(crate) mod tiers;
pub(crate) mod turns;
pub(crate) mod unmatched;
pub(crate) mod walk;

pub(crate) use add::{add, add_levels};
use unmatched::UnmatchedState;

/// A row of `usage_events`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) pole_id: PoleId,
    pub(crate) happened_at: Time,
    pub(crate) event_id: String,
    pub(crate) series_id: i64,
    pub(crate) quantity_micros: i64,
    /// JSON, by name; empty if there are none.
    pub(crate) properties: String,
    /// The event it takes the place of.
    pub(crate) amends_at: Option<Time>,
    pub(crate) amends_id: Option<String>,
    /// Whether its month was closed when it came in.
    pub(crate) late: bool,
    pub(crate) received_at: Time,
}

impl EventRow {
    /// By which events are told apart, within a pole.
    pub(crate) fn key(&self) -> (Time, &str) {
        (self.happened_at, &self.event_id)
    }

    /// Whether it says the same as another: the same event, sent again.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let said = |row: &Self| (row.series_id, row.quantity_micros, row.amends_at);
        said(self) == said(other)
            && self.properties == other.properties
            && self.amends_id == other.amends_id
    }
}

/// A row of `usage_voids`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_voids, treat_none_as_default_value = false)]
pub(crate) struct VoidRow {
    pub(crate) pole_id: PoleId,
    pub(crate) happened_at: Time,
    pub(crate) event_id: String,
    /// The event that takes its place.
    pub(crate) amended_by: Option<String>,
    pub(crate) reason: String,
    pub(crate) actor: String,
    pub(crate) voided_at: Time,
}

/// A row of `usage_levels`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_levels)]
pub(crate) struct LevelRow {
    pub(crate) pole_id: PoleId,
    pub(crate) series_id: i64,
    pub(crate) happened_at: Time,
    pub(crate) event_id: String,
    pub(crate) quantity_micros: i64,
    /// Of the meter's property; empty if it has none.
    pub(crate) value: String,
}

/// How many keys one statement asks for.
const KEYS: usize = 500;
/// How many series one statement asks for: SQLite takes 32,766 values.
const SERIES: usize = 10_000;

/// The rows of these keys, which are sorted, as far as there are any.
pub(crate) fn find_all(
    conn: &mut Db,
    pole: &PoleId,
    keys: &[(Time, &str)],
) -> Result<Vec<EventRow>, DbError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS) {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
        let rows = usage_events::table
            .filter(usage_events::pole_id.eq(pole))
            .filter(usage_events::happened_at.between(first.0, last.0))
            .filter(usage_events::event_id.eq_any(keys.iter().map(|(_, id)| *id)))
            .select(EventRow::as_select());
        let rows: Vec<EventRow> = rows.load(conn)?;
        found.extend(rows.into_iter().filter(|row| keys.binary_search(&row.key()).is_ok()));
    }
    Ok(found)
}

/// The keys of the events that happened last.
pub(crate) fn newest(
    conn: &mut Db,
    pole: &PoleId,
    limit: i64,
) -> Result<Vec<(Time, String)>, DbError> {
    let rows = usage_events::table
        .filter(usage_events::pole_id.eq(pole))
        .order((usage_events::happened_at.desc(), usage_events::event_id.desc()))
        .limit(limit)
        .select((usage_events::happened_at, usage_events::event_id));
    Ok(rows.load(conn)?)
}

/// A page of events by time and id, from one instant to another, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
    series: Option<Vec<i64>>,
    after: Option<&(Time, String)>,
    rows: i64,
) -> Result<Vec<(EventRow, Option<VoidRow>)>, DbError> {
    let void = usage_voids::pole_id
        .eq(usage_events::pole_id)
        .and(usage_voids::happened_at.eq(usage_events::happened_at))
        .and(usage_voids::event_id.eq(usage_events::event_id));
    // One lower bound, the later: of two, SQLite would begin at whichever is written first, and read
    // all that came before for every page.
    let begin = after.map_or(from, |(at, _)| from.max(*at));
    let mut query = usage_events::table
        .left_join(usage_voids::table.on(void))
        .filter(usage_events::pole_id.eq(pole))
        .filter(usage_events::happened_at.ge(begin).and(usage_events::happened_at.lt(to)))
        .select((EventRow::as_select(), Option::<VoidRow>::as_select()))
        .into_boxed();
    if let Some(series) = series {
        query = query.filter(usage_events::series_id.eq_any(series));
    }
    if let Some((at, id)) = after {
        let later = usage_events::happened_at.gt(*at);
        let same = usage_events::happened_at.eq(*at).and(usage_events::event_id.gt(id.clone()));
        query = query.filter(later.or(same));
    }
    let query = query.order((usage_events::happened_at, usage_events::event_id)).limit(rows);
    Ok(query.load(conn)?)
}

/// The voids among these keys, which are sorted.
pub(crate) fn voided(
    conn: &mut Db,
    pole: &PoleId,
    keys: &[(Time, &str)],
) -> Result<Vec<VoidRow>, DbError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS) {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
        let rows = usage_voids::table
            .filter(usage_voids::pole_id.eq(pole))
            .filter(usage_voids::happened_at.between(first.0, last.0))
            .filter(usage_voids::event_id.eq_any(keys.iter().map(|(_, id)| *id)))
            .select(VoidRow::as_select());
        let rows: Vec<VoidRow> = rows.load(conn)?;
        let asked = |row: &VoidRow| keys.binary_search(&(row.happened_at, &row.event_id)).is_ok();
        found.extend(rows.into_iter().filter(asked));
    }
    Ok(found)
}

/// The quantities of the events of these series that count, from one instant to another.
pub(crate) fn quantities(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
    series: &[i64],
) -> Result<Vec<(i64, i64)>, DbError> {
    let void = usage_voids::pole_id
        .eq(usage_events::pole_id)
        .and(usage_voids::happened_at.eq(usage_events::happened_at))
        .and(usage_voids::event_id.eq(usage_events::event_id));
    let mut found = Vec::new();
    for series in series.chunks(SERIES) {
        let counting = usage_events::table
            .left_join(usage_voids::table.on(void))
            .filter(usage_events::pole_id.eq(pole))
            .filter(usage_events::happened_at.ge(from).and(usage_events::happened_at.lt(to)))
            .filter(usage_events::series_id.eq_any(series))
            .filter(usage_voids::event_id.nullable().is_null());
        let columns = (usage_events::series_id, usage_events::quantity_micros);
        let rows: Vec<(i64, i64)> = counting.select(columns).load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Takes events out of what counts.
pub(crate) fn add_voids(conn: &mut Db, rows: &[VoidRow]) -> Result<(), DbError> {
    for rows in rows.chunks(KEYS) {
        on_backend!(conn, c => diesel::insert_into(usage_voids::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Takes back that another event has taken the place of this one; says whether it had.
pub(crate) fn delete_void(
    conn: &mut Db,
    row: &EventRow,
    amended_by: &str,
) -> Result<bool, DbError> {
    let void = usage_voids::table.find((&row.pole_id, row.happened_at, &row.event_id));
    let void = void.filter(usage_voids::amended_by.eq(amended_by));
    Ok(diesel::delete(void).execute(conn)? > 0)
}

/// Takes an event out of the levels; gives back its level, if it was there.
pub(crate) fn delete_level(conn: &mut Db, row: &EventRow) -> Result<Option<LevelRow>, DbError> {
    let key = (&row.pole_id, row.series_id, row.happened_at, &row.event_id);
    let deleted = diesel::delete(usage_levels::table.find(key));
    Ok(deleted.returning(usage_levels::all_columns).get_result(conn).optional()?)
}

/// Closes the months of a pole that end by then. It waits for those who are writing usage; who
/// writes afterwards writes late.
pub(crate) fn close(conn: &mut Db, pole: &PoleId, before: Time) -> Result<(), DbError> {
    let books = diesel::update(usage_books::table.find(pole));
    books.set(usage_books::closed_before.eq(before)).execute(conn)?;
    Ok(())
}

/// Where the books of a pole stand.
pub(crate) struct Books {
    /// Months that end by then are closed.
    pub(crate) closed_before: Time,
    /// Events that happened before are dropped.
    dropped_before: Option<Time>,
    /// Whether there are events that matched nothing, and do not count yet.
    pub(crate) unmatched: bool,
}

/// The books of a pole. No month closes until the transaction ends.
pub(crate) fn books(conn: &mut Db, pole: &PoleId) -> Result<Books, DbError> {
    let states = [UnmatchedState::Waiting, UnmatchedState::Discarded];
    let unmatched = usage_unmatched::table
        .filter(usage_unmatched::pole_id.eq(pole).and(usage_unmatched::state.eq_any(states)));
    let row = usage_books::table.find(pole).select((
        usage_books::closed_before,
        usage_books::dropped_before,
        exists(unmatched),
    ));
    let found: Option<(Time, Option<Time>, bool)> = match conn {
        Db::Sqlite(conn) => row.first(conn).optional()?,
        Db::Postgres(conn) => row.for_share().first(conn).optional()?,
    };
    let none = (jiff::Timestamp::UNIX_EPOCH.into(), None, false);
    let (closed_before, dropped_before, unmatched) = found.unwrap_or(none);
    Ok(Books { closed_before, dropped_before, unmatched })
}

impl Books {
    /// The instant before which events are dropped, if this one lies before it.
    pub(crate) fn dropped(&self, at: Time) -> Option<Time> {
        self.dropped_before.filter(|before| at < *before)
    }
}

/// Months of a pole that end by then are closed.
pub(crate) fn closed_before(conn: &mut Db, pole: &PoleId) -> Result<Time, DbError> {
    let row = usage_books::table.find(pole).select(usage_books::closed_before);
    let none = jiff::Timestamp::UNIX_EPOCH.into();
    Ok(row.first(conn).optional()?.unwrap_or(none))
}
