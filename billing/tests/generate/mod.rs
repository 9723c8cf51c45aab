//! Generators: charges in the JSON their authors write, and pools that use them.
//!
//! Prices change at bounds, so that is where quantities are put: a member's, or the whole pool's,
//! exactly at a bound, just under it and just over it.

mod charges;
mod pools;

pub(crate) use charges::{Charge, Costs, shared, usage};
pub(crate) use pools::{Amount, Usage, amount, case, id, pool_of, priced, signed};

use proptest::prelude::ProptestConfig;

/// A configuration for `cases` cases, or in proportion if the environment asks for more or fewer
/// with `PROPTEST_CASES` (256 is what proptest means by one).
///
/// Seeds are not kept: they mean something else as soon as a generator changes. A failure prints
/// its smallest case as JSON and quantities; it becomes a named test among the edges.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = cases.saturating_mul(default.cases).div_ceil(256);
    ProptestConfig { cases, failure_persistence: None, ..default }
}
