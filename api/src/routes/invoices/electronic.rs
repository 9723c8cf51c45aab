//! Final documents as XML that other programs read.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{InvoicePath, seen};
use crate::archive;
use crate::auth::{InvoicesRead, May};
use crate::db::archive::FileForm;
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::einvoice::{EinvoiceFile, NoEinvoice, Syntax};
use crate::http::At;
use crate::id::InvoiceId;
use crate::invoicing::paper;
use crate::problem::{Fault, Problem};
use crate::routes::PolePath;
use crate::text::Text;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_invoice_cii).service(get_invoice_ubl);
}

/// A final document as an electronic invoice: Cross Industry Invoice (UN/CEFACT D22B), EN 16931.
///
/// This is the XML that a Factur-X file embeds: made once and kept, the same file for ever.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoiceCii",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The electronic invoice, under its number as file name.",
            body = String, content_type = "application/xml"),
        (status = 409, description = "It is not final, or what it says makes no valid electronic invoice.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/cii")]
async fn get_invoice_cii(
    caller: May<InvoicesRead>,
    at: At<InvoiceId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let row = seen(&caller, at.0).await?;
    if row.status == InvoiceStatus::Final
        && let Some(kept) = archive::of(&caller.app, &caller.pole, &row, FileForm::Cii).await?
    {
        return Ok(kept.under(paper::name(&row, FileForm::Cii.ending())).answer(&request));
    }
    answer(&row, Syntax::Cii)
}

/// A final document as an electronic invoice: UBL 2.1, EN 16931.
///
/// An `Invoice`, or a `CreditNote` for what gives back. The same document gives the same bytes.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoiceUbl",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The electronic invoice, under its number as file name.",
            body = String, content_type = "application/xml"),
        (status = 409, description = "It is not final, or what it says makes no valid electronic invoice.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/ubl")]
async fn get_invoice_ubl(
    caller: May<InvoicesRead>,
    at: At<InvoiceId>,
) -> Result<HttpResponse, Problem> {
    answer(&seen(&caller, at.0).await?, Syntax::Ubl)
}

/// A document in a syntax, or why there is none of it.
fn answer(row: &InvoiceRow, syntax: Syntax) -> Result<HttpResponse, Problem> {
    let file = EinvoiceFile::of(row, syntax).map_err(|none| match none {
        NoEinvoice::Unreadable(error) => error.into(),
        none => Problem::conflict(Fault::body("", none.code(), Text::from(&none))),
    })?;
    Ok(HttpResponse::Ok()
        .content_type("application/xml")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(file.bytes))
}
