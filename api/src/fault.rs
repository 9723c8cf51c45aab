//! Places where the process ends as a power cut would end it, for tests.
//!
//! A test says at which of them, counted from 1 as they are passed or by its name, in `PALIER_TEST_ABORT_AT`,
//! how many documents a transaction may hold in `PALIER_TEST_BATCH`, and how many milliseconds others may take
//! to answer in `PALIER_TEST_PATIENCE`. Only a build with debug assertions reads these: in a release build a
//! point is no instruction at all.

use std::time::Duration;

/// A place, by a name that the process writes to standard error before it ends there.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &'static str) {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let Ok(at) = std::env::var("PALIER_TEST_ABORT_AT") else { return };
    let nth = PASSED.fetch_add(1, Ordering::SeqCst).saturating_add(1);
    if at == name || at == nth.to_string() {
        // Whoever does not read it misses nothing.
        writeln!(std::io::stderr(), "aborted at {name}").unwrap_or_default();
        std::process::abort();
    }
}

/// See above.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) const fn point(_: &'static str) {}

/// How many of something one transaction holds: what is usual, unless a test wants to see several with few.
#[cfg(debug_assertions)]
pub(crate) fn batch(usual: usize) -> usize {
    told("PALIER_TEST_BATCH").filter(|size| *size > 0).unwrap_or(usual)
}

/// See above.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) const fn batch(usual: usize) -> usize {
    usual
}

/// How long somebody outside may take to answer: what is usual, unless a test is in a hurry.
#[cfg(debug_assertions)]
pub(crate) fn patience(usual: Duration) -> Duration {
    let millis = told("PALIER_TEST_PATIENCE").and_then(|millis| u64::try_from(millis).ok());
    millis.map_or(usual, Duration::from_millis)
}

/// See above.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) const fn patience(usual: Duration) -> Duration {
    usual
}

#[cfg(debug_assertions)]
fn told(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}
