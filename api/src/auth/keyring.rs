//! The signing keys as a server holds them. The database has the truth: a command, or another
//! server, may have rotated them.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::jwks::Keys;
use super::signing_keys;
use crate::app::App;

/// How old the keys may be that a token is signed with, and that are published.
pub(crate) const USUAL: Duration = Duration::from_mins(1);
/// How old they may be when a token names one that is not among them. Invented names must not
/// make the server ask its database at every request.
pub(super) const UNKNOWN: Duration = Duration::from_secs(2);

/// The keys, and when they were read.
pub(crate) struct Keyring(RwLock<(Instant, Arc<Keys>)>);

impl Keyring {
    /// Keys that were read just now.
    pub(crate) fn new(keys: Keys) -> Self {
        Self(RwLock::new((Instant::now(), Arc::new(keys))))
    }

    /// The keys as they are known.
    pub(crate) fn now(&self) -> Arc<Keys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// The keys, read again if they are older than this. If that fails, those that are known serve
    /// on.
    pub(crate) async fn refreshed(&self, app: &App, age: Duration) -> Arc<Keys> {
        let (since, keys) = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if since.elapsed() < age {
            return keys;
        }
        let secret = Arc::clone(&app.config.secret);
        let read = app.db.read(move |conn| signing_keys::load(conn, &secret)).await;
        let keys = match read {
            Ok(Some(read)) => Arc::new(read),
            Ok(None) => keys,
            Err(error) => {
                tracing::error!(%error, "the signing keys cannot be read");
                keys
            }
        };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *known = (Instant::now(), Arc::clone(&keys));
        keys
    }
}
