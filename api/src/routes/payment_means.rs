//! By what members let themselves be collected.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MemberPath, PolePath};
use crate::app::App;
use crate::auth::{May, MembersWrite, PaymentsRead, PaymentsWrite, PoleMay};
use crate::collections::mandates;
use crate::day::Day;
use crate::db::means::{self, MeansKind};
use crate::db::payments::Whose;
use crate::db::poles;
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query};
use crate::id::{MeansId, MemberId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::work::{Done, Tx};

mod objects;

use objects::{MandateInput, MeansEndInput, PaymentMeans};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_payment_means)
        .service(record_mandate)
        .service(get_payment_means)
        .service(set_default_payment_means)
        .service(end_payment_means)
        .service(revoke_payment_means);
}

/// A page of means of payment.
type PaymentMeansList = List<PaymentMeans>;

/// Which means of payment.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct MeansPath {
    /// The id of the means of payment.
    #[param(value_type = String, pattern = "^pms_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "pms_01k9gz7v3hf8mv3r0x2p6d9qae")]
    means: MeansId,
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MeansFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// Lists means of payment, in the order in which they were made.
///
/// Staff see all of them, a member its own. Accounts are whole for staff only.
#[utoipa::path(
    tag = "payments",
    operation_id = "listPaymentMeans",
    params(PolePath, PageQuery, MeansFilter),
    responses((status = 200, description = "A page of means of payment.", body = PaymentMeansList)),
    security(("token" = ["payments:read"])),
)]
#[get("/payment-means")]
async fn list_payment_means(
    caller: May<PaymentsRead>,
    page: Page,
    filter: Query<MeansFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let whose = Whose { among: caller.reach.members(), member: filter.0.member };
    let staff = caller.reach.pole;
    let found = caller
        .read(move |conn, pole| {
            let found = means::page(conn, pole, &whose, after.as_deref(), rows)?;
            let seen = found.into_iter().map(|row| PaymentMeans::seen(conn, pole, row, staff));
            Ok(seen.collect::<Result<Vec<_>, _>>()?)
        })
        .await?;
    let page = page.list(found, |it| it.id.to_string());
    Answer::ok(&page.try_map(Ok::<_, Problem>)?)
}

/// Records a mandate that a member has signed.
///
/// It is what the member is collected by from now on, unless it is collected by another already.
#[utoipa::path(
    tag = "payments",
    operation_id = "recordMandate",
    params(PolePath),
    request_body = MandateInput,
    responses(
        (status = 201, description = "The mandate.", body = PaymentMeans),
        (status = 409, description = "Another mandate has its reference.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means")]
async fn record_mandate(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<MandateInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let today = Day::today(&pole, tx.at());
            let made = mandates::sign(tx, &today, input.signed())?;
            made.and_then(|row| Ok(PaymentMeans::seen(tx.conn, tx.pole(), row, true)?))
        })
        .await
}

/// A means of payment.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPaymentMeans",
    params(PolePath, MeansPath),
    responses((status = 200, description = "The means of payment.", body = PaymentMeans)),
    security(("token" = ["payments:read"])),
)]
#[get("/payment-means/{means}")]
async fn get_payment_means(caller: May<PaymentsRead>, at: At<MeansId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let found = caller
        .read(move |conn, pole| {
            let row = means::find(conn, pole, &at.0)?;
            let row = row.filter(|row| reach.has_member(&row.member_id));
            let row = row.ok_or_else(Problem::not_found)?;
            Ok(PaymentMeans::seen(conn, pole, row, reach.pole)?)
        })
        .await?;
    Answer::object(&found)
}

/// Collects what a member owes by this one from now on.
///
/// What is planned or on its way by another goes on.
#[utoipa::path(
    tag = "payments",
    operation_id = "setDefaultPaymentMeans",
    params(PolePath, MeansPath),
    responses(
        (status = 200, description = "The means of payment as it is now.", body = PaymentMeans),
        (status = 409, description = "It cannot be used.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means/{means}/default")]
async fn set_default_payment_means(
    caller: PoleMay<PaymentsWrite>,
    at: At<MeansId>,
) -> Result<Answer, Problem> {
    let made = caller
        .write(move |tx| {
            poles::hold(tx.conn, tx.pole())?;
            let row = means::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let made = mandates::make_default(tx, row)?;
            made.and_then(|row| {
                Ok::<_, Problem>(PaymentMeans::seen(tx.conn, tx.pole(), row, true)?)
            })
        })
        .await?;
    Answer::object(&made)
}

/// Ends a means of payment: the member has revoked it, or it shall not be used any more.
///
/// What was planned by it is given up; what is on its way goes on. Stripe forgets what it kept.
#[utoipa::path(
    tag = "payments",
    operation_id = "endPaymentMeans",
    params(PolePath, MeansPath),
    request_body = MeansEndInput,
    responses(
        (status = 200, description = "The means of payment as it is now.", body = PaymentMeans),
        (status = 409, description = "It has ended already.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means/{means}/end")]
async fn end_payment_means(
    caller: PoleMay<PaymentsWrite>,
    at: At<MeansId>,
    body: Body<MeansEndInput>,
) -> Result<Answer, Problem> {
    let (Body(MeansEndInput { reason }), app) = (body, caller.app.clone());
    let made = caller.write(move |tx| end(&app, tx, (&at.0, None), reason)).await?;
    Answer::object(&made)
}

/// Revokes a means of payment: the member does not let itself be collected by it any more.
///
/// What was planned by it is given up, and owed as any other document; what was sent to the bank or to
/// Stripe goes on.
#[utoipa::path(
    tag = "payments",
    operation_id = "revokePaymentMeans",
    params(PolePath, MemberPath, MeansPath),
    request_body = MeansEndInput,
    responses(
        (status = 200, description = "The means of payment as it is now.", body = PaymentMeans),
        (status = 409, description = "It has ended already.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["members:write"])),
)]
#[post("/members/{member}/payment-means/{means}/end")]
async fn revoke_payment_means(
    caller: May<MembersWrite>,
    member: At<MemberId>,
    at: At<MeansId>,
    body: Body<MeansEndInput>,
) -> Result<Answer, Problem> {
    let (Body(MeansEndInput { reason }), app) = (body, caller.app.clone());
    let made = caller.write(move |tx| end(&app, tx, (&at.0, Some(&member.0)), reason)).await?;
    Answer::object(&made)
}

/// Ends one, that of a member if one is named; what Stripe kept of it is forgotten there.
fn end(
    app: &App,
    tx: &mut Tx<'_>,
    (id, of): (&MeansId, Option<&MemberId>),
    reason: String,
) -> Result<Done<PaymentMeans>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = means::find(tx.conn, tx.pole(), id)?;
    let row = row.filter(|row| of.is_none_or(|member| row.member_id == *member));
    let row = row.ok_or_else(Problem::not_found)?;
    let kept = row.external_id.clone().filter(|_| row.kind != MeansKind::Mandate);
    let made = mandates::end(tx, row, reason)?;
    if let Some(method) = kept {
        let pole = tx.pole().clone();
        jobs::enqueue(app, tx, &Job::StripeForget { pole, method })?;
    }
    // A member sees of its account what it sees elsewhere.
    let whole = of.is_none();
    made.and_then(|row| Ok::<_, Problem>(PaymentMeans::seen(tx.conn, tx.pole(), row, whole)?))
}
