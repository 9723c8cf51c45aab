//! Runs: months closed, reviewed and made final.

use actix_web::{get, post, web};
use palier_billing::Money;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::InvoiceDocument;
use super::reviewed::InvoiceReview;
use super::{InvoiceKind, month};
use crate::auth::{InvoicesRead, InvoicesWrite, May, PoleMay};
use crate::clock::Time;
use crate::db::invoice_runs::{self, RunRow, RunStatus};
use crate::db::members;
use crate::http::{Answer, At, Body, Input};
use crate::id::{InvoiceId, MemberId};
use crate::invoicing::InvoicingError;
use crate::invoicing::finalise::finalise;
use crate::invoicing::review::review;
use crate::invoicing::run;
use crate::invoicing::view::look;
use crate::problem::Problem;
use crate::routes::{MemberPath, PolePath};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_invoice_runs)
        .service(run_invoices)
        .service(review_invoices)
        .service(finalise_invoices)
        .service(get_upcoming_invoice);
}

/// Which run.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct PeriodPath {
    /// The month.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-07")]
    period: String,
}

/// A month that is invoiced.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct InvoiceRun {
    /// The month.
    #[schema(example = "2026-07")]
    period: String,
    status: RunStatus,
    /// When its books were closed.
    frozen_at: Time,
    /// When all its documents were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    drafted_at: Option<Time>,
}

impl From<RunRow> for InvoiceRun {
    fn from(row: RunRow) -> Self {
        let RunRow { period, status, frozen_at, drafted_at, .. } = row;
        Self { period, status, frozen_at, drafted_at }
    }
}

/// All months that are invoiced, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct InvoiceRuns {
    /// A month each.
    data: Vec<InvoiceRun>,
}

/// Which month to invoice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvoiceRunInput {
    /// The month; it must have ended, and follow the last one that was invoiced.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-07")]
    period: String,
    /// Whether to make its drafts anew, after something was mended; none may be final.
    #[serde(default)]
    #[schema(required = false)]
    again: bool,
}

impl Input for InvoiceRunInput {}

/// Which documents to make final.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FinaliseInput {
    /// These only; all that are not held, if left out.
    #[serde(default)]
    #[schema(nullable = false, max_items = 1000)]
    invoices: Option<Vec<InvoiceId>>,
}

impl Input for FinaliseInput {}

/// What was made final.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FinaliseReport {
    /// The numbers that were given, in their order.
    #[schema(example = json!(["FA-2026-000001"]))]
    numbers: Vec<String>,
    /// What they come to together with VAT, less what is given back.
    #[schema(example = "79.20")]
    gross: String,
}

/// Documents of a month that is still open.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UpcomingInvoice {
    /// The month.
    #[schema(example = "2026-07")]
    period: String,
    /// None, if there is nothing to pay.
    documents: Vec<UpcomingDocument>,
}

/// A document as it would be if the month closed now.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UpcomingDocument {
    kind: InvoiceKind,
    document: InvoiceDocument,
}

/// The months that are invoiced, the newest first.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoiceRuns",
    params(PolePath),
    responses((status = 200, description = "The months.", body = InvoiceRuns)),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoice-runs")]
async fn get_invoice_runs(caller: PoleMay<InvoicesRead>) -> Result<Answer, Problem> {
    let rows = caller.read(|conn, pole| Ok(invoice_runs::all(conn, pole)?)).await?;
    Answer::ok(&InvoiceRuns { data: rows.into_iter().map(InvoiceRun::from).collect() })
}

/// Closes a month and writes its drafts.
///
/// What comes in afterwards is late. It can be called again: what is done is not done twice, and
/// after a crash it goes on from where it was. The answer is the review of the month.
#[utoipa::path(
    tag = "invoices",
    operation_id = "runInvoices",
    params(PolePath),
    request_body = InvoiceRunInput,
    responses(
        (status = 200, description = "The month as its drafts stand.", body = InvoiceReview),
        (status = 409, description = "It cannot be invoiced.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoice-runs")]
async fn run_invoices(
    caller: PoleMay<InvoicesWrite>,
    body: Body<InvoiceRunInput>,
) -> Result<Answer, Problem> {
    let Body(InvoiceRunInput { period, again }) = body;
    let month = month(&period)?;
    let (app, pole, author) = (caller.app.clone(), caller.pole.clone(), caller.author());
    let made = blocking(move || {
        if again {
            run::take_back(&app, &author, month)?;
        }
        let view = run::run(&app, &author, &pole, month, &|_| {})?;
        let review = review(&app, &pole, &view)?;
        Ok(InvoiceReview::of(&view, &review))
    });
    Answer::ok(&made.await?)
}

