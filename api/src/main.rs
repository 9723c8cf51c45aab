//! The `palier` command: the HTTP service, and the commands around it.

mod app;
mod auth;
mod boards;
mod catalogue;
mod cli;
mod clock;
mod config;
#[expect(clippy::float_arithmetic, reason = "pixels, not money")]
mod curve;
mod day;
mod db;
mod demo;
mod document;
mod http;
mod id;
mod invoicing;
mod jobs;
mod mail;
mod members_file;
mod members_import;
mod metering;
mod party;
mod payments;
mod poles;
mod problem;
mod quote;
mod routes;
mod search;
mod tariff;
mod text;
mod work;

fn main() -> std::process::ExitCode {
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
