//! Dunning: what is not paid in time, and the letters about it.
//!
//! Nothing is stored but what went out and what is left alone: what is late, and what a delay comes
//! to, follows from documents, payments and the rates of the law whenever somebody asks. So a payment
//! stops letters as soon as it is recorded, and one that is taken back lets them go on from the last
//! one that went out. Letters are never skipped, however seldom somebody sends them.
//!
//! A member gets one letter for all its documents that have come to the same level. Letter, notices and
//! mail are one transaction, a member at a time; the key of a notice keeps it from going out twice.

mod charge;
pub(crate) mod daily;
mod late;
mod letters;
mod mail;
mod run;
pub(crate) mod settings;
mod suspensions;
pub(crate) mod verify;

pub(crate) use charge::charge;
pub(crate) use late::{Late, late, of_document};
pub(crate) use letters::{Claimed, LeftOut, Letter, Why};
pub(crate) use run::{Mode, Outcome, run};
pub(crate) use suspensions::{lift, suspend};
