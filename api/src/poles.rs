//! Poles, as every request needs them: looked up by code or id, and remembered.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::db::poles::{self, PoleRow};
use crate::problem::Problem;

/// How long a pole is remembered. Another server may have changed it meanwhile.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many names are remembered; a deployment has some dozens of poles.
const CAPACITY: usize = 10_000;

/// Poles that were looked up a moment ago.
#[derive(Default)]
pub(crate) struct PoleCache(RwLock<HashMap<String, (Instant, Arc<PoleRow>)>>);

impl PoleCache {
    /// The pole with this code or id.
    pub(crate) async fn get(&self, app: &App, name: &str) -> Result<Arc<PoleRow>, Problem> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some((since, pole)) = known
            && since.elapsed() < REMEMBERED
        {
            return Ok(pole);
        }
        let asked = name.to_owned();
        let found = app.db.read(move |conn| poles::find(conn, &asked)).await?;
        let pole = Arc::new(found.ok_or_else(Problem::not_found)?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(name.to_owned(), (Instant::now(), Arc::clone(&pole)));
        Ok(pole)
    }

    /// Forgets what was remembered, after a change.
    pub(crate) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
