//! The price boards of all services, held ready: whoever looks is answered from memory.
//!
//! A board is read when somebody first asks for it. From then on, whoever asks gets the one there is,
//! and one that is older than a second is read anew in the background. Nothing is read that nobody
//! looks at. Each says of which instant it is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
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
/// How many times as long as reading it took, at least: so that boards of very large pools leave the
/// processors to others.
const SHARE: u32 = 20;
/// How old a board may be to be shown while a newer one is read. Whoever comes after a long time in
/// which nobody looked waits for a new one.
const STALE: Duration = Duration::from_secs(5);
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
}

/// A board that is kept up to date as long as somebody looks at it.
pub(crate) struct Held {
    month: (Month, Period),
    newest: RwLock<Arc<Board>>,
    /// When it was read, and how long that took.
    read: Mutex<(Instant, Duration)>,
    reading: AtomicBool,
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
            held.freshen(app, pole).await?;
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

    fn held(&self, key: &Key) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl Held {
    /// The board as it was last read.
    pub(crate) fn board(&self) -> Arc<Board> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sees to it that it is, or soon will be, of this moment.
    pub(crate) async fn freshen(
        self: &Arc<Self>,
        app: &Data<App>,
        pole: &Arc<PoleRow>,
    ) -> Result<(), Problem> {
        let (at, took) = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (age, rest) = (at.elapsed(), FRESH.max(took.saturating_mul(SHARE)));
        if age < rest {
            return Ok(());
        }
        if age >= rest.saturating_add(STALE) {
            return self.read_again(app, pole).await;
        }
        if !self.reading.swap(true, Ordering::AcqRel) {
            let (held, app, pole) = (Arc::clone(self), app.clone(), Arc::clone(pole));
            actix_web::rt::spawn(async move {
                if let Err(problem) = held.read_again(&app, &pole).await {
                    // It was right a moment ago; better than nothing while the database is away.
                    tracing::warn!(?problem, "a price board could not be read");
                }
                held.reading.store(false, Ordering::Release);
            });
        }
        Ok(())
    }

    async fn read_again(&self, app: &Data<App>, pole: &Arc<PoleRow>) -> Result<(), Problem> {
        let service = self.board().service.service_id.clone();
        let read = Self::read(app, pole, &service, self.month).await?;
        let times = *read.read.lock().unwrap_or_else(PoisonError::into_inner);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = times;
        let board = read.board();
        // Two may have read at once: the newer one stands.
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        if newest.as_of <= board.as_of {
            *newest = board;
        }
        Ok(())
    }

    async fn read(
        app: &Data<App>,
        pole: &Arc<PoleRow>,
        service: &ServiceId,
        month: (Month, Period),
    ) -> Result<Self, Problem> {
        let (since, now) = (Instant::now(), app.now());
        let (pole, service) = (Arc::clone(pole), service.clone());
        let read = app.db.read(move |conn| Board::read(conn, &pole, &service, month, now)).await?;
        let board = Arc::new(read.ok_or_else(Problem::not_found)?);
        let newest = RwLock::new(board);
        let read = Mutex::new((since, since.elapsed()));
        Ok(Self { month, newest, read, reading: AtomicBool::new(false) })
    }
}
