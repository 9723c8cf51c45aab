//! `palier serve`: the service.

use std::net::TcpListener;

use actix_web::web;
use clap::Args;
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use crate::app::App;
use crate::config::{Config, LogFormat, Settings};
use crate::http::server;
use crate::jobs;

/// Serve the HTTP API
///
/// The database is made and brought up to date at start. It says `listening on http://…` on
/// standard output once it answers, and stops on SIGTERM or Ctrl-C, when requests under way have
/// finished.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.resolve().map_err(Failure::Input)?;
        log_to_stderr(&config)?;
        run(config, |_, _| Ok(()))
    }
}

/// Starts the service, lets `prepare` do what comes first, and serves until it is told to stop.
pub(super) fn run(
    config: Config,
    prepare: impl FnOnce(&App, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let listen = config.listen;
    let listener = TcpListener::bind(listen)
        .map_err(|error| Failure::input(format!("listen: {listen}: {error}")))?;
    let bound = listener.local_addr().map_err(|error| Failure::Output(error.to_string()))?;
    let address = format!("http://{bound}");
    let public_url = config.public_url.clone().unwrap_or_else(|| address.clone());
    let app = App::start(config, public_url).map_err(Failure::start)?;
    tracing::info!(database = %app.db.url(), %address, "starting");
    prepare(&app, &address)?;
    let app = web::Data::new(app);
    let mut said = Ok(());
    let say = || said = super::print(&format!("listening on {address}\n"));
    let served = actix_web::rt::System::new().block_on(async {
        let jobs = actix_web::rt::spawn(jobs::run(app.clone()));
        let served = server::serve(app.clone(), listener, say).await;
        app.stop();
        let _ended = jobs.await;
        served
    });
    served.map_err(|error| Failure::Output(format!("{address}: {error}")))?;
    said
}

/// Logs go to standard error; standard output is for what the command prints.
pub(super) fn log_to_stderr(config: &Config) -> Result<(), Failure> {
    let filter =
        EnvFilter::try_new(&config.log).map_err(|error| Failure::input(format!("log: {error}")))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => logs.with_ansi(false).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    Ok(())
}
