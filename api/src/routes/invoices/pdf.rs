//! Documents as PDF.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{InvoicePath, PolePath, seen};
use crate::archive;
use crate::auth::{InvoicesRead, May};
use crate::db::archive::FileForm;
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::http::At;
use crate::id::InvoiceId;
use crate::invoicing::paper;
use crate::problem::Problem;

/// An invoice or a credit note as PDF, to be read and printed.
///
/// PDF/A-3, in the document's language and in the pole's colours (`documents` of the billing settings).
/// It shows how the volume of all made the price of a line, and has a code by which banking apps fill in
/// the transfer (EPC069-12). Of a pole that collects by Stripe, it leads to where it is paid online, by the
/// address of `/payment-link`.
///
/// A final document carries the electronic invoice that `/cii` answers with, and so is Factur-X; where
/// that refuses it is for people alone. It is made once and kept: the answer is always the same file, and
/// a part of it can be asked for (`Range`). A draft is a preview: it says so across every page, and has no
/// number.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getInvoicePdf",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/pdf"),
        (status = 206, description = "The part of it that is asked for.", body = String,
            content_type = "application/pdf"),
    ),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/pdf")]
pub(super) async fn get_invoice_pdf(
    caller: May<InvoicesRead>,
    at: At<InvoiceId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let row = seen(&caller, at.0).await?;
    if row.status != InvoiceStatus::Final {
        return preview(&caller, row).await;
    }
    let file = archive::of(&caller.app, &caller.pole, &row, FileForm::Pdf).await?;
    let file = file.ok_or_else(Problem::not_found)?;
    Ok(file.under(paper::name(&row, FileForm::Pdf.ending())).answer(&request))
}

/// A draft, drawn anew for whoever asks.
async fn preview(caller: &May<InvoicesRead>, row: InvoiceRow) -> Result<HttpResponse, Problem> {
    let pole = caller.pole.clone();
    let look = caller.read(move |conn, _| Ok(paper::look(conn, &pole)?)).await?;
    let (pole, name) = (caller.pole.clone(), paper::name(&row, FileForm::Pdf.ending()));
    // Without a connection, which others may be waiting for.
    let drawn = web::block(move || paper::draft(&pole, &row, &look)).await;
    let drawn = drawn.map_err(|error| Problem::internal(&error))?;
    let drawn = drawn.map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok()
        .content_type(FileForm::Pdf.media_type())
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .body(drawn))
}
