//! Reports of the books: as JSON, and as files for programs and for spreadsheets.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LANGUAGE};
use actix_web::{HttpRequest, HttpResponse, Responder as _, get};
use palier_billing::Error;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{BooksRead, PoleMay};
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::http::{Answer, Query, language_of};
use crate::problem::{Fault, Problem};
use crate::reports::aged::{AgedReceivables, MemberBalances, OpenDocuments};
use crate::reports::balance::{BalanceBy, TrialBalance};
use crate::reports::journal::JournalReport;
use crate::reports::registers::{InvoiceRegister, PaymentRegister};
use crate::reports::revenue::{Revenue, RevenueBy};
use crate::reports::vat::VatReturn;
use crate::reports::{Period, Report};
use crate::say;
use crate::sheet::FileFormat;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_aged_receivables)
        .service(get_open_documents)
        .service(get_member_balances)
        .service(get_trial_balance)
        .service(get_vat_return)
        .service(get_revenue)
        .service(get_journal)
        .service(get_invoice_register)
        .service(get_payment_register);
}

/// What a report comes as.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportFormat {
    /// As the schema says.
    #[default]
    Json,
    /// For programs: a line of the fields' names, commas, a decimal point, UTF-8, no totals (RFC
    /// 4180). A text that a spreadsheet would take for a formula has an apostrophe in front.
    Csv,
    /// For people: a spreadsheet with titles in the language of the caller, numbers and dates that
    /// can be reckoned with, and totals in its last row.
    Xlsx,
}

impl ReportFormat {
    const fn file(self) -> Option<FileFormat> {
        match self {
            Self::Json => None,
            Self::Csv => Some(FileFormat::Csv),
            Self::Xlsx => Some(FileFormat::Xlsx),
        }
    }
}

/// As of which day, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DayQuery {
    /// The day, at its end; today, if left out.
    #[param(value_type = Option<String>, format = "date", example = "2026-07-31")]
    as_of: Option<Day>,
    /// What it comes as: JSON, CSV for programs, or a spreadsheet for people.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// Of which days, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// A month, a quarter or a year.
    #[param(pattern = "^2[0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]))?$", example = "2026-07")]
    period: String,
    /// What it comes as: JSON, CSV for programs, or a spreadsheet for people.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// Of which days, by what, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BalanceQuery {
    /// A month, a quarter or a year.
    #[param(pattern = "^2[0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]))?$", example = "2026-07")]
    period: String,
    /// By account, or by each company's part of the accounts that have them.
    #[param(inline)]
    by: Option<BalanceBy>,
    /// What it comes as: JSON, CSV for programs, or a spreadsheet for people.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// Of which days, by what, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RevenueQuery {
    /// A month, a quarter or a year.
    #[param(pattern = "^2[0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]))?$", example = "2026-07")]
    period: String,
    /// By service, or by member.
    #[param(inline)]
    by: Option<RevenueBy>,
    /// What it comes as: JSON, CSV for programs, or a spreadsheet for people.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// What members owe on a day, by how long it has been due.
