//! Usage, from a report to a row: read, placed, and written by one writer in groups, so that what
//! is answered with success is on disk and counts once.
//!
//! A handler reads events and finds where they belong (CPU work, on its own thread), then waits.
//! A writer takes whatever has queued up while it was committing the last group, writes it in one
//! transaction, and tells everyone. It never waits for company. What is under way is bounded, bodies
//! that are being read among it: when there is no room, the caller is told to come back before
//! anything is read, and memory stays where it is.

use tokio::sync::{mpsc, oneshot};

use crate::auth::Reach;
use crate::clock::Time;
use crate::db::usage::EventRow;
use crate::db::{Database, DbError};
use crate::id::PoleId;
use crate::problem::Problem;

pub(crate) mod alerts;
pub(crate) mod calendar;
mod directories;
mod directory;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod intake;
pub(crate) mod month;
pub(crate) mod rebuild;
mod recent;
mod report;
pub(crate) mod retention;
mod room;
mod store;
pub(crate) mod sweep;
pub(crate) mod tiers;
pub(crate) mod unmatched;
pub(crate) mod verify;
pub(crate) mod void;
mod writer;

pub(crate) use calendar::Calendar;
pub(crate) use directories::Directories;
pub(crate) use directory::{Directory, Objection};
pub(crate) use report::{Object, Properties, Refusal, Reported, quantity, single, written};
pub(crate) use room::{Room, Rooms};

/// An event that is placed, and ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) row: EventRow,
    /// The day of the pole's calendar, from 1970.
    pub(crate) day: i32,
    /// The value of the meter's property, if its days cannot be added up.
    pub(crate) level: Option<String>,
}

/// Who reports: whoever amends an event must reach it.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    /// The id of a user or of a key.
    pub(crate) actor: String,
    pub(crate) reach: Reach,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on disk, and counts.
    Accepted { late: bool },
    /// It was there already, and goes on counting once.
    Duplicate,
    /// Another event has its id.
    Conflict,
    /// The event it amends is not there, or does not count.
    UnknownAmended,
    /// The events of its time are dropped: those before this instant.
    Dropped { before: Time },
    /// It would have been accepted, had others not kept it from being.
    Withheld,
}

/// Events of one pole that are written together.
struct Batch {
    pole: PoleId,
    reporter: Reporter,
    calendar: Calendar,
    events: Vec<Placed>,
    /// Whether none is written unless all can be.
    whole: bool,
    answer: oneshot::Sender<Result<Vec<Outcome>, Unwritten>>,
    /// What the batch takes of the queue, until it is answered.
    room: Room,
}

/// Why a group of batches was not written; it is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unwritten {
    /// The database could not, and may well be able to shortly.
    Passing,
    /// Something is broken.
    Broken,
}

/// The way in for usage: one of it a process.
pub(crate) struct Metering {
    queue: mpsc::UnboundedSender<Batch>,
    pub(crate) rooms: Rooms,
    pub(crate) directories: Directories,
}

impl Metering {
    /// Starts to write. So many events wait at most.
    pub(crate) fn start(db: &Database, capacity: u32) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::unbounded_channel();
        writer::start(db.clone(), waiting)?;
        Ok(Self { queue, rooms: Rooms::new(capacity), directories: Directories::default() })
    }

    /// Writes events, and says of each what became of it. When this returns, they are on disk.
    pub(crate) async fn record(
        &self,
        (pole, reporter): (&PoleId, Reporter),
        calendar: Calendar,
        events: Vec<Placed>,
        (mut room, whole): (Room, bool),
    ) -> Result<Vec<Outcome>, Problem> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        self.rooms.fit(&mut room, events.len())?;
        let (answer, written) = oneshot::channel();
        let pole = pole.clone();
        let batch = Batch { pole, reporter, calendar, events, whole, answer, room };
        self.queue.send(batch).map_err(|_gone| DbError::Interrupted)?;
        match written.await {
            Ok(Ok(outcomes)) => Ok(outcomes),
            Ok(Err(Unwritten::Passing)) => Err(Problem::unavailable(&"usage waits for it")),
            Ok(Err(Unwritten::Broken)) | Err(_) => Err(DbError::Interrupted.into()),
        }
    }
}
