//! Work that is done after the transaction that asked for it: the outbox.
//!
//! A job is written in the transaction that causes it, so that both happen or neither. It is done
//! at least once: whoever takes it has a lease, and if it dies, another takes it again.

use actix_web::web::Data;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Time;
use crate::db::jobs::{self, JobRow};
use crate::db::mails::{self, MailKind, MailRow, MailState};
use crate::db::{Db, DbError, attempts, once, sessions};
use crate::id::{CollectionId, DeliveryId, JobId, MeansId, MemberId, PoleId, TransferId, UserId};
use crate::mail::{Delivery, Mail, Undelivered};
use crate::problem::Problem;
use crate::work::Tx;
use crate::{stripe, webhooks};

mod patience;
mod sign_in_mail;

pub(crate) use patience::IN_ALL;

/// How long an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// How many jobs are done at a time: most of them wait for somebody.
const AT_ONCE: usize = 4;
/// How long is kept what is over: an answer for its `Idempotency-Key` (the document promises 24
/// hours), a session that has ended, attempts to sign in.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long is kept what became of a mail, and what could not be delivered.
const MAILS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

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
    /// Make the page on which a member saves a means of payment.
    StripeMeans { pole: PoleId, means: MeansId },
    /// Have a card or an account forgotten that a member saved.
    StripeForget { pole: PoleId, method: String },
    /// Charge what is due.
    StripeCharge { pole: PoleId, collection: CollectionId },
    /// Give back what was collected; asked twice under the same key, it is given once.
    StripeRefund { pole: PoleId, collection: CollectionId, amount_minor: i64, key: String },
    /// Pass on to a provider what it is owed.
    StripeTransfer { pole: PoleId, transfer: TransferId },
    /// Act upon what Stripe told.
    StripeEvent { pole: PoleId, event: String },
    /// Tell a provider of something; told twice, it has the same id.
    Webhook { pole: PoleId, delivery: DeliveryId },
}

impl Job {
    /// Does it. The id makes what leaves the house recognisable when it leaves twice.
    async fn run(&self, app: &Data<App>, id: &JobId) -> Result<Delivery, Undelivered> {
        match self {
            Self::Mail(mail) => {
                let file = match &mail.attached {
                    Some(file) => Some(app.archive.file(file).await?),
                    None => None,
                };
                app.mailer.send(mail, file, id).await
            }
            Self::SignInLink { pole, email } => sign_in_mail::link(app, id, pole, email).await,
            Self::Invitation { pole, user } => sign_in_mail::invitation(app, id, pole, user).await,
            Self::StripeMeans { .. }
            | Self::StripeForget { .. }
            | Self::StripeCharge { .. }
            | Self::StripeRefund { .. }
            | Self::StripeTransfer { .. }
            | Self::StripeEvent { .. } => stripe::run(app, self.clone()).await,
            Self::Webhook { pole, delivery } => webhooks::deliver(app, pole, delivery).await,
        }
    }

    /// How long it is tried. Whoever asked for a link to sign in has asked again by then.
    const fn worth(&self) -> SignedDuration {
        match self {
            Self::SignInLink { .. } => SignedDuration::from_hours(1),
            Self::Mail(_)
            | Self::Invitation { .. }
            | Self::StripeMeans { .. }
            | Self::StripeForget { .. } => IN_ALL,
            // Money that was asked for is on its way until it is known what became of it; the row of a webhook
            // says when it is given up.
            Self::StripeCharge { .. }
            | Self::StripeRefund { .. }
            | Self::StripeTransfer { .. }
            | Self::StripeEvent { .. }
            | Self::Webhook { .. } => SignedDuration::MAX,
        }
    }
}

/// To which member a mail goes, and what it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) kind: MailKind,
    pub(crate) member: &'a MemberId,
    /// The number of a document, the code of a service.
    pub(crate) subject: &'a str,
}