#[utoipa::path(
    tag = "books",
    operation_id = "getAgedReceivables",
    params(PolePath, DayQuery),
    responses((status = 200, description = "The report.", content(
        (AgedReceivables = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/aged-receivables")]
async fn get_aged_receivables(
    caller: PoleMay<BooksRead>,
    query: Query<DayQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(DayQuery { as_of, format }) = query;
    let as_of = as_of.unwrap_or_else(|| Day::today(&caller.pole, caller.now())).date();
    let made = move |conn: &mut Db, pole: &PoleRow| AgedReceivables::read(conn, pole, as_of);
    answer(caller, &request, format, made).await
}

/// Final documents that were not settled on a day, the oldest due first.
#[utoipa::path(
    tag = "books",
    operation_id = "getOpenDocuments",
    params(PolePath, DayQuery),
    responses((status = 200, description = "The report.", content(
        (OpenDocuments = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/open-documents")]
async fn get_open_documents(
    caller: PoleMay<BooksRead>,
    query: Query<DayQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(DayQuery { as_of, format }) = query;
    let as_of = as_of.unwrap_or_else(|| Day::today(&caller.pole, caller.now())).date();
    let made = move |conn: &mut Db, pole: &PoleRow| OpenDocuments::read(conn, pole, as_of);
    answer(caller, &request, format, made).await
}

/// What each member's account stood at on a day.
#[utoipa::path(
    tag = "books",
    operation_id = "getMemberBalances",
    params(PolePath, DayQuery),
    responses((status = 200, description = "The report.", content(
        (MemberBalances = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/member-balances")]
async fn get_member_balances(
    caller: PoleMay<BooksRead>,
    query: Query<DayQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(DayQuery { as_of, format }) = query;
    let as_of = as_of.unwrap_or_else(|| Day::today(&caller.pole, caller.now())).date();
    let made = move |conn: &mut Db, pole: &PoleRow| MemberBalances::read(conn, pole, as_of);
    answer(caller, &request, format, made).await
}

/// What every account stands at, over the days of a period.
#[utoipa::path(
    tag = "books",
    operation_id = "getTrialBalance",
    params(PolePath, BalanceQuery),
    responses((status = 200, description = "The report.", content(
        (TrialBalance = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/trial-balance")]
async fn get_trial_balance(
    caller: PoleMay<BooksRead>,
    query: Query<BalanceQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(BalanceQuery { period, by, format }) = query;
    let (period, by) = (read(&period)?, by.unwrap_or_default());
    let made = move |conn: &mut Db, pole: &PoleRow| TrialBalance::read(conn, pole, &period, by);
    answer(caller, &request, format, made).await
}

/// The VAT to declare for the days of a period, by category and rate.
#[utoipa::path(
    tag = "books",
    operation_id = "getVatReturn",
    params(PolePath, PeriodQuery),
    responses((status = 200, description = "The report.", content(
        (VatReturn = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/vat")]
async fn get_vat_return(
    caller: PoleMay<BooksRead>,
    query: Query<PeriodQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(PeriodQuery { period, format }) = query;
    let period = read(&period)?;
    let made = move |conn: &mut Db, pole: &PoleRow| VatReturn::read(conn, pole, &period);
    answer(caller, &request, format, made).await
}

/// What was earned in the days of a period, by service or by member.
#[utoipa::path(
    tag = "books",
    operation_id = "getRevenue",
    params(PolePath, RevenueQuery),
    responses((status = 200, description = "The report.", content(
        (Revenue = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/revenue")]
async fn get_revenue(
    caller: PoleMay<BooksRead>,
    query: Query<RevenueQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(RevenueQuery { period, by, format }) = query;
    let (period, by) = (read(&period)?, by.unwrap_or_default());
    let made = move |conn: &mut Db, pole: &PoleRow| Revenue::read(conn, pole, &period, by);
    answer(caller, &request, format, made).await
}

/// The entries of the journal of a period, by day and number.
#[utoipa::path(
    tag = "books",
    operation_id = "getJournal",
    params(PolePath, PeriodQuery),
    responses((status = 200, description = "The report.", content(
        (JournalReport = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/journal")]
async fn get_journal(
    caller: PoleMay<BooksRead>,
    query: Query<PeriodQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(PeriodQuery { period, format }) = query;
    let period = read(&period)?;
    let made = move |conn: &mut Db, pole: &PoleRow| JournalReport::read(conn, pole, &period);
    answer(caller, &request, format, made).await
}

/// The invoices and credit notes that were issued in a period, by number.
#[utoipa::path(
    tag = "books",
    operation_id = "getInvoiceRegister",
    params(PolePath, PeriodQuery),
    responses((status = 200, description = "The report.", content(
        (InvoiceRegister = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/invoices")]
async fn get_invoice_register(
    caller: PoleMay<BooksRead>,
    query: Query<PeriodQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(PeriodQuery { period, format }) = query;
    let period = read(&period)?;
    let made = move |conn: &mut Db, pole: &PoleRow| InvoiceRegister::read(conn, pole, &period);
    answer(caller, &request, format, made).await
}

/// The payments, refunds and losses that were booked in a period.
#[utoipa::path(
    tag = "books",
    operation_id = "getPaymentRegister",
    params(PolePath, PeriodQuery),
    responses((status = 200, description = "The report.", content(
        (PaymentRegister = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    security(("token" = ["books:read"])),
)]
#[get("/reports/payments")]
async fn get_payment_register(
    caller: PoleMay<BooksRead>,
    query: Query<PeriodQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(PeriodQuery { period, format }) = query;
    let period = read(&period)?;
    let made = move |conn: &mut Db, pole: &PoleRow| PaymentRegister::read(conn, pole, &period);
    answer(caller, &request, format, made).await
}

/// Reads a report in one state of the database, and answers with it as it was asked for.
async fn answer<R: Report + Send + 'static>(
    caller: PoleMay<BooksRead>,
    request: &HttpRequest,
    format: Option<ReportFormat>,
    make: impl FnOnce(&mut Db, &PoleRow) -> Result<R, DbError> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let (pole, language) = (caller.pole.clone(), language_of(request));
    let file = format.unwrap_or_default().file();
    let made = caller.app.db.read(move |conn| {
        let report = conn.snapshot(|conn| make(conn, &pole))?;
        let Some(format) = file else { return Answer::ok(&report).map(Made::Json) };
        let sheet = report.sheet();
        let bytes = sheet.write(format, language).map_err(|error| Problem::internal(&error))?;
        Ok::<_, Problem>(Made::File(format, sheet.file_name(format), bytes))
    });
    Ok(match made.await? {
        Made::Json(answer) => answer.respond_to(request),
        Made::File(format, name, bytes) => HttpResponse::Ok()
            .content_type(format.media_type())
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .insert_header((CONTENT_LANGUAGE, language.code()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(bytes),
    })
}

/// What is answered with.
enum Made {
    Json(Answer),
    File(FileFormat, String, Vec<u8>),
}

fn read(period: &str) -> Result<Period, Problem> {
    period.parse().map_err(|_: Error| {
        let detail = say!(
            en "Expected a month, a quarter or a year, such as 2026-07, 2026-Q3 or 2026.",
            fr "Attendu : un mois, un trimestre ou une année, tel que 2026-07, 2026-Q3 ou 2026."
        );
        Problem::bad_request(Fault::query("period", "period", detail))
    })
}
