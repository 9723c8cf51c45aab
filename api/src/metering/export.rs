//! Events taken out: each as it was received, and what became of it since, in the order of their
//! key.
//!
//! All of an export is one state of the database, however long it takes and whatever comes in
//! meanwhile; memory holds one page of it.

use crate::clock::Time;
use crate::db::usage::series::{self, Filter};
use crate::db::usage::{known, page, retention};
use crate::db::{Db, DbError};
use crate::id::PoleId;

use super::verify::Names;

mod line;

pub(crate) use line::ExportedEvent;

/// How many events are held in memory.
const PAGE: i64 = 2_000;
/// Up to how many series the database is asked for by number; of more, it is asked for all.
const ASKED: usize = 1_000;

/// Which events.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Those that happened then or later.
    pub(crate) from: Time,
    /// Those that happened before.
    pub(crate) to: Time,
    pub(crate) series: Filter,
    /// Also those that no longer count.
    pub(crate) voided: bool,
}

/// Hands over events, one by one, and says how many there were.
///
/// # Errors
/// What `each` says, which ends it, and [`DbError`].
pub(crate) fn export<E: From<DbError>>(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    mut each: impl FnMut(ExportedEvent) -> Result<(), E>,
) -> Result<u64, E> {
    conn.snapshot(|conn| {
        let names = Names::of(known::read(conn, pole)?);
        let from = wanted.from.max(retention::begins(conn, pole)?);
        let series = wanted.numbers(conn, pole)?;
        let asked = series.as_ref().filter(|series| series.len() <= ASKED);
        let is_wanted = |number: i64| {
            series.as_ref().is_none_or(|series| series.binary_search(&number).is_ok())
        };
        let (mut after, mut count) = (None, 0_u64);
        loop {
            let rows = page(conn, pole, (from, wanted.to), asked.cloned(), after.as_ref(), PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(count) };
            after = Some((last.happened_at, last.event_id.clone()));
            for (row, void) in rows {
                if is_wanted(row.series_id) && (void.is_none() || wanted.voided) {
                    each(ExportedEvent::of(row, void, &names)?)?;
                    count = count.saturating_add(1);
                }
            }
        }
    })
}

impl Wanted {
    /// The series that are wanted, sorted; none, if all are.
    fn numbers(&self, conn: &mut Db, pole: &PoleId) -> Result<Option<Vec<i64>>, DbError> {
        if self.series.is_all() {
            return Ok(None);
        }
        let found = series::with_meters(conn, pole, &self.series)?;
        let mut numbers: Vec<_> = found.into_iter().map(|(series, _)| series.series_id).collect();
        numbers.sort_unstable();
        Ok(Some(numbers))
    }
}
