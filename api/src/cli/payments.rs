//! `palier payments`: money that came in, by hand and from the bank.

use clap::{Args, Subcommand};

use super::failure::Failure;
use crate::app::App;
use crate::db::members::{self, Filter, MemberRow};
use crate::db::poles::PoleRow;

mod import;
mod list;
mod record;
mod table;

pub(super) use table::ruled;

/// Record payments, list them, and import bank statements
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
}

impl Payments {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Record(record) => record.run(),
            Command::List(list) => list.run(),
            Command::Import(import) => import.run(),
        }
    }
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
