//! Months closed, priced and made final.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

pub(crate) mod real;
mod rules;
