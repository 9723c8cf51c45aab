//! Lines by hand on a draft.

use actix_web::put;
use palier_billing::{Price, Quantity, VatSupply};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::InvoicePath;
use super::objects::Invoice;
use crate::auth::{InvoicesWrite, PoleMay};
use crate::db::{invoices, services};
use crate::http::{Answer, At, Body, IfMatch, Input};
use crate::id::{InvoiceId, ServiceId};
use crate::invoicing::adjust::{Earlier, ManualLine, adjust};
use crate::problem::{Fault, Problem};
use crate::routes::{PolePath, VatSupplyWord};
use crate::say;
use crate::work::Tx;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(set_manual_lines);
}

/// Lines by hand, all of them at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManualLinesInput {
    /// Why: it stands in the audit log.
    #[schema(max_length = 500, format = "line", example = "Accord du 3 juillet")]
    pub(crate) reason: String,
    /// The lines; none, to take them off again.
    #[schema(max_items = 100)]
    pub(crate) lines: Vec<ManualLineInput>,
}

/// A line by hand.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManualLineInput {
    #[schema(inline)]
    kind: ManualLineKind,
    /// What it says.
    #[schema(max_length = 200, format = "line", example = "Geste commercial")]
    name: String,
    /// More about it.
    #[serde(default)]
    #[schema(max_length = 500, format = "line", nullable = false)]
    detail: Option<String>,
    /// How much, with at most four places.
    #[serde(default = "one")]
    #[schema(
        value_type = String, pattern = r"^[0-9]{1,9}(\.[0-9]{1,4})?$", required = false, example = "1"
    )]
    quantity: Quantity,
    /// In which unit (UN/ECE recommendation 20).
    #[serde(default = "piece")]
    #[schema(pattern = "^[A-Z0-9]{2,3}$", required = false, example = "C62")]
    unit: String,
    /// What a unit costs, or is taken off for it, without VAT.
    #[schema(value_type = String, format = "price", example = "20.00")]
    unit_price: Price,
    /// The service it is about, whose VAT and revenue account it has.
    #[serde(default)]
    #[schema(nullable = false)]
    service: Option<ServiceId>,
    /// What VAT makes of it, if it is about no service.
    #[serde(default)]
    #[schema(value_type = VatSupplyWord, required = false)]
    vat: VatSupply,
}

/// Which way a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ManualLineKind {
    /// It is billed.
    Manual,
    /// It is taken off.
    Discount,
}

fn one() -> Quantity {
    Quantity::ONE
}

fn piece() -> String {
    "C62".to_owned()
}

impl Input for ManualLinesInput {}

/// Lines, with the services that they are about.
pub(crate) fn read_lines(
    tx: &mut Tx<'_>,
    lines: Vec<ManualLineInput>,
) -> Result<Vec<ManualLine>, Problem> {
    lines.into_iter().enumerate().map(|(nth, line)| line.read(tx, nth)).collect()
}

impl ManualLineInput {
    /// The line, and the service it is about, which stands at `nth` place.
    fn read(self, tx: &mut Tx<'_>, nth: usize) -> Result<ManualLine, Problem> {
        let service = match &self.service {
            None => None,
            Some(id) => {
                let found = services::find(tx.conn, tx.pole(), id, None)?;
                Some(found.ok_or_else(|| {
                    let detail = say!(
                        en "There is no such service.",
                        fr "Ce service n’existe pas."
                    );
                    let pointer = format!("/lines/{nth}/service");
                    Problem::invalid(vec![Fault::body(pointer, "not_found", detail)])
                })?)
            }
        };
        Ok(ManualLine {
            discount: self.kind == ManualLineKind::Discount,
            name: self.name,
            detail: self.detail,
            quantity: self.quantity,
            unit: self.unit,
            unit_price: self.unit_price,
            service,
            supply: self.vat,
        })
    }
}

/// Sets the lines that a draft has by hand: charges and discounts.
///
/// They take the place of those it had by hand; what the run made stays. Credits are drawn anew for
/// what it comes to then. Totals follow, and a draft that comes to less than nothing gives money back.
/// A run that is made again makes the draft anew, without them.
#[utoipa::path(
    tag = "invoices",
    operation_id = "setManualLines",
    params(PolePath, InvoicePath),
    request_body = ManualLinesInput,
    responses(
        (status = 200, description = "The draft as it is now.", body = Invoice),
        (status = 409, description = "It is final, or would break a rule of documents.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[put("/invoices/{invoice}/manual-lines")]
async fn set_manual_lines(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
    version: IfMatch,
    body: Body<ManualLinesInput>,
) -> Result<Answer, Problem> {
    let Body(ManualLinesInput { reason, lines }) = body;
    let row = caller
        .write(move |tx| {
            let row = invoices::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let lines = read_lines(tx, lines)?;
            Ok(adjust(tx, row, (&lines, Earlier::Replaced), &reason)?)
        })
        .await?;
    Answer::object(&Invoice::try_from(row)?)
}
