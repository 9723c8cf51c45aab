//! Two other ways to take in single events: one that commits each by itself, as most programs do, and
//! one that reads and forgets them.

use std::sync::Mutex;

use actix_web::{HttpResponse, web};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::sql::Sql;
use crate::usage_pole::Raw;

/// The variable with the database, and the id of the pole, that `/commit` writes to.
pub(crate) const DATABASE: &str = "LOAD_COMMIT_DATABASE";

/// As many as a server of that design would have: more are no faster on either.
const CONNECTIONS: usize = 32;

/// Connections that are free, each after the other.
struct Commits {
    pole: String,
    free: Semaphore,
    connections: Mutex<Vec<Sql>>,
}

/// Adds both to the yardstick, the one that commits if there is a database.
pub(crate) fn routes(server: &mut web::ServiceConfig, commits: Option<&web::Data<Rival>>) {
    server.route("/drop", web::post().to(forget));
    if let Some(commits) = commits {
        server.app_data(commits.clone()).route("/commit", web::post().to(commit));
    }
}

/// What commits each event by itself.
pub(crate) struct Rival(Commits);

impl Rival {
    /// The one that the environment asks for.
    pub(crate) fn from_environment() -> Option<web::Data<Self>> {
        let named = std::env::var(DATABASE).ok()?;
        let (pole, url) = named.split_once(' ').expect("a pole and a database");
        let count = if url.starts_with("sqlite:") { 1 } else { CONNECTIONS };
        let commits = Commits {
            pole: pole.to_owned(),
            free: Semaphore::new(count),
            connections: Mutex::new((0..count).map(|_| Sql::open(url)).collect()),
        };
        Some(web::Data::new(Self(commits)))
    }
}

/// The event, as far as it is needed to write it.
fn read(body: &[u8]) -> Raw {
    let event: Value = serde_json::from_slice(body).expect("an event");
    let text = |name: &str| event[name].as_str().expect("a text").to_owned();
    let at: jiff::Timestamp = text("time").parse().expect("a time");
    let series = text("member").trim_start_matches('m').parse().expect("a number");
    Raw { id: text("id"), at: at.as_microsecond(), series }
}

async fn forget(body: web::Bytes) -> HttpResponse {
    let event = read(&body);
    HttpResponse::Ok().body(format!("{{\"accepted\":{}}}", u8::from(event.at > 0)))
}

async fn commit(body: web::Bytes, rival: web::Data<Rival>) -> HttpResponse {
    let event = read(&body);
    let _turn = rival.0.free.acquire().await.expect("it stays open");
    let lent = rival.clone();
    let work = move || {
        let commits = &lent.0;
        let free = || commits.connections.lock().expect("nobody panics with it");
        let mut conn = free().pop().expect("as many as turns");
        conn.add(&commits.pole, &[event]);
        free().push(conn);
    };
    web::block(work).await.expect("it is written");
    HttpResponse::Ok().body("{\"accepted\":1}")
}
