//! `palier usage`: what members used, taken in from files.

use clap::{Args, Subcommand};

use super::failure::Failure;

mod import;

/// Take in usage
#[derive(Args)]
pub(super) struct Usage {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Box<import::Import>),
}

impl Usage {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Import(import) => import.run(),
        }
    }
}
