//! Usage that nobody can be billed for yet: kept in the words of who reported it.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::KEYS;
use crate::clock::Time;
use crate::db::schema::usage_unmatched;
use crate::db::{Db, DbError, words};
use crate::id::PoleId;
use crate::on_backend;

words! {
    /// Why usage matches nothing.
    pub(crate) enum UnmatchedReason {
        /// There is no member of this id or code.
        UnknownMember = "unknown_member",
        /// There is no meter of this id or code.
        UnknownMeter = "unknown_meter",
        /// The member was not subscribed to the service then.
        NotSubscribed = "not_subscribed",
    }
}

words! {
    /// What became of usage that matched nothing.
    pub(crate) enum UnmatchedState {
        /// It waits for its cause to be mended, and does not count.
        Waiting = "waiting",
        /// It counts.
        Resolved = "resolved",
        /// It will not count.
        Discarded = "discarded",
    }
}

/// A row of `usage_unmatched`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_unmatched, treat_none_as_default_value = false)]
pub(crate) struct UnmatchedRow {
    pub(crate) pole_id: PoleId,
    pub(crate) happened_at: Time,
    pub(crate) event_id: String,
    pub(crate) member: String,
    pub(crate) meter: String,
    /// Empty if none was named.
    pub(crate) service: String,
    pub(crate) quantity_micros: i64,
    /// JSON, by name; empty if there are none.
    pub(crate) properties: String,
    pub(crate) amends_at: Option<Time>,
    pub(crate) amends_id: Option<String>,
    pub(crate) reason: UnmatchedReason,
    /// The id of a user or of a key.
    pub(crate) reporter: String,
    /// JSON: whom the reporter acts for.
    pub(crate) reach: String,
    pub(crate) received_at: Time,
    pub(crate) state: UnmatchedState,
    /// Why it was discarded.
    pub(crate) note: String,
    pub(crate) settled_at: Option<Time>,
}

/// What events are told apart by, of events that are there or not: a time and an id.
pub(crate) type Key = (Time, String);

impl UnmatchedRow {
    /// By which events are told apart, within a pole.
    pub(crate) fn key(&self) -> (Time, &str) {
        (self.happened_at, &self.event_id)
    }
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const ROWS: usize = 1_500;

/// Adds the rows whose keys are not taken.
pub(crate) fn add(conn: &mut Db, rows: &[UnmatchedRow]) -> Result<(), DbError> {
    for rows in rows.chunks(ROWS) {
        on_backend!(conn, c => diesel::insert_into(usage_unmatched::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The rows of these keys, which are sorted, as far as there are any.
pub(crate) fn find_all(
    conn: &mut Db,
    pole: &PoleId,
    keys: &[(Time, &str)],
) -> Result<Vec<UnmatchedRow>, DbError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS) {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
        let rows = usage_unmatched::table
            .filter(usage_unmatched::pole_id.eq(pole))
            .filter(usage_unmatched::happened_at.between(first.0, last.0))
            .filter(usage_unmatched::event_id.eq_any(keys.iter().map(|(_, id)| *id)))
            .select(UnmatchedRow::as_select());
        let rows: Vec<UnmatchedRow> = rows.load(conn)?;
        found.extend(rows.into_iter().filter(|row| keys.binary_search(&row.key()).is_ok()));
    }
    Ok(found)
}

/// Which rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) state: Option<UnmatchedState>,
    pub(crate) reason: Option<UnmatchedReason>,
    /// As they were named.
    pub(crate) members: Option<Vec<String>>,
    pub(crate) meter: Option<String>,
    /// Those that happened then or later.
    pub(crate) from: Option<Time>,
    /// Those that happened before.
    pub(crate) to: Option<Time>,
}

/// Rows by time and id, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&Key>,
    rows: i64,
) -> Result<Vec<UnmatchedRow>, DbError> {
    let mut query = usage_unmatched::table
        .filter(usage_unmatched::pole_id.eq(pole))
        .select(UnmatchedRow::as_select())
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(usage_unmatched::state.eq(state));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(usage_unmatched::reason.eq(reason));
    }
    if let Some(members) = &filter.members {
        query = query.filter(usage_unmatched::member.eq_any(members));
    }
    if let Some(meter) = &filter.meter {
        query = query.filter(usage_unmatched::meter.eq(meter));
    }
    // One lower bound, the later, since SQLite uses one only.
    if let Some(begin) = filter.from.max(after.map(|(at, _)| *at)) {
        query = query.filter(usage_unmatched::happened_at.ge(begin));
    }
    if let Some(to) = filter.to {
        query = query.filter(usage_unmatched::happened_at.lt(to));
    }
    if let Some((at, id)) = after {
        let later = usage_unmatched::happened_at.gt(*at);
        let same =
            usage_unmatched::happened_at.eq(*at).and(usage_unmatched::event_id.gt(id.clone()));
        query = query.filter(later.or(same));
    }
    let query = query.order((usage_unmatched::happened_at, usage_unmatched::event_id));
    Ok(query.limit(rows).load(conn)?)
}

/// How many events wait that happened from one instant to another, by reason: what a month that is
/// invoiced leaves out.
pub(crate) fn waiting(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
) -> Result<Vec<(UnmatchedReason, i64)>, DbError> {
    let rows = usage_unmatched::table
        .filter(usage_unmatched::pole_id.eq(pole))
        .filter(usage_unmatched::state.eq(UnmatchedState::Waiting))
        .filter(usage_unmatched::happened_at.ge(from).and(usage_unmatched::happened_at.lt(to)))
        .group_by(usage_unmatched::reason)
        .order(usage_unmatched::reason)
        .select((usage_unmatched::reason, count_star()));
    Ok(rows.load(conn)?)
}

/// Says what became of an event, and why.
pub(crate) fn settle(
    conn: &mut Db,
    pole: &PoleId,
    (at, id): (Time, &str),
    (state, note): (UnmatchedState, &str),
    settled_at: Option<Time>,
) -> Result<(), DbError> {
    diesel::update(usage_unmatched::table.find((pole, at, id)))
        .set((
            usage_unmatched::state.eq(state),
            usage_unmatched::note.eq(note),
            usage_unmatched::settled_at.eq(settled_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Says why an event still matches nothing.
pub(crate) fn set_reason(
    conn: &mut Db,
    pole: &PoleId,
    (at, id): (Time, &str),
    reason: UnmatchedReason,
) -> Result<(), DbError> {
    diesel::update(usage_unmatched::table.find((pole, at, id)))
        .set(usage_unmatched::reason.eq(reason))
        .execute(conn)?;
    Ok(())
}
