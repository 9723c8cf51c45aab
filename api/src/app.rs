//! What the service is made of; built the same way for every command that needs it.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpRequest, web};

use crate::archive::Store;
use crate::auth::{Gate, Keyring, signing_keys};
use crate::boards::Boards;
use crate::catalogue::Catalogues;
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::{Database, DbError};
use crate::einvoicing::Platform;
use crate::http::{Addresses, Api, Schemas, observe::Metrics};
use crate::mail::Mailer;
use crate::metering::Metering;
use crate::poles::PoleCache;
use crate::webhooks::Webhooks;

/// The service: one of it a process.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) schemas: Schemas,
    pub(crate) addresses: LazyLock<Addresses>,
    pub(crate) metrics: Metrics,
    pub(crate) poles: PoleCache,
    pub(crate) catalogues: Catalogues,
    pub(crate) metering: Metering,
    pub(crate) boards: Boards,
    /// The address under which the outside reaches the service, which its tokens name.
    pub(crate) public_url: String,
    pub(crate) mailer: Mailer,
    pub(crate) archive: Store,
    /// By which documents reach who they are for, if they go by one.
    pub(crate) platform: Option<Platform>,
    /// Rung after every write: there may be a job to do.
    pub(crate) wake: tokio::sync::Notify,
    /// Whether answers without end must come to one.
    closing: tokio::sync::watch::Sender<bool>,
    stopping: AtomicBool,
    pub(crate) keyring: Keyring,
    pub(crate) gate: Gate,
    /// By which providers are told.
    pub(crate) webhooks: Webhooks,
}

/// What can go wrong at start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The signing keys.
    #[error("signing keys: {0}")]
    Keys(String),
    /// The way mail leaves.
    #[error("{0}")]
    Mail(String),
    /// Where files are kept.
    #[error("{0}")]
    Archive(String),
    /// The way to approved platforms.
    #[error("{0}")]
    Platform(String),
    /// What keeps the gate.
    #[error("{0}")]
    Gate(String),
    /// The threads that write usage.
    #[error("threads: {0}")]
    Metering(std::io::Error),
}

impl App {
    /// Opens the database, brings its schema up to date and loads the signing keys.
    pub(crate) fn start(config: Config, public_url: String, api: Api) -> Result<Self, StartError> {
        let db = Database::open(config.database_url.clone(), config.database_connections)?;
        db.migrate()?;
        let clock = config.now.map_or_else(Clock::default, Clock::starting_at);
        let keys = signing_keys::load_or_make(&db, &config.secret, clock.now())?;
        let mailer = Mailer::new(&config).map_err(StartError::Mail)?;
        let archive = Store::open(&config.archive).map_err(StartError::Archive)?;
        let platform = config.einvoicing_folder.as_deref().map(Platform::in_folder).transpose();
        let platform = platform.map_err(StartError::Platform)?;
        let metering = Metering::start(&db, config.usage_queue).map_err(StartError::Metering)?;
        let gate = Gate::new(config.mode).map_err(StartError::Gate)?;
        let webhooks = Webhooks::new(gate.reach);
        Ok(Self {
            config,
            db,
            clock,
            schemas: Schemas::new(api.document),
            addresses: LazyLock::new(api.addresses),
            metrics: Metrics::default(),
            poles: PoleCache::default(),
            catalogues: Catalogues::default(),
            metering,
            boards: Boards::default(),
            public_url,
            mailer,
            archive,
            platform,
            wake: tokio::sync::Notify::new(),
            closing: tokio::sync::watch::Sender::new(false),
            stopping: AtomicBool::new(false),
            keyring: Keyring::new(keys),
            gate,
            webhooks,
        })
    }

    /// The service that answers a request.
    #[expect(clippy::expect_used, reason = "the server is never built without it")]
    pub(crate) fn of(request: &HttpRequest) -> &Self {
        request.app_data::<web::Data<Self>>().expect("the server has its App")
    }

    /// The present.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Tells answers without end to come to one: what is under way is waited for.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Returns when answers without end must come to one.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // If its sender is gone, so is the service.
        let _gone = closing.wait_for(|closing| *closing).await;
    }

    /// Whether the service has been told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Tells what runs beside the requests to come to its end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }
}
