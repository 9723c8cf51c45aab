//! Files of transfers for the pole's bank, and what it answers.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use utoipa::IntoParams;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::debit_files::{StatusReportFile, Upload};
use super::transfers::ExecutionInput;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::bank::status::{MAX_BYTES, read};
use crate::bank::transfers::sweep;
use crate::day::Day;
use crate::db::{Db, transfer_files};
use crate::http::{Answer, At, Body, File, List, Once, Page, PageQuery};
use crate::id::{PoleId, TransferFileId};
use crate::payments::if_tomorrow;
use crate::problem::Problem;
use crate::transfers::answers::take;
use crate::transfers::file::{self, make, recall, settle};

mod objects;

pub(crate) use objects::{TransferAnswer, TransferFile, TransferFormat};
use objects::{TransferFileEndInput, TransferFileInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_transfer_files).service(make_transfer_file);
    let limit = web::PayloadConfig::new(MAX_BYTES);
    let answers = scope::scope("/transfer-files/answers").app_data(limit);
    api.service(answers.service(read_transfer_answer));
    api.service(get_transfer_file)
        .service(get_transfer_file_content)
        .service(settle_transfer_file)
        .service(cancel_transfer_file);
}

/// A page of files.
type TransferFileList = List<TransferFile>;

/// Which file.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct TransferFilePath {
    /// The file's id.
    #[param(value_type = String, pattern = "^tff_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "tff_01k9gz7v3hf8mv3r0x2p6d9qae")]
    transfer_file: TransferFileId,
}

/// Lists files of transfers, oldest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listTransferFiles",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of files.", body = TransferFileList)),
    security(("token" = ["payments:read"])),
)]
#[get("/transfer-files")]
async fn list_transfer_files(caller: PoleMay<PaymentsRead>, page: Page) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let found = transfer_files::page(conn, pole, after.as_deref(), rows)?;
            let with = found.into_iter().map(|row| file::TransferFile::of(conn, row));
            Ok(with.collect::<Result<Vec<_>, _>>()?)
        })
        .await?;
    let page = page.list(found, |it| it.row.file_id.to_string());
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(TransferFile::from(it)))?)
}

/// Writes a file of the transfers that are planned up to a day, and takes them to be sent.
///
/// The same file again, where nothing was planned since: nobody is paid twice. It is pain.001 of ISO 20022,
/// in a batch for each day, kept as it was written; the bank gets it from whoever asks for its content. A
/// provider is paid to the account that is confirmed by then; what a member's credit does not cover any more
/// is given up. At most 2,000 transfers.
#[utoipa::path(
    tag = "payments",
    operation_id = "makeTransferFile",
    params(PolePath),
    request_body = TransferFileInput,
    responses(
        (status = 201, description = "The file.", body = TransferFile),
        (status = 409, description = "Nothing is planned up to that day, or no settings name an account of the pole.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfer-files")]
async fn make_transfer_file(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<TransferFileInput>,
) -> Result<Answer, Problem> {
    let (asked, pole) = (body.0.asked(), caller.pole.clone());
    caller
        .create(once, move |tx| {
            // What was written is in the log already.
            let file = make(tx, &pole, &asked)?;
            Ok(tx.unchanged(TransferFile::from(file)))
        })
        .await
}

/// A file of transfers, with its batches.
#[utoipa::path(
    tag = "payments",
    operation_id = "getTransferFile",
    params(PolePath, TransferFilePath),
    responses((status = 200, description = "The file.", body = TransferFile)),
    security(("token" = ["payments:read"])),
)]
#[get("/transfer-files/{transfer_file}")]
async fn get_transfer_file(
    caller: PoleMay<PaymentsRead>,
    at: At<TransferFileId>,
) -> Result<Answer, Problem> {
    let file = caller
        .read(move |conn, pole| {
            let row = found(conn, pole, &at.0)?;
            Ok(file::TransferFile::of(conn, row)?)
        })
        .await?;
    Answer::object(&TransferFile::from(file))
}

