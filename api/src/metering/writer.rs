//! The writer: groups of batches, each in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::recent::Recent;
use super::store::{Part, store};
use super::{Batch, Outcome, Unwritten};
use crate::db::usage::months::Months;
use crate::db::usage::rollups;
use crate::db::{Database, DatabaseUrl, DbError};

/// How many events are written in one transaction, unless a single batch has more.
const GROUP: usize = 20_000;
/// How long the folder rests when there was little to fold.
const REST: Duration = Duration::from_millis(250);

/// What the writers of a process share.
struct Shared {
    db: Database,
    waiting: Mutex<UnboundedReceiver<Batch>>,
    recent: Recent,
    months: Months,
}

/// Starts the threads that write and that fold.
pub(super) fn start(db: Database, waiting: UnboundedReceiver<Batch>) -> std::io::Result<()> {
    // SQLite has one writer; on PostgreSQL, one writes while another commits.
    let writers = match db.url() {
        DatabaseUrl::Sqlite(_) => 1,
        DatabaseUrl::Postgres(_) => 2,
    };
    let shared = Arc::new(Shared {
        db: db.clone(),
        waiting: Mutex::new(waiting),
        recent: Recent::new(),
        months: Months::default(),
    });
    for _ in 0..writers {
        let shared = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("usage-writer".to_owned());
        thread.spawn(move || while shared.write_next_group() {})?;
    }
    let thread = std::thread::Builder::new().name("usage-folder".to_owned());
    thread.spawn(move || fold_forever(&db))?;
    Ok(())
}

impl Shared {
    /// Writes what is waiting; false when nothing will ever wait again.
    fn write_next_group(&self) -> bool {
        let Some(group) = self.next_group() else { return false };
        let (mut batches, mut answers) = (Vec::new(), Vec::new());
        for Batch { pole, reporter, calendar, events, whole, answer, room } in group {
            batches.push(Part { pole, reporter, calendar, events, whole });
            answers.push((answer, room));
        }
        let work = || {
            let events = batches.iter().flat_map(|part| &part.events);
            self.months.make(&self.db, events.map(|event| event.row.happened_at))?;
            self.db.write_now(|conn| store(conn, &self.recent, batches))
        };
        // Whoever waits must not wait for ever because of a mistake of ours.
        let stored = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(DbError::Interrupted));
        match stored {
            Ok(outcomes) => {
                for ((answer, room), outcomes) in answers.into_iter().zip(outcomes) {
                    // First: whoever is answered may report more at once.
                    drop(room);
                    // Whoever asked may be gone; the events stay.
                    let _gone = answer.send(Ok(outcomes));
                }
            }
            Err(error) => {
                tracing::error!(%error, "usage could not be written");
                self.months.forget();
                let passing = error.is_passing();
                let why = if passing { Unwritten::Passing } else { Unwritten::Broken };
                for (answer, room) in answers {
                    drop(room);
                    let _gone = answer.send(Err(why));
                }
            }
        }
        true
    }

    /// Waits for a batch, and takes all that came with it.
    fn next_group(&self) -> Option<Vec<Batch>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let first = waiting.blocking_recv()?;
        let mut events = first.events.len();
        let mut group = vec![first];
        while events < GROUP
            && let Ok(batch) = waiting.try_recv()
        {
            events = events.saturating_add(batch.events.len());
            group.push(batch);
        }
        Some(group)
    }
}

/// Folds what has come in, little by little.
fn fold_forever(db: &Database) {
    loop {
        match fold_all(db) {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "usage could not be folded"),
        }
        std::thread::sleep(REST);
    }
}

fn fold_all(db: &Database) -> Result<(), DbError> {
    for pole in db.read_now(rollups::unfolded)? {
        while rollups::fold(db, &pole)? {}
    }
    Ok(())
}

impl Outcome {
    /// Whether the event is on disk.
    pub(crate) const fn is_stored(self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::Duplicate)
    }
}
