//! What Stripe tells by webhooks: kept as it came, then acted upon by what Stripe says of the object now.

use actix_web::web::Data;
use serde::Deserialize;
use serde_json::Value;

use super::intent::{COLLECTION, INVOICE, MEMBER};
use super::signature::{self, Unsigned};
use super::{Account, Stripe, Trouble, charge, dispute, means, page, payout, refund, transfer};
use crate::app::App;
use crate::clock::Time;
use crate::db::collections::CollectionRow;
use crate::db::poles::{self, PoleRow};
use crate::db::stripe::{self, EventRow};
use crate::db::{Db, DbError, collections};
use crate::id::PoleId;
use crate::jobs::{self, Job};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

/// What is read of an event; all else is looked up.
#[derive(Debug, Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    data: Content,
}

#[derive(Debug, Deserialize)]
struct Content {
    object: Value,
}

/// Which objects matter here; the events of all others are kept, and nothing is done about them.
const HEEDED: [&str; 11] = [
    "payment_intent.",
    "charge.refund",
    "refund.",
    "charge.dispute.",
    "checkout.session.",
    "setup_intent.",
    "payment_method.",
    "mandate.",
    "payout.",
    "transfer.",
    "balance.available",
];

/// An event as it is kept.
///
/// # Errors
/// What is wrong with it, for who sent it.
pub(super) fn row(
    pole: &PoleId,
    body: &[u8],
    listed: bool,
    now: Time,
) -> Result<EventRow, Problem> {
    let read: Envelope = serde_json::from_slice(body).map_err(|error| {
        let detail = say!(en "No event: {error}.", fr "Ce n’est pas un évènement : {error}.");
        Problem::invalid(vec![Fault::body("", "no_event", detail)])
    })?;
    let object = read.data.object.get("id").and_then(Value::as_str).unwrap_or_default();
    let happened = jiff::Timestamp::from_second(read.created).unwrap_or(now.timestamp());
    let heeded = HEEDED.iter().any(|kind| read.kind.starts_with(kind));
    Ok(EventRow {
        pole_id: pole.clone(),
        event_id: read.id,
        kind: read.kind,
        object_id: object.to_owned(),
        happened_at: happened.into(),
        body: body.to_vec(),
        listed,
        received_at: now,
        handled_at: (!heeded).then_some(now),
        outcome: if heeded { String::new() } else { "nothing to do".to_owned() },
    })
}

/// What came, if Stripe signed it. Nothing is written for whoever did not.
///
/// # Errors
/// A [`Problem`] where it is not signed, or is no event.
pub(crate) fn believed(
    account: &Account,
    (signed, body): (&str, &[u8]),
    now: Time,
) -> Result<EventRow, Problem> {
    let secrets: Vec<_> = account.keys.webhooks().collect();
    signature::check(signed, body, &secrets, now).map_err(unsigned)?;
    row(&account.row.pole_id, body, false, now)
}

/// Keeps an event, with the job that acts upon it; says whether it is new.
pub(crate) fn keep(app: &App, tx: &mut Tx<'_>, row: &EventRow) -> Result<bool, Problem> {
    let new = stripe::keep_event(tx.conn, row)?;
    if new && row.handled_at.is_none() {
        let (pole, event) = (row.pole_id.clone(), row.event_id.clone());
        jobs::enqueue(app, tx, &Job::StripeEvent { pole, event })?;
    }
    Ok(new)
}

fn unsigned(why: Unsigned) -> Problem {
    let (code, detail) = match why {
        Unsigned::Unreadable => (
            "unreadable",
            say!(
                en "It cannot be read: t=…,v1=… is expected.",
                fr "Elle est illisible : t=…,v1=… est attendu."
            ),
        ),
        Unsigned::Wrong => (
            "wrong",
            say!(
                en "It is of another secret, or of other bytes.",
                fr "Elle est d’un autre secret, ou d’autres octets."
            ),
        ),
        Unsigned::Stale => (
            "stale",
            say!(
                en "It is more than five minutes off.",
                fr "Elle s’écarte de plus de cinq minutes."
            ),
        ),
    };
    Problem::bad_request(Fault::header("Stripe-Signature", code, detail))
}

