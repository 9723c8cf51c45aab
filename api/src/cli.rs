//! The command line: what can be asked for, and how it ends.

use std::{
    error::Error as _,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{
    CommandFactory as _, Parser, Subcommand,
    error::{ContextKind, ErrorKind},
};

mod books;
mod config;
mod demo;
mod dunning;
mod failure;
mod fec;
mod input;
mod invoices;
mod keys;
mod members;
mod migrations;
mod openapi;
mod payments;
mod poles;
mod quote;
mod serve;
mod usage;
mod verify;

use failure::Failure;
pub(crate) use quote::read_usage as read_quote_usage;
pub(crate) use usage::read_import;

/// Shared services for independent companies: a unit costs less the more they use together.
#[derive(Parser)]
#[command(
    name = "palier",
    version,
    after_help = "Try: palier quote --tariff tariff.json --usage usage.csv"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Demo(Box<demo::Demo>),
    Serve(Box<serve::Serve>),
    Poles(Box<poles::Poles>),
    Members(Box<members::Members>),
    Usage(Box<usage::Usage>),
    Invoices(Box<invoices::Invoices>),
    Payments(Box<payments::Payments>),
    #[command(alias = "reports")]
    Books(Box<books::Books>),
    Dunning(Box<dunning::Dunning>),
    Fec(Box<fec::Fec>),
    Verify(Box<verify::Verify>),
    Keys(Box<keys::Keys>),
    Quote(Box<quote::Quote>),
    Config(Box<config::ShowConfig>),
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    Migrations(Box<migrations::Migrations>),
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Demo(demo) => demo.run(),
            Self::Serve(serve) => serve.run(),
            Self::Poles(poles) => poles.run(),
            Self::Members(members) => members.run(),
            Self::Usage(usage) => usage.run(),
            Self::Invoices(invoices) => invoices.run(),
            Self::Payments(payments) => payments.run(),
            Self::Books(books) => books.run(),
            Self::Dunning(dunning) => dunning.run(),
            Self::Fec(fec) => fec.run(),
            Self::Verify(verify) => verify.run(),
            Self::Keys(keys) => keys.run(),
            Self::Quote(quote) => quote.run(),
            Self::Config(config) => config.run(),
            Self::OpenApi(openapi) => openapi.run(),
            Self::Migrations(migrations) => migrations.run(),
        }
    }
}

/// Runs the command that was asked for.
///
/// It ends with 0, with 2 if what it was given cannot be used, and with 1 if what it made cannot
/// be put where it belongs.
pub(crate) fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(Cli { command }) => command.map_or_else(help, Command::run),
        Err(error) => return misused(&error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.lines().iter().for_each(|line| complain(line));
            failure.code()
        }
    }
}

/// Whoever types just `palier` is looking for what it can do; that is no mistake.
fn help() -> Result<(), Failure> {
    printed(Cli::command().print_help())
}

/// A value that an option cannot take is bad input like any other, so it reads like any other: one
/// line. The rest (unknown options, missing ones) clap explains better than a line could.
fn misused(error: &clap::Error) -> ExitCode {
    let context = |kind| error.get(kind).map(ToString::to_string);
    if error.kind() == ErrorKind::ValueValidation
        && let Some(option) = context(ContextKind::InvalidArg)
        && let Some(value) = context(ContextKind::InvalidValue)
        && let Some(expected) = error.source()
    {
        let option = option.split(' ').next().unwrap_or_default();
        complain(&format!("palier: {option}: {expected}, found {value:?}"));
        return ExitCode::from(2);
    }
    error.exit()
}

/// Writes a line to standard error. If that is gone too, nobody is left to be told.
fn complain(line: &str) {
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    printed(written.and_then(|()| stdout.flush()))
}

/// A month as it is given on the command line.
fn month(text: &str) -> Result<palier_billing::Month, String> {
    text.parse().map_err(|_| "expected a month such as 2026-07".to_owned())
}

/// A reader that has seen enough, such as `head`, is no failure.
fn printed(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Output(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
