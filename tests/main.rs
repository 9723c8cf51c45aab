//! Tests through Palier's public doors: the command, and the files of this repository.

// Said once here, so that Clippy also counts the helpers of these modules as test code.
#![cfg(test)]

mod harness;
mod meters;
mod openapi;
mod providers;
mod quote;
mod readme;
mod services;
mod subscriptions;
mod tidy;
