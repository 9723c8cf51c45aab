//! `palier payments`: money that came in and goes out, by hand and by the bank.

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::print;
use crate::app::App;
use crate::day::Day;
use crate::db::members::{self, Filter, MemberRow};
use crate::db::poles::PoleRow;

mod collect;
mod debits;
mod import;
mod list;
mod record;
mod table;
mod transfers;

pub(super) use table::ruled;

/// Record payments, import bank statements, collect from members, and pay providers
#[derive(Args)]
pub(super) struct Payments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Record(Box<record::Record>),
    List(Box<list::List>),
    Import(Box<import::Import>),
    Collect(Box<collect::Collect>),
    Debits(Box<debits::Debits>),
    Answer(Box<debits::ReadAnswer>),
    Settle(Box<debits::Settle>),
    Recall(Box<debits::Recall>),
    Transfers(Box<transfers::Transfers>),
    Confirm(Box<transfers::Confirm>),
}

impl Payments {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Record(record) => record.run(),
            Command::List(list) => list.run(),
            Command::Import(import) => import.run(),
            Command::Collect(collect) => collect.run(),
            Command::Debits(debits) => debits.run(),
            Command::Answer(answer) => answer.run(),
            Command::Settle(settle) => settle.run(),
            Command::Recall(recall) => recall.run(),
            Command::Transfers(transfers) => transfers.run(),
            Command::Confirm(confirm) => confirm.run(),
        }
    }
}

fn day(text: &str) -> Result<Day, String> {
    let read = text.parse().ok().filter(|_| text.len() == 10);
    read.ok_or_else(|| "expected a day such as 2026-11-01".to_owned())
}

/// The member that a command is told of, by its code or id.
pub(super) fn member(app: &App, pole: &PoleRow, name: &str) -> Result<MemberRow, Failure> {
    let found = app.db.read_now(|conn| {
        if let Ok(id) = name.parse() {
            return members::find(conn, &pole.pole_id, &id);
        }
        let filter = Filter { code: Some(name.to_owned()), ..Filter::default() };
        Ok(members::page(conn, &pole.pole_id, &filter, None, 1)?.pop())
    });
    let found = found.map_err(Failure::database)?;
    found.ok_or_else(|| Failure::input(format!("member: there is none called {name:?}")))
}

/// Prints something as JSON, on a line.
fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::Output(error.to_string()))?;
    print(&format!("{text}\n"))
}
