//! The ids of recent events, with their times: the same id with another time is another key to the
//! database, and a mistake of the sender that is told at once.
//!
//! Of an id only a hash is kept. Two ids may share one, so whoever finds something here asks the
//! database before saying so.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use foldhash::quality::RandomState;

use crate::clock::Time;
use crate::id::PoleId;

/// How many ids are remembered, of all poles together: about 40 bytes each.
const CAPACITY: usize = 1_000_000;
/// How many are read when a pole is first seen.
pub(super) const READ: i64 = 100_000;

/// Recent ids, for all who write.
pub(super) struct Recent {
    hasher: RandomState,
    ids: Mutex<Ids>,
}

#[derive(Default)]
struct Ids {
    times: HashMap<u64, Time>,
    oldest: VecDeque<u64>,
    poles: Vec<PoleId>,
}

impl Recent {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::default(), ids: Mutex::default() }
    }

    /// Whether a pole is seen for the first time.
    pub(super) fn is_new(&self, pole: &PoleId) -> bool {
        let mut ids = self.ids();
        let new = !ids.poles.contains(pole);
        if new {
            ids.poles.push(pole.clone());
        }
        new
    }

    /// Of these events, those whose id was seen with another time, and with which.
    pub(super) fn moved<'k>(
        &self,
        pole: &PoleId,
        keys: impl Iterator<Item = (Time, &'k str)>,
    ) -> Vec<(usize, Time)> {
        let ids = self.ids();
        let other = |(nth, (at, id))| {
            let known = ids.times.get(&self.hash(pole, id)).copied();
            known.filter(|known| *known != at).map(|known| (nth, known))
        };
        keys.enumerate().filter_map(other).collect()
    }

    /// Remembers events. They need not be on disk for good yet: what is found here is looked for
    /// there.
    pub(super) fn add<'k>(&self, pole: &PoleId, keys: impl Iterator<Item = (Time, &'k str)>) {
        let mut ids = self.ids();
        for (at, id) in keys {
            let hash = self.hash(pole, id);
            if ids.times.insert(hash, at).is_none() {
                ids.oldest.push_back(hash);
            }
            if ids.oldest.len() > CAPACITY
                && let Some(oldest) = ids.oldest.pop_front()
            {
                ids.times.remove(&oldest);
            }
        }
    }

    fn hash(&self, pole: &PoleId, id: &str) -> u64 {
        self.hasher.hash_one((pole.as_str(), id))
    }

    fn ids(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
