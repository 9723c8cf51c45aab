//! The ids of recent events, with their times: the same id with another time is another key to the
//! database, and a mistake of the sender that is told at once.
//!
//! Of an id only a hash is kept. Two ids may share one, so whoever finds something here asks the
//! database before saying so.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

use crate::clock::Time;
use crate::id::PoleId;

/// How many ids are remembered, of all poles together: about 40 bytes each.
const CAPACITY: usize = 1_000_000;
/// How many are read when a pole is first seen.
pub(super) const READ: i64 = 100_000;

/// Recent ids.
pub(super) struct Recent {
    hasher: RandomState,
    times: HashMap<u64, Time>,
    oldest: VecDeque<u64>,
    poles: Vec<PoleId>,
}

impl Recent {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            times: HashMap::new(),
            oldest: VecDeque::new(),
            poles: Vec::new(),
        }
    }

    /// Whether a pole is seen for the first time.
    pub(super) fn is_new(&mut self, pole: &PoleId) -> bool {
        let new = !self.poles.contains(pole);
        if new {
            self.poles.push(pole.clone());
        }
        new
    }

    /// When the event of this id happened, if it happened at another time than this one.
    pub(super) fn other_time(&self, pole: &PoleId, id: &str, at: Time) -> Option<Time> {
        let known = self.times.get(&self.hash(pole, id)).copied();
        known.filter(|known| *known != at)
    }

    /// Remembers an event, which is on disk.
    pub(super) fn add(&mut self, pole: &PoleId, id: &str, at: Time) {
        let hash = self.hash(pole, id);
        if self.times.insert(hash, at).is_none() {
            self.oldest.push_back(hash);
        }
        if self.oldest.len() > CAPACITY
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.times.remove(&oldest);
        }
    }

    fn hash(&self, pole: &PoleId, id: &str) -> u64 {
        self.hasher.hash_one((pole.as_str(), id))
    }
}
