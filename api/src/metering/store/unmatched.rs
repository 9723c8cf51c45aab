//! Events that matched nothing when they first came, and now do.

use std::collections::HashMap;

use super::{ItemOutcome, Spot, Turn};
use crate::clock::Time;
use crate::db::usage::EventRow;
use crate::db::usage::unmatched::{self, UnmatchedRow, UnmatchedState};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::metering::Outcome;

/// Those of some events that were kept as unmatched.
pub(super) struct Unmatched<'t> {
    pole: &'t PoleId,
    /// By key.
    rows: Vec<UnmatchedRow>,
    /// Which of them are to count, where their outcome goes, and when they came again.
    again: HashMap<Spot, (usize, Time)>,
}

impl<'t> Turn<'t> {
    /// Those of these keys that were kept and do not count. Mostly there are none in the whole
    /// pole, which its books say.
    pub(super) fn unmatched(
        &self,
        conn: &mut Db,
        mut keys: Vec<(Time, &str)>,
    ) -> Result<Unmatched<'t>, DbError> {
        let mut rows = Vec::new();
        if self.books.unmatched {
            keys.sort_unstable();
            keys.dedup();
            rows = unmatched::find_all(conn, self.pole, &keys)?;
            rows.retain(|row| row.state != UnmatchedState::Resolved);
            rows.sort_by(|one, other| one.key().cmp(&other.key()));
        }
        Ok(Unmatched { pole: self.pole, rows, again: HashMap::new() })
    }
}

impl Unmatched<'_> {
    /// What is told of an event at once: that it was discarded, or that another was kept under its
    /// id. None if it may count.
    pub(super) fn answer(&mut self, spot: Spot, row: &EventRow) -> Option<Outcome> {
        let at = self.rows.binary_search_by(|it| it.key().cmp(&row.key())).ok()?;
        let kept = self.rows.get(at)?;
        if !kept.says_the_same(row) {
            return Some(Outcome::Conflict);
        }
        if kept.state == UnmatchedState::Discarded {
            return Some(Outcome::Duplicate);
        }
        self.again.insert(spot, (at, row.received_at));
        None
    }

    /// Notes which of them count now.
    pub(super) fn resolve(&self, conn: &mut Db, told: &[ItemOutcome]) -> Result<(), DbError> {
        let stored = told.iter().filter(|(_, outcome)| outcome.is_stored());
        for (at, received_at) in stored.filter_map(|(spot, _)| self.again.get(spot)) {
            let Some(row) = self.rows.get(*at) else { continue };
            let settled = (UnmatchedState::Resolved, "");
            unmatched::settle(conn, self.pole, row.key(), settled, Some(*received_at))?;
        }
        Ok(())
    }
}

impl UnmatchedRow {
    /// Whether an event says the same, whatever it calls its member and its meter: what was wrong
    /// with them may have been mended by who reports.
    fn says_the_same(&self, row: &EventRow) -> bool {
        self.quantity_micros == row.quantity_micros
            && self.properties == row.properties
            && (self.amends_at, &self.amends_id) == (row.amends_at, &row.amends_id)
    }
}
