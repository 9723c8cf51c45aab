//! Services of members that have not paid, suspended after formal notice.

use actix_web::{get, post};
use palier_billing::Money;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{DunningRead, DunningWrite, PoleMay};
use crate::clock::Time;
use crate::db::invoices::InvoiceRow;
use crate::db::services::ServiceRow;
use crate::db::suspensions::{self, CauseRow, LiftedWhy, SuspensionRow, Wanted};
use crate::db::{Db, DbError};
use crate::dunning::{lift, suspend};
use crate::http::{Answer, At, Body, Input, List, Once, Page, PageQuery, Query, Resource};
use crate::id::{InvoiceId, LetterId, MemberId, PoleId, ServiceId, SuspensionId};
use crate::problem::Problem;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_suspensions)
        .service(suspend_services)
        .service(get_suspension)
        .service(lift_suspension);
}

/// The time in which a member's services are suspended for what it has not paid after formal notice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Suspension {
    id: SuspensionId,
    /// Whose services.
    member: MemberId,
    /// Those that the member was subscribed to when it began.
    services: Vec<ServiceId>,
    /// What it is for.
    documents: Vec<SuspensionCause>,
    /// Since when.
    began_at: Time,
    /// By whom: the id of a user or a key, `operator`, or `palier` if by itself.
    #[schema(example = "palier")]
    began_by: String,
    /// What they said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Aucune réponse à la mise en demeure")]
    reason: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    lifted: Option<Lifted>,
}

/// How a suspension ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Lifted {
    why: LiftedWhy,
    at: Time,
    /// By whom: the id of a user or a key, `operator`, or `palier` if by itself.
    #[schema(example = "palier")]
    by: String,
    /// What they said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Échéancier convenu")]
    reason: Option<String>,
}

/// A document that services are suspended for.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SuspensionCause {
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// The formal notice that went out about it.
    letter: LetterId,
    /// ISO 4217 code of what was open.
    #[schema(example = "EUR")]
    currency: String,
    /// What was open of it when the suspension began.
    #[schema(example = "1200.00")]
    open: String,
}

impl Suspension {
    /// Suspensions with what they are for and what they suspend.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn read(
        conn: &mut Db,
        pole: &PoleId,
        rows: &[SuspensionRow],
    ) -> Result<Vec<Self>, DbError> {
        let ids: Vec<_> = rows.iter().map(|row| row.suspension_id.clone()).collect();
        let causes = suspensions::causes(conn, pole, &ids)?;
        let services = suspensions::services(conn, pole, &ids)?;
        Ok(rows.iter().map(|row| Self::of(row, &causes, &services)).collect())
    }

    fn of(
        row: &SuspensionRow,
        causes: &[(CauseRow, InvoiceRow)],
        services: &[(SuspensionId, ServiceRow)],
    ) -> Self {
        let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let causes = causes.iter().filter(|(it, _)| it.suspension_id == row.suspension_id);
        let services = services.iter().filter(|(it, _)| *it == row.suspension_id);
        let lifted = row.lifted.zip(row.lifted_at).map(|(why, at)| Lifted {
            why,
            at,
            by: row.lifted_by.clone().unwrap_or_default(),
            reason: row.lift_reason.as_ref().and_then(said),
        });
        Self {
            id: row.suspension_id.clone(),
            member: row.member_id.clone(),
            services: services.map(|(_, it)| it.service_id.clone()).collect(),
            documents: causes.map(SuspensionCause::of).collect(),
            began_at: row.began_at,
            began_by: row.actor.clone(),
            reason: said(&row.reason),
            lifted,
        }
    }
}

impl SuspensionCause {
    fn of((cause, document): &(CauseRow, InvoiceRow)) -> Self {
        Self {
            invoice: cause.invoice_id.clone(),
            number: document.number.clone().unwrap_or_default(),
            letter: cause.letter_id.clone(),
            currency: document.currency.clone(),
            open: Money::from_minor(cause.open_minor, document.currency()).to_string(),
        }
    }
}

impl Resource for Suspension {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        if self.lifted.is_some() { 2 } else { 1 }
    }
}

/// A page of suspensions.
type SuspensionList = List<Suspension>;

/// Which suspension.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct SuspensionPath {
    /// The suspension's id.
    #[param(value_type = String, pattern = "^sus_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "sus_01k9gz7v3hf8mv3r0x2p6d9qae")]
    suspension: SuspensionId,
}

/// Which suspensions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuspensionFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Those that go on, or those that have ended.
    open: Option<bool>,
}

/// Whose services to suspend.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae", "reason": "Aucune réponse à la mise en demeure" }))]
struct SuspensionInput {
    member: MemberId,
    /// Why now.
    #[schema(max_length = 500, format = "line", example = "Aucune réponse à la mise en demeure")]
    reason: String,
}

