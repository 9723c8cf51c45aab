//! The pole's account at its bank: statements taken in, movements made payments of.
//!
//! A movement is known by a key that is the same in every file of its kind, so that no file, however
//! often it comes, books anything twice. What the matching of `billing` calls certain is recorded as
//! a payment in the transaction that takes the movement in; everything else stays open until
//! somebody says what it is. A file is taken in whole or not at all.

pub(crate) mod debits;
mod decide;
mod faults;
mod fees;
mod file;
mod intake;
mod known;
pub(crate) mod payouts;
mod report;
pub(crate) mod status;
pub(crate) mod transfers;
pub(crate) mod verify;

pub(crate) use decide::{Decision, resolve};
pub(crate) use file::{BankFile, Format, Holder, MAX_BYTES};
pub(crate) use intake::{import, rehearse};
pub(crate) use known::suggested;
pub(crate) use report::{BankMovement, ImportReport};