/// Acts upon an event.
///
/// # Errors
/// [`Trouble`] after which it is tried again.
pub(crate) async fn run(app: &Data<App>, pole: PoleId, event: String) -> Result<(), Trouble> {
    let (of_work, of_pole, of_event) = (app.clone(), pole.clone(), event.clone());
    let read = app.db.read(move |conn| read(&of_work, conn, &of_pole, &of_event)).await;
    let Some((row, account)) = read.map_err(Trouble::ours)? else {
        return Ok(());
    };
    let Some((account, pole)) = account else {
        let outcome = "the account is deleted: what became of it is not heard of".to_owned();
        return note(app, row, Some(app.now()), outcome).await;
    };
    let done = match account.stripe(app) {
        Ok(stripe) => act(app, &stripe, &pole, &row).await,
        Err(trouble) => Err(trouble),
    };
    let now = app.now();
    let (handled, outcome) = match &done {
        Ok(outcome) => (Some(now), outcome.clone()),
        // Nothing will ever be known of it.
        Err(Trouble::Unknown(said) | Trouble::Refused { said, .. }) => (Some(now), said.clone()),
        Err(trouble) => (None, trouble.to_string()),
    };
    note(app, row, handled, outcome).await?;
    match done {
        Ok(_) | Err(Trouble::Unknown(_) | Trouble::Refused { .. }) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

/// Notes what became of an event.
async fn note(
    app: &Data<App>,
    row: EventRow,
    handled: Option<Time>,
    outcome: String,
) -> Result<(), Trouble> {
    let noted = app.db.write(move |conn| {
        stripe::note_event(conn, &row.pole_id, &row.event_id, (handled, &outcome))
    });
    noted.await.map_err(Trouble::ours)
}

/// An event that is to be acted upon; with the account and the pole, if there is still one.
type Unhandled = (EventRow, Option<(Account, PoleRow)>);

fn read(
    app: &App,
    conn: &mut Db,
    pole: &PoleId,
    event: &str,
) -> Result<Option<Unhandled>, DbError> {
    let row = stripe::event(conn, pole, event)?.filter(|row| row.handled_at.is_none());
    let Some(row) = row else { return Ok(None) };
    let account = Account::of(app, conn, pole)?;
    Ok(Some((row, account.zip(poles::find(conn, pole.as_str())?))))
}

/// Does what an event asks for, and says what that was.
async fn act(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    row: &EventRow,
) -> Result<String, Trouble> {
    let body: Value = serde_json::from_slice(&row.body).unwrap_or_default();
    let of = |name: &str| {
        let named = body.pointer(&format!("/data/object/{name}"))?;
        named.as_str().or_else(|| named.get("id")?.as_str()).map(str::to_owned)
    };
    let kind = row.kind.as_str();
    if kind.starts_with("payment_intent.") {
        return intent(app, stripe, pole, &row.object_id).await;
    }
    if kind.starts_with("charge.refund") || kind.starts_with("refund.") {
        let Some(of) = of("payment_intent") else { return Ok("of no intent".to_owned()) };
        intent(app, stripe, pole, &of).await?;
        return refund::look(app, stripe, pole, &of).await;
    }
    if kind.starts_with("charge.dispute.") {
        if let Some(of) = of("payment_intent") {
            intent(app, stripe, pole, &of).await?;
        }
        return dispute::look(app, stripe, pole, &row.object_id).await;
    }
    if kind.starts_with("checkout.session.") {
        let session = stripe.session_now(&row.object_id).await?;
        return means::of_session(app, stripe, pole, &session).await;
    }
    if kind.starts_with("setup_intent.") {
        return means::of_setup(app, stripe, pole, &row.object_id).await;
    }
    if kind == "payment_method.detached" {
        return means::detached(app, pole, row.object_id.clone(), "detached").await;
    }
    if kind == "mandate.updated" {
        let status = of("status").unwrap_or_default();
        let Some(method) = of("payment_method").filter(|_| status == "inactive") else {
            return Ok("nothing to do".to_owned());
        };
        return means::detached(app, pole, method, "mandate withdrawn").await;
    }
    if kind.starts_with("payout.") {
        return payout::look(app, stripe, pole, &row.object_id).await;
    }
    if kind.starts_with("transfer.") {
        return transfer::look(app, stripe, pole, &row.object_id).await;
    }
    if kind == "balance.available" {
        let count = transfer::hand_over_waiting(app, stripe, pole).await?;
        return Ok(format!("{count} transfers had waited for that"));
    }
    Ok("nothing to do".to_owned())
}

/// Writes down what an intent says, if it is of a collection or of the payment page.
pub(super) async fn intent(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    id: &str,
) -> Result<String, Trouble> {
    let intent = stripe.intent_now(id).await?;
    let named = intent.metadata.get(COLLECTION).and_then(|id| id.parse().ok());
    let (pole_id, external) = (pole.pole_id.clone(), id.to_owned());
    let known = app.db.read(move |conn| match named {
        Some(named) => collections::find(conn, &pole_id, &named),
        None => collections::by_external(conn, &pole_id, &external),
    });
    let known: Option<CollectionRow> = known.await.map_err(Trouble::ours)?;
    if let Some(row) = known {
        charge::settle(app, pole, row.collection_id.clone(), &intent).await?;
        return Ok(format!("collection {}", row.collection_id));
    }
    match intent.metadata.get(MEMBER).zip(intent.metadata.get(INVOICE)) {
        Some((member, invoice)) => page::paid(app, pole, &intent, (member, invoice)).await,
        None => Ok("not asked for by Palier".to_owned()),
    }
}
