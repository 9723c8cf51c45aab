//! What webhooks may have missed: once an hour, and whenever somebody asks, Stripe is looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::web::Data;
use jiff::SignedDuration;
use serde::Serialize;
use utoipa::ToSchema;

use super::refund::write;
use super::{Account, Stripe, Trouble, charge, event, payout, transfer};
use crate::app::App;
use crate::clock::Time;
use crate::day::Day;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus, Wanted};
use crate::db::poles::{self, PoleRow};
use crate::db::transfers::Asked;
use crate::db::{Db, DbError, stripe};
use crate::id::PoleId;

/// How long it rests between two looks at the clock.
const REST: Duration = Duration::from_secs(2);
/// How often all is looked at.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How long it rests after a look that came to nothing.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// How far back, the first time: Stripe keeps events for thirty days.
const FIRST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How far before the last look: clocks differ, and events may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(2);
/// How long payouts are looked at again: they may come back days later.
const PAYOUTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How many collections are looked at together.
const TOGETHER: i64 = 100;

/// What was found by looking at Stripe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Found {
    /// Events whose webhook never came.
    #[schema(example = 0)]
    pub(crate) events: usize,
    /// Collections on the way that were looked at.
    #[schema(example = 12)]
    pub(crate) collections: usize,
    /// Payouts that were not known, or have another state.
    #[schema(example = 1)]
    pub(crate) payouts: usize,
    /// Transfers to providers that waited for the balance, which covers them now: they are asked for again.
    #[schema(example = 0)]
    pub(crate) transfers: usize,
}

/// When this process last looked, or tried to.
type Looked = BTreeMap<PoleId, Time>;

