//! Cancel and replace: an invoice given back whole, and billed anew.

use actix_web::post;
use palier_billing::{Price, Quantity};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::InvoicePath;
use super::objects::Invoice;
use crate::auth::{InvoicesWrite, PoleMay};
use crate::db::invoices;
use crate::http::{Answer, At, Body, Input, Once};
use crate::id::InvoiceId;
use crate::invoicing::replace::{ChangedLine, Replacement, replace};
use crate::problem::Problem;
use crate::routes::PolePath;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(replace_invoice);
}

/// What should stand in place of an invoice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplacementInput {
    /// Why, as both documents say it.
    #[schema(max_length = 500, format = "line", example = "Adresse de facturation erronée")]
    reason: String,
    /// Lines that should be otherwise; all others stay as they are.
    #[serde(default)]
    #[schema(nullable = false, min_items = 1, max_items = 1000)]
    lines: Option<Vec<ChangedLineInput>>,
}

/// What should stand in place of a line. What is left out stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedLineInput {
    /// Which line of the invoice, from 1.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    line: i32,
    /// Whether it should not be there at all.
    #[serde(default)]
    #[schema(default = false)]
    omitted: bool,
    /// How much, without a sign: what the line took off is taken off still.
    #[serde(default)]
    #[schema(
        value_type = Option<String>, pattern = r"^[0-9]{1,9}(\.[0-9]{1,4})?$", nullable = false,
        example = "12.5"
    )]
    quantity: Option<Quantity>,
    /// What a unit costs, without VAT.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "price", nullable = false, example = "0.08")]
    unit_price: Option<Price>,
    /// What it says.
    #[serde(default)]
    #[schema(max_length = 200, format = "line", nullable = false, example = "Heures de calcul")]
    name: Option<String>,
    /// More about it.
    #[serde(default)]
    #[schema(max_length = 500, format = "line", nullable = false)]
    detail: Option<String>,
}

impl Input for ReplacementInput {}

impl From<ChangedLineInput> for ChangedLine {
    fn from(input: ChangedLineInput) -> Self {
        let ChangedLineInput { line, omitted, quantity, unit_price, name, detail } = input;
        Self { line, omitted, quantity, unit_price, name, detail }
    }
}

/// Cancels a final invoice, and bills it anew as it should have been.
///
/// It is given back whole by a credit note, and the answer is the invoice in its place. Both are
/// final, and cite the one they are about. The new one is for the member as its particulars are now,
/// at the VAT that follows from them, with the lines that you change; it draws again what the old one
/// drew of credits, as far as its lines need it. What is open of the old one is
/// settled by the credit note; what was paid of it pays the new one, and what that does not take
/// stands open on the credit note.
#[utoipa::path(
    tag = "invoices",
    operation_id = "replaceInvoice",
    params(PolePath, InvoicePath),
    request_body = ReplacementInput,
    responses(
        (status = 201, description = "The invoice in its place.", body = Invoice),
        (status = 409, description = "It is no final invoice, or some of it was given back.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoices/{invoice}/replacements")]
async fn replace_invoice(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
    once: Once,
    body: Body<ReplacementInput>,
) -> Result<Answer, Problem> {
    let pole = caller.pole.clone();
    let invoices = format!("/v1/poles/{}/invoices", pole.code);
    let ReplacementInput { reason, lines } = body.0;
    let lines = lines.unwrap_or_default().into_iter().map(ChangedLine::from).collect();
    let wanted = Replacement { reason, lines };
    caller
        .answer(once, move |tx| {
            let invoice = invoices::find(tx.conn, tx.pole(), &at.0)?;
            let invoice = invoice.ok_or_else(Problem::not_found)?;
            let made = replace(tx, &pole, &invoice, &wanted)?;
            made.and_then(|it| Answer::created(&invoices, &Invoice::try_from(it.invoice)?))
        })
        .await
}
