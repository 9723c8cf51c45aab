//! `palier demo`: the whole thing, on a made-up pole.

use actix_web::web;
use clap::Args;

use super::failure::Failure;
use super::serve;
use crate::app::App;
use crate::config::{Mode, Settings};
use crate::demo;

/// Serve a made-up pole, to see everything on
///
/// A pole of 40 member companies and 6 services, the same every time, on 18 November 2026. It
/// lives in a temporary file that is gone afterwards, unless --database-url names an empty
/// database. It prints a token for each role, and what to try.
#[derive(Args)]
pub(super) struct Demo {
    #[command(flatten)]
    settings: Settings,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::Output(format!("temporary folder: {error}")))?;
        let file = folder.path().join("palier-demo.db");
        let settings = self.settings.for_demo(&file);
        let config = settings.resolve().map_err(Failure::Input)?;
        if config.mode == Mode::Production {
            return Err(Failure::input("mode: the demo is for development"));
        }
        serve::log_to_stderr(&config)?;
        serve::run(config, tell)
    }
}

/// Tells the story to the service, which listens by now, and says that it is ready.
async fn tell(app: web::Data<App>, address: String) -> Result<(), Failure> {
    let tour = demo::tell(&app, &address).await;
    let tour = tour.map_err(|error| Failure::Output(format!("demo: {error}")))?;
    super::print(&tour.to_string())?;
    serve::say_listening(app, address).await
}
