//! The public catalogues of all poles, held ready: what a front end asks for most often is answered
//! from memory, as bytes.
//!
//! A pole's catalogue is read as a whole, at most once for each of its versions. Whoever changes it
//! counts its version up in the same transaction; this process forgets it at once, another sees the
//! new version within [`TRUSTED`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::db::catalogue;
use crate::db::poles::PoleRow;
use crate::id::PoleId;
use crate::problem::Problem;
use crate::routes::Shelf;

mod ready;

pub(crate) use ready::Ready;

/// How long a catalogue is believed to be the newest. Half of what is promised, since asking takes
/// its time as well.
const TRUSTED: Duration = Duration::from_millis(500);
/// How many answers are kept a pole; addresses that nobody asks for twice must not fill the memory.
const ANSWERS: usize = 1_000;
/// How long the query of an answer that is kept may be.
const QUERY_BYTES: usize = 256;

/// The catalogues that are held ready.
#[derive(Default)]
pub(crate) struct Catalogues {
    poles: RwLock<HashMap<PoleId, Arc<Catalogue>>>,
    /// Counts what was forgotten: what was being read meanwhile may be old already.
    forgotten: AtomicU64,
    /// Held while one is read, so that many who miss it do not all read it.
    reading: tokio::sync::Mutex<()>,
}

/// The catalogue of a pole, in one version.
pub(crate) struct Catalogue {
    version: i64,
    pub(crate) shelf: Shelf,
    answers: RwLock<HashMap<String, Arc<Ready>>>,
    checked: Mutex<Instant>,
}

impl Catalogues {
    /// The catalogue of a pole.
    pub(crate) async fn of(&self, app: &App, pole: &PoleRow) -> Result<Arc<Catalogue>, Problem> {
        let Some(known) = self.known(&pole.pole_id) else { return self.read(app, pole).await };
        if !known.begin_check() {
            return Ok(known);
        }
        let (asked, until) = (pole.pole_id.clone(), known.shelf.until());
        let newest = app.db.read(move |conn| catalogue::version(conn, &asked)).await;
        match newest {
            Ok(version) if version == known.version && until.is_none_or(|at| app.now() < at) => {
                Ok(known)
            }
            Ok(_) => {
                self.forget(&pole.pole_id);
                self.read(app, pole).await
            }
            Err(error) => {
                // It was right half a second ago; better than nothing while the database is away.
                tracing::warn!(%error, "the catalogue’s version is unknown");
                Ok(known)
            }
        }
    }

    /// Forgets the catalogue of a pole, which has changed.
    pub(crate) fn forget(&self, pole: &PoleId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.poles.write().unwrap_or_else(PoisonError::into_inner).remove(pole);
    }

    fn known(&self, pole: &PoleId) -> Option<Arc<Catalogue>> {
        self.poles.read().unwrap_or_else(PoisonError::into_inner).get(pole).cloned()
    }

    async fn read(&self, app: &App, pole: &PoleRow) -> Result<Arc<Catalogue>, Problem> {
        let _turn = self.reading.lock().await;
        if let Some(known) = self.known(&pole.pole_id) {
            return Ok(known);
        }
        let before = self.forgotten.load(Ordering::SeqCst);
        let (asked, now) = (pole.pole_id.clone(), app.now());
        let work = move |conn: &mut _| {
            let published = catalogue::published(conn, &asked)?;
            let version = published.version;
            Ok::<_, Problem>((version, Shelf::new(published, now)?))
        };
        let (version, shelf) = app.db.read(work).await?;
        let read = Arc::new(Catalogue {
            version,
            shelf,
            answers: RwLock::default(),
            checked: Mutex::new(Instant::now()),
        });
        let mut poles = self.poles.write().unwrap_or_else(PoisonError::into_inner);
        if self.forgotten.load(Ordering::SeqCst) == before {
            poles.insert(pole.pole_id.clone(), Arc::clone(&read));
        }
        Ok(read)
    }
}

impl Catalogue {
    /// The answer to a query that was answered before.
    pub(crate) fn answer(&self, query: &str) -> Option<Arc<Ready>> {
        self.answers.read().unwrap_or_else(PoisonError::into_inner).get(query).cloned()
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, query: &str, answer: Ready) -> Arc<Ready> {
        let answer = Arc::new(answer);
        if query.len() <= QUERY_BYTES {
            let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
            if answers.len() >= ANSWERS {
                answers.clear();
            }
            answers.insert(query.to_owned(), Arc::clone(&answer));
        }
        answer
    }

    /// Whether it is time to see if there is a newer version. Only one is told so: others go on
    /// with this one meanwhile.
    fn begin_check(&self) -> bool {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = checked.elapsed() >= TRUSTED;
        if due {
            *checked = Instant::now();
        }
        due
    }
}
