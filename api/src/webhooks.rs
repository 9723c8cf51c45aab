//! Webhooks: providers are told what happens to the members of their services.
//!
//! As [Standard Webhooks](https://www.standardwebhooks.com/) has it: a POST with `webhook-id`,
//! `webhook-timestamp` and `webhook-signature`. What is told is written in the transaction in which it
//! happens, as the bytes that are sent, and delivered by a job behind it. It comes at least once, and always
//! under the same id; a later one may overtake an earlier one, which its `sequence` shows. Where a member
//! stands now is what its entitlement says.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web::Data;
use jiff::SignedDuration;

use crate::app::App;
use crate::clock::Time;
use crate::db::webhooks::{self, DeliveryError, DeliveryRow, DeliveryState};
use crate::db::{Db, DbError};
use crate::fault;
use crate::id::{DeliveryId, PoleId, ProviderId};
use crate::jobs;
use crate::mail::{Delivery, Undelivered};
use crate::outward::{Agent, OutwardAddress, Reach};

mod endpoint;
mod event;
mod signature;
mod tell;
mod trial;

pub(crate) use endpoint::Endpoint;
pub(crate) use event::WebhookEvent;
pub(crate) use tell::{again, tell};
pub(crate) use trial::{WebhookTest, try_out};

/// By which providers are called.
pub(crate) struct Webhooks {
    agent: Agent,
    /// Who is being told something.
    busy: Mutex<BTreeSet<ProviderId>>,
}

/// How long a provider is left alone at most where it asks for that: as long as it is between attempts at most.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(6);

/// How long a delivery waits while its provider is being told something else.
const REST: SignedDuration = SignedDuration::from_secs(2);

/// The turn of a provider: one thing at a time, so that a slow one keeps no mail and no other waiting.
struct Turn<'w> {
    webhooks: &'w Webhooks,
    provider: ProviderId,
}

impl Webhooks {
    /// One that reaches this far.
    pub(crate) fn new(reach: Reach) -> Self {
        Self { agent: Agent::new(reach), busy: Mutex::default() }
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<ProviderId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn of a provider; none, if somebody has it.
    fn turn(&self, provider: &ProviderId) -> Option<Turn<'_>> {
        let is_mine = self.busy().insert(provider.clone());
        is_mine.then(|| Turn { webhooks: self, provider: provider.clone() })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.webhooks.busy().remove(&self.provider);
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Attempt {
    /// The status of the answer, if there was one.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<DeliveryError>,
    /// How long whoever answered asks to be left alone.
    rest: SignedDuration,
}

impl Attempt {
    fn failed(error: DeliveryError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }
}

/// Tells a provider what it is to be told, unless it knows.
///
/// # Errors
/// [`Undelivered`]; what it says names nobody's address.
pub(crate) async fn deliver(
    app: &Data<App>,
    pole: &PoleId,
    id: &DeliveryId,
) -> Result<Delivery, Undelivered> {
    let (of_work, of_pole, delivery) = (app.clone(), pole.clone(), id.clone());
    let found = app.db.read(move |conn| {
        let row = webhooks::find(conn, &of_pole, &delivery)?;
        let Some(row) = row.filter(|row| row.state == DeliveryState::Queued) else {
            return Ok(None);
        };
        Ok::<_, DbError>(Some((Endpoint::of(&of_work, conn, &of_pole, &row.provider_id)?, row)))
    });
    let Some((endpoint, row)) = found.await.map_err(|error| error.to_string())? else {
        return Ok(Delivery::Taken);
    };
    let _turn = app.webhooks.turn(&row.provider_id).ok_or(Undelivered::Wait(REST))?;
    let attempt = match &endpoint {
        Some(endpoint) => send(app, endpoint, row.delivery_id.as_str(), &row.body).await,
        None => Attempt::failed(DeliveryError::NoEndpoint),
    };
    fault::point("webhook sent");
    let (of_pole, delivery, now) = (pole.clone(), id.clone(), app.now());
    let noted = app.db.write(move |conn| note(conn, &of_pole, &delivery, attempt, now)).await;
    let state = noted.map_err(|error: DbError| error.to_string())?;
    let Attempt { status, error, rest } = attempt;
    let Some(error) = error else { return Ok(Delivery::Taken) };
    let said =
        status.map_or_else(|| error.as_str().to_owned(), |status| format!("status {status}"));
    match state {
        DeliveryState::Queued => Err(Undelivered::NotBefore(rest, said)),
        DeliveryState::Delivered | DeliveryState::GivenUp => Err(Undelivered::Never(said)),
    }
}

async fn send(app: &App, endpoint: &Endpoint, id: &str, body: &str) -> Attempt {
    let agent = &app.webhooks.agent;
    // It was good when it was given; the server may reach less far now.
    let Ok(address) = OutwardAddress::parse(&endpoint.row.url, agent.reach) else {
        return Attempt::failed(DeliveryError::Address);
    };
    let now = app.now();
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.timestamp().as_second().to_string()),
        ("webhook-signature", endpoint.signatures(id, now, body)),
    ];
    let answered = match agent.post(&address, headers, body.to_owned()).await {
        Ok(answered) => answered,
        Err(error) if error.is_timeout() => return Attempt::failed(DeliveryError::Timeout),
        Err(_) => return Attempt::failed(DeliveryError::NoConnection),
    };
    let error = match answered.status {
        200..300 => None,
        300..400 => Some(DeliveryError::Redirect),
        _ => Some(DeliveryError::Status),
    };
    let rest = answered.rest.and_then(|rest| time_asked_for(&rest, now)).unwrap_or_default();
    Attempt { status: Some(answered.status), error, rest }
}

/// How long a `Retry-After` asks to wait (RFC 9110, 10.2.3: seconds, or until a moment), as far as that is taken
/// into account.
fn time_asked_for(rest: &str, now: Time) -> Option<SignedDuration> {
    let rest = match rest.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(seconds.into()),
        Err(_) => jiff::fmt::rfc2822::parse(rest).ok()?.timestamp().duration_since(now.timestamp()),
    };
    Some(rest.clamp(SignedDuration::ZERO, LONGEST_REST))
}

/// Notes what became of an attempt, and gives where the delivery stands then.
fn note(
    conn: &mut Db,
    pole: &PoleId,
    id: &DeliveryId,
    Attempt { status, error, .. }: Attempt,
    now: Time,
) -> Result<DeliveryState, DbError> {
    let Some(row) = webhooks::find(conn, pole, id)? else { return Ok(DeliveryState::GivenUp) };
    let state = match error {
        None => DeliveryState::Delivered,
        Some(DeliveryError::NoEndpoint) => DeliveryState::GivenUp,
        Some(_) if now.since(row.queued_at) >= jobs::IN_ALL => DeliveryState::GivenUp,
        Some(_) => DeliveryState::Queued,
    };
    let attempts = row.attempts.saturating_add(1);
    let (status, attempted_at) = (status.map(i32::from), Some(now));
    webhooks::note(conn, &DeliveryRow { state, attempts, status, error, attempted_at, ..row })?;
    Ok(state)
}
