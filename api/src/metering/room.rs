//! How much usage is under way at most: bodies that are being read, and events that wait to be
//! written, in one measure.
//!
//! Room is taken before a body is read, for as many events as it probably holds. So what would be
//! refused in the end costs next to nothing, and memory stays where it is however many report.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemType};
use crate::say;

/// What an event takes of memory until it is written. One that is larger takes more room.
const EVENT_BYTES: u32 = 500;
/// How many bytes of JSON an event is taken to have before any was seen.
const USUAL_BYTES: u32 = 160;
/// No body has more events than this.
const EVENTS: u32 = 10_000;
/// How long a stream that has begun waits for room.
const PATIENCE: Duration = Duration::from_secs(30);

/// The room there is, in events.
pub(crate) struct Rooms {
    free: Arc<Semaphore>,
    /// How much there is when nothing is under way.
    capacity: u32,
    /// How many bytes of JSON an event has lately.
    usual_bytes: AtomicU32,
}

/// Room that somebody has, until it is dropped.
pub(crate) struct Room {
    taken: OwnedSemaphorePermit,
    /// Of the body that it is for.
    bytes: u32,
}

impl Rooms {
    pub(super) fn new(capacity: u32) -> Self {
        let room = usize::try_from(capacity).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS))),
            capacity,
            usual_bytes: AtomicU32::new(USUAL_BYTES),
        }
    }

    /// Room for a body of so many bytes, if there is any now.
    pub(crate) fn take(&self, bytes: usize) -> Result<Room, Problem> {
        let (size, bytes) = self.size_of_body(bytes);
        let taken = Arc::clone(&self.free).try_acquire_many_owned(size);
        Ok(Room { taken: taken.map_err(|_none_left| full())?, bytes })
    }

    /// The same; waits for it, in turn with others who do.
    pub(crate) async fn wait(&self, bytes: usize) -> Result<Room, Problem> {
        let (size, bytes) = self.size_of_body(bytes);
        let taken = Arc::clone(&self.free).acquire_many_owned(size);
        match tokio::time::timeout(PATIENCE, taken).await {
            Ok(Ok(taken)) => Ok(Room { taken, bytes }),
            Ok(Err(_)) | Err(_) => Err(full()),
        }
    }

    /// What a body takes before it is known how many events it has.
    fn size_of_body(&self, bytes: usize) -> (u32, u32) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let usual = self.usual_bytes.load(Ordering::Relaxed).max(1);
        let events = bytes.checked_div(usual).unwrap_or(bytes).clamp(1, EVENTS);
        (self.size(events, bytes), bytes)
    }

    /// What so many events take that stand in so many bytes. More than all there is takes all of it,
    /// so that it gets in when nothing else is under way.
    fn size(&self, events: u32, bytes: u32) -> u32 {
        events.max(bytes / EVENT_BYTES).min(self.capacity)
    }

    /// Fits room to the events that were found in the body: takes more, if there is any, or gives
    /// back what they do not need.
    pub(super) fn fit(&self, room: &mut Room, events: usize) -> Result<(), Problem> {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.learn(room.bytes, events);
        let size = usize::try_from(self.size(events, room.bytes)).unwrap_or(usize::MAX);
        let has = room.taken.num_permits();
        if let Some(too_much) = has.checked_sub(size) {
            drop(room.taken.split(too_much));
            return Ok(());
        }
        let missing = u32::try_from(size.saturating_sub(has)).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.free).try_acquire_many_owned(missing);
        room.taken.merge(more.map_err(|_none_left| full())?);
        Ok(())
    }

    /// Notes how long events are. Whoever sends others at the same time may be lost to this: it is
    /// a guess, and made good by [`fit`](Self::fit).
    fn learn(&self, bytes: u32, events: u32) {
        let Some(seen) = bytes.checked_div(events).filter(|seen| *seen > 0) else { return };
        let usual = self.usual_bytes.load(Ordering::Relaxed);
        let next = usual.saturating_mul(7).saturating_add(seen).div_ceil(8);
        self.usual_bytes.store(next, Ordering::Relaxed);
    }
}

impl Room {
    /// Notes that the body turned out to be so long.
    pub(crate) fn measured(&mut self, bytes: usize) {
        self.bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    }
}

fn full() -> Problem {
    let detail = say!(
        en "More usage comes in than can be written; send it again in a moment.",
        fr "L’usage arrive plus vite qu’il ne peut être écrit ; renvoyez-le dans un instant."
    );
    let retry_after_seconds = Some(1);
    Problem { retry_after_seconds, ..Problem::new(ProblemType::TooMany, detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_before_a_body_is_read_and_fitted_to_what_is_in_it() {
        let rooms = Rooms::new(100);
        let free = || rooms.free.available_permits();
        // 16,000 bytes are a hundred events, probably.
        let mut room = rooms.take(16_000).unwrap();
        assert_eq!(free(), 0);
        assert_eq!(rooms.take(1).err().map(|it| it.kind), Some(ProblemType::TooMany));
        rooms.fit(&mut room, 40).unwrap();
        assert_eq!(free(), 60);
        let mut other = rooms.take(1).unwrap();
        assert!(rooms.fit(&mut other, 61).is_err());
        rooms.fit(&mut other, 60).unwrap();
        assert_eq!(free(), 0);
        drop((room, other));
        assert_eq!(free(), 100);
        // More than there is, when nothing else is under way.
        assert_eq!(rooms.take(usize::MAX).unwrap().taken.num_permits(), 100);
    }

    #[test]
    fn large_events_take_more_room_and_the_guess_follows_what_comes() {
        let rooms = Rooms::new(100_000);
        let mut room = rooms.take(8_000_000).unwrap();
        rooms.fit(&mut room, 1_000).unwrap();
        assert_eq!(room.taken.num_permits(), 16_000, "events of 8 kB");
        for _ in 0..100 {
            let mut room = rooms.take(100_000).unwrap();
            rooms.fit(&mut room, 1_000).unwrap();
        }
        let guessed = rooms.take(100_000).unwrap().taken.num_permits();
        assert!((900..=1_100).contains(&guessed), "{guessed}");
    }
}
