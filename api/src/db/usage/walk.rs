//! All events of a pole in the order of their key, so many at a time: memory stays flat however
//! many there are.

use diesel::prelude::*;

use super::{EventRow, page};
use crate::clock::Time;
use crate::db::schema::usage_events;
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// How many are held in memory.
const PAGE: i64 = 5_000;

/// An event, and whether it counts.
pub(crate) type Walked = (EventRow, bool);

/// Hands over all events, page by page. It asks for a [`snapshot`](Db::snapshot).
pub(crate) fn walk(
    conn: &mut Db,
    pole: &PoleId,
    mut each: impl FnMut(&mut Db, Vec<Walked>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let ever: (Time, Time) = (jiff::Timestamp::MIN.into(), jiff::Timestamp::MAX.into());
    let mut after = None;
    loop {
        let rows = page(conn, pole, ever, None, after.as_ref(), PAGE)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = Some((last.happened_at, last.event_id.clone()));
        each(conn, rows.into_iter().map(|(row, void)| (row, void.is_none())).collect())?;
    }
}

/// How many events a pole has, voided ones included.
pub(crate) fn count(conn: &mut Db, pole: &PoleId) -> Result<i64, DbError> {
    let events = usage_events::table.filter(usage_events::pole_id.eq(pole));
    Ok(events.count().get_result(conn)?)
}
