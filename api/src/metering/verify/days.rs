//! Days, compared as they go by.

use std::collections::BTreeMap;

use super::Difference;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::EventRow;
use crate::db::usage::rollups::mend::{folded, unfolded_of};
use crate::db::usage::rollups::{DaySeries, Days, Total};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::metering::Calendar;

/// What stands in the rows and deltas of a sum: all of it, and the parts that can be added to.
#[derive(Clone, Copy, Default)]
struct There {
    all: Total,
    usable: Total,
}

impl There {
    fn add(&mut self, part: Total) {
        self.all.add(part);
        if part.fits() {
            self.usable.add(part);
        }
    }
}

/// A comparison that has come to some day.
pub(super) struct Comparison<'p> {
    pole: &'p PoleId,
    calendar: Calendar,
    /// What was not folded yet, of days that are not compared yet.
    unfolded: BTreeMap<DaySeries, There>,
    /// What the events of the day under way come to.
    counted: Days,
    /// Up to where days are compared.
    compared: i32,
    sums: u64,
}

impl<'p> Comparison<'p> {
    /// Begins before the first day whose events are there: what they were dropped of, stands for
    /// itself.
    pub(super) fn begin(
        conn: &mut Db,
        pole: &'p PoleRow,
        since: Option<Time>,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<Self, DbError> {
        let found = unfolded_of(conn, &pole.pole_id)?;
        found.unreadable.into_iter().for_each(|id| tell(Difference::Unreadable(id)));
        let mut calendar = Calendar::of(pole);
        // They were dropped up to the beginning of a day.
        let first = since.map_or(i32::MIN, |since| calendar.day(since));
        let mut unfolded: BTreeMap<_, There> = BTreeMap::new();
        for (key, total) in found.sums.into_iter().filter(|((day, _), _)| *day >= first) {
            unfolded.entry(key).or_default().add(total);
        }
        Ok(Self {
            pole: &pole.pole_id,
            calendar,
            unfolded,
            counted: Days::new(),
            compared: first.saturating_sub(1),
            sums: 0,
        })
    }

    /// Counts an event that counts, none of which happened earlier than the one before.
    pub(super) fn count(
        &mut self,
        conn: &mut Db,
        row: &EventRow,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<(), DbError> {
        let day = self.calendar.day(row.happened_at);
        if self.counted.first_key_value().is_some_and(|((of, _), _)| *of < day) {
            self.compare(conn, day.saturating_sub(1), tell)?;
        }
        let total = Total { quantity_micros: row.quantity_micros, events: 1 };
        self.counted.entry((day, row.series_id)).or_default().add(total);
        Ok(())
    }

    /// Compares what is left; says how many sums there were.
    pub(super) fn end(
        mut self,
        conn: &mut Db,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<u64, DbError> {
        self.compare(conn, i32::MAX, tell)?;
        Ok(self.sums)
    }

    /// Compares the days up to this one.
    fn compare(
        &mut self,
        conn: &mut Db,
        last: i32,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<(), DbError> {
        let later = match last.checked_add(1) {
            Some(next) => self.unfolded.split_off(&(next, i64::MIN)),
            None => BTreeMap::new(),
        };
        let mut there = std::mem::replace(&mut self.unfolded, later);
        for (key, total) in folded(conn, self.pole, (self.compared, last))? {
            there.entry(key).or_default().add(total);
        }
        self.compared = last;
        for (of, counted) in std::mem::take(&mut self.counted) {
            self.sums = self.sums.saturating_add(1);
            let There { all, usable } = there.remove(&of).unwrap_or_default();
            if all != counted {
                tell(Difference::Sum { of, there: all, usable, counted });
            }
        }
        // Of a sum whose events were all taken back, nothing may be left and noughts may.
        let nothing = Total::default();
        for (of, There { all, usable }) in there.into_iter().filter(|(_, it)| it.all != nothing) {
            tell(Difference::Sum { of, there: all, usable, counted: nothing });
        }
        Ok(())
    }
}
