//! Collections that are planned by themselves, where a pole has chosen that: once a day.

use std::time::Duration;

use actix_web::web::{self, Data};

use super::planner::{self, Asked};
use super::settings::Terms;
use crate::app::App;
use crate::clock::Time;
use crate::daily::Daily;
use crate::db::collections::Channel;
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, collection_settings, stripe};
use crate::id::new_id;
use crate::problem::Problem;
use crate::work::Author;

/// How long it rests between two looks at the clock.
const REST: Duration = Duration::from_secs(5);
/// Plans what is due, day after day, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    let mut looked = Daily::default();
    while !app.is_stopping() {
        if let Err(problem) = look(&app, &mut looked).await {
            tracing::warn!(?problem, "what is to be collected could not be looked for");
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

async fn look(app: &Data<App>, looked: &mut Daily) -> Result<(), Problem> {
    let now = app.now();
    for pole in app.db.read(automatic).await? {
        if !looked.is_first_look(&pole, now) {
            continue;
        }
        // What goes wrong in one pole keeps no other from collecting.
        if let Err(problem) = plan(app, pole, now).await {
            tracing::warn!(?problem, "what is to be collected could not be planned");
        }
    }
    Ok(())
}

fn automatic(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    let ids = collection_settings::automatic(conn)?;
    poles::among(conn, &ids)
}

async fn plan(app: &Data<App>, pole: PoleRow, now: Time) -> Result<(), Problem> {
    let of_work = app.clone();
    let planned = web::block(move || {
        let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
        let (terms, account) = of_work.db.read_now(|conn| {
            let terms = Terms::of(conn, &pole.pole_id)?;
            Ok::<_, Problem>((terms, stripe::account(conn, &pole.pole_id)?))
        })?;
        let mut done = Vec::new();
        for channel in [Channel::Bank, Channel::Stripe] {
            // Who debits nobody by files has said no creditor.
            let by_it = match channel {
                Channel::Bank => terms.debit.is_some(),
                Channel::Stripe => account.is_some(),
            };
            if !by_it {
                continue;
            }
            let asked = Asked { channel, until: None, documents: Vec::new(), dry_run: false };
            done.push(planner::run(&of_work, &author, &pole, &asked)?);
        }
        Ok::<_, Problem>((pole, done))
    });
    let (pole, done) = planned.await.map_err(|gone| Problem::internal(&gone))??;
    let pole = pole.code;
    for it in done.iter().flat_map(|it| &it.left_out) {
        let (document, why) = (&it.document.invoice_id, it.why.text().en);
        tracing::warn!(%pole, %document, %why, "a document that is due is not collected");
    }
    let planned = done.iter().map(|it| it.collections.len()).fold(0, usize::saturating_add);
    if planned > 0 {
        tracing::info!(%pole, planned, "collections were planned");
    }
    Ok(())
}
