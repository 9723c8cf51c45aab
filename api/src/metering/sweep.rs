//! The sweep: events that share their id with another of another time.
//!
//! Events are told apart by time and id, so that what comes in lands at the end of the table. An id
//! that comes again with another time is a mistake of its sender; it is refused while the first is
//! remembered, and found here otherwise. Of those that count, the one that was received first goes
//! on counting. What another of them had taken the place of counts again, as if that had never come.
//!
//! Ids are not indexed. They are read in the order of their key as often as it takes to see each
//! part of their hashes together, sorted; only ids whose hashes meet are then looked at themselves.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use serde_json::{Value, json};

use super::verify::Names;
use super::{Calendar, void};
use crate::app::App;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::rollups::{self, Days};
use crate::db::usage::walk::walk;
use crate::db::usage::{EventRow, VoidRow, known, retention, turns};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::work::{Author, Changes, Done, Tx};

#[cfg(test)]
mod tests;

/// How many hashes are in memory at once, about: 64 MB.
const HASHES: u64 = 8_000_000;
/// How many ids one transaction resolves.
const IDS: usize = 500;
/// Why an event no longer counts.
const REASON: &str = "conflict";

/// An id that more than one event has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) id: String,
    /// When the event happened that counts.
    pub(crate) counts: Time,
    /// When those happened that do not, in the order in which they were received.
    pub(crate) others: Vec<Time>,
    /// The events that those had taken the place of, which count again.
    pub(crate) again: Vec<(Time, String)>,
}

/// Resolves all conflicts of a pole, and says which there were. An invoicing run calls it first.
pub(crate) fn sweep(app: &App, author: &Author, pole: &PoleRow) -> Result<Vec<Shared>, DbError> {
    let mut all = Vec::new();
    loop {
        let found = app.db.read_now(|conn| find(conn, &pole.pole_id))?;
        let mut resolved = Vec::with_capacity(found.len());
        for found in found.chunks(IDS) {
            resolved.extend(app.write_now(author, |tx| resolve(tx, pole, found))?);
        }
        // What counts again may share its id as well.
        let is_done = resolved.iter().all(|it| it.again.is_empty());
        all.extend(resolved);
        if is_done {
            return Ok(all);
        }
    }
}

/// The ids that more than one event has that counts.
pub(crate) fn find(conn: &mut Db, pole: &PoleId) -> Result<Vec<Shared>, DbError> {
    find_by_parts(conn, pole, HASHES)
}

fn find_by_parts(conn: &mut Db, pole: &PoleId, hashes: u64) -> Result<Vec<Shared>, DbError> {
    let hasher = RandomState::new();
    conn.snapshot(|conn| {
        let begin = retention::begins(conn, pole)?;
        let all = retention::count(conn, pole, (begin, jiff::Timestamp::MAX.into()))?;
        let all = u64::try_from(all).unwrap_or_default();
        let parts = all.div_ceil(hashes).max(1);
        let mut suspects = HashSet::new();
        for part in 0..parts {
            let mut seen = Vec::new();
            walk(conn, pole, begin, |_, page| {
                let counting = page.iter().filter(|(_, counts)| *counts);
                let hashes = counting.map(|(row, _)| hasher.hash_one(&row.event_id));
                seen.extend(hashes.filter(|hash| hash.checked_rem(parts) == Some(part)));
                Ok(())
            })?;
            seen.sort_unstable();
            let twice = seen.windows(2).filter(|pair| pair.first() == pair.last());
            suspects.extend(twice.filter_map(|pair| pair.first().copied()));
        }
        if suspects.is_empty() {
            return Ok(Vec::new());
        }
        let mut events: HashMap<String, Vec<EventRow>> = HashMap::new();
        walk(conn, pole, begin, |_, page| {
            for (row, _) in page.into_iter().filter(|(_, counts)| *counts) {
                if suspects.contains(&hasher.hash_one(&row.event_id)) {
                    events.entry(row.event_id.clone()).or_default().push(row);
                }
            }
            Ok(())
        })?;
        let mut found: Vec<_> = events.into_values().filter_map(shared).collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found)
    })
}

/// What events of one id that count come to, if there are several.
fn shared(mut events: Vec<EventRow>) -> Option<Shared> {
    events.sort_by_key(|row| (row.received_at, row.happened_at));
    let (first, others) = events.split_first()?;
    let amended = |row: &EventRow| Some((row.amends_at?, row.amends_id.clone()?));
    (!others.is_empty()).then(|| Shared {
        id: first.event_id.clone(),
        counts: first.happened_at,
        others: others.iter().map(|row| row.happened_at).collect(),
        again: others.iter().filter_map(amended).collect(),
    })
}

/// Takes all but the first of each out of what counts, as far as they still count.
fn resolve(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    found: &[Shared],
) -> Result<Done<Vec<Shared>>, DbError> {
    // One after the other: whoever comes second finds nothing left to do.
    turns::alone(tx.conn, tx.pole())?;
    let names = Names::of(known::read(tx.conn, tx.pole())?);
    let (mut calendar, mut days) = (Calendar::of(pole), Days::new());
    let mut resolved = Vec::new();
    for found in found {
        let times = std::iter::once(&found.counts).chain(&found.others);
        let mut counting = Vec::new();
        for at in times {
            counting.extend(void::counting(tx.conn, tx.pole(), *at, &found.id)?);
        }
        let Some(mut still) = shared(counting.clone()) else { continue };
        for event in counting.iter().filter(|event| event.happened_at != still.counts) {
            let voided = VoidRow {
                pole_id: tx.pole().clone(),
                happened_at: event.happened_at,
                event_id: event.event_id.clone(),
                amended_by: None,
                reason: REASON.to_owned(),
                actor: tx.author.actor.clone(),
                voided_at: tx.at(),
            };
            void::take_out(tx.conn, event, voided, &mut calendar, &mut days)?;
        }
        let mut again = Vec::with_capacity(still.again.len());
        for (at, id) in still.again {
            let sums = (&names, &mut calendar, &mut days);
            if void::put_back(tx.conn, tx.pole(), (at, &id), &still.id, sums)? {
                again.push((at, id));
            }
        }
        still.again = again;
        resolved.push(still);
    }
    if resolved.is_empty() {
        return Ok(tx.unchanged(resolved));
    }
    rollups::add_delta(tx.conn, tx.pole(), tx.at(), &days)?;
    let events: Vec<Value> = resolved.iter().map(Shared::json).collect();
    let changes = Changes::made(&json!({ "events": events, "reason": REASON }));
    tx.done("usage.swept", "usage", &changes, resolved)
}

impl Shared {
    /// For the audit log, and for programs.
    pub(crate) fn json(&self) -> Value {
        let Self { id, counts, others, again } = self;
        if again.is_empty() {
            return json!({ "id": id, "counts": counts, "voided": others });
        }
        let again = again.iter().map(|(time, id)| json!({ "id": id, "time": time }));
        let again: Value = again.collect();
        json!({ "id": id, "counts": counts, "voided": others, "counts_again": again })
    }
}
