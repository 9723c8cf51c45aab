//! Tests through Palier's public doors: the command, and the files of this repository.

// Said once here, so that Clippy also counts the helpers of these modules as test code.
#![cfg(test)]

mod api_keys;
mod catalogue;
mod demo;
mod harness;
mod identity_providers;
mod keys;
mod me;
mod members_import;
mod meters;
mod methods;
mod migrations;
mod openapi;
mod people;
mod providers;
mod quote;
mod quotes;
mod readme;
mod schemathesis;
mod seed;
mod services;
mod sessions;
mod sql;
mod subscriptions;
mod tariffs;
mod tidy;
mod typescript;
mod users;
