//! Bank statements, and what their movements are.

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, dev::Payload, get, post, web};
use palier_billing::statement::CsvMapping;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::bank::debits::sweep;
use crate::bank::{
    BankFile, BankMovement, Format, Holder, ImportReport, MAX_BYTES, import, rehearse, resolve,
    suggested, transfers,
};
use crate::day::Day;
use crate::db::bank::{self, MovementStatus};
use crate::http::permitted::{self, Reading};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query, expect_type, read_bytes};
use crate::id::BankMovementId;
use crate::payments::{if_tomorrow, told};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Changes;

mod objects;

use objects::{BankStatement, ResolutionInput};

/// camt.053 is XML, which has two names.
const CAMT: [&str; 2] = ["application/xml", "text/xml"];
const CSV: &str = "text/csv";

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    let limit = web::PayloadConfig::new(MAX_BYTES);
    let statements = scope::scope("/bank-statements").app_data(limit);
    api.service(statements.service(list_statements).service(import_statement));
    api.service(list_movements).service(get_movement).service(resolve_movement);
}

/// A page of statements.
type BankStatementList = List<BankStatement>;

/// A page of movements.
type BankMovementList = List<BankMovement>;

/// A file as it was sent, and whether it says that it is CSV.
struct Upload {
    bytes: web::Bytes,
    is_csv: bool,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            let [xml, text_xml] = CAMT;
            expect_type(&asked, &[xml, text_xml, CSV])?;
            let kind = asked.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let is_csv = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(CSV));
            Ok(Self { bytes: read_bytes(&asked, bytes.await)?, is_csv })
        })
    }
}

/// A bank-to-customer statement of ISO 20022, `camt.053`, of any version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct CamtFile(String);

/// What a bank exports for spreadsheets: UTF-8 or Windows-1252.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct BankCsvFile(String);

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementQuery {
    /// Say what would happen, and write nothing.
    #[serde(default)]
    #[param(required = false, default = false)]
    dry_run: bool,
    /// Of a CSV file, which column is what, as JSON: `booked_on`, `amount` (a column, or an object of
    /// `debit` and `credit`), `text` (a list of columns); as wanted `value_on`, `currency_column`,
    /// `bank_reference`, `counterparty`, `counterparty_iban` and `end_to_end`; and how it is written:
    /// `delimiter` (`;`), `decimal` (`comma` or `point`), `dates` (`day_first` or `month_first`),
    /// `currency` (`EUR`).
    #[param(
        max_length = 2000,
        example = r#"{"booked_on":"Date","amount":"Montant","text":["Libellé"]}"#
    )]
    mapping: Option<String>,
}

impl StatementQuery {
    /// The format of a file.
    fn format(&self, is_csv: bool) -> Result<Format, Problem> {
        if !is_csv {
            return Ok(Format::Camt);
        }
        let Some(mapping) = &self.mapping else {
            let detail = say!(
                en "Say with `mapping` which column of the CSV file is what.",
                fr "Indiquez avec `mapping` le rôle de chaque colonne du fichier CSV."
            );
            return Err(Problem::bad_request(Fault::query("mapping", "required", detail)));
        };
        let read: Result<CsvMapping, _> = serde_json::from_str(mapping);
        let mapping = read.map_err(|error| {
            let detail = say!(en "It is no mapping: {error}.", fr "Correspondance illisible.");
            Problem::bad_request(Fault::query("mapping", "mapping", detail))
        })?;
        Ok(Format::Csv(Box::new(mapping)))
    }
}

/// Imports a bank statement of the pole's account.
///
/// All of the file or nothing: where something is wrong with it, all faults are told with their
/// lines. A movement is known by a key that is the same in every file of its kind: the same file
/// again, or one that overlaps it, books nothing twice. What a movement pays is recorded as a payment
/// at once where that is certain: the payer wrote the numbers of open documents, or pays from an
/// account that is known to be a member's exactly what that member owes. Everything else stays
/// open, with what it may be, until somebody resolves it.
///
/// The account is that of the billing settings. At most 2,000 movements and 8 MB.
#[utoipa::path(
    tag = "payments",
    operation_id = "importBankStatement",
    params(PolePath, StatementQuery),
    request_body(content(
        (CamtFile = "application/xml", example = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">…</Document>"),
        (BankCsvFile = "text/csv", example = "Date;Libellé;Montant\n14/08/2026;VIR FORGE FA-2026-000123;120,00\n"),
    )),
    responses(
        (status = 200, description = "What was done, or would be.", body = ImportReport),
        (status = 409, description = "It contradicts a statement that was imported, or the billing settings name no account.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
    extensions(("x-makes-many" = json!(true))),
)]
#[post("")]
async fn import_statement(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    query: Query<StatementQuery>,
    file: Upload,
) -> Result<Answer, Problem> {
    let Query(query) = query;
    let Upload { bytes, is_csv } = file;
    let (format, pole, now) = (query.format(is_csv)?, Arc::clone(&caller.pole), caller.now());
    let of = Arc::clone(&pole);
    let holder = caller.read(move |conn, _| Holder::of(conn, &of, now)).await?;
    let read = web::block(move || BankFile::read(&bytes, &format, &holder)).await;
    let file = read.map_err(|error| Problem::internal(&error))??;
    if query.dry_run {
        let author = caller.author();
        let rehearsed = move |conn: &mut crate::db::Db| rehearse(conn, &author, &pole, &file);
        return Answer::ok(&caller.app.db.write(rehearsed).await?);
    }
    caller
        .answer(once, move |tx| import(tx, &pole, &file)?.and_then(|report| Answer::ok(&report)))
        .await
}

