//! What providers bill to the pole.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::providers::ProviderPath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::bills::{cancel, record};
use crate::day::Day;
use crate::db::bills::{self, BillRow, BillStatus, Wanted};
use crate::db::{Db, DbError, providers};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query};
use crate::id::{BillId, PoleId, ProviderId};
use crate::problem::Problem;

mod objects;

pub(crate) use objects::ProviderBill;
use objects::{BillEndInput, ProviderBillInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_bills).service(record_bill).service(get_bill).service(cancel_bill);
}

/// A page of bills.
type ProviderBillList = List<ProviderBill>;

/// Which bill.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct BillPath {
    /// The bill's id.
    #[param(value_type = String, pattern = "^bil_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "bil_01k9gz7v3hf8mv3r0x2p6d9qae")]
    bill: BillId,
}

/// Which bills.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BillFilter {
    /// Where they stand.
    #[param(inline)]
    status: Option<BillStatus>,
}

/// Lists what a provider has billed, in the order in which it was recorded.
#[utoipa::path(
    tag = "payments",
    operation_id = "listProviderBills",
    params(PolePath, ProviderPath, PageQuery, BillFilter),
    responses((status = 200, description = "A page of bills.", body = ProviderBillList)),
    security(("token" = ["payments:read"])),
)]
#[get("/providers/{provider}/bills")]
async fn list_bills(
    caller: PoleMay<PaymentsRead>,
    at: At<ProviderId>,
    page: Page,
    filter: Query<BillFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let wanted =
        Wanted { provider: Some(at.0.clone()), status: filter.0.status, ..Wanted::default() };
    let found = caller
        .read(move |conn, pole| {
            providers::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            Ok(bills::page(conn, pole, &wanted, after.as_deref(), rows)?)
        })
        .await?;
    let page = page.list(found, |row| row.bill_id.to_string());
    Answer::ok(&page.try_map(ProviderBill::of)?)
}

/// Records what a provider has billed: it is owed from then on.
///
/// Under one number a provider bills once. VAT is what the provider charges; it may differ by 0.50 from what
/// its rate gives, for providers that round it line by line. It is booked on its day of issue, or on the
/// first day that is still open.
#[utoipa::path(
    tag = "payments",
    operation_id = "recordProviderBill",
    params(PolePath, ProviderPath),
    request_body = ProviderBillInput,
    responses(
        (status = 201, description = "The bill.", body = ProviderBill),
        (status = 409, description = "The provider has billed under this number before, or it cannot be booked.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/providers/{provider}/bills")]
async fn record_bill(
    caller: PoleMay<PaymentsWrite>,
    at: At<ProviderId>,
    once: Once,
    body: Body<ProviderBillInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let facts = input.facts(at.0, pole.currency())?;
            let today = Day::today(&pole, tx.at());
            record(tx, (&today, pole.currency()), facts)?.and_then(ProviderBill::of)
        })
        .await
}

/// What a provider has billed.
#[utoipa::path(
    tag = "payments",
    operation_id = "getProviderBill",
    params(PolePath, ProviderPath, BillPath),
    responses((status = 200, description = "The bill.", body = ProviderBill)),
    security(("token" = ["payments:read"])),
)]
#[get("/providers/{provider}/bills/{bill}")]
async fn get_bill(
    caller: PoleMay<PaymentsRead>,
    provider: At<ProviderId>,
    at: At<BillId>,
) -> Result<Answer, Problem> {
    let found = caller.read(move |conn, pole| Ok(found(conn, pole, &provider.0, &at.0)?)).await?;
    Answer::object(&ProviderBill::of(found.ok_or_else(Problem::not_found)?)?)
}

/// Takes a bill back that was a mistake, or that its provider took back.
///
/// Another entry takes back its own. Its number is free again.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelProviderBill",
    params(PolePath, ProviderPath, BillPath),
    request_body = BillEndInput,
    responses(
        (status = 200, description = "The bill as it is now.", body = ProviderBill),
        (status = 409, description = "It was cancelled already, or was paid.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/providers/{provider}/bills/{bill}/cancel")]
async fn cancel_bill(
    caller: PoleMay<PaymentsWrite>,
    provider: At<ProviderId>,
    at: At<BillId>,
    body: Body<BillEndInput>,
) -> Result<Answer, Problem> {
    let (reason, pole) = (body.0.reason, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &provider.0, &at.0)?;
            let row = row.ok_or_else(Problem::not_found)?;
            cancel(tx, row, (&Day::today(&pole, tx.at()), reason))?.and_then(ProviderBill::of)
        })
        .await?;
    Answer::object(&made)
}

/// The bill of a provider.
fn found(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
    bill: &BillId,
) -> Result<Option<BillRow>, DbError> {
    let row = bills::find(conn, pole, bill)?;
    Ok(row.filter(|row| row.provider_id == *provider))
}