impl Input for SuspensionInput {}

/// Why a suspension ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Échéancier convenu" }))]
struct LiftInput {
    /// Why.
    #[schema(max_length = 500, format = "line", example = "Échéancier convenu")]
    reason: String,
}

impl Input for LiftInput {}

/// Lists suspensions, in the order in which they began.
#[utoipa::path(
    tag = "dunning",
    operation_id = "listSuspensions",
    params(PolePath, PageQuery, SuspensionFilter),
    responses((status = 200, description = "A page of suspensions.", body = SuspensionList)),
    security(("token" = ["dunning:read"])),
)]
#[get("/dunning/suspensions")]
async fn list_suspensions(
    caller: PoleMay<DunningRead>,
    page: Page,
    filter: Query<SuspensionFilter>,
) -> Result<Answer, Problem> {
    let Query(SuspensionFilter { member, open }) = filter;
    let (wanted, after, rows) = (Wanted { member, open }, page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let rows = suspensions::page(conn, pole, &wanted, after.as_deref(), rows)?;
            Ok(Suspension::read(conn, pole, &rows)?)
        })
        .await?;
    Answer::ok(&page.list(found, |it| it.id.to_string()))
}

/// Suspends a member's services now.
///
/// For all that is open after a formal notice, without waiting for the day that it announced, and whatever was
/// lifted by hand before: documents that are paused or being collected do not count, nor what the member's
/// credit covers. It ends as soon as none of them holds it any more, or by hand. The member is mailed, and
/// the providers of its services are told by their webhooks. Usage that is reported meanwhile is still taken,
/// and billed; new subscriptions are refused. For other reasons than what is not paid, a member's `status`
/// says that it may not use services.
#[utoipa::path(
    tag = "dunning",
    operation_id = "suspendServices",
    params(PolePath),
    request_body = SuspensionInput,
    responses(
        (status = 201, description = "The suspension.", body = Suspension),
        (status = 409, description = "They are suspended already, or nothing is open after a formal notice, or \
            the member has no services.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/suspensions")]
async fn suspend_services(
    caller: PoleMay<DunningWrite>,
    once: Once,
    body: Body<SuspensionInput>,
) -> Result<Answer, Problem> {
    let (Body(SuspensionInput { member, reason }), pole) = (body, caller.pole.clone());
    let app = caller.app.clone();
    caller
        .create(once, move |tx| {
            let begun = suspend(&app, tx, &pole, (&member, &reason))?;
            begun.and_then(|row| one(tx.conn, row))
        })
        .await
}

/// A suspension.
#[utoipa::path(
    tag = "dunning",
    operation_id = "getSuspension",
    params(PolePath, SuspensionPath),
    responses((status = 200, description = "The suspension.", body = Suspension)),
    security(("token" = ["dunning:read"])),
)]
#[get("/dunning/suspensions/{suspension}")]
async fn get_suspension(
    caller: PoleMay<DunningRead>,
    at: At<SuspensionId>,
) -> Result<Answer, Problem> {
    let found = caller
        .read(move |conn, pole| {
            let row = suspensions::find(conn, pole, &at.0)?;
            one(conn, row.ok_or_else(Problem::not_found)?)
        })
        .await?;
    Answer::object(&found)
}

/// Opens a member's services again.
///
/// None is suspended by itself again for the same documents: to leave them alone for a while only, pause them.
#[utoipa::path(
    tag = "dunning",
    operation_id = "liftSuspension",
    params(PolePath, SuspensionPath),
    request_body = LiftInput,
    responses(
        (status = 200, description = "The suspension as it ended.", body = Suspension),
        (status = 409, description = "It has ended already.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/suspensions/{suspension}/lift")]
async fn lift_suspension(
    caller: PoleMay<DunningWrite>,
    at: At<SuspensionId>,
    body: Body<LiftInput>,
) -> Result<Answer, Problem> {
    let (Body(LiftInput { reason }), pole) = (body, caller.pole.clone());
    let app = caller.app.clone();
    let ended = caller
        .write(move |tx| {
            let row = suspensions::find(tx.conn, tx.pole(), &at.0)?;
            let row = row.ok_or_else(Problem::not_found)?;
            let ended = lift(&app, tx, &pole, row, (LiftedWhy::ByHand, &reason))?;
            ended.and_then(|row| one(tx.conn, row))
        })
        .await?;
    Answer::object(&ended)
}

fn one(conn: &mut Db, row: SuspensionRow) -> Result<Suspension, Problem> {
    let pole = row.pole_id.clone();
    Suspension::read(conn, &pole, &[row])?.pop().ok_or_else(Problem::not_found)
}