/// Reviews a month: what it comes to, and what is out of the ordinary.
///
/// As its drafts stand, with what was done to them since they were written; a month that is not drafted
/// as it would be if it were now.
#[utoipa::path(
    tag = "invoices",
    operation_id = "reviewInvoices",
    params(PolePath, PeriodPath),
    responses(
        (status = 200, description = "The month.", body = InvoiceReview),
        (status = 409, description = "It cannot be priced.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoice-runs/{period}")]
async fn review_invoices(caller: PoleMay<InvoicesRead>, at: At<Period>) -> Result<Answer, Problem> {
    let month = month(&at.0.0)?;
    let (app, pole) = (caller.app.clone(), caller.pole.clone());
    let made = blocking(move || {
        let view = look(&app, &pole, month, &|_| {})?;
        let review = review(&app, &pole, &view)?;
        Ok(InvoiceReview::of(&view, &review))
    });
    Answer::ok(&made.await?)
}

/// Makes the drafts of a month final: numbers, seals, entries in the books.
///
/// Held drafts stay as they are. It can be called again, and goes on from where it was.
#[utoipa::path(
    tag = "invoices",
    operation_id = "finaliseInvoices",
    params(PolePath, PeriodPath),
    request_body = FinaliseInput,
    responses(
        (status = 200, description = "What was made final.", body = FinaliseReport),
        (status = 409, description = "A document cannot be booked.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoice-runs/{period}/finalise")]
async fn finalise_invoices(
    caller: PoleMay<InvoicesWrite>,
    at: At<Period>,
    body: Body<FinaliseInput>,
) -> Result<Answer, Problem> {
    let month = month(&at.0.0)?;
    let (app, pole, author) = (caller.app.clone(), caller.pole.clone(), caller.author());
    let made = blocking(move || {
        let only = body.0.invoices.as_deref();
        let given = finalise(&app, &author, &pole, month, only, &|_, _| {})?;
        let gross = Money::from_minor(given.gross_minor, pole.currency()).to_string();
        Ok(FinaliseReport { numbers: given.numbers, gross })
    });
    Answer::ok(&made.await?)
}

/// What this month would come to for a member if it closed now.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getUpcomingInvoice",
    params(PolePath, MemberPath),
    responses(
        (status = 200, description = "Its documents.", body = UpcomingInvoice),
        (status = 409, description = "It cannot be priced.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/members/{member}/upcoming-invoice")]
async fn get_upcoming_invoice(
    caller: May<InvoicesRead>,
    at: At<MemberId>,
) -> Result<Answer, Problem> {
    let member = at.0.clone();
    let there = caller.read(move |conn, pole| Ok(members::find(conn, pole, &member)?)).await?;
    there.ok_or_else(Problem::not_found)?;
    let (app, pole, now) = (caller.app.clone(), caller.pole.clone(), caller.now());
    let made = blocking(move || {
        let zone = crate::metering::Calendar::of(&pole).zone().clone();
        let month = palier_billing::Month::at(now.timestamp(), &zone);
        let priced = run::price_of(&app, &pole, month, &at.0)?;
        let documents = priced.documents.iter().map(|drafted| {
            let text = serde_json::to_string(&drafted.document)?;
            let kind = InvoiceKind::of(drafted.document.content().kind);
            let kind = kind.ok_or_else(|| serde_json::Error::custom("no document to a member"))?;
            Ok(UpcomingDocument { kind, document: InvoiceDocument::read(&text)? })
        });
        let documents = documents.collect::<serde_json::Result<_>>();
        let documents = documents.map_err(|error| InvoicingError::Member {
            code: at.0.to_string(),
            what: error.to_string(),
        })?;
        Ok(UpcomingInvoice { period: month.to_string(), documents })
    });
    Answer::ok(&made.await?)
}

/// Does what takes a while on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, InvoicingError> + Send + 'static,
) -> Result<T, Problem> {
    let done = web::block(work).await;
    Ok(done.map_err(|gone| Problem::internal(&gone))??)
}

/// A month in an address.
#[derive(Clone, Debug)]
struct Period(String);

impl crate::id::InPath for Period {
    const PLACE: &'static str = "period";
}

impl std::str::FromStr for Period {
    type Err = palier_billing::Error;

    fn from_str(text: &str) -> Result<Self, palier_billing::Error> {
        text.parse::<palier_billing::Month>().map(|month| Self(month.to_string()))
    }
}
