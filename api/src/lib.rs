//! The service, and the commands around it: all there is of Palier that touches the world.
//!
//! Nobody builds on this library. It is one so that the readers of what comes from outside can be
//! reached by programs that feed them with what nobody would write; see `readers`.

mod app;
mod archive;
mod auth;
mod bank;
mod bills;
mod boards;
mod catalogue;
mod cli;
mod clock;
mod closing;
mod collections;
mod config;
#[expect(clippy::float_arithmetic, reason = "pixels, not money")]
mod curve;
mod daily;
mod dated;
mod day;
mod db;
mod demo;
mod document;
#[expect(clippy::float_arithmetic, reason = "points on paper, not money")]
mod documents;
mod dunning;
mod einvoice;
mod einvoicing;
mod fault;
mod grants;
mod http;
mod id;
mod invoicing;
mod jobs;
mod mail;
mod members_file;
mod members_import;
mod metering;
mod outward;
mod party;
mod payments;
mod poles;
mod problem;
mod provider_accounts;
mod quote;
#[doc(hidden)]
pub mod readers;
mod reports;
mod routes;
mod search;
mod sheet;
mod stripe;
mod tariff;
mod text;
mod transfers;
mod webhooks;
mod work;

/// Runs the command that the program was called with.
pub fn main() -> std::process::ExitCode {
    cli::main()
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing into a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}
