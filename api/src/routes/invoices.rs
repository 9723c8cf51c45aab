//! Invoices and credit notes, and the runs that make them.

use actix_web::{get, post};
use palier_billing::Month;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{InvoicesRead, InvoicesWrite, May, PoleMay};
use crate::db::einvoices::{self, LifecycleStatus};
use crate::db::invoices::{self, Filter, InvoiceKind, InvoiceStatus};
use crate::http::{Answer, At, List, Page, PageQuery, Query};
use crate::id::{InvoiceId, MemberId};
use crate::invoicing::adjust::turn;
use crate::problem::{Fault, Problem};
use crate::say;

mod adjust;
mod bundle;
mod credit;
mod electronic;
mod objects;
mod pdf;
mod replace;
mod reviewed;
mod runs;
mod statuses;

pub(crate) use adjust::{ManualLinesInput, read_lines};
pub(crate) use objects::Invoice;
use objects::InvoiceSummary;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_invoices).service(get_invoice).service(hold_invoice).service(release_invoice);
    api.service(pdf::get_invoice_pdf).service(bundle::download_invoices);
    adjust::routes(api);
    credit::routes(api);
    electronic::routes(api);
    replace::routes(api);
    runs::routes(api);
    statuses::routes(api);
}

/// A page of documents.
type InvoiceList = List<InvoiceSummary>;

/// Which document.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct InvoicePath {
    /// The document's id.
    #[param(value_type = String, pattern = "^inv_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "inv_01k9gz7v3hf8mv3r0x2p6d9qae")]
    invoice: InvoiceId,
}

/// Which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InvoiceFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Of which month.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-11")]
    period: Option<String>,
    /// Where they stand.
    #[param(inline)]
    status: Option<InvoiceStatus>,
    /// What became of them on their way, by the last that was learned.
    #[param(inline)]
    lifecycle: Option<LifecycleStatus>,
    /// What they are.
    #[param(inline)]
    kind: Option<InvoiceKind>,
    /// The number on it.
    #[param(max_length = 35, example = "FA-2026-000123")]
    number: Option<String>,
}

/// Lists invoices and credit notes, in the order in which they were made.
///
/// Staff see all of them, a member those of its own that are final.
#[utoipa::path(
    tag = "invoices",
    operation_id = "listInvoices",
    params(PolePath, PageQuery, InvoiceFilter),
    responses((status = 200, description = "A page of documents.", body = InvoiceList)),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices")]
async fn list_invoices(
    caller: May<InvoicesRead>,
    page: Page,
    filter: Query<InvoiceFilter>,
) -> Result<Answer, Problem> {
    let Query(InvoiceFilter { member, period, status, lifecycle, kind, number }) = filter;
    let among = (!caller.reach.pole).then(|| caller.reach.members.clone());
    let filter = Filter { among, member, period, status, lifecycle, kind, number };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(invoices::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.invoice_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(InvoiceSummary::from(&row)))?)
}

/// An invoice or a credit note, line by line.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoice",
    params(PolePath, InvoicePath),
    responses((status = 200, description = "The document.", body = Invoice)),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}")]
async fn get_invoice(caller: May<InvoicesRead>, at: At<InvoiceId>) -> Result<Answer, Problem> {
    let row = seen(&caller, at.0).await?;
    let of = row.invoice_id.clone();
    let last = caller.read(move |conn, pole| Ok(einvoices::last(conn, pole, &of)?)).await?;
    Answer::object(&Invoice::try_from(row)?.with_lifecycle(last))
}

/// A document that the caller may see: staff all of them, a member those of its own that are final.
async fn seen(caller: &May<InvoicesRead>, id: InvoiceId) -> Result<invoices::InvoiceRow, Problem> {
    let row = caller.read(move |conn, pole| Ok(invoices::find(conn, pole, &id)?)).await?;
    let row = row.filter(|row| {
        let own = row.status == InvoiceStatus::Final && caller.reach.has_member(&row.member_id);
        caller.reach.pole || own
    });
    row.ok_or_else(Problem::not_found)
}

/// Holds a draft: it is not made final with the others.
#[utoipa::path(
    tag = "invoices",
    operation_id = "holdInvoice",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The document as it is now.", body = Invoice),
        (status = 409, description = "It is final.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoices/{invoice}/hold")]
async fn hold_invoice(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
) -> Result<Answer, Problem> {
    turned(caller, at.0, true).await
}

/// Lets a draft that is held be made final with the others.
#[utoipa::path(
    tag = "invoices",
    operation_id = "releaseInvoice",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The document as it is now.", body = Invoice),
        (status = 409, description = "It is final.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoices/{invoice}/release")]
async fn release_invoice(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
) -> Result<Answer, Problem> {
    turned(caller, at.0, false).await
}

/// Moves a document that is not final to where it should stand.
async fn turned(
    caller: PoleMay<InvoicesWrite>,
    id: InvoiceId,
    hold: bool,
) -> Result<Answer, Problem> {
    let row = caller
        .write(move |tx| {
            let row = invoices::find(tx.conn, tx.pole(), &id)?.ok_or_else(Problem::not_found)?;
            Ok(turn(tx, row, hold)?)
        })
        .await?;
    Answer::object(&Invoice::try_from(row)?)
}

/// A month in a body or in an address.
fn month(text: &str) -> Result<Month, Problem> {
    text.parse().map_err(|_| {
        let detail =
            say!(en "Expected a month such as 2026-07.", fr "Attendu : un mois tel que 2026-07.");
        Problem::invalid(vec![Fault::body("/period", "month", detail)])
    })
}
