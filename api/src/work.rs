//! A unit of work: what a caller changes, in one transaction with its entry in the audit log and
//! the answer kept for its `Idempotency-Key`.
//!
//! A closure that writes must hand back a [`Done`], and only [`Tx::done`] makes one, from the
//! entry for the log: a change that nobody can see afterwards cannot be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::auth::Caller;
use crate::clock::Time;
use crate::db::audit::{self, Entry};
use crate::db::catalogue;
use crate::db::once::{self, OnceRow};
use crate::db::{Db, DbError};
use crate::http::{Answer, Once, OnceKey, Resource};
use crate::id::{PoleId, new_id};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// Who writes, and when.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) pole: PoleId,
    /// An id of a user or a key, or `operator`.
    pub(crate) actor: String,
    /// Of the request, or the command.
    pub(crate) request: String,
    pub(crate) at: Time,
    /// Set once the catalogue of the pole has changed.
    catalogue_changed: Arc<AtomicBool>,
}

impl Author {
    /// Who writes, by which request, and when.
    pub(crate) fn new(pole: PoleId, actor: String, request: String, at: Time) -> Self {
        Self { pole, actor, request, at, catalogue_changed: Arc::default() }
    }

    /// Whoever runs a command on the deployment.
    pub(crate) fn operator(pole: &PoleId, at: Time) -> Self {
        let (actor, request) = ("operator".to_owned(), new_id("cmd", at));
        Self::new(pole.clone(), actor, request, at)
    }

    /// Forgets what is remembered of the pole and has changed.
    fn forget_changed(&self, app: &App) {
        if self.catalogue_changed.load(Ordering::Relaxed) {
            app.catalogues.forget(&self.pole);
        }
        app.metering.directories.doubt(&self.pole);
    }
}

impl Author {
    /// Runs a unit of work in a transaction that has begun, as a sign-in does: it learns only then
    /// who it is.
    pub(crate) fn write<T, E>(
        &self,
        conn: &mut Db,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<T>, E>,
    ) -> Result<T, E> {
        work(&mut Tx { conn, author: self }).map(|Done(value)| value)
    }
}

/// A transaction that writes.
pub(crate) struct Tx<'c> {
    pub(crate) conn: &'c mut Db,
    pub(crate) author: &'c Author,
}

/// What was changed, with its entry in the audit log.
#[derive(Debug)]
pub(crate) struct Done<T>(T);

/// What changed in an object, field by field.
#[derive(Debug)]
pub(crate) struct Changes(Value);

impl Changes {
    /// It is new.
    pub(crate) fn made(after: &impl Serialize) -> Self {
        Self::between(&Value::Null, after)
    }

    /// It was one thing and is another now.
    pub(crate) fn between(before: &impl Serialize, after: &impl Serialize) -> Self {
        let (before, after) = (fields(before), fields(after));
        let mut changes = Map::new();
        for name in before.keys().chain(after.keys()) {
            let (from, to) = (before.get(name), after.get(name));
            if from != to && !matches!(name.as_str(), "version" | "updated_at") {
                changes.insert(
                    name.clone(),
                    match (from, to) {
                        (None, to) => json!({ "to": to }),
                        (from, None) => json!({ "from": from }),
                        (from, to) => json!({ "from": from, "to": to }),
                    },
                );
            }
        }
        Self(Value::Object(changes))
    }

    /// The names of the fields that changed.
    pub(crate) fn names(&self) -> Vec<String> {
        let fields = self.0.as_object().map(|fields| fields.keys().cloned().collect());
        fields.unwrap_or_default()
    }

    /// Nothing but what the action says.
    pub(crate) fn none() -> Self {
        Self(json!({}))
    }
}

