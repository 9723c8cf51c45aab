//! Credit notes: final at once, citing the invoice they give back of.

use actix_web::post;
use palier_billing::{Currency, Money};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::InvoicePath;
use super::objects::Invoice;
use crate::auth::{InvoicesWrite, PoleMay};
use crate::db::invoices;
use crate::http::{Answer, At, Body, Input, Once};
use crate::id::InvoiceId;
use crate::invoicing::credit::{Credit, CreditLine, credit};
use crate::problem::{Fault, Problem};
use crate::routes::PolePath;
use crate::say;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(credit_invoice);
}

/// What to give back of an invoice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreditNoteInput {
    /// Why, as the credit note says it.
    #[schema(max_length = 500, format = "line", example = "Machine arrêtée du 3 au 5 juillet")]
    reason: String,
    /// Of which lines; all that is left of all of them, if left out.
    #[serde(default)]
    #[schema(nullable = false, min_items = 1, max_items = 1000)]
    lines: Option<Vec<CreditLineInput>>,
}

/// What to give back of a line.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreditLineInput {
    /// Which line of the invoice, from 1.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    line: i32,
    /// How much of it, without VAT and without a sign; what is left of it, if left out.
    #[serde(default)]
    #[schema(format = "amount", example = "20.00", nullable = false)]
    amount: Option<String>,
}

impl Input for CreditNoteInput {}

impl CreditNoteInput {
    fn read(self, currency: Currency) -> Result<Credit, Problem> {
        let (mut lines, mut faults) = (Vec::new(), Vec::new());
        let wanted = self.lines.unwrap_or_default().into_iter();
        for (nth, CreditLineInput { line, amount }) in wanted.enumerate() {
            match amount.map(|amount| Money::parse(&amount, currency)).transpose() {
                Ok(amount) => lines.push(CreditLine { line, minor: amount.map(Money::minor) }),
                Err(error) => {
                    let code = currency.code();
                    let detail = say!(
                        en "Expected an amount in {code}: {error}.",
                        fr "Attendu : un montant en {code}, avec les décimales de cette devise."
                    );
                    faults.push(Fault::body(format!("/lines/{nth}/amount"), "amount", detail));
                }
            }
        }
        if faults.is_empty() {
            Ok(Credit { reason: self.reason, lines })
        } else {
            Err(Problem::invalid(faults))
        }
    }
}

/// Gives back of a final invoice: all of it, some lines, or part of a line.
///
/// The answer is a credit note that is final: numbered, sealed and booked. No line is given back
/// twice, and no more than was to be paid: where a line draws a credit that was granted, or is a
/// discount, give it back with the lines it was for. What a line drew goes back to its credit, which
/// keeps its days. Members have no part in it; they see it as they see their invoices.
#[utoipa::path(
    tag = "invoices",
    operation_id = "creditInvoice",
    params(PolePath, InvoicePath),
    request_body = CreditNoteInput,
    responses(
        (status = 201, description = "The credit note.", body = Invoice),
        (status = 409, description = "It is no final invoice, or less is left of it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoices/{invoice}/credit-notes")]
async fn credit_invoice(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
    once: Once,
    body: Body<CreditNoteInput>,
) -> Result<Answer, Problem> {
    let pole = caller.pole.clone();
    let wanted = body.0.read(pole.currency())?;
    let invoices = format!("/v1/poles/{}/invoices", pole.code);
    caller
        .answer(once, move |tx| {
            let invoice = invoices::find(tx.conn, tx.pole(), &at.0)?;
            let invoice = invoice.ok_or_else(Problem::not_found)?;
            let made = credit(tx, &pole, &invoice, &wanted)?;
            made.and_then(|row| Answer::created(&invoices, &Invoice::try_from(row)?))
        })
        .await
}
