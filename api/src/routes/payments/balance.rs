//! How a member stands, and what its credit pays.

use actix_web::{get, post};
use palier_billing::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::{AllocationInput, Payment, parts_of};
use crate::auth::{May, PaymentsRead, PaymentsWrite, PoleMay};
use crate::day::Day;
use crate::db::members;
use crate::http::{Answer, At, Body, Input, Once};
use crate::id::MemberId;
use crate::payments::credit::{Use, balance, pay};
use crate::payments::{if_tomorrow, told};
use crate::problem::Problem;
use crate::routes::{MemberPath, PolePath};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_balance).service(use_credit);
}

/// How a member stands, in the pole's currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MemberBalance {
    /// Whose.
    member: MemberId,
    /// ISO 4217 code of the amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// What is open of its final documents, credit notes taken off.
    #[schema(example = "240.00")]
    open: String,
    /// What of that was to be paid before today.
    #[schema(example = "120.00")]
    overdue: String,
    /// What stands to its credit: what was paid and has settled nothing, with what is on its way back to it.
    #[schema(example = "30.00")]
    credit: String,
}

/// What is paid of a member's credit.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "COMP-0007" }))]
struct CreditUseInput {
    /// The documents it settles; if left out, the invoices that are due first, as far as it goes.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    allocations: Vec<AllocationInput>,
    /// What proves it in the books.
    #[schema(min_length = 1, max_length = 140, pattern = r"\S", example = "COMP-0007")]
    reference: String,
    /// More about it.
    #[serde(default)]
    #[schema(required = false, max_length = 500)]
    note: String,
    /// The day on which it was decided; today, if left out, and not later.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    paid_on: Option<Day>,
}

impl Input for CreditUseInput {}

/// How a member stands: what it owes, and what stands to its credit.
#[utoipa::path(
    tag = "payments",
    operation_id = "getMemberBalance",
    params(PolePath, MemberPath),
    responses((status = 200, description = "What is open, and the credit.", body = MemberBalance)),
    security(("token" = ["payments:read"])),
)]
#[get("/members/{member}/balance")]
async fn get_balance(caller: May<PaymentsRead>, at: At<MemberId>) -> Result<Answer, Problem> {
    let currency = caller.pole.currency();
    let today = Day::today(&caller.pole, caller.now());
    let member = at.0.clone();
    let found = caller
        .read(move |conn, pole| {
            conn.snapshot(|conn| {
                members::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
                Ok::<_, Problem>(balance(conn, pole, &at.0, (currency, &today))?)
            })
        })
        .await?;
    Answer::ok(&MemberBalance {
        member,
        currency: currency.code().to_owned(),
        open: found.open.to_string(),
        overdue: found.due.to_string(),
        credit: found.credit.to_string(),
    })
}

/// Settles documents of what stands to their member's credit.
///
/// It is a payment of `0.00`, booked in the same moment, with the VAT that becomes due by it.
#[utoipa::path(
    tag = "payments",
    operation_id = "useMemberCredit",
    params(PolePath, MemberPath),
    request_body = CreditUseInput,
    responses(
        (status = 201, description = "The payment that it is.", body = Payment),
        (status = 409, description = "There is not so much credit, or nothing that it could pay.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/members/{member}/credit/use")]
async fn use_credit(
    caller: PoleMay<PaymentsWrite>,
    at: At<MemberId>,
    once: Once,
    body: Body<CreditUseInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    let payments = format!("/v1/poles/{}/payments", pole.code);
    caller
        .answer(once, move |tx| {
            members::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let today = Day::today(&pole, tx.at());
            let on = input.paid_on.clone().unwrap_or_else(|| today.clone());
            if_tomorrow(&on, &today)?;
            let recorded = pay(tx, input.using(at.0, on, pole.currency())?)?;
            told(tx, recorded)?.and_then(|it| Answer::created(&payments, &Payment::from(it)))
        })
        .await
}

impl CreditUseInput {
    fn using(self, member: MemberId, on: Day, currency: Currency) -> Result<Use, Problem> {
        let mut faults = Vec::new();
        let Self { allocations, reference, note, .. } = self;
        let parts = parts_of(allocations, currency, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        Ok(Use { member, on, currency, reference, note, parts })
    }
}
