//! Credits that members are granted, and what draws them.

use actix_web::{get, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MemberPath, PolePath};
use crate::auth::{InvoicesRead, InvoicesWrite, May, PoleMay};
use crate::day::Day;
use crate::db::grants::{self, GrantRow};
use crate::db::{Db, members};
use crate::grants::{Sums, grant, revoke, with_standings};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery};
use crate::id::{GrantId, MemberId, PoleId};
use crate::problem::Problem;

mod objects;

pub(crate) use objects::CreditGrant;
use objects::{CreditDraw, CreditGrantBalance, CreditGrantInput, RevocationInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_credit_grants)
        .service(create_credit_grant)
        .service(get_credit_grant)
        .service(revoke_credit_grant)
        .service(list_credit_draws)
        .service(get_credit_grant_balance);
}

/// A page of credits.
type CreditGrantList = List<CreditGrant>;

/// A page of draws.
type CreditDrawList = List<CreditDraw>;

/// Which credit.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct GrantPath {
    /// The credit's id.
    #[param(value_type = String, pattern = "^grt_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "grt_01k9gz7v3hf8mv3r0x2p6d9qae")]
    grant: GrantId,
}

/// Lists the credits that a member was granted, in the order in which they were.
#[utoipa::path(
    tag = "invoices",
    operation_id = "listCreditGrants",
    params(PolePath, MemberPath, PageQuery),
    responses((status = 200, description = "A page of credits.", body = CreditGrantList)),
    security(("token" = ["invoices:read"])),
)]
#[get("/members/{member}/credit-grants")]
async fn list_credit_grants(
    caller: May<InvoicesRead>,
    at: At<MemberId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let today = Day::today(&caller.pole, caller.now());
    let found = caller
        .read(move |conn, pole| {
            members::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            let found = grants::page(conn, pole, Some(&at.0), after.as_deref(), rows)?;
            Ok(with_standings(conn, pole, &today, found)?)
        })
        .await?;
    let page = page.list(found, |it| it.row.grant_id.to_string());
    let staff = caller.reach.pole;
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(CreditGrant::seen(it, staff)))?)
}

/// Grants a member a credit: it is billed so much less, without VAT.
///
/// Months draw it by themselves, of all credits that are valid on any of their days the one that ends
/// first, and stands on the documents as lines of its own. A month whose drafts are made draws it when
/// they are made again. It is no money: the credit of payments, which settles documents, is at
/// `/members/{member}/balance`.
#[utoipa::path(
    tag = "invoices",
    operation_id = "createCreditGrant",
    params(PolePath, MemberPath),
    request_body = CreditGrantInput,
    responses((status = 201, description = "The credit.", body = CreditGrant)),
    security(("token" = ["invoices:write"])),
)]
#[post("/members/{member}/credit-grants")]
async fn create_credit_grant(
    caller: PoleMay<InvoicesWrite>,
    at: At<MemberId>,
    once: Once,
    body: Body<CreditGrantInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            members::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let facts = input.facts(at.0, pole.currency())?;
            grant(tx, &pole, facts)?.and_then(|it| Ok(CreditGrant::seen(it, true)))
        })
        .await
}

/// A credit that a member was granted, and how it stands.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getCreditGrant",
    params(PolePath, MemberPath, GrantPath),
    responses((status = 200, description = "The credit.", body = CreditGrant)),
    security(("token" = ["invoices:read"])),
)]
#[get("/members/{member}/credit-grants/{grant}")]
async fn get_credit_grant(
    caller: May<InvoicesRead>,
    member: At<MemberId>,
    at: At<GrantId>,
) -> Result<Answer, Problem> {
    let today = Day::today(&caller.pole, caller.now());
    let found = caller
        .read(move |conn, pole| {
            let row = found(conn, pole, &member.0, &at.0)?;
            Ok(with_standings(conn, pole, &today, vec![row])?.pop())
        })
        .await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Answer::object(&CreditGrant::seen(found, caller.reach.pole))
}

/// Takes back a credit of which nothing is used.
///
/// Drafts that draw it draw what other credits there are, and come to more. What final documents drew
/// stays, unless they are credited.
#[utoipa::path(
    tag = "invoices",
    operation_id = "revokeCreditGrant",
    params(PolePath, MemberPath, GrantPath),
    request_body = RevocationInput,
    responses(
        (status = 200, description = "The credit as it is now.", body = CreditGrant),
        (status = 409, description = "It was taken back already, or invoices have drawn it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/members/{member}/credit-grants/{grant}/revoke")]
async fn revoke_credit_grant(
    caller: PoleMay<InvoicesWrite>,
    member: At<MemberId>,
    at: At<GrantId>,
    body: Body<RevocationInput>,
) -> Result<Answer, Problem> {
    let (reason, pole) = (body.0.reason, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            let revoked = revoke(tx, &pole, (&member.0, &at.0), &reason)?;
            revoked.and_then(|it| Ok::<_, Problem>(CreditGrant::seen(it, true)))
        })
        .await?;
    Answer::object(&made)
}

/// Lists which lines of documents draw a credit, or give back to it, in the order of the documents.
///
/// Staff see drafts as well, a member what is final.
#[utoipa::path(
    tag = "invoices",
    operation_id = "listCreditDraws",
    params(PolePath, MemberPath, GrantPath, PageQuery),
    responses((status = 200, description = "A page of draws.", body = CreditDrawList)),
    security(("token" = ["invoices:read"])),
)]
#[get("/members/{member}/credit-grants/{grant}/draws")]
async fn list_credit_draws(
    caller: May<InvoicesRead>,
    member: At<MemberId>,
    at: At<GrantId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<(String, i32)>()?, page.rows());
    let (currency, staff) = (caller.pole.currency(), caller.reach.pole);
    let found = caller
        .read(move |conn, pole| {
            found(conn, pole, &member.0, &at.0)?;
            Ok(grants::statement(conn, pole, (&at.0, staff), after.as_ref(), rows)?)
        })
        .await?;
    let page = page.list(found, |row| (row.invoice_id.to_string(), row.line));
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(CreditDraw::of(row, currency)))?)
}

/// What a member was granted in all, and what became of it.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getCreditGrantBalance",
    params(PolePath, MemberPath),
    responses((status = 200, description = "The sums.", body = CreditGrantBalance)),
    security(("token" = ["invoices:read"])),
)]
#[get("/members/{member}/credit-grant-balance")]
async fn get_credit_grant_balance(
    caller: May<InvoicesRead>,
    at: At<MemberId>,
) -> Result<Answer, Problem> {
    let (currency, staff) = (caller.pole.currency(), caller.reach.pole);
    let today = Day::today(&caller.pole, caller.now());
    let found = caller
        .read(move |conn, pole| {
            conn.snapshot(|conn| {
                members::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
                let rows = grants::page(conn, pole, Some(&at.0), None, i64::MAX)?;
                Ok::<_, Problem>(with_standings(conn, pole, &today, rows)?)
            })
        })
        .await?;
    let mut each = found.iter().map(|it| it.sums(staff));
    let sums = each.try_fold(Sums::default(), |sum, it| sum.plus(it, currency));
    let sums = sums.map_err(|error| Problem::internal(&error))?;
    Answer::ok(&CreditGrantBalance::of(sums, currency))
}

/// A credit of a member.
fn found(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    grant: &GrantId,
) -> Result<GrantRow, Problem> {
    grants::find(conn, pole, member, grant)?.ok_or_else(Problem::not_found)
}