/// Hands over what is due, and looks at Stripe once an hour, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    let mut looked = Looked::new();
    while !app.is_stopping() {
        match app.db.read(poles_with_accounts).await {
            Ok(poles) => {
                for pole in poles {
                    turn(&app, &pole, &mut looked).await;
                }
            }
            Err(error) => tracing::error!(%error, "accounts at Stripe cannot be read"),
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

/// What goes wrong in one pole keeps no other from being looked at.
async fn turn(app: &Data<App>, pole: &PoleRow, looked: &mut Looked) {
    match hand_over(app, pole).await {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(pole = %pole.code, count, "what is due was handed over");
            app.wake.notify_one();
        }
        Err(error) => tracing::warn!(pole = %pole.code, %error, "what is due is not handed over"),
    }
    let (of_work, pole_id) = (app.clone(), pole.pole_id.clone());
    let account = app.db.read(move |conn| Account::of(&of_work, conn, &pole_id)).await;
    let Ok(Some(account)) = account else { return };
    let now = app.now();
    let soon = looked.get(&pole.pole_id).is_some_and(|last| now.since(*last) < AGAIN);
    if soon || account.row.looked_at.is_some_and(|last| now.since(last) < EVERY) {
        return;
    }
    looked.insert(pole.pole_id.clone(), now);
    match look(app, pole, &account).await {
        Ok(found) => tracing::debug!(pole = %pole.code, ?found, "Stripe was looked at"),
        Err(error) => tracing::warn!(pole = %pole.code, %error, "Stripe could not be looked at"),
    }
}

/// Hands over what is due. Whoever has nothing that is keeps nobody from writing.
async fn hand_over(app: &Data<App>, pole: &PoleRow) -> Result<usize, Trouble> {
    let (of_work, pole_id) = (app.clone(), pole.pole_id.clone());
    let now = app.now();
    let (today, of_read) = (Day::today(pole, now), Day::today(pole, now));
    let is_any_due = app.db.read(move |conn| {
        Ok(!charge::due(conn, &pole_id, &of_read)?.is_empty()
            || !transfer::due(conn, &pole_id, &of_read, Asked::Never)?.is_empty())
    });
    if !is_any_due.await.map_err(Trouble::ours)? {
        return Ok(0);
    }
    write(app, pole, move |tx| {
        let charges = charge::hand_over(&of_work, tx, &today)?;
        Ok(charges.saturating_add(transfer::hand_over(&of_work, tx, &today)?))
    })
    .await
}

fn poles_with_accounts(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    let accounts = stripe::accounts(conn)?;
    let found = accounts.iter().map(|row| poles::find(conn, row.pole_id.as_str()));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Looks at all that webhooks may have missed, and does what is due about it. What waited for the balance is
/// asked for again if it is covered now.
///
/// # Errors
/// [`Trouble`], after which it is looked at again.
pub(crate) async fn look(
    app: &Data<App>,
    pole: &PoleRow,
    account: &Account,
) -> Result<Found, Trouble> {
    let stripe = account.stripe(app)?;
    let now = app.now();
    let since = account.row.looked_at.map_or(now.plus(-FIRST), |last| last.plus(-OVERLAP));
    let events = events(app, &stripe, pole, since).await?;
    let collections = on_the_way(app, &stripe, pole).await?;
    let payouts = now.plus(-PAYOUTS).timestamp().as_second().min(since.timestamp().as_second());
    let payouts = payout::look_at_all(app, &stripe, pole, payouts).await?;
    let pole_id = pole.pole_id.clone();
    let noted = app.db.write(move |conn| stripe::looked(conn, &pole_id, now)).await;
    noted.map_err(Trouble::ours)?;
    let transfers = transfer::hand_over_waiting(app, &stripe, pole).await?;
    Ok(Found { events, collections, payouts, transfers })
}

/// Keeps events that are listed and never came.
async fn events(
    app: &Data<App>,
    stripe: &Stripe,
    pole: &PoleRow,
    since: Time,
) -> Result<usize, Trouble> {
    let listed = stripe.events_since(since.timestamp().as_second()).await?;
    let (of_work, pole_id) = (app.clone(), pole.pole_id.clone());
    let kept = write(app, pole, move |tx| {
        let mut new = 0_usize;
        for listed in listed {
            let object = miniserde::json::to_string(&listed.data.object);
            let object: serde_json::Value = serde_json::from_str(&object).unwrap_or_default();
            let body = serde_json::json!({
                "id": listed.id.as_str(), "object": "event", "type": listed.type_.as_str(),
                "created": listed.created, "data": { "object": object },
            });
            let row = event::row(&pole_id, body.to_string().as_bytes(), true, tx.at())?;
            new = new.saturating_add(usize::from(event::keep(&of_work, tx, &row)?));
        }
        Ok(new)
    });
    let kept = kept.await?;
    if kept > 0 {
        tracing::warn!(pole = %pole.code, events = kept, "events of Stripe’s came by no webhook");
        app.wake.notify_one();
    }
    Ok(kept)
}

/// Asks what became of collections that were sent.
async fn on_the_way(app: &Data<App>, stripe: &Stripe, pole: &PoleRow) -> Result<usize, Trouble> {
    let mut looked = 0_usize;
    for status in [CollectionStatus::Sent, CollectionStatus::Processing] {
        let mut after: Option<String> = None;
        loop {
            let wanted = Wanted {
                status: Some(status),
                channel: Some(Channel::Stripe),
                ..Wanted::default()
            };
            let (pole_id, from) = (pole.pole_id.clone(), after.clone());
            let rows = app.db.read(move |conn| {
                collections::page(conn, &pole_id, &wanted, from.as_deref(), TOGETHER)
            });
            let rows: Vec<CollectionRow> = rows.await.map_err(Trouble::ours)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.collection_id.to_string());
            for row in rows {
                let Some(intent) = &row.external_id else { continue };
                match event::intent(app, stripe, pole, intent).await {
                    Ok(_) => looked = looked.saturating_add(1),
                    // What Stripe does not tell of one keeps no other from being looked at.
                    Err(error @ (Trouble::Refused { .. } | Trouble::Unknown(_))) => {
                        tracing::error!(%intent, %error, "a collection cannot be looked at");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(looked)
}
