//! `palier serve`: the service.

use std::net::TcpListener;
use std::pin::pin;

use actix_web::dev::ServerHandle;
use actix_web::{rt, web};
use clap::Args;
use futures_util::future::select;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use crate::app::App;
use crate::archive;
use crate::collections;
use crate::config::{Config, LogFormat, Settings};
use crate::dunning;
use crate::einvoicing;
use crate::http::server;
use crate::jobs;
use crate::metering::{alerts, tiers};
use crate::routes;
use crate::stripe;

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
        run(config, say_listening)
    }
}

/// Starts the service and serves until it is told to stop. `begin` runs beside the requests once
/// they are answered, and says whether the service goes on; if it fails, the service ends.
pub(super) fn run<B>(
    config: Config,
    begin: impl FnOnce(web::Data<App>, String) -> B,
) -> Result<(), Failure>
where
    B: Future<Output = Result<bool, Failure>> + 'static,
{
    let listen = config.listen;
    let listener = TcpListener::bind(listen)
        .map_err(|error| Failure::input(format!("listen: {listen}: {error}")))?;
    let bound = listener.local_addr().map_err(|error| Failure::Output(error.to_string()))?;
    let address = format!("http://{bound}");
    let public_url = config.public_url.clone().unwrap_or_else(|| address.clone());
    let app = web::Data::new(App::start(config, public_url, routes::API).map_err(Failure::start)?);
    // Whether it can be written is seen now, and not by whoever asks for it.
    routes::document().map_err(|error| Failure::Output(error.to_owned()))?;
    tracing::info!(database = %app.db.url(), %address, "starting");
    rt::System::new().block_on(async {
        let jobs = rt::spawn(jobs::run(app.clone()));
        rt::spawn(alerts::run(app.clone()));
        rt::spawn(tiers::run(app.clone()));
        let archiving = rt::spawn(archive::run::run(app.clone()));
        let exchanging = rt::spawn(einvoicing::run::run(app.clone()));
        rt::spawn(dunning::daily::run(app.clone()));
        rt::spawn(collections::daily::run(app.clone()));
        rt::spawn(collections::setbacks::run(app.clone()));
        rt::spawn(stripe::collect(app.clone()));
        let mut begun = None;
        let ready = |server: ServerHandle| {
            rt::spawn(close_when_told(app.clone()));
            let begin = begin(app.clone(), address.clone());
            begun = Some(rt::spawn(async move {
                let outcome = begin.await;
                if !matches!(outcome, Ok(true)) {
                    server.stop(false).await;
                }
                outcome.map(drop)
            }));
        };
        let served = server::serve(app.clone(), listener, routes::configure, ready).await;
        app.stop();
        let _ended = (jobs.await, archiving.await, exchanging.await);
        served.map_err(|error| Failure::Output(format!("{address}: {error}")))?;
        match begun {
            Some(begun) if begun.is_finished() => begun.await.unwrap_or(Ok(())),
            _ => Ok(()),
        }
    })
}

/// Ends answers that have no end of their own, once the service is told to stop.
async fn close_when_told(app: web::Data<App>) {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    if let (Ok(mut terminate), Ok(mut interrupt)) = signals {
        select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
        app.close();
    }
}

/// Says that the service listens, which whoever started it waits for.
pub(super) async fn say_listening(_: web::Data<App>, address: String) -> Result<bool, Failure> {
    super::print(&format!("listening on {address}\n"))?;
    Ok(true)
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
