//! Documents paid at once by a link, and money given back.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::away;
use super::objects::RefundInput;
use crate::auth::{InvoicesRead, May, PaymentsWrite, PoleMay, Visitor};
use crate::db::collections;
use crate::db::invoices::{self, InvoiceStatus};
use crate::http::{Answer, At, Body, Once, Query, language_of};
use crate::id::{CollectionId, InvoiceId, new_id};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::routes::PolePath;
use crate::say;
use crate::stripe::{Account, Way, lead, link, read_link};
use crate::text::{Language, Text};
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(refund_collection).service(get_payment_link).service(follow_payment_link);
}

/// Which collection.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct CollectionPath {
    /// The collection's id.
    #[param(value_type = String, pattern = "^col_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "col_01k9gz7v3hf8mv3r0x2p6d9qae")]
    collection: CollectionId,
}

/// Gives money back that Stripe collected, in whole or in part.
///
/// It is booked once Stripe has done it: it pays out a credit note that is open, or what the member paid too
/// much; where there is neither, the document is open again by as much.
#[utoipa::path(
    tag = "payments",
    operation_id = "refundCollection",
    params(PolePath, CollectionPath),
    request_body = RefundInput,
    responses(
        (status = 202, description = "It will be done."),
        (status = 409, description = "Stripe has not collected it, or not so much.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/collections/{collection}/refund")]
async fn refund_collection(
    caller: PoleMay<PaymentsWrite>,
    at: At<CollectionId>,
    once: Once,
    body: Body<RefundInput>,
) -> Result<Answer, Problem> {
    let (Body(input), app) = (body, caller.app.clone());
    caller
        .answer(once, move |tx| {
            let row =
                collections::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let amount_minor = input.amount_of(&row)?;
            let (pole, collection) = (row.pole_id.clone(), row.collection_id.clone());
            // By which Stripe knows the same refund when it is asked for again.
            let key = new_id("rfd", tx.at());
            let job = Job::StripeRefund { pole, collection, amount_minor, key: key.clone() };
            jobs::enqueue(&app, tx, &job)?;
            let asked = Changes::made(&serde_json::json!({ "amount": input.amount, "key": key }));
            let answer = Answer::with(StatusCode::ACCEPTED, &serde_json::json!({}))?;
            Ok(tx.done("collection.refund_asked", row.collection_id.as_str(), &asked, answer)?)
        })
        .await
}

/// Where a document is paid at once.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct PaymentLink {
    /// For the member's browser; good as long as anything is open.
    #[schema(
        format = "uri",
        example = "https://palier.example/v1/poles/meca/pay/inv_01k9gz7v3hf8mv3r0x2p6d9qae.0123456789abcdef0123456789abcdef"
    )]
    url: String,
}

/// Which document.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct InvoicePath {
    /// The document's id.
    #[param(value_type = String, pattern = "^inv_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "inv_01k9gz7v3hf8mv3r0x2p6d9qae")]
    invoice: InvoiceId,
}

/// The link by which a final document is paid at once, on a page of Stripe's.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPaymentLink",
    params(PolePath, InvoicePath),
    responses((status = 200, description = "The link.", body = PaymentLink)),
    security(("token" = ["invoices:read"])),
)]
#[get("/invoices/{invoice}/payment-link")]
async fn get_payment_link(caller: May<InvoicesRead>, at: At<InvoiceId>) -> Result<Answer, Problem> {
    let (app, reach, id) = (caller.app.clone(), caller.reach.clone(), at.0.clone());
    caller
        .read(move |conn, pole| {
            let row = invoices::find(conn, pole, &id)?;
            let row = row.filter(|row| reach.has_member(&row.member_id));
            let row = row.filter(|row| row.status == InvoiceStatus::Final && !row.kind.is_credit());
            row.zip(Account::of(&app, conn, pole)?).map(drop).ok_or_else(Problem::not_found)
        })
        .await?;
    let url = link(&caller.app, &caller.pole, &at.0);
    Answer::ok(&PaymentLink { url: url.map_err(|error| Problem::internal(&error))? })
}

/// Which document.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct LinkPath {
    /// What stands in the link.
    #[param(
        pattern = "^[a-z0-9_.]{1,100}$",
        example = "inv_01k9gz7v3hf8mv3r0x2p6d9qae.0123456789abcdef0123456789abcdef"
    )]
    link: String,
}

/// From where the browser comes back.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BackQuery {
    /// Whether the member paid, where it comes from Stripe's page.
    paid: Option<bool>,
}

/// Follows the link by which a document is paid: to a page of Stripe's for what is open of it now.
///
/// For browsers. The link is good as long as anything is open, and nobody else can make one.
#[utoipa::path(
    tag = "payments",
    operation_id = "followPaymentLink",
    params(PolePath, LinkPath, BackQuery),
    responses(
        (status = 200, description = "Nothing is open, or the payment is on its way.",
            content_type = "text/html", body = String),
        (status = 303, description = "To the page."),
        (status = 409, description = "The payment provider refuses it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The payment provider does not answer.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/pay/{link}")]
async fn follow_payment_link(
    visitor: Visitor,
    request: HttpRequest,
    back: Query<BackQuery>,
) -> Result<HttpResponse, Problem> {
    let link = request.match_info().get("link").unwrap_or_default();
    let id = read_link(&visitor.app, &visitor.pole.pole_id, link).ok_or_else(Problem::not_found)?;
    let language = language_of(&request);
    if back.0.paid == Some(true) {
        return Ok(said(
            language,
            &say!(
                en "Thank you. Your payment is on its way; a direct debit takes some days.",
                fr "Merci. Votre paiement est en cours ; un prélèvement prend quelques jours."
            ),
        ));
    }
    match lead(&visitor.app, &visitor.pole, id).await.map_err(|trouble| away(&trouble))? {
        Way::To(url) => {
            let mut response = HttpResponse::SeeOther();
            response.insert_header((LOCATION, url)).insert_header((CACHE_CONTROL, "no-store"));
            Ok(response.finish())
        }
        Way::Settled(number) => Ok(said(
            language,
            &say!(
                en "Nothing is to be paid of {number}: thank you.",
                fr "Il n’y a rien à régler de {number} : merci."
            ),
        )),
        Way::Underway(number) => Ok(said(
            language,
            &say!(
                en "The payment of {number} is on its way: you have nothing to do.",
                fr "Le paiement de {number} est en cours : vous n’avez rien à faire."
            ),
        )),
        Way::Nowhere => Err(Problem::not_found()),
    }
}

/// A sentence as a page of its own.
fn said(language: Language, text: &Text) -> HttpResponse {
    let (code, text) = (language.code(), text.in_language(language));
    let page = format!(
        "<!doctype html><html lang=\"{code}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Palier</title>\
         <body style=\"font:1.2rem/1.5 system-ui;max-width:34rem;margin:20vh auto;padding:0 1rem\">\
         <p>{text}</p></body></html>"
    );
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(page)
}
