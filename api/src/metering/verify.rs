//! Whether what was added up is what the events say.
//!
//! Events are read in the order of their key, in one snapshot. That is the order of days as well, so
//! that a day is compared when its last event has gone by, and memory holds no more than a day.

use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::rollups::{DaySeries, Total};
use crate::db::usage::walk::walk;
use crate::db::usage::{LevelRow, known, retention};
use crate::db::{Db, DbError};

mod days;
mod levels;
mod names;

use days::Comparison;
use levels::Levels;
pub(crate) use names::{Names, SeriesName};

/// What was looked at, and how much of it is not as it should be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verification {
    /// From when on there are events to compare with, if earlier ones were dropped.
    pub(crate) since: Option<Time>,
    /// Which state of the pole this is, by its audit log.
    pub(crate) version: i64,
    /// How many events count.
    pub(crate) events: u64,
    /// How many no longer do.
    pub(crate) voided: u64,
    /// How many sums of a day and a series there should be.
    pub(crate) sums: u64,
    /// How many levels there should be.
    pub(crate) levels: u64,
    /// How many differences were told.
    pub(crate) differences: u64,
}

/// Something that is not as the events say.
#[derive(Clone, Debug)]
pub(crate) enum Difference {
    /// The sum of a day and a series.
    Sum {
        of: DaySeries,
        /// What stands there; the parts of it that can be added to.
        there: Total,
        usable: Total,
        /// What the events come to.
        counted: Total,
    },
    /// What is kept of an event whose meter's days cannot be added up: what is there, and what
    /// should be.
    Level { there: Option<LevelRow>, counted: Option<LevelRow> },
    /// A delta that cannot be read.
    Unreadable(String),
}

/// Compares what was added up with the events, and tells all that differs.
pub(crate) fn verify(
    conn: &mut Db,
    pole: &PoleRow,
    mut tell: impl FnMut(&Names, Difference),
) -> Result<Verification, DbError> {
    conn.snapshot(|conn| {
        let known = known::read(conn, &pole.pole_id)?;
        let since = retention::dropped_before(conn, &pole.pole_id)?;
        let mut done = Verification { since, version: known.version, ..Verification::default() };
        let begin = since.unwrap_or_else(|| jiff::Timestamp::MIN.into());
        let names = Names::of(known);
        let mut differences = 0_u64;
        let mut tell = |difference| {
            differences = differences.saturating_add(1);
            tell(&names, difference);
        };
        let mut days = Comparison::begin(conn, pole, since, &mut tell)?;
        let mut levels = Levels::new(&pole.pole_id, &names, begin);
        walk(conn, &pole.pole_id, begin, |conn, page| {
            for (row, counts) in &page {
                if !counts {
                    done.voided = done.voided.saturating_add(1);
                    continue;
                }
                done.events = done.events.saturating_add(1);
                if !levels.take(row) {
                    days.count(conn, row, &mut tell)?;
                }
            }
            levels.compare(conn, &mut tell)
        })?;
        done.sums = days.end(conn, &mut tell)?;
        done.levels = levels.end(conn, &mut tell)?;
        done.differences = differences;
        Ok(done)
    })
}

impl Difference {
    /// The series, if it is of one.
    pub(crate) fn series(&self) -> Option<i64> {
        match self {
            Self::Sum { of: (_, series), .. } => Some(*series),
            Self::Level { there, counted } => {
                there.as_ref().or(counted.as_ref()).map(|row| row.series_id)
            }
            Self::Unreadable(_) => None,
        }
    }

    /// The event, if it is of one.
    pub(crate) fn event(&self) -> Option<(Time, &str)> {
        let Self::Level { there, counted } = self else { return None };
        there.as_ref().or(counted.as_ref()).map(|row| (row.happened_at, row.event_id.as_str()))
    }
}
