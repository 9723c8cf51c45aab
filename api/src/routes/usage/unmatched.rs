//! Usage that matches nothing, where the pole chose to keep it: looked at, mended, discarded.

use actix_web::{HttpRequest, get, post};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::events::Place;
use crate::auth::{PoleMay, UsageRead, UsageWrite};
use crate::clock::Time;
use crate::db::usage::unmatched::{
    self, Filter, Key, UnmatchedReason, UnmatchedRow, UnmatchedState,
};
use crate::http::{Answer, Body, Page, PageQuery, Query, language_of};
use crate::metering::unmatched::{Wanted, resolve};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

mod objects;

use objects::{
    UnmatchedCount, UnmatchedDiscardInput, UnmatchedDiscarded, UnmatchedEvent, UnmatchedEventList,
    UnmatchedReasonCount, UnmatchedResolution, UnmatchedResolveInput,
};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_unmatched_usage)
        .service(count_unmatched_usage)
        .service(resolve_unmatched_usage)
        .service(discard_unmatched_usage);
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UnmatchedFilter {
    /// Those in this state; those that wait, if left out.
    #[param(inline)]
    state: Option<UnmatchedState>,
    /// Those that match nothing for this reason.
    #[param(inline)]
    reason: Option<UnmatchedReason>,
    /// Those whose member was called so.
    #[param(max_length = 256, example = "forge")]
    member: Option<String>,
    /// Those whose meter was called so.
    #[param(max_length = 256, example = "core-hours")]
    meter: Option<String>,
    /// Those that happened at this instant or later.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Time>,
    /// Those that happened before this instant.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Time>,
}

/// Which span of time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UnmatchedSpan {
    /// Events that happened at this instant or later.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Time>,
    /// Events that happened before this instant.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Time>,
}

/// Lists usage that matches nothing, by time.
///
/// Events of an unknown member or meter, or of a member without a subscription, which the pole
/// chose to keep (`unmatched_usage`). They do not count until they are resolved.
#[utoipa::path(
    tag = "usage",
    operation_id = "listUnmatchedUsage",
    params(PolePath, PageQuery, UnmatchedFilter),
    responses((status = 200, description = "A page of events.", body = UnmatchedEventList)),
    security(("token" = ["usage:read"])),
)]
#[get("/usage/unmatched")]
async fn list_unmatched_usage(
    caller: PoleMay<UsageRead>,
    page: Page,
    filter: Query<UnmatchedFilter>,
) -> Result<Answer, Problem> {
    let Query(UnmatchedFilter { state, reason, member, meter, from, to }) = filter;
    let state = Some(state.unwrap_or(UnmatchedState::Waiting));
    let members = member.map(|member| vec![member]);
    let filter = Filter { state, reason, members, meter, from, to };
    let (after, rows) = (page.after::<Place>()?, page.rows());
    let find = move |conn: &mut _, pole: &_| {
        let after = after.map(|Place(at, id)| (at, id));
        Ok(unmatched::page(conn, pole, &filter, after.as_ref(), rows)?)
    };
    let found = caller.read(find).await?;
    let page = page.list(found, |row| Place(row.happened_at, row.event_id.clone()));
    Answer::ok(&page.try_map(UnmatchedEvent::read)?)
}

/// Counts usage that waits for its cause to be mended.
///
/// All of it, or what happened in a span of time, such as a month that is to be invoiced.
#[utoipa::path(
    tag = "usage",
    operation_id = "countUnmatchedUsage",
    params(PolePath, UnmatchedSpan),
    responses((status = 200, description = "How much waits.", body = UnmatchedCount)),
    security(("token" = ["usage:read"])),
)]
#[get("/usage/unmatched/count")]
async fn count_unmatched_usage(
    caller: PoleMay<UsageRead>,
    span: Query<UnmatchedSpan>,
) -> Result<Answer, Problem> {
    let Query(UnmatchedSpan { from, to }) = span;
    let from = from.unwrap_or_else(|| jiff::Timestamp::MIN.into());
    let to = to.unwrap_or_else(|| jiff::Timestamp::MAX.into());
    let count = move |conn: &mut _, pole: &_| Ok(unmatched::waiting(conn, pole, (from, to))?);
    let reasons = caller.read(count).await?;
    let waiting = reasons.iter().fold(0_i64, |sum, (_, waiting)| sum.saturating_add(*waiting));
    let count = |(reason, waiting)| UnmatchedReasonCount { reason, waiting };
    Answer::ok(&UnmatchedCount { waiting, reasons: reasons.into_iter().map(count).collect() })
}

