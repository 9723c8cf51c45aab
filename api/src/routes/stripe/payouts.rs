//! What Stripe paid out to the bank.

use actix_web::{HttpRequest, get};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::Payout;
use crate::auth::{PaymentsRead, PoleMay};
use crate::db::stripe as rows;
use crate::http::{Answer, List, Page, PageQuery};
use crate::problem::Problem;
use crate::routes::PolePath;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_payouts).service(get_payout);
}

/// A page of payouts.
type PayoutList = List<Payout>;

/// Which payout.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct PayoutPath {
    /// What Stripe calls it.
    #[param(pattern = "^[A-Za-z0-9_]{1,100}$", example = "po_1NcXBsLkdIwHu7ixvXVQ5mzI")]
    payout: String,
}

/// Lists what Stripe paid out to the bank, the latest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listPayouts",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of payouts.", body = PayoutList)),
    security(("token" = ["payments:read"])),
)]
#[get("/payouts")]
async fn list_payouts(caller: PoleMay<PaymentsRead>, page: Page) -> Result<Answer, Problem> {
    let (before, rows) = (page.after::<(String, String)>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let before = before.as_ref().map(|(day, id)| (day.as_str(), id.as_str()));
            Ok(rows::payouts(conn, pole, before, rows)?)
        })
        .await?;
    let page = page.list(found, |row| (row.arrives_on.date().to_string(), row.payout_id.clone()));
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Payout::of(row, None)))?)
}

/// A payout, with all it consists of: what members paid, what went back, and what Stripe kept.
///
/// What of it Palier knows nothing of, such as a charge that somebody made at Stripe, is told apart.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPayout",
    params(PolePath, PayoutPath),
    responses((status = 200, description = "The payout.", body = Payout)),
    security(("token" = ["payments:read"])),
)]
#[get("/payouts/{payout}")]
async fn get_payout(
    caller: PoleMay<PaymentsRead>,
    request: HttpRequest,
) -> Result<Answer, Problem> {
    let id = request.match_info().get("payout").unwrap_or_default().to_owned();
    let found = caller
        .read(move |conn, pole| {
            let row = rows::payout(conn, pole, &id)?.ok_or_else(Problem::not_found)?;
            let parts = rows::balance_of(conn, pole, &id)?;
            Ok((row, parts))
        })
        .await?;
    let (row, parts) = found;
    Answer::ok(&Payout::of(row, Some(parts)))
}
