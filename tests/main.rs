//! Tests through Palier's public doors: the command, and the files of this repository.

// Said once here, so that Clippy also counts the helpers of these modules as test code.
#![cfg(test)]

mod access;
mod api_keys;
mod archive;
mod audit;
mod books;
mod catalogue;
mod collecting;
mod demo;
mod dice;
mod documents;
mod dunning;
mod einvoices;
mod einvoicing;
mod entitlements;
mod harness;
mod identity_providers;
mod invoices;
mod keys;
mod mails;
mod me;
mod members;
mod members_import;
mod metered;
mod meters;
mod methods;
mod migrations;
mod openapi;
mod payments;
mod people;
mod poles;
mod price_board;
mod providers;
mod quote;
mod quotes;
mod readme;
mod schemathesis;
mod seed;
mod sepa;
mod service;
mod services;
mod sessions;
mod sql;
mod stripe;
mod subscriptions;
mod tariffs;
mod tidy;
mod tier_mails;
mod typescript;
mod usage;
mod usage_alerts;
mod usage_import;
mod usage_proof;
mod users;
