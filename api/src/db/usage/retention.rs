//! Dropping events: from when on those of a pole are there, and taking away what happened before.

use diesel::prelude::*;

use super::{EventRow, KEYS};
use crate::clock::Time;
use crate::db::schema::{usage_books, usage_events, usage_late, usage_unmatched, usage_voids};
use crate::db::usage::unmatched::UnmatchedState;
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// The instant before which events are dropped, if any are.
pub(crate) fn dropped_before(conn: &mut Db, pole: &PoleId) -> Result<Option<Time>, DbError> {
    let row = usage_books::table.find(pole).select(usage_books::dropped_before);
    Ok(row.first::<Option<Time>>(conn).optional()?.flatten())
}

/// From when on the events of a pole are there.
pub(crate) fn begins(conn: &mut Db, pole: &PoleId) -> Result<Time, DbError> {
    Ok(dropped_before(conn, pole)?.unwrap_or_else(|| jiff::Timestamp::MIN.into()))
}

/// Says that events which happened before an instant are dropped. It waits for those who are writing
/// usage; whoever writes afterwards takes none of that time.
pub(crate) fn drop_before(conn: &mut Db, pole: &PoleId, before: Time) -> Result<(), DbError> {
    let books = diesel::update(usage_books::table.find(pole));
    books.set(usage_books::dropped_before.eq(before)).execute(conn)?;
    Ok(())
}

/// The event that happened first, of those that are there.
pub(crate) fn first(conn: &mut Db, pole: &PoleId, from: Time) -> Result<Option<EventRow>, DbError> {
    let row = usage_events::table
        .filter(usage_events::pole_id.eq(pole).and(usage_events::happened_at.ge(from)))
        .order((usage_events::happened_at, usage_events::event_id))
        .select(EventRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// How many events happened from one instant to another, voided ones included.
pub(crate) fn count(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
) -> Result<i64, DbError> {
    let events = usage_events::table
        .filter(usage_events::pole_id.eq(pole))
        .filter(usage_events::happened_at.ge(from).and(usage_events::happened_at.lt(to)));
    Ok(events.count().get_result(conn)?)
}

/// With which periods changes of what happened before an instant are billed; none stands for those
/// that are not billed yet.
pub(crate) fn billed_with(
    conn: &mut Db,
    pole: &PoleId,
    before: Time,
) -> Result<Vec<Option<String>>, DbError> {
    let periods = usage_late::table
        .filter(usage_late::pole_id.eq(pole).and(usage_late::happened_at.lt(before)))
        .select(usage_late::billed_with)
        .distinct();
    Ok(periods.load(conn)?)
}

/// How many events that match nothing happened before an instant, and wait.
pub(crate) fn waiting(conn: &mut Db, pole: &PoleId, before: Time) -> Result<i64, DbError> {
    let waiting = usage_unmatched::table
        .filter(usage_unmatched::pole_id.eq(pole))
        .filter(usage_unmatched::state.eq(UnmatchedState::Waiting))
        .filter(usage_unmatched::happened_at.lt(before));
    Ok(waiting.count().get_result(conn)?)
}

/// Takes away some of the events that happened before an instant; says how many. None is left when it
/// says none.
pub(crate) fn delete_events(
    conn: &mut Db,
    pole: &PoleId,
    before: Time,
    most: i64,
) -> Result<usize, DbError> {
    let old = usage_events::table
        .filter(usage_events::pole_id.eq(pole).and(usage_events::happened_at.lt(before)))
        .order((usage_events::happened_at, usage_events::event_id))
        .limit(most)
        .select((usage_events::happened_at, usage_events::event_id));
    let keys: Vec<(Time, String)> = old.load(conn)?;
    let Some((last, id)) = keys.last() else { return Ok(0) };
    // All up to that key: a stretch of the table.
    let earlier = usage_events::happened_at.lt(*last);
    let same = usage_events::happened_at.eq(*last).and(usage_events::event_id.le(id));
    let events = usage_events::table
        .filter(usage_events::pole_id.eq(pole).and(usage_events::happened_at.le(*last)))
        .filter(earlier.or(same));
    Ok(diesel::delete(events).execute(conn)?)
}

/// Takes away some of what says why events before an instant no longer counted; says how many.
pub(crate) fn delete_voids(conn: &mut Db, pole: &PoleId, before: Time) -> Result<usize, DbError> {
    let most = i64::try_from(KEYS).unwrap_or(i64::MAX);
    let old = usage_voids::table
        .filter(usage_voids::pole_id.eq(pole).and(usage_voids::happened_at.lt(before)))
        .limit(most)
        .select((usage_voids::happened_at, usage_voids::event_id));
    let keys: Vec<(Time, String)> = old.load(conn)?;
    for (at, id) in &keys {
        diesel::delete(usage_voids::table.find((pole, *at, id))).execute(conn)?;
    }
    Ok(keys.len())
}

/// Takes away some of what matched nothing before an instant and is settled; says how many.
pub(crate) fn delete_unmatched(
    conn: &mut Db,
    pole: &PoleId,
    before: Time,
) -> Result<usize, DbError> {
    let most = i64::try_from(KEYS).unwrap_or(i64::MAX);
    let old = usage_unmatched::table
        .filter(usage_unmatched::pole_id.eq(pole).and(usage_unmatched::happened_at.lt(before)))
        .filter(usage_unmatched::state.ne(UnmatchedState::Waiting))
        .limit(most)
        .select((usage_unmatched::happened_at, usage_unmatched::event_id));
    let keys: Vec<(Time, String)> = old.load(conn)?;
    for (at, id) in &keys {
        diesel::delete(usage_unmatched::table.find((pole, *at, id))).execute(conn)?;
    }
    Ok(keys.len())
}
