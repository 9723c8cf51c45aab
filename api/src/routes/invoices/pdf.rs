//! Documents as PDF.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, get, web};

use super::{InvoicePath, PolePath, seen};
use crate::auth::{InvoicesRead, May};
use crate::http::At;
use crate::id::InvoiceId;
use crate::invoicing::paper;
use crate::problem::Problem;

/// An invoice or a credit note as PDF, to be read and printed.
///
/// PDF/A-3, in the document's language and in the pole's colours (`documents` of the billing settings).
/// It shows how the volume of all made the price of a line, and has a code by which banking apps fill in
/// the transfer (EPC069-12). The same document has the same bytes as long as the pole looks the same.
///
/// A final document carries the electronic invoice that `/cii` answers with, and so is Factur-X; where
/// that refuses it is for people alone. A draft is a preview: it says so across every page, and has no
/// number.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoicePdf",
    params(PolePath, InvoicePath),
    responses((status = 200, description = "The file.", body = String,
        content_type = "application/pdf")),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/pdf")]
pub(super) async fn get_invoice_pdf(
    caller: May<InvoicesRead>,
    at: At<InvoiceId>,
) -> Result<HttpResponse, Problem> {
    let row = seen(&caller, at.0).await?;
    let pole = caller.pole.clone();
    let look = caller.read(move |conn, _| Ok(paper::look(conn, &pole)?)).await?;
    let pole = caller.pole.clone();
    // Without a connection, which others may be waiting for.
    let drawn = web::block(move || paper::paper(&pole, &row, &look)).await;
    let drawn = drawn.map_err(|error| Problem::internal(&error))?;
    let drawn = drawn.map_err(|error| Problem::internal(&error))?;
    let disposition = format!("inline; filename=\"{}\"", drawn.name);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(drawn.pdf))
}
