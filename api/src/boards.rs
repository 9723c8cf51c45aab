//! The price boards of all services, held ready: whoever looks is answered from memory.
//!
//! A board is read when somebody first asks for it. From then on, whoever asks gets the one there is,
//! and one that is older than a second is read anew in the background, one board at a time. Nothing is
//! read that nobody looks at. Each says of which instant it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use palier_billing::{Month, Period};

use crate::app::App;
use crate::db::poles::PoleRow;
use crate::id::{PoleId, ServiceId};
use crate::problem::Problem;

mod board;

pub(crate) use board::{Board, ChargeBoard, Version};

/// How old a board becomes before it is read anew.
const FRESH: Duration = Duration::from_secs(1);
/// How many times as long as reading a board took no other is read, so that many large pools which
/// are watched at once leave the processors to others: they grow older then.
const REST: u32 = 3;
/// Whoever looks after nobody has for so long waits for a new one.
const UNWATCHED: Duration = Duration::from_secs(5);
/// After so long, whoever reads in the background is taken to be gone.
const LONGEST: Duration = Duration::from_mins(1);
/// How many boards are held.
const CAPACITY: usize = 1_000;

/// Which board: of a service of a pole, in a month.
type Key = (PoleId, ServiceId, Month);

/// The boards that are held ready.
#[derive(Default)]
pub(crate) struct Boards {
    held: RwLock<HashMap<Key, Arc<Held>>>,
    /// Held while one is first read, so that many who miss it do not all read it.
    reading: tokio::sync::Mutex<()>,
    /// When the next may be read in the background.
    next: Mutex<Option<Instant>>,
}

/// A board that is kept up to date as long as somebody looks at it.
pub(crate) struct Held {
    month: (Month, Period),
    newest: RwLock<Arc<Board>>,
    /// When it was read, and when somebody last looked.
    times: Mutex<Times>,
}

#[derive(Clone, Copy)]
struct Times {
    read: Instant,
    seen: Instant,
}

impl Boards {
    /// The board of a service in a month, and what comes after it.
    pub(crate) async fn of(
        &self,
        app: &Data<App>,
        pole: &Arc<PoleRow>,
        service: &ServiceId,
        month: (Month, Period),
    ) -> Result<Arc<Held>, Problem> {
        let key = (pole.pole_id.clone(), service.clone(), month.0);
        if let Some(held) = self.held(&key) {
            self.freshen(&held, app, pole).await?;
            return Ok(held);
        }
        let _turn = self.reading.lock().await;
        if let Some(held) = self.held(&key) {
            return Ok(held);
        }
        let held = Arc::new(Held::read(app, pole, service, month).await?);
        let mut boards = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if boards.len() >= CAPACITY {
            boards.clear();
        }
        boards.insert(key, Arc::clone(&held));
        Ok(held)
    }

    /// Sees to it that a board is, or soon will be, of this moment.
    async fn freshen(
        &self,
        held: &Arc<Held>,
        app: &Data<App>,
        pole: &Arc<PoleRow>,
    ) -> Result<(), Problem> {
        let Times { read, seen } = held.look();
        if read.elapsed() < FRESH {
            return Ok(());
        }
        if seen.elapsed() >= UNWATCHED {
            return held.read_again(app, pole).await;
        }
        if self.begin() {
            let (held, app, pole) = (Arc::clone(held), app.clone(), Arc::clone(pole));
            actix_web::rt::spawn(async move {
                let began = Instant::now();
                if let Err(problem) = held.read_again(&app, &pole).await {
                    // It was right a moment ago; better than nothing while the database is away.
                    tracing::warn!(?problem, "a price board could not be read");
                }
                app.boards.rest(began.elapsed());
            });
        }
        Ok(())
    }

    /// Whether one may be read in the background now; no other may until it has been.
    fn begin(&self) -> bool {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let may = next.is_none_or(|next| next <= now);
        if may {
            *next = now.checked_add(LONGEST);
        }
        may
    }

    /// Lets others have the processors for a while.
    fn rest(&self, took: Duration) {
        let next = Instant::now().checked_add(took.saturating_mul(REST));
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    fn held(&self, key: &Key) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl Held {
    /// The board as it was last read.
    pub(crate) fn board(&self) -> Arc<Board> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that somebody looks; says when it was read, and when somebody looked before.
    fn look(&self) -> Times {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *times;
        times.seen = Instant::now();
        before
    }

    async fn read_again(&self, app: &Data<App>, pole: &Arc<PoleRow>) -> Result<(), Problem> {
        let service = self.board().service.service_id.clone();
        let (began, read) = (Instant::now(), Self::read(app, pole, &service, self.month).await?);
        // Two may have read at once: the newer one stands.
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        let board = read.board();
        if newest.as_of <= board.as_of {
            *newest = board;
            self.times.lock().unwrap_or_else(PoisonError::into_inner).read = began;
        }
        Ok(())
    }

    async fn read(
        app: &Data<App>,
        pole: &Arc<PoleRow>,
        service: &ServiceId,
        month: (Month, Period),
    ) -> Result<Self, Problem> {
        let (began, now) = (Instant::now(), app.now());
        let (pole, service) = (Arc::clone(pole), service.clone());
        let read = app.db.read(move |conn| Board::read(conn, &pole, &service, month, now)).await?;
        let board = Arc::new(read.ok_or_else(Problem::not_found)?);
        let newest = RwLock::new(board);
        let times = Mutex::new(Times { read: began, seen: Instant::now() });
        Ok(Self { month, newest, times })
    }
}
