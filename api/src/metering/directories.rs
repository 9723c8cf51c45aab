//! The directories of all poles, as far as usage comes in for them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::Directory;
use crate::app::App;
use crate::db::poles::PoleRow;
use crate::db::usage::known;
use crate::db::usage::series::{self, NewSeries};
use crate::id::PoleId;
use crate::problem::Problem;

/// How many poles are remembered; a deployment has some dozens.
const CAPACITY: usize = 1_000;
/// How old a directory must be to be read again because something is not in it: who sends nonsense
/// must not have everything read again each time.
const AGE: Duration = Duration::from_millis(100);

/// The directories that are held in memory.
#[derive(Default)]
pub(crate) struct Directories {
    poles: RwLock<HashMap<PoleId, Arc<Directory>>>,
    /// Held while one is read, so that many who miss it do not all read it.
    reading: tokio::sync::Mutex<()>,
}

impl Directories {
    /// The directory of a pole.
    pub(crate) async fn of(&self, app: &App, pole: &PoleRow) -> Result<Arc<Directory>, Problem> {
        let Some(held) = self.held(&pole.pole_id) else { return self.read(app, pole, None).await };
        if !held.begin_check() {
            return Ok(held);
        }
        self.newest(app, pole, &held).await
    }

    /// The newest directory of a pole, after something was not found in this one.
    pub(crate) async fn again(
        &self,
        app: &App,
        pole: &PoleRow,
        held: &Arc<Directory>,
    ) -> Result<Arc<Directory>, Problem> {
        if held.is_new(AGE) { Ok(Arc::clone(held)) } else { self.newest(app, pole, held).await }
    }

    /// Numbers series, and puts the numbers into a directory.
    pub(crate) async fn number(
        &self,
        app: &App,
        pole: &PoleRow,
        directory: &Directory,
        wanted: Vec<NewSeries>,
    ) -> Result<(), Problem> {
        let id = pole.pole_id.clone();
        let rows = app.db.write(move |conn| series::number(conn, &id, &wanted)).await?;
        directory.add_series(rows);
        Ok(())
    }

    /// Takes it that a pole has changed: what is known of it is looked at again before it is used.
    pub(crate) fn doubt(&self, pole: &PoleId) {
        if let Some(held) = self.held(pole) {
            held.doubt();
        }
    }

    fn held(&self, pole: &PoleId) -> Option<Arc<Directory>> {
        self.poles.read().unwrap_or_else(PoisonError::into_inner).get(pole).cloned()
    }

    async fn newest(
        &self,
        app: &App,
        pole: &PoleRow,
        held: &Arc<Directory>,
    ) -> Result<Arc<Directory>, Problem> {
        let id = pole.pole_id.clone();
        let version = app.db.read(move |conn| known::version(conn, &id)).await?;
        if version == held.version {
            held.is_newest();
            return Ok(Arc::clone(held));
        }
        self.read(app, pole, Some(held.version)).await
    }

    /// Reads a directory, unless somebody else just did.
    async fn read(
        &self,
        app: &App,
        pole: &PoleRow,
        old: Option<i64>,
    ) -> Result<Arc<Directory>, Problem> {
        let _turn = self.reading.lock().await;
        if let Some(held) = self.held(&pole.pole_id)
            && old.is_none_or(|old| held.version > old)
        {
            return Ok(held);
        }
        let asked = pole.clone();
        let work = move |conn: &mut _| {
            let known = known::read(conn, &asked.pole_id)?;
            Ok::<_, Problem>(Directory::new(&asked, known))
        };
        let read = Arc::new(app.db.read(work).await?);
        let mut poles = self.poles.write().unwrap_or_else(PoisonError::into_inner);
        if poles.len() >= CAPACITY {
            poles.clear();
        }
        poles.insert(pole.pole_id.clone(), Arc::clone(&read));
        Ok(read)
    }
}
