//! Money asked for by members' means of payment.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, PaymentsRead, PaymentsWrite, PoleMay};
use crate::collections::planner::run;
use crate::collections::{News, learn, whole};
use crate::db::collections::{self, Channel, CollectionStatus, Wanted};
use crate::db::payments::Whose;
use crate::http::{Answer, At, Body, List, Page, PageQuery, Query};
use crate::id::{CollectionId, DebitFileId, MemberId};
use crate::problem::{Fault, Problem};
use crate::say;

mod objects;

pub(crate) use objects::Collection;
use objects::{CollectionEndInput, CollectionPlan, CollectionPlanInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_collections)
        .service(plan_collections)
        .service(get_collection)
        .service(cancel_collection);
}

/// A page of collections.
type CollectionList = List<Collection>;

/// Which collection.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct CollectionPath {
    /// The collection's id.
    #[param(value_type = String, pattern = "^col_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "col_01k9gz7v3hf8mv3r0x2p6d9qae")]
    collection: CollectionId,
}

/// Which collections.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CollectionFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Where they stand.
    #[param(inline)]
    status: Option<CollectionStatus>,
    /// Who collects.
    #[param(inline)]
    channel: Option<Channel>,
    /// By which file they were sent.
    #[param(value_type = Option<String>, pattern = "^dbf_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    file: Option<DebitFileId>,
}

/// Lists collections, in the order in which they were planned.
///
/// Staff see all of them, a member its own.
#[utoipa::path(
    tag = "payments",
    operation_id = "listCollections",
    params(PolePath, PageQuery, CollectionFilter),
    responses((status = 200, description = "A page of collections.", body = CollectionList)),
    security(("token" = ["payments:read"])),
)]
#[get("/collections")]
async fn list_collections(
    caller: May<PaymentsRead>,
    page: Page,
    filter: Query<CollectionFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let Query(CollectionFilter { member, status, channel, file }) = filter;
    let whose = Whose { among: caller.reach.members(), member };
    let file = file.map(|it| it.to_string());
    let wanted = Wanted { whose, status, channel, file, ..Wanted::default() };
    let found = caller
        .read(move |conn, pole| {
            let found = collections::page(conn, pole, &wanted, after.as_deref(), rows)?;
            Ok(whole(conn, pole, found)?)
        })
        .await?;
    let page = page.list(found, |(row, _)| row.collection_id.to_string());
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(Collection::from(it)))?)
}

/// A collection, with what it is of.
#[utoipa::path(
    tag = "payments",
    operation_id = "getCollection",
    params(PolePath, CollectionPath),
    responses((status = 200, description = "The collection.", body = Collection)),
    security(("token" = ["payments:read"])),
)]
#[get("/collections/{collection}")]
async fn get_collection(
    caller: May<PaymentsRead>,
    at: At<CollectionId>,
) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let found = caller
        .read(move |conn, pole| {
            let row = collections::find(conn, pole, &at.0)?;
            let row = row.filter(|row| reach.has_member(&row.member_id));
            Ok(whole(conn, pole, row.into_iter().collect())?)
        })
        .await?;
    let found = found.into_iter().next().ok_or_else(Problem::not_found)?;
    Answer::object(&Collection::from(found))
}

/// Plans the collection of what is due, and of what failed and may pass by now.
///
/// Each document is collected by what its member is collected by, once: on the day it is due or the first
/// business day after it, and not before the member was told long enough ahead. Who was not told by
/// the mail of the document is told by one of its own. It can be called again, and by several at once:
/// nothing is planned twice.
#[utoipa::path(
    tag = "payments",
    operation_id = "planCollections",
    params(PolePath),
    request_body = CollectionPlanInput,
    responses(
        (status = 200, description = "What was planned, or would be.", body = CollectionPlan),
        (status = 409, description = "The settings name no creditor.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/collections/plan")]
async fn plan_collections(
    caller: PoleMay<PaymentsWrite>,
    body: Body<CollectionPlanInput>,
) -> Result<Answer, Problem> {
    let asked = body.0.asked();
    let (app, pole, author) = (caller.app.clone(), caller.pole.clone(), caller.author());
    let done = web::block(move || run(&app, &author, &pole, &asked));
    let done = done.await.map_err(|gone| Problem::internal(&gone))??;
    Answer::ok(&CollectionPlan::from(done))
}

/// Calls a collection off that was planned and is not sent yet.
///
/// Its documents are not planned again by themselves.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelCollection",
    params(PolePath, CollectionPath),
    request_body = CollectionEndInput,
    responses(
        (status = 200, description = "The collection as it is now.", body = Collection),
        (status = 409, description = "It was sent, or is over.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/collections/{collection}/cancel")]
async fn cancel_collection(
    caller: PoleMay<PaymentsWrite>,
    at: At<CollectionId>,
    body: Body<CollectionEndInput>,
) -> Result<Answer, Problem> {
    let reason = body.0.reason;
    let made = caller
        .write(move |tx| {
            crate::db::poles::hold(tx.conn, tx.pole())?;
            let row = collections::find(tx.conn, tx.pole(), &at.0)?;
            let row = row.ok_or_else(Problem::not_found)?;
            if row.status != CollectionStatus::Planned {
                let detail = say!(
                    en "It is not planned any more: it was sent, or is over.",
                    fr "Il n’est plus prévu : il est parti, ou terminé."
                );
                return Err(Problem::conflict(Fault::body("", "not_planned", detail)));
            }
            let row = learn(tx, &at.0, News::Cancelled { reason })?;
            let shown = whole(tx.conn, tx.pole(), vec![row])?.pop();
            // What became of it is in the log already.
            Ok(tx.unchanged(shown.ok_or_else(Problem::not_found)?))
        })
        .await?;
    Answer::object(&Collection::from(made))
}
