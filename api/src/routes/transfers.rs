//! Money that goes out: to providers for their bills, and back to members.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::bank::transfers::sweep;
use crate::day::Day;
use crate::db::Db;
use crate::db::transfers::{self, TransferRow, TransferStatus, Wanted};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query};
use crate::id::{MemberId, PoleId, ProviderId, TransferFileId, TransferId};
use crate::payments::if_tomorrow;
use crate::problem::Problem;
use crate::transfers::file::{by_hand, unless_at_stripe};
use crate::transfers::planner::{choose, pay_back, plan};
use crate::transfers::{Back, cancel, come_back};

mod objects;

pub(super) use objects::ExecutionInput;
pub(crate) use objects::{Transfer, TransferPlan};
use objects::{TransferEndInput, TransferInput, TransferPlanInput, TransferReturnInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_transfers)
        .service(pay_credit_back)
        .service(plan_transfers)
        .service(get_transfer)
        .service(settle_transfer)
        .service(return_transfer)
        .service(cancel_transfer);
}

/// A page of transfers.
type TransferList = List<Transfer>;

/// Which transfer.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct TransferPath {
    /// The transfer's id.
    #[param(value_type = String, pattern = "^tfr_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "tfr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    transfer: TransferId,
}

/// Which transfers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TransferFilter {
    /// Where they stand.
    #[param(inline)]
    status: Option<TransferStatus>,
    /// To which provider.
    #[param(value_type = Option<String>, pattern = "^prv_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    provider: Option<ProviderId>,
    /// To which member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// By which file they were sent.
    #[param(value_type = Option<String>, pattern = "^tff_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    file: Option<TransferFileId>,
}

/// Lists transfers, in the order in which they were planned.
#[utoipa::path(
    tag = "payments",
    operation_id = "listTransfers",
    params(PolePath, PageQuery, TransferFilter),
    responses((status = 200, description = "A page of transfers.", body = TransferList)),
    security(("token" = ["payments:read"])),
)]
#[get("/transfers")]
async fn list_transfers(
    caller: PoleMay<PaymentsRead>,
    page: Page,
    filter: Query<TransferFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let Query(TransferFilter { status, provider, member, file }) = filter;
    let wanted = Wanted { status, provider, member, file, ..Wanted::default() };
    let found = caller
        .read(move |conn, pole| Ok(transfers::page(conn, pole, &wanted, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.transfer_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Transfer::from(row)))?)
}

/// Plans to pay back what stands to a member's credit.
///
/// No more than that, less what is going back already. It goes to the account that is given, or to that of
/// the mandate by which the member is collected.
#[utoipa::path(
    tag = "payments",
    operation_id = "payCreditBack",
    params(PolePath),
    request_body = TransferInput,
    responses(
        (status = 201, description = "The transfer.", body = Transfer),
        (status = 409, description = "The member's credit does not cover it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfers")]
async fn pay_credit_back(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<TransferInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let wanted = input.wanted(pole.currency())?;
            let made = pay_back(tx, &Day::today(&pole, tx.at()), wanted)?;
            // What was planned is in the log already.
            Ok(tx.unchanged(Transfer::from(made)))
        })
        .await
}

/// Plans to pay what providers have billed and is due by a day.
///
/// Each bill once, on the last business day of the banks by which it is due, or the next there is. What goes to an
/// account at a bank is sent by the next file of transfers; what goes to one at Stripe is sent by itself on its
/// day. What cannot be paid is left out, and said why: its provider has no account that somebody has confirmed.
#[utoipa::path(
    tag = "payments",
    operation_id = "planTransfers",
    params(PolePath),
    request_body = TransferPlanInput,
    responses((status = 200, description = "What was planned, or would be.", body = TransferPlan)),
    security(("token" = ["payments:write"])),
)]
#[post("/transfers/plan")]
async fn plan_transfers(
    caller: PoleMay<PaymentsWrite>,
    body: Body<TransferPlanInput>,
) -> Result<Answer, Problem> {
    let (Body(TransferPlanInput { due_by, dry_run }), pole) = (body, caller.pole.clone());
    let today = Day::today(&pole, caller.now());
    let done = if dry_run {
        caller.read(move |conn, pole| choose(conn, pole, (&today, &due_by))).await?
    } else {
        caller
            .write(move |tx| {
                let planned = plan(tx, (&today, &due_by))?;
                // What was planned is in the log already.
                Ok::<_, Problem>(tx.unchanged(planned))
            })
            .await?
    };
    Answer::ok(&TransferPlan::from(done))
}

