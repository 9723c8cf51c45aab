//! Taking usage back.

use std::collections::BTreeMap;

use actix_web::post;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::objects::{UsageVoidInput, UsageVoidReport};
use crate::auth::{May, UsageWrite};
use crate::db::usage::rollups::{self, Days};
use crate::db::usage::{self, VoidRow, series, turns};
use crate::http::{Answer, Body};
use crate::id::MemberId;
use crate::metering::{Calendar, void};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(void_usage);
}

/// Takes events back.
///
/// They stay on record and no longer count. All of them or none: if one is not there, none is taken
/// back. One that does not count already stays as it is, so that this can be sent again. To correct
/// an event, report another one that `amends` it.
#[utoipa::path(
    tag = "usage",
    operation_id = "voidUsage",
    params(PolePath),
    request_body = UsageVoidInput,
    responses((status = 200, description = "What no longer counts.", body = UsageVoidReport)),
    security(("token" = ["usage:write"])),
)]
#[post("/usage/voids")]
async fn void_usage(
    caller: May<UsageWrite>,
    body: Body<UsageVoidInput>,
) -> Result<Answer, Problem> {
    let Body(UsageVoidInput { events, reason }) = body;
    let (pole, reach, actor) = (caller.pole.clone(), caller.reach.clone(), caller.actor.clone());
    let report = caller
        .write(move |tx| {
            turns::alone(tx.conn, tx.pole())?;
            let mut report = UsageVoidReport { voided: 0, unchanged: 0 };
            let (mut calendar, mut days, mut faults) =
                (Calendar::of(&pole), Days::new(), Vec::new());
            let owners = owners(series::owners(tx.conn, tx.pole())?);
            let books = usage::books(tx.conn, tx.pole())?;
            for (index, event) in events.iter().enumerate() {
                let key = [(event.time, event.id.as_str())];
                let found = usage::find_all(tx.conn, tx.pole(), &key)?.pop();
                let found = found.filter(|row| books.dropped(row.happened_at).is_none());
                let found = found.filter(|row| {
                    owners.get(&row.series_id).is_some_and(|(member, provider)| {
                        reach.has_member(member) || reach.has_provider(provider)
                    })
                });
                let Some(row) = found else {
                    let detail = say!(
                        en "There is no event of this id and time.",
                        fr "Aucun événement n’a cet identifiant et cette heure."
                    );
                    faults.push(Fault::body(format!("/events/{index}"), "unknown_event", detail));
                    continue;
                };
                if !usage::voided(tx.conn, tx.pole(), &key)?.is_empty() {
                    report.unchanged = report.unchanged.saturating_add(1);
                    continue;
                }
                let voided = VoidRow {
                    pole_id: tx.pole().clone(),
                    happened_at: event.time,
                    event_id: event.id.clone(),
                    amended_by: None,
                    reason: reason.clone(),
                    actor: actor.clone(),
                    voided_at: tx.at(),
                };
                void::take_out(tx.conn, &row, voided, &mut calendar, &mut days)?;
                report.voided = report.voided.saturating_add(1);
            }
            if !faults.is_empty() {
                return Err(Problem::invalid(faults));
            }
            if report.voided == 0 {
                return Ok(tx.unchanged(report));
            }
            rollups::add_delta(tx.conn, tx.pole(), tx.at(), &days)?;
            let ids: Vec<_> = events.iter().map(|event| &event.id).collect();
            let changes = Changes::made(&json!({ "events": ids, "reason": reason }));
            Ok(tx.done("usage.voided", "usage", &changes, report)?)
        })
        .await?;
    Answer::ok(&report)
}

/// Whose usage a series is, and of whose service.
fn owners(
    rows: Vec<(i64, MemberId, crate::id::ProviderId)>,
) -> BTreeMap<i64, (MemberId, crate::id::ProviderId)> {
    rows.into_iter().map(|(series, member, provider)| (series, (member, provider))).collect()
}
