//! Files of direct debits for the pole's bank, and what it answers.

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, get, post, web};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::bank::debits::sweep;
use crate::bank::status::{MAX_BYTES, read};
use crate::collections::answers;
use crate::collections::debits::{make, whole};
use crate::collections::recall::cancel;
use crate::collections::settle::by_hand;
use crate::day::Day;
use crate::db::debit_files;
use crate::http::permitted::{self, Reading};
use crate::http::{Answer, At, Body, File, List, Once, Page, PageQuery, expect_type, read_bytes};
use crate::id::DebitFileId;
use crate::payments::if_tomorrow;
use crate::problem::Problem;

mod objects;

pub(crate) use objects::{DebitAnswer, DebitFile};
use objects::{DebitFileEndInput, DebitFileInput, SettlementInput};

/// pain.002 is XML, which has two names.
const XML: [&str; 2] = ["application/xml", "text/xml"];

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_debit_files).service(make_debit_file);
    let limit = web::PayloadConfig::new(MAX_BYTES);
    let answers = scope::scope("/debit-files/answers").app_data(limit);
    api.service(answers.service(read_debit_answer));
    api.service(get_debit_file)
        .service(get_debit_file_content)
        .service(settle_debit_file)
        .service(cancel_debit_file);
}

/// A page of files.
type DebitFileList = List<DebitFile>;

/// Which file.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct DebitFilePath {
    /// The file's id.
    #[param(value_type = String, pattern = "^dbf_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "dbf_01k9gz7v3hf8mv3r0x2p6d9qae")]
    file: DebitFileId,
}

/// A customer payment status report of ISO 20022, `pain.002`, of any version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
pub(super) struct StatusReportFile(String);

/// An answer as it was sent.
pub(super) struct Upload(pub(super) web::Bytes);

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            expect_type(&asked, &XML)?;
            Ok(Self(read_bytes(&asked, bytes.await)?))
        })
    }
}

/// Lists files of direct debits, oldest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listDebitFiles",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of files.", body = DebitFileList)),
    security(("token" = ["payments:read"])),
)]
#[get("/debit-files")]
async fn list_debit_files(caller: PoleMay<PaymentsRead>, page: Page) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let found = debit_files::page(conn, pole, after.as_deref(), rows)?;
            Ok(whole(conn, pole, found)?)
        })
        .await?;
    let page = page.list(found, |it| it.row.file_id.to_string());
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(DebitFile::from(it)))?)
}

/// Writes a file of the direct debits that are planned up to a day, and takes them to be sent.
///
/// The same file again, where nothing was planned since: nobody is debited twice. It is pain.008 of ISO
/// 20022, in batches by day, scheme and sequence, kept as it was written; the bank gets it from whoever
/// asks for its content. What was settled otherwise meanwhile is not in it, nor what the bank takes later.
/// At most 2,000 debits.
#[utoipa::path(
    tag = "payments",
    operation_id = "makeDebitFile",
    params(PolePath),
    request_body = DebitFileInput,
    responses(
        (status = 201, description = "The file.", body = DebitFile),
        (status = 409, description = "Nothing is planned up to that day, or the settings name no creditor.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/debit-files")]
async fn make_debit_file(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<DebitFileInput>,
) -> Result<Answer, Problem> {
    let (day, pole) = (body.0.collect_by, caller.pole.clone());
    caller
        .create(once, move |tx| {
            // What was written is in the log already.
            let (file, _) = make(tx, &pole, &day)?;
            Ok(tx.unchanged(DebitFile::from(file)))
        })
        .await
}

/// A file of direct debits, with its batches.
#[utoipa::path(
    tag = "payments",
    operation_id = "getDebitFile",
    params(PolePath, DebitFilePath),
    responses((status = 200, description = "The file.", body = DebitFile)),
    security(("token" = ["payments:read"])),
)]
#[get("/debit-files/{file}")]
async fn get_debit_file(
    caller: PoleMay<PaymentsRead>,
    at: At<DebitFileId>,
) -> Result<Answer, Problem> {
    let found = caller
        .read(move |conn, pole| {
            let row = debit_files::find(conn, pole, &at.0)?;
            Ok(whole(conn, pole, row.into_iter().collect())?)
        })
        .await?;
    let found = found.into_iter().next().ok_or_else(Problem::not_found)?;
    Answer::object(&DebitFile::from(found))
}

