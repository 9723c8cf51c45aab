//! Final documents as electronic invoices: valid by the official rules and right to the cent, whatever
//! they are and whoever they are for; and what is not valid shows.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod corpus;
mod demo;
mod door;
mod official;
mod real;
mod regimes;
mod wrong;
