//! Places where the process ends as a power cut would end it, for tests.
//!
//! A test says at which of them, counted from 1 as they are passed, in `PALIER_TEST_ABORT_AT`, and how many
//! documents a transaction may hold in `PALIER_TEST_BATCH`. Only a build with debug assertions reads these:
//! in a release build a point is no instruction at all.

/// A place, by a name that the process writes to standard error before it ends there.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &'static str) {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let Some(at) = told("PALIER_TEST_ABORT_AT") else { return };
    if PASSED.fetch_add(1, Ordering::SeqCst).saturating_add(1) == at {
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

#[cfg(debug_assertions)]
fn told(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}
