//! Adding up again what is not as the events say.
//!
//! Nothing is locked while events are read: what differs in a snapshot is put right by adding the
//! difference, which is right whatever was added meanwhile. Then it is verified again.

use serde_json::json;

use super::verify::{Difference, Verification, verify};
use crate::app::App;
use crate::db::audit::{self, Filter};
use crate::db::poles::{self, PoleRow};
use crate::db::usage::rollups::mend::{self, Mending};
use crate::db::usage::{self, LevelRow, add_levels, levels};
use crate::db::{Db, DbError};
use crate::work::{Author, Changes, Done, Tx};

/// How often it is tried. What others do at the same time may make a second time necessary.
const ROUNDS: u32 = 5;
/// What the audit log calls it.
const ACTION: &str = "usage.rebuilt";

/// What is to be put right.
#[derive(Debug, Default)]
struct Wrong {
    days: Mending,
    /// What is there, and what should be.
    levels: Vec<(Option<LevelRow>, Option<LevelRow>)>,
}

/// Puts right what is not as the events say; says how many differences there were, and what a last
/// verification found.
pub(crate) fn rebuild(
    app: &App,
    author: &Author,
    pole: &PoleRow,
) -> Result<(u64, Verification), DbError> {
    let mut mended = 0_u64;
    for _ in 0..ROUNDS {
        let (wrong, found) = app.db.read_now(|conn| Wrong::find(conn, pole))?;
        if found.differences == 0 {
            return Ok((mended, found));
        }
        if app.write_now(author, |tx| wrong.mend(tx, found))? {
            mended = mended.saturating_add(found.differences);
        }
    }
    let (_, left) = app.db.read_now(|conn| Wrong::find(conn, pole))?;
    Ok((mended, left))
}

impl Wrong {
    fn find(conn: &mut Db, pole: &PoleRow) -> Result<(Self, Verification), DbError> {
        let mut wrong = Self::default();
        let found = verify(conn, pole, |_, difference| match difference {
            Difference::Sum { of, there, usable, counted } => {
                if !there.fits() {
                    wrong.days.stuck.insert(of);
                }
                wrong.days.add.insert(of, counted.less(usable));
            }
            Difference::Level { there, counted } => wrong.levels.push((there, counted)),
            Difference::Unreadable(id) => wrong.days.unreadable.push(id),
        })?;
        Ok((wrong, found))
    }

    /// Mends it all, unless somebody else just has; says whether it did.
    fn mend(&self, tx: &mut Tx<'_>, found: Verification) -> Result<Done<bool>, DbError> {
        poles::hold(tx.conn, tx.pole())?;
        let filter = Filter { action: Some(ACTION.to_owned()), ..Filter::default() };
        let last = audit::page(tx.conn, tx.pole(), &filter, None, 1)?.pop();
        if last.is_some_and(|last| last.seq > found.version) {
            // Adding the same difference again would be a difference.
            return Ok(tx.unchanged(false));
        }
        mend::mend(tx.conn, tx.pole(), tx.at(), &self.days)?;
        self.mend_levels(tx)?;
        let sums = self.days.add.len();
        let changes = json!({ "sums": sums, "levels": self.levels.len() });
        tx.done(ACTION, "usage", &Changes::made(&changes), true)
    }

    fn mend_levels(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        for there in self.levels.iter().filter_map(|(there, _)| there.as_ref()) {
            levels::delete(tx.conn, there)?;
        }
        let mut missing: Vec<_> =
            self.levels.iter().filter_map(|(_, counted)| counted.clone()).collect();
        missing.sort_by(|one, other| key(one).cmp(&key(other)));
        // Those that somebody took back meanwhile stay away.
        let voided =
            usage::voided(tx.conn, tx.pole(), &missing.iter().map(key).collect::<Vec<_>>())?;
        let voided: std::collections::HashSet<_> =
            voided.iter().map(|void| (void.happened_at, void.event_id.as_str())).collect();
        missing.retain(|row| !voided.contains(&key(row)));
        add_levels(tx.conn, &missing)
    }
}

fn key(row: &LevelRow) -> (crate::clock::Time, &str) {
    (row.happened_at, &row.event_id)
}
