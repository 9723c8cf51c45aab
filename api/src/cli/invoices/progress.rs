//! How far a run is, on a terminal.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often it is written at most.
const EVERY: Duration = Duration::from_millis(100);

/// A line on standard error that says how far the work is; nothing where nobody watches.
pub(super) struct Progress {
    watched: bool,
    state: Mutex<(Instant, Option<Instant>, &'static str)>,
}

impl Progress {
    /// The beginning.
    pub(super) fn new(quiet: bool) -> Self {
        let watched = !quiet && stderr().is_terminal();
        Self { watched, state: Mutex::new((Instant::now(), None, "")) }
    }

    /// So many of so many are done.
    pub(super) fn tell(&self, what: &'static str, done: usize, all: usize) {
        if !self.watched {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        if state.2 != what {
            *state = (now, None, what);
        }
        let due = state.1.is_none_or(|last| now.duration_since(last) >= EVERY);
        if !due && done < all {
            return;
        }
        state.1 = Some(now);
        let taken = now.duration_since(state.0).as_millis().max(1);
        let count = |number: usize| u128::try_from(number).unwrap_or_default();
        let rate = count(done).saturating_mul(1_000).checked_div(taken).unwrap_or_default();
        let rest = count(all.saturating_sub(done)).checked_div(rate.max(1)).unwrap_or_default();
        let line = format!("\r\x1b[K{what}: {done} of {all}, {rate}/s, {rest} s left");
        // If nobody can see it, nobody misses it.
        stderr().write_all(line.as_bytes()).unwrap_or_default();
    }

    /// The line makes room for what comes.
    pub(super) fn end(&self) {
        if self.watched {
            stderr().write_all(b"\r\x1b[K").unwrap_or_default();
        }
    }
}
