//! `palier demo`: the whole thing, on a made-up pole.

use std::path::{Path, PathBuf};

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
///
/// With --from-files it is a pole of real usage: companies and jobs come from the files of a folder,
/// `members.csv` and `usage….csv.gz`, and July to September 2026 are closed, one after the other.
#[derive(Args)]
pub(super) struct Demo {
    /// Tell the story of the files in this folder instead
    #[arg(long, value_name = "FOLDER")]
    from_files: Option<PathBuf>,
    /// End once the story is told
    #[arg(long)]
    no_serve: bool,
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
        let no_serve = self.no_serve;
        serve::run(config, move |app, address| async move {
            match self.from_files {
                None => tell(&app, &address).await?,
                Some(folder) => tell_files(&app, &address, &folder).await?,
            }
            if no_serve {
                return Ok(false);
            }
            serve::say_listening(app, address).await
        })
    }
}

/// Tells the made-up story to the service, which listens by now, and what to try.
async fn tell(app: &web::Data<App>, address: &str) -> Result<(), Failure> {
    let tour = demo::tell(app, address).await;
    let tour = tour.map_err(|error| Failure::Output(format!("demo: {error}")))?;
    super::print(&tour.to_string())
}

/// Tells the story of a folder, step by step.
async fn tell_files(app: &web::Data<App>, address: &str, folder: &Path) -> Result<(), Failure> {
    let say = |step: &str| super::print(&format!("{step}\n")).map_err(|_| "output".to_owned());
    let told = demo::files::tell(app, address, folder, say).await;
    told.map_err(|error| Failure::input(format!("demo: {error}")))
}