/// The bytes of a file of transfers, as they were written: for the bank.
#[utoipa::path(
    tag = "payments",
    operation_id = "getTransferFileContent",
    params(PolePath, TransferFilePath),
    responses((status = 200, description = "The message, pain.001.", body = String,
        content_type = "application/xml")),
    security(("token" = ["payments:read"])),
)]
#[get("/transfer-files/{transfer_file}/content")]
async fn get_transfer_file_content(
    caller: PoleMay<PaymentsRead>,
    at: At<TransferFileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (row, body) = caller
        .read(move |conn, pole| {
            let row = found(conn, pole, &at.0)?;
            let body = transfer_files::body(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
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

/// Says that the bank executed a file, as far as it is on its way.
///
/// For who imports no bank statements.
#[utoipa::path(
    tag = "payments",
    operation_id = "settleTransferFile",
    params(PolePath, TransferFilePath),
    request_body = ExecutionInput,
    responses(
        (status = 200, description = "The file as it is now.", body = TransferFile),
        (status = 409, description = "Nothing of it is on its way any more.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfer-files/{transfer_file}/settle")]
async fn settle_transfer_file(
    caller: PoleMay<PaymentsWrite>,
    at: At<TransferFileId>,
    body: Body<ExecutionInput>,
) -> Result<Answer, Problem> {
    let (on, pole) = (body.0.paid_on, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            if_tomorrow(&on, &Day::today(&pole, tx.at()))?;
            let row = found(tx.conn, tx.pole(), &at.0)?;
            let made = settle(tx, row, &on)?;
            sweep(tx)?;
            // What was booked is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&TransferFile::from(made))
}

/// Calls a file off that the bank refused as a whole, or never got.
///
/// What was in it is planned again, under other names.
#[utoipa::path(
    tag = "payments",
    operation_id = "cancelTransferFile",
    params(PolePath, TransferFilePath),
    request_body = TransferFileEndInput,
    responses(
        (status = 200, description = "The file as it is now.", body = TransferFile),
        (status = 409, description = "It was called off already, or some of it was carried out.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/transfer-files/{transfer_file}/cancel")]
async fn cancel_transfer_file(
    caller: PoleMay<PaymentsWrite>,
    at: At<TransferFileId>,
    body: Body<TransferFileEndInput>,
) -> Result<Answer, Problem> {
    let (reason, pole) = (body.0.reason, caller.pole.clone());
    let made = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &at.0)?;
            let made = recall(tx, &pole, &row, &reason)?;
            // What was done is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        })
        .await?;
    Answer::object(&TransferFile::from(made))
}

/// Takes in what the bank answers to a file: what it does not execute, and why.
///
/// The bills of what is rejected are open, and can be planned again. A file that it refuses as a whole is
/// called off, and what was in it planned again. The same answer again changes nothing. At most 8 MB.
#[utoipa::path(
    tag = "payments",
    operation_id = "readTransferAnswer",
    params(PolePath),
    request_body(content = StatusReportFile, content_type = "application/xml",
        example = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\">…</Document>"),
    responses(
        (status = 200, description = "What it says.", body = TransferAnswer),
        (status = 409, description = "It answers no file of the pole's.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("")]
async fn read_transfer_answer(
    caller: PoleMay<PaymentsWrite>,
    upload: Upload,
) -> Result<Answer, Problem> {
    let (pole, report) = (caller.pole.clone(), read(&upload.0)?);
    let answered = caller
        .write(move |tx| {
            // What was learned is in the log already.
            let answered = take(tx, &pole, &report)?;
            Ok::<_, Problem>(tx.unchanged(answered))
        })
        .await?;
    Answer::ok(&TransferAnswer::from(answered))
}

fn found(
    conn: &mut Db,
    pole: &PoleId,
    id: &TransferFileId,
) -> Result<transfer_files::TransferFileRow, Problem> {
    transfer_files::find(conn, pole, id)?.ok_or_else(Problem::not_found)
}
