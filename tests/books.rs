//! The books: reports that fit one another, and periods that are closed.

#![expect(clippy::arithmetic_side_effects, reason = "a sum that overflows fails its test")]

mod chart;
mod closings;
mod reports;
mod ties;