/// A transfer.
#[utoipa::path(
    tag = "payments",
    operation_id = "getTransfer",
    params(PolePath, TransferPath),
    responses((status = 200, description = "The transfer.", body = Transfer)),
    security(("token" = ["payments:read"])),
)]
#[get("/transfers/{transfer}")]
async fn get_transfer(
    caller: PoleMay<PaymentsRead>,
    at: At<TransferId>,
) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| found(conn, pole, &at.0)).await?;
    Answer::object(&Transfer::from(row))
}

/// Says that a transfer was executed.
///
/// For who imports no bank statements, and for what was paid otherwise, before it was sent. The bill is paid, or
/// the member has its credit back. What Stripe was asked for, it says itself.
#[utoipa::path(
    tag = "payments",
    operation_id = "settleTransfer",
    params(PolePath, TransferPath),
    request_body = ExecutionInput,
    responses(
        (status = 200, description = "The transfer as it is now.", body = Transfer),
        (status = 409, description = "It is on its way no more, Stripe has it, or the member's credit does not cover it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfers/{transfer}/settle")]
async fn settle_transfer(
    caller: PoleMay<PaymentsWrite>,
    at: At<TransferId>,
    body: Body<ExecutionInput>,
) -> Result<Answer, Problem> {
    let (on, pole) = (body.0.paid_on, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            if_tomorrow(&on, &Day::today(&pole, tx.at()))?;
            let row = found(tx.conn, tx.pole(), &at.0)?;
            let made = by_hand(tx, &row, &on)?;
            sweep(tx)?;
            // What was booked is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&Transfer::from(made))
}

/// Says that a transfer came back that was executed.
///
/// For who imports no bank statements. The bill is open again, or the money stands to the member's credit.
#[utoipa::path(
    tag = "payments",
    operation_id = "returnTransfer",
    params(PolePath, TransferPath),
    request_body = TransferReturnInput,
    responses(
        (status = 200, description = "The transfer as it is now.", body = Transfer),
        (status = 409, description = "It was not executed, came back already, or Stripe has it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfers/{transfer}/return")]
async fn return_transfer(
    caller: PoleMay<PaymentsWrite>,
    at: At<TransferId>,
    body: Body<TransferReturnInput>,
) -> Result<Answer, Problem> {
    let (Body(TransferReturnInput { paid_on, code, reason }), pole) = (body, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            if_tomorrow(&paid_on, &Day::today(&pole, tx.at()))?;
            let row = found(tx.conn, tx.pole(), &at.0)?;
            unless_at_stripe(&row)?;
            let made = come_back(tx, &row, Back { on: paid_on, code, reason })?;
            // What was booked is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&Transfer::from(made))
}

/// Gives up a transfer that was not sent yet.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelTransfer",
    params(PolePath, TransferPath),
    request_body = TransferEndInput,
    responses(
        (status = 200, description = "The transfer as it is now.", body = Transfer),
        (status = 409, description = "It is not planned any more.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfers/{transfer}/cancel")]
async fn cancel_transfer(
    caller: PoleMay<PaymentsWrite>,
    at: At<TransferId>,
    body: Body<TransferEndInput>,
) -> Result<Answer, Problem> {
    let reason = body.0.reason;
    let made = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &at.0)?;
            let made = cancel(tx, &row, reason)?;
            // What was given up is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&Transfer::from(made))
}

fn found(conn: &mut Db, pole: &PoleId, id: &TransferId) -> Result<TransferRow, Problem> {
    transfers::find(conn, pole, id)?.ok_or_else(Problem::not_found)
}
