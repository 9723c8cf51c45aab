//! What the service is made of; built the same way for every command that needs it.

use std::sync::{Arc, PoisonError, RwLock};

use actix_web::{HttpRequest, web};

use crate::auth::{Keys, signing_keys};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::{Database, DbError};
use crate::http::{Schemas, observe::Metrics};
use crate::poles::PoleCache;

/// The service: one of it a process.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) db: Database,
    pub(crate) clock: Clock,
    pub(crate) schemas: Schemas,
    pub(crate) metrics: Metrics,
    pub(crate) poles: PoleCache,
    /// The address under which the outside reaches the service, which its tokens name.
    pub(crate) public_url: String,
    keys: RwLock<Arc<Keys>>,
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
    /// A mistake in this program.
    #[error("OpenAPI document: {0}")]
    Document(String),
}

impl App {
    /// Opens the database, brings its schema up to date and loads the signing keys.
    pub(crate) fn start(config: Config, public_url: String) -> Result<Self, StartError> {
        let db = Database::open(config.database_url.clone(), config.database_connections)?;
        db.migrate()?;
        let clock = config.now.map_or_else(Clock::default, Clock::starting_at);
        let keys = signing_keys::load_or_make(&db, &config.secret, clock.now())?;
        let document = crate::routes::document().map_err(StartError::Document)?;
        let schemas = Schemas::new(&document).map_err(StartError::Document)?;
        Ok(Self {
            config,
            db,
            clock,
            schemas,
            metrics: Metrics::default(),
            poles: PoleCache::default(),
            public_url,
            keys: RwLock::new(Arc::new(keys)),
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

    /// The keys that sign access tokens.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes other signing keys, after a rotation.
    pub(crate) fn set_keys(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}
