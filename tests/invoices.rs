//! Months closed, priced and made final.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod by_hand;
mod calendar;
mod credits;
mod documents;
mod grants;
mod killed;
mod late;
mod per_service;
mod random;
pub(crate) mod real;
mod replaced;
mod runs;
pub(crate) mod setting;
mod tampering;
mod unmatched;
mod vat;
mod vat_dates;
mod years;