/// Lets usage count whose cause is mended.
///
/// All that waits, some events, or those of members that were called otherwise. They go through the
/// same intake as all usage, and count once, whoever sends them again. What still matches nothing
/// goes on waiting.
#[utoipa::path(
    tag = "usage",
    operation_id = "resolveUnmatchedUsage",
    params(PolePath),
    request_body = UnmatchedResolveInput,
    responses((status = 200, description = "What counts now.", body = UnmatchedResolution)),
    security(("token" = ["usage:write"])),
)]
#[post("/usage/unmatched/resolve")]
async fn resolve_unmatched_usage(
    caller: PoleMay<UsageWrite>,
    request: HttpRequest,
    body: Body<UnmatchedResolveInput>,
) -> Result<Answer, Problem> {
    let Body(UnmatchedResolveInput { events, members }) = body;
    let keys: Option<Vec<Key>> =
        events.map(|events| events.into_iter().map(|event| (event.time, event.id)).collect());
    if let Some(keys) = keys.clone() {
        caller
            .write(move |tx| {
                let recalled = recall(tx, &keys)?;
                if recalled.is_empty() {
                    return Ok(tx.unchanged(()));
                }
                let changes = Changes::made(&json!({ "events": recalled }));
                Ok(tx.done("usage.unmatched_recalled", "usage", &changes, ())?)
            })
            .await?;
    }
    let called = members.iter().map(|it| (it.called.clone(), it.is.clone())).collect();
    let wanted = Wanted { keys, members: called };
    let resolution = resolve(&caller.app, &caller.pole, &wanted).await?;
    if resolution.resolved > 0 {
        let resolved = json!({ "members": members, "resolved": resolution.resolved });
        let changes = Changes::made(&resolved);
        caller
            .write(move |tx| Ok(tx.done("usage.unmatched_resolved", "usage", &changes, ())?))
            .await?;
    }
    Answer::ok(&UnmatchedResolution::read(resolution, language_of(&request)))
}

/// Discards usage that will not count.
///
/// It stays on record, with the reason, and whoever sends it again is told that it is there. All of
/// the events or none. One that was discarded can still be resolved by its id.
#[utoipa::path(
    tag = "usage",
    operation_id = "discardUnmatchedUsage",
    params(PolePath),
    request_body = UnmatchedDiscardInput,
    responses((status = 200, description = "What will not count.", body = UnmatchedDiscarded)),
    security(("token" = ["usage:write"])),
)]
#[post("/usage/unmatched/discard")]
async fn discard_unmatched_usage(
    caller: PoleMay<UsageWrite>,
    body: Body<UnmatchedDiscardInput>,
) -> Result<Answer, Problem> {
    let Body(UnmatchedDiscardInput { events, reason }) = body;
    let report = caller
        .write(move |tx| {
            let keys: Vec<Key> = events.into_iter().map(|event| (event.time, event.id)).collect();
            let mut report = UnmatchedDiscarded { discarded: 0, unchanged: 0 };
            let mut discarded = Vec::new();
            for row in found(tx, &keys)? {
                if row.state == UnmatchedState::Discarded {
                    report.unchanged = report.unchanged.saturating_add(1);
                    continue;
                }
                let settled = (UnmatchedState::Discarded, reason.as_str());
                unmatched::settle(tx.conn, tx.pole(), row.key(), settled, Some(tx.at()))?;
                report.discarded = report.discarded.saturating_add(1);
                discarded.push(row.event_id);
            }
            if discarded.is_empty() {
                return Ok(tx.unchanged(report));
            }
            let changes = Changes::made(&json!({ "events": discarded, "reason": reason }));
            Ok(tx.done("usage.unmatched_discarded", "usage", &changes, report)?)
        })
        .await?;
    Answer::ok(&report)
}

/// Lets those wait again that were discarded; gives back their ids.
fn recall(tx: &mut Tx<'_>, keys: &[Key]) -> Result<Vec<String>, Problem> {
    let mut recalled = Vec::new();
    for row in found(tx, keys)?.into_iter().filter(|row| row.state == UnmatchedState::Discarded) {
        unmatched::settle(tx.conn, tx.pole(), row.key(), (UnmatchedState::Waiting, ""), None)?;
        recalled.push(row.event_id);
    }
    Ok(recalled)
}

/// The events of these keys; one that is not there, or counts already, is a fault.
fn found(tx: &mut Tx<'_>, keys: &[Key]) -> Result<Vec<UnmatchedRow>, Problem> {
    let mut sorted: Vec<_> = keys.iter().map(|(at, id)| (*at, id.as_str())).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut rows = unmatched::find_all(tx.conn, tx.pole(), &sorted)?;
    rows.retain(|row| row.state != UnmatchedState::Resolved);
    let is_there = |(at, id): &Key| rows.iter().any(|row| row.key() == (*at, id.as_str()));
    let missing = keys.iter().enumerate().filter(|(_, key)| !is_there(key));
    let faults: Vec<_> = missing.map(|(index, _)| unknown(index)).collect();
    if faults.is_empty() { Ok(rows) } else { Err(Problem::invalid(faults)) }
}

fn unknown(index: usize) -> Fault {
    let detail = say!(
        en "No event of this id and time matches nothing.",
        fr "Aucun événement non rapproché n’a cet identifiant et cette heure."
    );
    Fault::body(format!("/events/{index}"), "unknown_event", detail)
}
