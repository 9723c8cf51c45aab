//! `palier usage import`.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod files;
mod refused;
mod resumed;
mod shared;

const HEADER: &str = "id,member,meter,time,quantity\n";
