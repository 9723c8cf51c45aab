//! Levels, compared page by page.

use std::collections::BTreeMap;

use super::{Difference, Names};
use crate::clock::Time;
use crate::db::usage::levels::{self, find};
use crate::db::usage::{self, EventRow, LevelRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// How many levels are held in memory.
const PAGE: i64 = 5_000;

/// What events say of meters whose days cannot be added up.
pub(super) struct Levels<'n> {
    pole: &'n PoleId,
    names: &'n Names,
    /// From when on there are events.
    begin: Time,
    /// Of the page under way.
    counted: Vec<LevelRow>,
    /// How many there should be, and how many of those are there.
    all: u64,
    found: u64,
}

impl<'n> Levels<'n> {
    pub(super) const fn new(pole: &'n PoleId, names: &'n Names, begin: Time) -> Self {
        Self { pole, names, begin, counted: Vec::new(), all: 0, found: 0 }
    }

    /// Takes an event that counts, if its meter has levels.
    pub(super) fn take(&mut self, row: &EventRow) -> bool {
        let Some(level) = self.names.level(row) else { return false };
        self.counted.push(level);
        true
    }

    /// Compares what the events of a page say.
    pub(super) fn compare(
        &mut self,
        conn: &mut Db,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<(), DbError> {
        let there = find(conn, self.pole, &self.counted)?;
        for counted in std::mem::take(&mut self.counted) {
            self.all = self.all.saturating_add(1);
            let found = there.binary_search_by_key(&counted.key(), LevelRow::key);
            let there = found.ok().and_then(|at| there.get(at)).cloned();
            self.found = self.found.saturating_add(u64::from(there.is_some()));
            if there.as_ref() != Some(&counted) {
                tell(Difference::Level { there, counted: Some(counted) });
            }
        }
        Ok(())
    }

    /// Looks for levels that no event asks for, if there are any; says how many there should be.
    pub(super) fn end(
        self,
        conn: &mut Db,
        tell: &mut dyn FnMut(Difference),
    ) -> Result<u64, DbError> {
        if u64::try_from(levels::count(conn, self.pole, self.begin)?) == Ok(self.found) {
            return Ok(self.all);
        }
        let mut after = None;
        loop {
            let page = levels::page(conn, self.pole, self.begin, after.take(), PAGE)?;
            let Some(last) = page.last() else { return Ok(self.all) };
            after = Some(last.key());
            let mut keys: Vec<_> =
                page.iter().map(|row| (row.happened_at, row.event_id.as_str())).collect();
            keys.sort_unstable();
            let mut events: BTreeMap<_, _> = BTreeMap::new();
            for event in usage::find_all(conn, self.pole, &keys)? {
                events.insert((event.happened_at, event.event_id.clone()), event);
            }
            for void in usage::voided(conn, self.pole, &keys)? {
                events.remove(&(void.happened_at, void.event_id));
            }
            for row in &page {
                let event = events.get(&(row.happened_at, row.event_id.clone()));
                let is_asked_for = event.and_then(|event| self.names.level(event));
                if is_asked_for.is_none_or(|asked_for| asked_for.series_id != row.series_id) {
                    tell(Difference::Level { there: Some(row.clone()), counted: None });
                }
            }
        }
    }
}
