//! What was looked up a moment ago, so that not every request asks the database who is calling.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long it is remembered: so long may another server go on accepting what was revoked here.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How much is remembered.
const CAPACITY: usize = 100_000;

/// Values that were looked up by a text.
pub(super) struct Recent<V>(RwLock<HashMap<String, (Instant, V)>>);

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<V: Clone> Recent<V> {
    /// What was found a moment ago.
    pub(super) fn get(&self, key: &str) -> Option<V> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = known.get(key)?;
        (since.elapsed() < REMEMBERED).then(|| value.clone())
    }

    /// Remembers what was found.
    pub(super) fn put(&self, key: String, value: V) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(key, (Instant::now(), value));
    }

    /// Forgets everything, after a change.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
