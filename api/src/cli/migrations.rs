//! `palier migrations`: the schema, step by step, for those who write migrations.

use clap::{Args, Subcommand};

use super::failure::Failure;
use crate::config::{Mode, Settings};
use crate::db::Database;

/// Run and take back migrations (development mode only; `palier serve` runs them by itself)
#[derive(Args)]
#[command(hide = true)]
pub(super) struct Migrations {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Run),
    Revert(Revert),
}

/// Bring the schema up to date
#[derive(Args)]
struct Run {
    #[command(flatten)]
    settings: Settings,
}

/// Take back the newest migrations, with the data they made room for
#[derive(Args)]
struct Revert {
    /// How many
    #[arg(long, default_value_t = 1, value_name = "N")]
    count: usize,
    #[command(flatten)]
    settings: Settings,
}

impl Migrations {
    pub(super) fn run(self) -> Result<(), Failure> {
        let done = match self.command {
            Command::Run(Run { settings }) => database(settings)?.migrate(),
            Command::Revert(Revert { count, settings }) => {
                database(settings)?.revert(count).map(|()| count)
            }
        };
        super::print(&format!("{}\n", done.map_err(Failure::database)?))
    }
}

/// The database as it is: opened, and its schema left alone.
fn database(settings: Settings) -> Result<Database, Failure> {
    let config = settings.resolve().map_err(Failure::Input)?;
    if config.mode == Mode::Production {
        return Err(Failure::input("migrations: development mode only; a backup takes back more"));
    }
    Database::open(config.database_url, config.database_connections).map_err(Failure::database)
}
