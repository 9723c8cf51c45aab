//! Work that is done after the transaction that asked for it: the outbox.
//!
//! A job is written in the transaction that causes it, so that both happen or neither. It is done
//! at least once: whoever takes it has a lease, and if it dies, another takes it again.

use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Time;
use crate::db::jobs::{self, JobRow};
use crate::db::{Db, DbError, attempts, once, sessions};
use crate::id::{JobId, PoleId, UserId};
use crate::mail::Mail;
use crate::problem::Problem;
use crate::work::Tx;

mod sign_in_mail;

/// How long an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// How long is kept what is over: an answer for its `Idempotency-Key` (the document promises 24
/// hours), a session that has ended, attempts to sign in.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Job {
    /// Send a mail.
    Mail(Mail),
    /// Mail a sign-in link to whoever has this address, if anybody has it. To enqueue it takes as
    /// long for an address that nobody has.
    SignInLink { pole: PoleId, email: String },
    /// Mail a user that they have an account, and a link to it.
    Invitation { pole: PoleId, user: UserId },
}

impl Job {
    /// Does it. The id makes what leaves the house recognisable when it leaves twice.
    async fn run(&self, app: &App, id: &JobId) -> Result<(), String> {
        match self {
            Self::Mail(mail) => app.mailer.send(mail, id).await,
            Self::SignInLink { pole, email } => sign_in_mail::link(app, id, pole, email).await,
            Self::Invitation { pole, user } => sign_in_mail::invitation(app, id, pole, user).await,
        }
    }
}

/// Puts a job into the queue, in the transaction that causes it.
pub(crate) fn enqueue(app: &App, tx: &mut Tx<'_>, job: &Job) -> Result<(), Problem> {
    let id = JobId::new(tx.at());
    let payload = serde_json::to_vec(job).map_err(|error| Problem::internal(&error))?;
    let secret = &app.config.secret;
    let payload = secret.wrap(&place(&id), &payload).map_err(|error| Problem::internal(&error))?;
    let row = JobRow {
        pole_id: tx.pole().clone(),
        job_id: id,
        payload,
        run_at: tx.at(),
        taken_until: tx.at(),
        attempts: 0,
        last_error: String::new(),
        created_at: tx.at(),
    };
    Ok(jobs::insert(tx.conn, &row)?)
}

fn place(id: &JobId) -> String {
    format!("jobs/{id}")
}

/// Does the next job that is due; false if none is.
pub(crate) async fn run_next(app: &App) -> Result<bool, DbError> {
    let now = app.now();
    let taken = app.db.write(move |conn| jobs::take(conn, now, now.plus(LEASE))).await?;
    let Some(row) = taken else { return Ok(false) };
    let outcome = match read(app, &row) {
        Ok(job) => job.run(app, &row.job_id).await,
        Err(error) => Err(error),
    };
    let now = app.now();
    match outcome {
        Ok(()) => app.db.write(move |conn| jobs::remove(conn, &row)).await?,
        Err(error) => {
            tracing::warn!(job = %row.job_id, attempts = row.attempts, %error, "job failed");
            let again = now.plus(patience(row.attempts));
            app.db.write(move |conn| jobs::postpone(conn, &row, again, &error)).await?;
        }
    }
    Ok(true)
}

fn read(app: &App, row: &JobRow) -> Result<Job, String> {
    let payload = app.config.secret.unwrap(&place(&row.job_id), &row.payload);
    let payload = payload.map_err(|error| error.to_string())?;
    serde_json::from_slice(payload.expose_secret()).map_err(|error| error.to_string())
}

/// How long to wait after an attempt failed: 5 seconds, doubled each time, at most 6 hours. A job
/// is never given up silently: it stays in the queue, and each failure in the log, until it is done.
fn patience(attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default().min(12);
    let seconds = 5_i64.saturating_mul(1 << doublings);
    SignedDuration::from_secs(seconds.min(6 * 3600))
}

/// Forgets what has been over since an instant.
fn forget(conn: &mut Db, before: Time) -> Result<(), DbError> {
    once::forget_before(conn, before)?;
    attempts::forget_before(conn, before)?;
    sessions::forget_before(conn, before)
}

/// Does jobs as they become due, until it is told to stop; a job under way is finished.
pub(crate) async fn run(app: actix_web::web::Data<App>) {
    const IDLE: std::time::Duration = std::time::Duration::from_secs(1);
    let mut tidied = Time::from(jiff::Timestamp::UNIX_EPOCH);
    while !app.is_stopping() {
        match run_next(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the queue cannot be read"),
        }
        if app.now().since(tidied) > SignedDuration::from_hours(1) {
            tidied = app.now();
            let before = tidied.plus(-KEPT);
            if let Err(error) = app.db.write(move |conn| forget(conn, before)).await {
                tracing::error!(%error, "what is over is not forgotten");
            }
        }
        // Whoever writes says so; the queue is looked at once a second all the same, for jobs of
        // other servers and of later.
        let _either = tokio::time::timeout(IDLE, app.wake.notified()).await;
    }
}
