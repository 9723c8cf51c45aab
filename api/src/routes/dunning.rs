//! What is not paid in time, and the letters about it.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::invoices::Invoice;
use crate::auth::{DunningRead, DunningWrite, PoleMay};
use crate::day::Day;
use crate::db::dunning::{self, PauseRow};
use crate::db::invoices::{self, InvoiceStatus};
use crate::dunning::settings::Terms;
use crate::dunning::{Late, Mode, charge, late, of_document, run};
use crate::http::{Answer, At, Body, List, Once, Page, PageQuery, Query};
use crate::id::{InvoiceId, MemberId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

mod objects;
mod suspensions;

pub(crate) use suspensions::Suspension;

use objects::{DunningLetter, DunningRun, DunningRunInput, LateInvoice, PauseInput, PenaltyInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_late_invoices)
        .service(list_dunning_letters)
        .service(run_dunning)
        .service(pause_dunning)
        .service(resume_dunning)
        .service(charge_penalty)
        .configure(suspensions::routes);
}

/// A page of documents that are late.
type LateInvoiceList = List<LateInvoice>;

/// A page of letters.
type DunningLetterList = List<DunningLetter>;

/// Which document.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct InvoicePath {
    /// The document's id.
    #[param(value_type = String, pattern = "^inv_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "inv_01k9gz7v3hf8mv3r0x2p6d9qae")]
    invoice: InvoiceId,
}

/// Whose, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LateFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// The day by whose end it is looked at; today, if left out. A later one looks ahead.
    #[param(value_type = Option<String>, format = "date", example = "2026-11-01")]
    as_of: Option<Day>,
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LetterFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// Lists documents that are not paid in time, in the order in which they were made.
///
/// With the letter that went out last and the one that comes next, and what the law gives for the
/// delay: interest to the day, explained by period, and the indemnity for recovery costs. It is given,
/// not claimed: only a formal notice claims it, if the pole's settings say so.
#[utoipa::path(
    tag = "dunning",
    operation_id = "listLateInvoices",
    params(PolePath, PageQuery, LateFilter),
    responses((status = 200, description = "A page of documents.", body = LateInvoiceList)),
    security(("token" = ["dunning:read"])),
)]
#[get("/dunning")]
async fn list_late_invoices(
    caller: PoleMay<DunningRead>,
    page: Page,
    filter: Query<LateFilter>,
) -> Result<Answer, Problem> {
    let Query(LateFilter { member, as_of }) = filter;
    let as_of = as_of.unwrap_or_else(|| Day::today(&caller.pole, caller.now()));
    let (after, rows) = (page.after::<String>()?, page.rows());
    let day = as_of.clone();
    let (found, terms) = caller
        .read(move |conn, pole| {
            conn.snapshot(|conn| {
                let found = late(conn, pole, member.as_ref(), &day, (after.as_deref(), rows))?;
                Ok((found, Terms::of(conn, pole)?))
            })
        })
        .await?;
    let page = page.list(found, |it| it.row.invoice_id.to_string());
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(LateInvoice::of(&it, &terms, &as_of)))?)
}

/// Lists the letters that went out, in that order.
#[utoipa::path(
    tag = "dunning",
    operation_id = "listDunningLetters",
    params(PolePath, PageQuery, LetterFilter),
    responses((status = 200, description = "A page of letters.", body = DunningLetterList)),
    security(("token" = ["dunning:read"])),
)]
#[get("/dunning/letters")]
async fn list_dunning_letters(
    caller: PoleMay<DunningRead>,
    page: Page,
    filter: Query<LetterFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let member = filter.0.member.as_ref();
            let letters = dunning::letters(conn, pole, member, after.as_deref(), rows)?;
            let ids: Vec<_> = letters.iter().map(|it| it.letter_id.clone()).collect();
            Ok((letters, dunning::notices(conn, pole, &ids)?))
        })
        .await?;
    let (letters, notices) = found;
    let page = page.list(letters, |it| it.letter_id.to_string());
    Answer::ok(&page.try_map(|it| Ok::<_, Problem>(DunningLetter::of(&it, &notices)))?)
}

/// Writes the letters that are due: one to each member and level, about all its documents there.
///
/// It can be called again, and by several at once: no letter goes out twice for a document. Nothing is
/// written about documents that are settled, paused or being collected, nor to members whose credit covers them or who
/// have no e-mail address. Where a formal notice would claim interest at rates that nobody has entered,
/// nothing goes out, and the answer names the half-year.
#[utoipa::path(
    tag = "dunning",
    operation_id = "runDunning",
    params(PolePath),
    request_body = DunningRunInput,
    responses(
        (status = 200, description = "What went out, or would.", body = DunningRun),
        (status = 409, description = "Rates are missing.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/run")]
async fn run_dunning(
    caller: PoleMay<DunningWrite>,
    body: Body<DunningRunInput>,
) -> Result<Answer, Problem> {
    let Body(DunningRunInput { as_of, dry_run }) = body;
    let mode = if dry_run { Mode::DryRun } else { Mode::ByHand };
    let (app, pole, author) = (caller.app.clone(), caller.pole.clone(), caller.author());
    let done = web::block(move || run(&app, &author, &pole, as_of, mode));
    let done = done.await.map_err(|gone| Problem::internal(&gone))??;
    let today = Day::today(&caller.pole, caller.now());
    Answer::ok(&DunningRun::of(&done, &today))
}

