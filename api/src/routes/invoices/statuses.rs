//! What becomes of a document on its way to the member, as the French reform tells it.

use actix_web::{get, post};
use palier_billing::einvoice::cdar::Action;
use palier_billing::einvoice::lifecycle::{Reason, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{InvoicePath, seen};
use crate::auth::{InvoicesRead, InvoicesWrite, May, PoleMay};
use crate::clock::Time;
use crate::db::DbError;
use crate::db::einvoices::{self, GivenBy, LifecycleStatus, StatusRow};
use crate::db::invoices::{self, InvoiceStatus};
use crate::einvoicing::{Part, Said, Why, by_hand};
use crate::http::{Answer, At, Body, Input, List, Once, Page, PageQuery};
use crate::id::{InvoiceId, PaymentId};
use crate::problem::{Fault, Problem};
use crate::routes::PolePath;
use crate::say;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_invoice_statuses).service(add_invoice_status);
}

/// A page of statuses.
type DocumentStatusList = List<DocumentStatus>;

/// A step in the life of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DocumentStatus {
    /// Its place among those of the document, from 1, in the order in which they were learned.
    #[schema(example = 3)]
    seq: i32,
    status: LifecycleStatus,
    /// The same as messages write it (AFNOR XP Z12-012).
    #[schema(example = "210")]
    code: String,
    given_by: GivenBy,
    /// When it was given.
    happened_at: Time,
    /// Why, where it says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<StatusReason>,
    /// What finance noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Appel du comptable du membre")]
    note: Option<String>,
    /// What was collected, by rate of VAT.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collected: Vec<CollectedPart>,
    /// The payment that brought it, or took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    payment: Option<PaymentId>,
    /// When it was learned.
    recorded_at: Time,
}

/// Why a document has a status.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StatusReason {
    /// The code of the reform (MDT-113).
    #[schema(max_length = 20, format = "line", example = "TX_TVA_ERR")]
    reason: String,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 500,
        format = "line",
        nullable = false,
        example = "Taux de 10 % attendu"
    )]
    text: Option<String>,
    /// What the other should do about it (MDT-121): `NOA`, `PIN`, `NIN`, `CNF`, `CNP`, `CNA`, `OTH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3, format = "line", nullable = false, example = "NIN")]
    action: Option<String>,
}

/// Money of one rate of VAT.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CollectedPart {
    /// The rate.
    #[schema(example = "20")]
    rate_percent: String,
    /// VAT included; below zero where it went back.
    #[schema(example = "79.20")]
    amount: String,
}

impl From<Part> for CollectedPart {
    fn from(Part { rate_percent, amount }: Part) -> Self {
        Self { rate_percent: rate_percent.to_string(), amount }
    }
}

impl From<Why> for StatusReason {
    fn from(Why { reason, text, action }: Why) -> Self {
        let action = action.map(|action| action.as_str().to_owned());
        Self { reason: reason.as_str().to_owned(), text, action }
    }
}

impl TryFrom<StatusRow> for DocumentStatus {
    type Error = DbError;

    fn try_from(row: StatusRow) -> Result<Self, DbError> {
        let (reasons, collected) = (row.why()?, row.parts()?);
        Ok(Self {
            seq: row.seq,
            status: row.status,
            code: Status::from(row.status).as_str().to_owned(),
            given_by: row.given_by,
            happened_at: row.happened_at,
            reasons: reasons.into_iter().map(StatusReason::from).collect(),
            note: Some(row.note).filter(|note| !note.is_empty()),
            collected: collected.into_iter().map(CollectedPart::from).collect(),
            payment: row.payment_id,
            recorded_at: row.recorded_at,
        })
    }
}

/// What somebody said of a document.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DocumentStatusInput {
    /// Any but `collected`, which follows from payments.
    status: LifecycleStatus,
    /// When it was said; now, if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time", nullable = false, example = "2026-11-01T08:30:00Z")]
    happened_at: Option<Time>,
    /// Why: wanted of `partly_approved`, `disputed`, `suspended`, `refused`, `rejected` and `inadmissible`.
    #[serde(default)]
    #[schema(max_items = 20)]
    reasons: Vec<StatusReason>,
    /// How finance knows.
    #[serde(default)]
    #[schema(
        max_length = 500,
        format = "line",
        nullable = false,
        example = "Appel du comptable du membre"
    )]
    note: Option<String>,
}