fn fields(object: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(object) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

impl<'c> Tx<'c> {
    /// The pole that is written to.
    pub(crate) const fn pole(&self) -> &'c PoleId {
        &self.author.pole
    }

    /// When.
    pub(crate) const fn at(&self) -> Time {
        self.author.at
    }

    /// Writes the entry of the audit log: what was done, to which object, and what changed in it.
    pub(crate) fn done<T>(
        &mut self,
        action: &str,
        object: &str,
        changes: &Changes,
        value: T,
    ) -> Result<Done<T>, DbError> {
        self.note(action, object, changes)?;
        Ok(Done(value))
    }

    /// Writes one of several entries.
    pub(crate) fn note(
        &mut self,
        action: &str,
        object: &str,
        changes: &Changes,
    ) -> Result<(), DbError> {
        let Author { pole, actor, request, at, .. } = self.author;
        let (at, changes) = (*at, &changes.0);
        audit::append(self.conn, &Entry { pole, at, actor, action, object, request, changes })?;
        self.count_catalogue_change([action])
    }

    /// Writes many entries at once: each with its action, its object and what changed in it.
    pub(crate) fn note_all(&mut self, notes: &[(&str, &str, &Changes)]) -> Result<(), DbError> {
        let Author { pole, actor, request, at, .. } = self.author;
        let entries = notes.iter().map(|(action, object, changes)| {
            let (at, changes) = (*at, &changes.0);
            Entry { pole, at, actor, action, object, request, changes }
        });
        audit::append_all(self.conn, pole, &entries.collect::<Vec<_>>())?;
        self.count_catalogue_change(notes.iter().map(|(action, ..)| *action))
    }

    /// Counts a change of what the public catalogue shows, which is written under these names.
    fn count_catalogue_change<'a>(
        &mut self,
        actions: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), DbError> {
        let mut kinds = actions.into_iter().filter_map(|action| action.split('.').next());
        if kinds.any(|kind| matches!(kind, "provider" | "service" | "meter" | "tariff")) {
            catalogue::count_change(self.conn, &self.author.pole)?;
            self.author.catalogue_changed.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Nothing was changed, since all is as it should be already.
    #[expect(clippy::unused_self, reason = "only who is writing may say so")]
    pub(crate) const fn unchanged<T>(&self, value: T) -> Done<T> {
        Done(value)
    }
}

impl<T> Done<T> {
    /// Something made from it, if that works.
    pub(crate) fn and_then<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Done<U>, E> {
        make(self.0).map(Done)
    }
}

impl App {
    /// Runs a unit of work on a thread that may block, as a command does.
    pub(crate) fn write_now<T, E: From<DbError>>(
        &self,
        author: &Author,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<T>, E>,
    ) -> Result<T, E> {
        let write = |conn: &mut Db| work(&mut Tx { conn, author }).map(|Done(value)| value);
        let written = self.db.write_now(write);
        author.forget_changed(self);
        written
    }

    /// Runs a unit of work for whoever is no caller, as jobs do.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        author: Author,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<T>, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let of_work = author.clone();
        let write =
            move |conn: &mut Db| work(&mut Tx { conn, author: &of_work }).map(|Done(value)| value);
        let written = self.db.write(write).await;
        author.forget_changed(self);
        self.wake.notify_one();
        written
    }
}

impl Caller {
    /// The caller, as whoever writes.
    pub(crate) fn author(&self) -> Author {
        Author::new(self.pole_id(), self.actor.clone(), self.request.clone(), self.now())
    }