/// The bytes of a file of direct debits, as they were written: for the bank.
#[utoipa::path(
    tag = "payments",
    operation_id = "getDebitFileContent",
    params(PolePath, DebitFilePath),
    responses((status = 200, description = "The message, pain.008.", body = String,
        content_type = "application/xml")),
    security(("token" = ["payments:read"])),
)]
#[get("/debit-files/{file}/content")]
async fn get_debit_file_content(
    caller: PoleMay<PaymentsRead>,
    at: At<DebitFileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (row, body) = caller
        .read(move |conn, pole| {
            let row = debit_files::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            let body = debit_files::body(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            Ok((row, body))
        })
        .await?;
    let file = File {
        name: format!("{}.xml", row.message_id),
        media_type: "application/xml",
        is_shown: false,
        bytes: body.into(),
        tag: row.sha256,
    };
    Ok(file.answer(&request))
}

/// Says that the money of a file came in: that of one batch, or of all that have not yet.
///
/// For who imports no bank statements. Every collection of it that is on its way becomes a payment.
#[utoipa::path(
    tag = "payments",
    operation_id = "settleDebitFile",
    params(PolePath, DebitFilePath),
    request_body = SettlementInput,
    responses(
        (status = 200, description = "The file as it is now.", body = DebitFile),
        (status = 409, description = "It came in already, or was called off.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/debit-files/{file}/settle")]
async fn settle_debit_file(
    caller: PoleMay<PaymentsWrite>,
    at: At<DebitFileId>,
    body: Body<SettlementInput>,
) -> Result<Answer, Problem> {
    let (Body(SettlementInput { paid_on, batch }), pole) = (body, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            if_tomorrow(&paid_on, &Day::today(&pole, tx.at()))?;
            let row = debit_files::find(tx.conn, tx.pole(), &at.0)?;
            let row = row.ok_or_else(Problem::not_found)?;
            let made = by_hand(tx, &row, (batch.as_deref(), &paid_on))?;
            sweep(tx)?;
            // What came in is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&DebitFile::from(made))
}

/// Calls a file off that the bank refused as a whole, or never got.
///
/// What was in it is planned again, under other names.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelDebitFile",
    params(PolePath, DebitFilePath),
    request_body = DebitFileEndInput,
    responses(
        (status = 200, description = "The file as it is now.", body = DebitFile),
        (status = 409, description = "It was called off already, or some of it was carried out.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/debit-files/{file}/cancel")]
async fn cancel_debit_file(
    caller: PoleMay<PaymentsWrite>,
    at: At<DebitFileId>,
    body: Body<DebitFileEndInput>,
) -> Result<Answer, Problem> {
    let (reason, pole) = (body.0.reason, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            let row = debit_files::find(tx.conn, tx.pole(), &at.0)?;
            let row = row.ok_or_else(Problem::not_found)?;
            let made = cancel(tx, &pole, &row, &reason)?;
            // What was done is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&DebitFile::from(made))
}

/// Takes in what the bank answers to a file: what it will not collect, and why.
///
/// A file that it refuses as a whole is called off, and what was in it planned again. The same answer
/// again changes nothing. At most 8 MB.
#[utoipa::path(
    tag = "payments",
    operation_id = "readDebitAnswer",
    params(PolePath),
    request_body(content = StatusReportFile, content_type = "application/xml",
        example = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\">…</Document>"),
    responses(
        (status = 200, description = "What it says.", body = DebitAnswer),
        (status = 409, description = "It answers no file of the pole's.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("")]
async fn read_debit_answer(
    caller: PoleMay<PaymentsWrite>,
    upload: Upload,
) -> Result<Answer, Problem> {
    let (pole, report) = (caller.pole.clone(), read(&upload.0)?);
    let answered = caller
        .write(move |tx| {
            let answered = answers::take(tx, &pole, &report)?;
            // What was learned is in the log already.
            DebitAnswer::of(tx.conn, tx.pole(), answered).map(|it| tx.unchanged(it))
        })
        .await?;
    Answer::ok(&answered)
}