impl Input for DocumentStatusInput {}

impl DocumentStatusInput {
    fn read(self, now: Time) -> Result<Said, Problem> {
        let (mut reasons, mut faults) = (Vec::new(), Vec::new());
        for (nth, StatusReason { reason, text, action }) in self.reasons.into_iter().enumerate() {
            let code = code::<Reason>(&reason);
            let asked = action.as_deref().map(code_of_action);
            for (is_none, field) in [(code.is_none(), "reason"), (asked == Some(None), "action")] {
                if is_none {
                    let detail = say!(
                        en "This is no code of the reform (XP Z12-012).",
                        fr "Ce n’est pas un code de la réforme (XP Z12-012)."
                    );
                    faults.push(Fault::body(format!("/reasons/{nth}/{field}"), "code", detail));
                }
            }
            reasons.extend(code.map(|reason| Why { reason, text, action: asked.flatten() }));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        Ok(Said {
            status: self.status.into(),
            given_by: GivenBy::Buyer,
            happened_at: self.happened_at.unwrap_or(now),
            reasons,
            note: self.note.unwrap_or_default(),
            collected: None,
            message: None,
        })
    }
}

fn code<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

fn code_of_action(text: &str) -> Option<Action> {
    code(text)
}

/// Lists what became of a document, step by step.
///
/// What platforms and the member said, by messages or to finance, and what was collected for it: each
/// payment with its amounts by rate of VAT, where VAT falls due with the money. Members see those of their
/// own documents.
#[utoipa::path(
    tag = "invoices",
    operation_id = "listInvoiceStatuses",
    params(PolePath, InvoicePath, PageQuery),
    responses((status = 200, description = "A page of statuses.", body = DocumentStatusList)),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/statuses")]
async fn list_invoice_statuses(
    caller: May<InvoicesRead>,
    at: At<InvoiceId>,
    page: Page,
) -> Result<Answer, Problem> {
    let invoice = seen(&caller, at.0).await?.invoice_id;
    let (after, rows) = (page.after::<i64>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(einvoices::page(conn, pole, &invoice, after, rows)?))
        .await?;
    let page = page.list(found, |row| i64::from(row.seq));
    Answer::ok(&page.try_map(DocumentStatus::try_from)?)
}

/// Notes what became of a document, which finance learned in another way than by a message.
///
/// A platform’s statuses (`deposited`, `rejected`…) and the member’s (`approved`, `refused`…). What cannot
/// follow what came before is refused, as is a reason that the reform does not give the status.
#[utoipa::path(
    tag = "invoices",
    operation_id = "addInvoiceStatus",
    params(PolePath, InvoicePath),
    request_body = DocumentStatusInput,
    responses(
        (status = 200, description = "The status.", body = DocumentStatus),
        (status = 409, description = "It is not final, or its statuses rule this one out.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[post("/invoices/{invoice}/statuses")]
async fn add_invoice_status(
    caller: PoleMay<InvoicesWrite>,
    at: At<InvoiceId>,
    once: Once,
    body: Body<DocumentStatusInput>,
) -> Result<Answer, Problem> {
    let said = body.0.read(caller.now())?;
    caller
        .answer(once, move |tx| {
            let invoice = invoices::find(tx.conn, tx.pole(), &at.0)?;
            let invoice = invoice.ok_or_else(Problem::not_found)?;
            if invoice.status != InvoiceStatus::Final {
                return Err(not_final());
            }
            let row = by_hand(tx, &invoice, said)?;
            let told = serde_json::json!({ "status": row.status, "given_by": row.given_by });
            let made = Changes::made(&told);
            let done = tx.done("invoice.status", at.0.as_str(), &made, row)?;
            done.and_then(|row| Answer::ok(&DocumentStatus::try_from(row)?))
        })
        .await
}

fn not_final() -> Problem {
    let detail = say!(
        en "It is not final: nothing becomes of a draft.",
        fr "Elle n’est pas définitive : un brouillon n’a pas de statut."
    );
    Problem::conflict(Fault::body("", "not_final", detail))
}