/// Puts a mail to a member into the queue. What becomes of it can be seen afterwards.
pub(crate) fn enqueue_mail(
    app: &App,
    tx: &mut Tx<'_>,
    about: About<'_>,
    mail: Mail,
) -> Result<(), Problem> {
    let row = MailRow {
        pole_id: tx.pole().clone(),
        mail_id: JobId::new(tx.at()),
        member_id: about.member.clone(),
        kind: about.kind,
        about: about.subject.to_owned(),
        recipient: mail.to.clone(),
        subject: mail.subject.clone(),
        state: MailState::Queued,
        attempts: 0,
        last_error: String::new(),
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    mails::insert(tx.conn, &row)?;
    insert(app, tx, row.mail_id, &Job::Mail(mail))
}

/// Puts a job into the queue, in the transaction that causes it.
pub(crate) fn enqueue(app: &App, tx: &mut Tx<'_>, job: &Job) -> Result<(), Problem> {
    let id = JobId::new(tx.at());
    insert(app, tx, id, job)
}

/// Puts a job into the queue under an id that somebody keeps.
pub(crate) fn insert(app: &App, tx: &mut Tx<'_>, id: JobId, job: &Job) -> Result<(), Problem> {
    let row = JobRow {
        pole_id: tx.pole().clone(),
        payload: payload(app, &id, job)?,
        job_id: id,
        run_at: tx.at(),
        taken_until: tx.at(),
        attempts: 0,
        last_error: String::new(),
        created_at: tx.at(),
    };
    Ok(jobs::insert(tx.conn, &row)?)
}

/// Puts a job that waits back into the queue, a mail to another address if there is one; false, if nothing
/// of it is left to be done.
pub(crate) fn again(
    app: &App,
    tx: &mut Tx<'_>,
    id: &JobId,
    to: Option<&str>,
) -> Result<bool, Problem> {
    let Some(row) = jobs::find(tx.conn, tx.pole(), id)? else { return Ok(false) };
    let mut job = read(app, &row).map_err(|error| Problem::internal(&error))?;
    if let (Job::Mail(mail), Some(to)) = (&mut job, to) {
        to.clone_into(&mut mail.to);
    }
    let at = tx.at();
    let payload = payload(app, id, &job)?;
    let fresh = JobRow { payload, run_at: at, taken_until: at, attempts: 0, created_at: at, ..row };
    jobs::replace(tx.conn, &fresh)?;
    Ok(true)
}

fn payload(app: &App, id: &JobId, job: &Job) -> Result<Vec<u8>, Problem> {
    let plain = serde_json::to_vec(job).map_err(|error| Problem::internal(&error))?;
    let wrapped = app.config.secret.wrap(&place(id), &plain);
    wrapped.map_err(|error| Problem::internal(&error))
}

fn place(id: &JobId) -> String {
    format!("jobs/{id}")
}

/// Does the next job that is due; false if none is.
pub(crate) async fn run_next(app: &Data<App>) -> Result<bool, DbError> {
    let now = app.now();
    let taken = app.db.write(move |conn| jobs::take(conn, now, now.plus(LEASE))).await?;
    let Some(row) = taken else { return Ok(false) };
    let (outcome, worth) = match read(app, &row) {
        Ok(job) => (job.run(app, &row.job_id).await, job.worth()),
        Err(error) => (Err(Undelivered::Later(error)), IN_ALL),
    };
    // Until it is noted, or somebody else may do it again, or the program ends.
    loop {
        let now = app.now();
        let (of_work, outcome) = (row.clone(), outcome.clone());
        match app.db.write(move |conn| conclude(conn, &of_work, outcome, worth, now)).await {
            Err(error) if app.now() < row.taken_until && !app.is_stopping() => {
                tracing::warn!(job = %row.job_id, %error, "how a job ended cannot be noted yet");
                tokio::time::sleep(IDLE).await;
            }
            noted => return noted.map(|()| true),
        }
    }
}

/// Notes how an attempt ended: the job is over, comes again, or stays until somebody asks for it.
fn conclude(
    conn: &mut Db,
    row: &JobRow,
    outcome: Result<Delivery, Undelivered>,
    worth: SignedDuration,
    now: Time,
) -> Result<(), DbError> {
    // Whoever took it too long ago leaves that to who has it now.
    if !jobs::is_ours(conn, row)? {
        return Ok(());
    }
    let is_worth_it = now.since(row.created_at) < worth;
    let (state, error) = match outcome {
        Ok(Delivery::Taken) => {
            mails::note(conn, row, (MailState::Sent, ""), now)?;
            return jobs::remove(conn, row);
        }
        Err(Undelivered::Wait(rest)) => return jobs::put_off(conn, row, now.plus(rest)),
        Err(Undelivered::Later(error)) if is_worth_it => {
            return come_again(conn, row, (SignedDuration::ZERO, &error), now);
        }
        Err(Undelivered::NotBefore(rest, error)) if is_worth_it => {
            return come_again(conn, row, (rest, &error), now);
        }
        Ok(Delivery::Nowhere) => (MailState::NotSent, String::new()),
        Err(Undelivered::Later(error) | Undelivered::NotBefore(_, error)) => {
            (MailState::GivenUp, error)
        }
        Err(Undelivered::Never(error)) => (MailState::Refused, error),
    };
    if !error.is_empty() {
        tracing::warn!(job = %row.job_id, attempts = row.attempts, %error, "job given up");
    }
    // A mail that somebody can see waits for them; nobody would ever ask for another one.
    if mails::note(conn, row, (state, &error), now)? {
        jobs::postpone(conn, row, jiff::Timestamp::MAX.into(), &error)
    } else {
        jobs::remove(conn, row)
    }
}

/// Has a job that did not end well tried again, ever more rarely, and not before it has rested as long as asked.
fn come_again(
    conn: &mut Db,
    row: &JobRow,
    (rest, error): (SignedDuration, &str),
    now: Time,
) -> Result<(), DbError> {
    tracing::warn!(job = %row.job_id, attempts = row.attempts, %error, "job failed");
    mails::note(conn, row, (MailState::Queued, error), now)?;
    let rest = rest.max(patience::after(&row.job_id, row.attempts));
    jobs::postpone(conn, row, now.plus(rest), error)
}

fn read(app: &App, row: &JobRow) -> Result<Job, String> {
    let payload = app.config.secret.unwrap(&place(&row.job_id), &row.payload);
    let payload = payload.map_err(|error| error.to_string())?;
    serde_json::from_slice(payload.expose_secret()).map_err(|error| error.to_string())
}

/// Forgets what has been over for long enough.
fn forget(conn: &mut Db, now: Time) -> Result<(), DbError> {
    let before = now.plus(-KEPT);
    once::forget_before(conn, before)?;
    attempts::forget_before(conn, before)?;
    sessions::forget_before(conn, before)?;
    mails::forget_before(conn, now.plus(-MAILS_KEPT))
}

/// Does jobs as they become due, some at a time, until it is told to stop; jobs under way are
/// finished.
pub(crate) async fn run(app: Data<App>) {
    let workers = (0..AT_ONCE).map(|_| work(&app));
    futures_util::future::join(tidy(&app), futures_util::future::join_all(workers)).await;
}

/// How long nobody looks, if nobody is called.
const IDLE: std::time::Duration = std::time::Duration::from_secs(1);

async fn work(app: &Data<App>) {
    while !app.is_stopping() {
        match run_next(app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the queue cannot be read"),
        }
        // Whoever writes says so; the queue is looked at once a second all the same, for jobs of
        // other servers and of later.
        let _either = tokio::time::timeout(IDLE, app.wake.notified()).await;
    }
}

/// Forgets once an hour what is over.
async fn tidy(app: &App) {
    let mut tidied = Time::from(jiff::Timestamp::UNIX_EPOCH);
    while !app.is_stopping() {
        let now = app.now();
        if now.since(tidied) > SignedDuration::from_hours(1) {
            tidied = now;
            if let Err(error) = app.db.write(move |conn| forget(conn, now)).await {
                tracing::error!(%error, "what is over is not forgotten");
            }
        }
        tokio::time::sleep(IDLE).await;
    }
}
