//! Events of a pole in the order of their key, so many at a time: memory stays flat however
//! many there are.

use super::{EventRow, page};
use crate::clock::Time;
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// How many are held in memory.
const PAGE: i64 = 5_000;

/// An event, and whether it counts.
pub(crate) type Walked = (EventRow, bool);

/// Hands over all events that happened at an instant or later, page by page. It asks for a [`snapshot`](Db::snapshot).
pub(crate) fn walk(
    conn: &mut Db,
    pole: &PoleId,
    from: Time,
    mut each: impl FnMut(&mut Db, Vec<Walked>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let between = (from, Time::from(jiff::Timestamp::MAX));
    let mut after = None;
    loop {
        let rows = page(conn, pole, between, None, after.as_ref(), PAGE)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = Some((last.happened_at, last.event_id.clone()));
        each(conn, rows.into_iter().map(|(row, void)| (row, void.is_none())).collect())?;
    }
}
