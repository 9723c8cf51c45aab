//! `palier config`: what is configured.

use clap::Args;

use super::failure::Failure;
use crate::config::Settings;

/// Print the effective configuration as TOML, secrets hidden
#[derive(Args)]
pub(super) struct ShowConfig {
    #[command(flatten)]
    settings: Settings,
}

impl ShowConfig {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.resolve().map_err(Failure::Input)?;
        super::print(&config.shown())
    }
}