/// Leaves a document alone: it is disputed, or its payment was promised.
///
/// It can be called again, for another reason or until another day. Interest runs on.
#[utoipa::path(
    tag = "dunning",
    operation_id = "pauseDunning",
    params(PolePath, InvoicePath),
    request_body = PauseInput,
    responses(
        (status = 200, description = "The document as it stands now.", body = LateInvoice),
        (status = 409, description = "It asks for no money, or is no final document.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/invoices/{invoice}/pause")]
async fn pause_dunning(
    caller: PoleMay<DunningWrite>,
    at: At<InvoiceId>,
    body: Body<PauseInput>,
) -> Result<Answer, Problem> {
    let (Body(PauseInput { reason, last_day }), pole) = (body, caller.pole.clone());
    let today = Day::today(&pole, caller.now());
    let day = today.clone();
    let (late, terms) = caller
        .write(move |tx| {
            let before = document(tx, &at.0, &day)?;
            let pause = PauseRow {
                pole_id: tx.pole().clone(),
                invoice_id: at.0.clone(),
                reason,
                last_day,
                actor: tx.author.actor.clone(),
                paused_at: tx.at(),
            };
            let told = |row: &PauseRow| {
                serde_json::json!({ "reason": row.reason, "last_day": row.last_day })
            };
            let changes =
                Changes::between(&before.pause.as_ref().map(told), &told(&pause));
            dunning::pause(tx.conn, &pause)?;
            let now = (document(tx, &at.0, &day)?, Terms::of(tx.conn, tx.pole())?);
            Ok(tx.done("dunning.paused", at.0.as_str(), &changes, now)?)
        })
        .await?;
    Answer::ok(&LateInvoice::of(&late, &terms, &today))
}

/// No longer leaves a document alone: letters go on from the last one that went out.
#[utoipa::path(
    tag = "dunning",
    operation_id = "resumeDunning",
    params(PolePath, InvoicePath),
    responses(
        (status = 200, description = "The document as it stands now.", body = LateInvoice),
        (status = 409, description = "It asks for no money, or is no final document.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/invoices/{invoice}/resume")]
async fn resume_dunning(
    caller: PoleMay<DunningWrite>,
    at: At<InvoiceId>,
) -> Result<Answer, Problem> {
    let today = Day::today(&caller.pole, caller.now());
    let day = today.clone();
    let (late, terms) = caller
        .write(move |tx| {
            let mut late = document(tx, &at.0, &day)?;
            let terms = Terms::of(tx.conn, tx.pole())?;
            let Some(pause) = late.pause.take() else { return Ok(tx.unchanged((late, terms))) };
            dunning::resume(tx.conn, &pause)?;
            Ok(tx.done("dunning.resumed", at.0.as_str(), &Changes::none(), (late, terms))?)
        })
        .await?;
    Answer::ok(&LateInvoice::of(&late, &terms, &today))
}

/// Charges what the delay of a document came to, by a document of its own.
///
/// Interest of the days that were not charged yet, and once the indemnity for recovery costs, as far as
/// the dunning settings claim them. The answer is final: numbered in its own series, sealed and booked. It
/// cites the document, which may be paid by now, and bears neither VAT nor interest. No day of a document
/// is charged twice.
#[utoipa::path(
    tag = "dunning",
    operation_id = "chargePenalty",
    params(PolePath, InvoicePath),
    request_body = PenaltyInput,
    responses(
        (status = 201, description = "The document that charges it.", body = Invoice),
        (status = 409, description = "It is no final invoice, or nothing is due that is not charged, or \
            rates are missing.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["dunning:write"])),
)]
#[post("/dunning/invoices/{invoice}/penalties")]
async fn charge_penalty(
    caller: PoleMay<DunningWrite>,
    at: At<InvoiceId>,
    once: Once,
    body: Body<PenaltyInput>,
) -> Result<Answer, Problem> {
    let (Body(PenaltyInput { until }), pole) = (body, caller.pole.clone());
    let invoices = format!("/v1/poles/{}/invoices", pole.code);
    caller
        .answer(once, move |tx| {
            let row = invoices::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let made = charge(tx, &pole, row, until)?;
            made.and_then(|row| Answer::created(&invoices, &Invoice::try_from(row)?))
        })
        .await
}

/// A document that letters can be about, late or not.
fn document(tx: &mut Tx<'_>, id: &InvoiceId, day: &Day) -> Result<Late, Problem> {
    let row = invoices::find(tx.conn, tx.pole(), id)?.ok_or_else(Problem::not_found)?;
    if row.status != InvoiceStatus::Final || row.kind.is_credit() {
        let detail = say!(
            en "Nobody is dunned for it: it is no final invoice.",
            fr "Elle ne donne lieu à aucune relance : ce n’est pas une facture définitive."
        );
        return Err(Problem::conflict(Fault::body("", "not_an_invoice", detail)));
    }
    let late = of_document(tx.conn, tx.pole(), row, day)?;
    late.ok_or_else(Problem::not_found)
}