    /// Reads, in the caller's pole.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db, &PoleId) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let pole = self.pole_id();
        self.app.db.read(move |conn| work(conn, &pole)).await
    }

    /// Changes something.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<T>, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let author = self.author();
        let of_work = author.clone();
        let write =
            move |conn: &mut Db| work(&mut Tx { conn, author: &of_work }).map(|Done(value)| value);
        let written = self.app.db.write(write).await;
        author.forget_changed(&self.app);
        self.app.wake.notify_one();
        written
    }

    /// Makes an object that is found under the address it was posted to.
    pub(crate) async fn create<R: Resource + Send + 'static>(
        &self,
        once: Once,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<R>, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let collection = self.path.clone();
        let create = move |tx: &mut Tx<'_>| {
            work(tx)?.and_then(|object| Answer::created(&collection, &object))
        };
        self.answer(once, create).await
    }

    /// Does what its answer says; a request that comes again with the same `Idempotency-Key` gets
    /// the same answer and does nothing.
    pub(crate) async fn answer(
        &self,
        once: Once,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<Answer>, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let Some(key) = once.key() else { return self.write(work).await };
        let replay = Replay { caller: self.clone(), author: self.author(), key };
        let first = replay.clone();
        let result = self.app.db.write(move |conn| first.run(conn, work)).await;
        replay.author.forget_changed(&self.app);
        self.app.wake.notify_one();
        match result {
            Ok(answer) => Ok(answer),
            Err(Stopped::Problem(problem)) => Err(problem),
            // Another request with the key was faster; what it wrote can be read now.
            Err(Stopped::Raced) => {
                let found = self.app.db.read(move |conn| replay.earlier(conn)).await?;
                found.ok_or_else(|| {
                    let detail = say!(
                        en "A request with this Idempotency-Key is under way; try again shortly.",
                        fr "Une requête avec cette Idempotency-Key est en cours ; réessayez sous peu."
                    );
                    let problem = Problem::new(ProblemType::IdempotencyConflict, detail);
                    Problem { retry_after_seconds: Some(1), ..problem }
                })
            }
        }
    }
}

/// A request with an `Idempotency-Key`.
#[derive(Clone)]
struct Replay {
    caller: Caller,
    author: Author,
    key: OnceKey,
}

/// Why a request with a key did not write.
enum Stopped {
    Raced,
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl Replay {
    fn run(
        &self,
        conn: &mut Db,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Done<Answer>, Problem>,
    ) -> Result<Answer, Stopped> {
        if let Some(answer) = self.earlier(conn)? {
            return Ok(answer);
        }
        let mut row = OnceRow {
            pole_id: self.author.pole.clone(),
            caller: self.author.actor.clone(),
            key: self.key.key.clone(),
            fingerprint: self.key.fingerprint.clone(),
            status: 0,
            location: None,
            etag: None,
            body: Vec::new(),
            created_at: self.author.at,
        };
        if !once::take(conn, &row)? {
            return Err(Stopped::Raced);
        }
        let Done(answer) = work(&mut Tx { conn, author: &self.author })?;
        row.status = i32::from(answer.status.as_u16());
        row.location.clone_from(&answer.location);
        row.etag.clone_from(&answer.etag);
        // The answer may hold a key that is shown once: it is kept as safely as any secret.
        let secret = &self.caller.app.config.secret;
        row.body = secret.wrap(&self.place(), &answer.body).map_err(|e| Problem::internal(&e))?;
        once::answer(conn, &row)?;
        Ok(answer)
    }

    /// The answer to the earlier request with this key.
    fn earlier(&self, conn: &mut Db) -> Result<Option<Answer>, Problem> {
        let (pole, caller) = (&self.author.pole, &self.author.actor);
        let Some(row) = once::find(conn, pole, caller, &self.key.key)? else { return Ok(None) };
        if row.fingerprint != self.key.fingerprint {
            let detail = say!(
                en "This key came with another request before; take a new one.",
                fr "Cette clé a accompagné une autre requête ; prenez-en une nouvelle."
            );
            return Err(Problem::new(ProblemType::IdempotencyConflict, detail));
        }
        let secret = &self.caller.app.config.secret;
        let body = secret.unwrap(&self.place(), &row.body).map_err(|e| Problem::internal(&e))?;
        let status =
            u16::try_from(row.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        Ok(Some(Answer {
            status: status.unwrap_or(StatusCode::OK),
            location: row.location,
            etag: row.etag,
            body: secrecy::ExposeSecret::expose_secret(&body).clone(),
        }))
    }

    fn place(&self) -> String {
        format!("idempotency_keys/{}/{}/{}", self.author.pole, self.author.actor, self.key.key)
    }
}
