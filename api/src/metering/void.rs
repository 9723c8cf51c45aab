//! Taking an event out of what counts. It stays on record.

use super::calendar::Calendar;
use super::verify::Names;
use crate::clock::Time;
use crate::db::usage::late::{self, LateRow};
use crate::db::usage::rollups::{Days, Total};
use crate::db::usage::{self, EventRow, VoidRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// The event of this time and id, if it is there and counts. One whose time is dropped is gone, also
/// while it waits to be taken away.
pub(crate) fn counting(
    conn: &mut Db,
    pole: &PoleId,
    at: Time,
    id: &str,
) -> Result<Option<EventRow>, DbError> {
    let key = [(at, id)];
    if usage::books(conn, pole)?.dropped(at).is_some() {
        return Ok(None);
    }
    if !usage::voided(conn, pole, &key)?.is_empty() {
        return Ok(None);
    }
    Ok(usage::find_all(conn, pole, &key)?.pop())
}

/// Takes an event out of what counts, and notes what its day loses.
pub(crate) fn take_out(
    conn: &mut Db,
    event: &EventRow,
    void: VoidRow,
    calendar: &mut Calendar,
    days: &mut Days,
) -> Result<(), DbError> {
    usage::add_voids(conn, &[void])?;
    // Either it is among the levels, or it was added to its day.
    let level = usage::delete_level(conn, event)?;
    if level.is_none() {
        let quantity_micros = event.quantity_micros.saturating_neg();
        let key = (calendar.day(event.happened_at), event.series_id);
        days.entry(key).or_default().add(Total { quantity_micros, events: -1 });
    }
    if event.happened_at < usage::books(conn, &event.pole_id)?.closed_before {
        late::add(conn, &[LateRow::new(event, level.map(|level| level.value), true)])?;
    }
    Ok(())
}

/// Lets an event count again whose place another has taken, and notes what its day gains; says
/// whether it was so.
pub(crate) fn put_back(
    conn: &mut Db,
    pole: &PoleId,
    (at, id): (Time, &str),
    amended_by: &str,
    (names, calendar, days): (&Names, &mut Calendar, &mut Days),
) -> Result<bool, DbError> {
    let books = usage::books(conn, pole)?;
    let event = usage::find_all(conn, pole, &[(at, id)])?.pop();
    let Some(event) = event.filter(|_| books.dropped(at).is_none()) else { return Ok(false) };
    if !usage::delete_void(conn, &event, amended_by)? {
        return Ok(false);
    }
    let level = names.level(&event);
    let value = level.as_ref().map(|level| level.value.clone());
    match level {
        Some(level) => usage::add_levels(conn, &[level])?,
        None => {
            let total = Total { quantity_micros: event.quantity_micros, events: 1 };
            days.entry((calendar.day(at), event.series_id)).or_default().add(total);
        }
    }
    // A closed month that was told it was gone is told it is not; if nobody was billed, no more.
    let closed = at < books.closed_before;
    if closed && !late::withdraw(conn, &event)? {
        late::add(conn, &[LateRow::new(&event, value, false)])?;
    }
    Ok(true)
}
