//! `palier usage`: what members used, taken in from files, and proved.

use clap::{Args, Subcommand};

use super::failure::Failure;

pub(crate) use import::read_all as read_import;

mod import;
mod rebuild;
mod sweep;
mod verify;

/// Import usage, and prove what was added up
#[derive(Args)]
pub(super) struct Usage {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Box<import::Import>),
    Sweep(Box<sweep::Sweep>),
    Verify(Box<verify::Verify>),
    Rebuild(Box<rebuild::Rebuild>),
}

impl Usage {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(import) => import.run(),
            Command::Sweep(sweep) => sweep.run(),
            Command::Verify(verify) => verify.run(),
            Command::Rebuild(rebuild) => rebuild.run(),
        }
    }
}
