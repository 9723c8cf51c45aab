//! `palier keys`: the keys that sign access tokens.

use clap::{Args, Subcommand};

use super::failure::Failure;
use crate::app::App;
use crate::auth::signing_keys;
use crate::config::Settings;

/// Rotate the keys that sign access tokens
#[derive(Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Rotate(Rotate),
}

/// Make a new key that signs access tokens from now on
///
/// Servers that are running take it within a minute. The key before signs no more, and is still
/// published and believed for a day, by when every token it signed has expired.
#[derive(Args)]
struct Rotate {
    #[command(flatten)]
    settings: Settings,
}

impl Keys {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Rotate(rotate) => rotate.run(),
        }
    }
}

impl Rotate {
    fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let (secret, now) = (&app.config.secret, app.now());
        let rotated = app.db.write_now(|conn| signing_keys::rotate(conn, secret, now));
        let keys = rotated.map_err(|error| Failure::Output(error.to_string()))?;
        super::print(&format!("signing with {}\n", keys.active().kid()))
    }
}
