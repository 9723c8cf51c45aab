//! Usage as it was reported, all of it at once: a line of JSON for each event.

use std::io;
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, UsageRead};
use crate::clock::Time;
use crate::db::usage::series::Filter;
use crate::db::{Database, DbError};
use crate::http::Query;
use crate::id::{MemberId, MeterId, PoleId, ServiceId};
use crate::metering::export::{ExportedEvent, Wanted, export};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// How many exports go on at once in a process: each holds a connection to the database, which
/// others need as well.
static ROOM: Semaphore = Semaphore::const_new(2);
/// How many bytes are sent at once, about, and how many times that may wait for who reads them.
const CHUNK: usize = 64 << 10;
const AHEAD: usize = 4;
/// How long it is waited for who reads nothing: a state of the database is held for them meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(export_usage_events);
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// Those that happened at this instant or later.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Time>,
    /// Those that happened before this instant.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Time>,
    /// Of this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Of this service.
    #[param(value_type = Option<String>, pattern = "^svc_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    service: Option<ServiceId>,
    /// Of this meter.
    #[param(value_type = Option<String>, pattern = "^mtr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    meter: Option<MeterId>,
    /// Also those that no longer count.
    #[param(default = false)]
    voided: Option<bool>,
}

/// Exports events, a line of JSON each, by time and id.
///
/// All of it is one state of the database. Members get their own events, providers those of their
/// services. `palier usage import` reads such lines. An answer that ends in the middle of a line, or
/// whose connection breaks, is not whole: ask again, from the time of its last line. Whoever reads
/// nothing for half a minute is not waited for.
#[utoipa::path(
    tag = "usage",
    operation_id = "exportUsageEvents",
    params(PolePath, ExportQuery),
    responses(
        (status = 200, description = "The events.", body = ExportedEvent,
            content_type = "application/x-ndjson"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/usage/events.ndjson")]
async fn export_usage_events(
    caller: May<UsageRead>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let Query(ExportQuery { from, to, member, service, meter, voided }) = query;
    let reach = &caller.reach;
    let among = (!reach.pole).then(|| (reach.members.clone(), reach.providers.clone()));
    let wanted = Wanted {
        from: from.unwrap_or_else(|| jiff::Timestamp::MIN.into()),
        to: to.unwrap_or_else(|| jiff::Timestamp::MAX.into()),
        series: Filter { among, member, meter, service },
        voided: voided.unwrap_or_default(),
    };
    let room = ROOM.try_acquire().map_err(|_full| busy())?;
    let (sender, mut chunks) = channel(AHEAD);
    let (db, pole) = (caller.app.db.clone(), caller.pole_id());
    // Nobody waits for its end but who reads what it sends.
    drop(spawn_blocking(move || {
        let mut lines = Lines { sender, buffer: Vec::with_capacity(CHUNK) };
        lines.send_all(&db, &pole, &wanted);
        drop(room);
    }));
    // What is wrong is told as elsewhere, before anything is streamed.
    let first = chunks.recv().await.unwrap_or_else(|| Err(DbError::Interrupted.into()))?;
    let lines = unfold((chunks, Some(first)), |(mut chunks, first): (Receiver<Chunk>, _)| async {
        let next = match first {
            Some(first) => Some(Ok(first)),
            None => chunks.recv().await,
        };
        match next {
            Some(Ok(Piece::End)) => None,
            Some(Ok(Piece::Lines(lines))) => Some((Ok(lines), (chunks, None))),
            // An end that nobody announced would look like the end of the events.
            Some(Err(_)) | None => Some((Err(io::Error::other("it broke off")), (chunks, None))),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(lines))
}

/// What comes next of an export.
enum Piece {
    Lines(Bytes),
    /// There are no more.
    End,
}

/// What comes next, or why nothing does.
type Chunk = Result<Piece, Problem>;

/// Lines on their way to who reads them.
struct Lines {
    sender: Sender<Chunk>,
    buffer: Vec<u8>,
}

/// Why an export ends before its end.
enum Ended {
    Database(DbError),
    /// Whoever asked is gone, or reads nothing.
    Unread,
}

impl From<DbError> for Ended {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl Lines {
    /// Sends all events, on a thread that may block.
    fn send_all(&mut self, db: &Database, pole: &PoleId, wanted: &Wanted) {
        let sent = db.read_now(|conn| export(conn, pole, wanted, |event| self.add(&event)));
        let sent = sent.and_then(|_count| self.flush()).and_then(|()| self.send(Ok(Piece::End)));
        match sent {
            Ok(()) => {}
            Err(Ended::Database(error)) => {
                let _gone = self.send(Err(error.into()));
            }
            Err(Ended::Unread) => tracing::info!("nobody reads an export: it ends"),
        }
    }

    fn add(&mut self, event: &ExportedEvent) -> Result<(), Ended> {
        let written = event.write(&mut self.buffer);
        written.map_err(|_never| DbError::Interrupted)?;
        if self.buffer.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Ended> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.send(Ok(Piece::Lines(full.into())))
    }

    fn send(&self, chunk: Chunk) -> Result<(), Ended> {
        let sent = Handle::current().block_on(timeout(PATIENCE, self.sender.send(chunk)));
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(Ended::Unread) }
    }
}

fn busy() -> Problem {
    let detail = say!(
        en "Others are exporting events; try again in a moment.",
        fr "D’autres exportent des événements ; réessayez dans un instant."
    );
    let retry_after_seconds = Some(5);
    Problem { retry_after_seconds, ..Problem::new(ProblemType::TooMany, detail) }
}
