//! Payments, and what is open.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, PaymentsRead, PaymentsWrite, PoleMay};
use crate::collections::taken_back;
use crate::day::Day;
use crate::db::payments::{self, Whose};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query};
use crate::id::{MemberId, PaymentId};
use crate::payments::{if_tomorrow, record, reverse, told, whole};
use crate::problem::Problem;

mod balance;
mod objects;

pub(crate) use objects::{AllocationInput, Payment, parts_of};
use objects::{OpenItem, PaymentInput, ReversalInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_payments)
        .service(record_payment)
        .service(get_payment)
        .service(reverse_payment)
        .service(list_open_items);
    balance::routes(api);
}

/// A page of payments.
type PaymentList = List<Payment>;

/// A page of documents that are open.
type OpenItemList = List<OpenItem>;

/// Which payment.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct PaymentPath {
    /// The payment's id.
    #[param(value_type = String, pattern = "^pay_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "pay_01k9gz7v3hf8mv3r0x2p6d9qae")]
    payment: PaymentId,
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MemberFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// Lists payments, refunds and losses, in the order in which they were recorded.
///
/// Staff see all of them, a member its own.
#[utoipa::path(
    tag = "payments",
    operation_id = "listPayments",
    params(PolePath, PageQuery, MemberFilter),
    responses((status = 200, description = "A page of payments.", body = PaymentList)),
    security(("token" = ["payments:read"])),
)]
#[get("/payments")]
async fn list_payments(
    caller: May<PaymentsRead>,
    page: Page,
    filter: Query<MemberFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let whose = Whose { among: caller.reach.members(), member: filter.0.member };
    let found = caller
        .read(move |conn, pole| {
            let found = payments::page(conn, pole, &whose, after.as_deref(), rows)?;
            Ok(whole(conn, pole, found)?)
        })
        .await?;
    let page = page.list(found, |it| it.row.payment_id.to_string());
    let staff = caller.reach.pole;
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(Payment::seen(it, staff)))?)
}

/// Records money that came in, went back to a member, or will never come in.
///
/// What of it settles no document stays to the member's credit, on which later payments of `0.00`
/// and refunds draw. It is booked in the same moment.
#[utoipa::path(
    tag = "payments",
    operation_id = "recordPayment",
    params(PolePath),
    request_body = PaymentInput,
    responses(
        (status = 201, description = "The payment.", body = Payment),
        (status = 409, description = "The member's credit does not cover it, or it cannot be booked.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payments")]
async fn record_payment(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<PaymentInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let facts = input.facts(&pole.currency)?;
            if_tomorrow(&facts.paid_on, &Day::today(&pole, tx.at()))?;
            let recorded = record(tx, facts)?;
            told(tx, recorded)?.and_then(|it| Ok(Payment::from(it)))
        })
        .await
}

/// A payment, with what it settles.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPayment",
    params(PolePath, PaymentPath),
    responses((status = 200, description = "The payment.", body = Payment)),
    security(("token" = ["payments:read"])),
)]
#[get("/payments/{payment}")]
async fn get_payment(caller: May<PaymentsRead>, at: At<PaymentId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let found = caller
        .read(move |conn, pole| {
            let row = payments::find(conn, pole, &at.0)?;
            let row = row.filter(|row| reach.has_member(&row.member_id));
            Ok(whole(conn, pole, row.into_iter().collect())?)
        })
        .await?;
    let found = found.into_iter().next().ok_or_else(Problem::not_found)?;
    Answer::object(&Payment::seen(found, caller.reach.pole))
}

/// Takes a payment back: it was a mistake, or the money came back.
///
/// The documents it settled are open again. It stays as it is, and so does what takes it back. A collection that
/// became this payment is `returned`.
#[utoipa::path(
    tag = "payments",
    operation_id = "reversePayment",
    params(PolePath, PaymentPath),
    request_body = ReversalInput,
    responses(
        (status = 200, description = "What takes it back.", body = Payment),
        (status = 409, description = "It was taken back already, or what was left of it is spent.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payments/{payment}/reverse")]
async fn reverse_payment(
    caller: PoleMay<PaymentsWrite>,
    at: At<PaymentId>,
    body: Body<ReversalInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            let facts = input.facts();
            if_tomorrow(&facts.paid_on, &Day::today(&pole, tx.at()))?;
            let recorded = reverse(tx, &at.0, facts.clone())?;
            taken_back(tx, &at.0, facts)?;
            told(tx, recorded)?.and_then(|it| Ok(Payment::from(it)))
        })
        .await?;
    Answer::object(&made)
}

/// Lists final documents that are not settled, in the order in which they were made.
///
/// Staff see all of them, a member its own.
#[utoipa::path(
    tag = "payments",
    operation_id = "listOpenItems",
    params(PolePath, PageQuery, MemberFilter),
    responses((status = 200, description = "A page of documents.", body = OpenItemList)),
    security(("token" = ["payments:read"])),
)]
#[get("/open-items")]
async fn list_open_items(
    caller: May<PaymentsRead>,
    page: Page,
    filter: Query<MemberFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let whose = Whose { among: caller.reach.members(), member: filter.0.member };
    let found = caller
        .read(move |conn, pole| {
            let found = payments::open(conn, pole, &whose, after.as_deref(), rows)?;
            let ids: Vec<_> = found.iter().map(|row| row.invoice_id.clone()).collect();
            let settled = payments::settled(conn, pole, &ids)?;
            let with = |row: crate::db::invoices::InvoiceRow| {
                let settled = settled.get(&row.invoice_id).copied().unwrap_or_default();
                (row, settled)
            };
            Ok(found.into_iter().map(with).collect::<Vec<_>>())
        })
        .await?;
    let page = page.list(found, |(row, _)| row.invoice_id.to_string());
    Answer::ok(&page.try_map(|(row, settled)| Ok::<_, Problem>(OpenItem::of(row, settled)))?)
}