/// Lists the statements that were imported, oldest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listBankStatements",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of statements.", body = BankStatementList)),
    security(("token" = ["payments:read"])),
)]
#[get("")]
async fn list_statements(caller: PoleMay<PaymentsRead>, page: Page) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(bank::statements(conn, pole, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.statement_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(BankStatement::from(row)))?)
}

/// Which movement.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct MovementPath {
    /// The movement's id.
    #[param(value_type = String, pattern = "^bmv_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "bmv_01k9gz7v3hf8mv3r0x2p6d9qae")]
    movement: BankMovementId,
}

/// Which movements.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MovementFilter {
    /// What became of them.
    #[param(inline)]
    status: Option<MovementStatus>,
}

/// Lists what moved on the pole's account, in the order in which it was imported.
///
/// What is open comes with what it may be, as things stand.
#[utoipa::path(
    tag = "payments",
    operation_id = "listBankMovements",
    params(PolePath, PageQuery, MovementFilter),
    responses((status = 200, description = "A page of movements.", body = BankMovementList)),
    security(("token" = ["payments:read"])),
)]
#[get("/bank-movements")]
async fn list_movements(
    caller: PoleMay<PaymentsRead>,
    page: Page,
    filter: Query<MovementFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let status = filter.0.status;
    let found = caller
        .read(move |conn, pole| {
            conn.snapshot(|conn| {
                let found = bank::page(conn, pole, status, after.as_deref(), rows)?;
                suggested(conn, pole, found)
            })
        })
        .await?;
    let page = page.list(found, |it| it.id.to_string());
    Answer::ok(&page.try_map(Ok::<_, Problem>)?)
}

/// What moved, and what became of it.
#[utoipa::path(
    tag = "payments",
    operation_id = "getBankMovement",
    params(PolePath, MovementPath),
    responses((status = 200, description = "The movement.", body = BankMovement)),
    security(("token" = ["payments:read"])),
)]
#[get("/bank-movements/{movement}")]
async fn get_movement(
    caller: PoleMay<PaymentsRead>,
    at: At<BankMovementId>,
) -> Result<Answer, Problem> {
    let found = caller
        .read(move |conn, pole| {
            let row = bank::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            suggested(conn, pole, vec![row])
        })
        .await?;
    Answer::object(&found.into_iter().next().ok_or_else(Problem::not_found)?)
}

/// Says what a movement is that is open, or was ignored.
///
/// A member's money settles documents, or stays to the member's credit; a payment comes back; it is what
/// a batch of direct debits collected, or one of transfers was debited as, or what a payment provider paid out; or it is
/// none of this, for a reason. A payment that is taken back as a mistake opens its movement again.
#[utoipa::path(
    tag = "payments",
    operation_id = "resolveBankMovement",
    params(PolePath, MovementPath),
    request_body = ResolutionInput,
    responses(
        (status = 200, description = "The movement as it is now.", body = BankMovement),
        (status = 409, description = "It is booked already, or cannot be what was said.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/bank-movements/{movement}/resolve")]
async fn resolve_movement(
    caller: PoleMay<PaymentsWrite>,
    at: At<BankMovementId>,
    body: Body<ResolutionInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, Arc::clone(&caller.pole));
    let made = caller
        .write(move |tx| {
            if let Some(day) = &input.paid_on {
                if_tomorrow(day, &Day::today(&pole, tx.at()))?;
            }
            let reason = input.reason.clone();
            let decision = input.decision(pole.currency())?;
            let (row, recorded) = resolve(tx, &at.0, decision)?;
            sweep(tx)?;
            transfers::sweep(tx)?;
            if let Some(recorded) = recorded {
                told(tx, recorded)?;
            }
            let (action, payment) = (row.status, row.payment_id.clone());
            let changes = serde_json::json!({ "payment": payment, "reason": reason, "counterpart": row.counterpart });
            let shown = suggested(tx.conn, tx.pole(), vec![row])?;
            let made = shown.into_iter().next().ok_or_else(Problem::not_found)?;
            let action = format!("bank_movement.{}", action.as_str());
            Ok(tx.done(&action, at.0.as_str(), &Changes::made(&changes), made)?)
        })
        .await?;
    Answer::object(&made)
}
