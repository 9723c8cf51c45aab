//! `palier usage`: what members used, taken in from files, taken out into files, and proved.

use clap::{Args, Subcommand};

use super::failure::Failure;

pub(crate) use import::read_all as read_import;

mod drop;
mod export;
mod import;
mod rebuild;
mod sweep;
mod verify;

/// Import and export usage, prove what was added up, and drop old events
#[derive(Args)]
pub(super) struct Usage {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Box<import::Import>),
    Export(Box<export::Export>),
    Sweep(Box<sweep::Sweep>),
    Verify(Box<verify::Verify>),
    Rebuild(Box<rebuild::Rebuild>),
    Drop(Box<drop::Drop>),
}

impl Usage {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(import) => import.run(),
            Command::Export(export) => export.run(),
            Command::Sweep(sweep) => sweep.run(),
            Command::Verify(verify) => verify.run(),
            Command::Rebuild(rebuild) => rebuild.run(),
            Command::Drop(drop) => drop.run(),
        }
    }
}
