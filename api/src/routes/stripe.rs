//! The pole's account at Stripe: its keys, what it tells, what it paid out, and how members get there.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, delete, dev::Payload, get, post, put, web,
};
use utoipa::IntoParams;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MemberPath, PolePath};
use crate::app::App;
use crate::auth::{
    InvoicesRead, May, MembersWrite, PaymentsRead, PaymentsWrite, PoleMay, PoleRead, PoleWrite,
    Visitor,
};
use crate::clock::Time;
use crate::db::invoices::{self, InvoiceStatus};
use crate::db::means::{self, MeansRow, MeansStatus};
use crate::db::stripe::{self as rows, AccountRow};
use crate::db::{collections, members};
use crate::http::permitted::{self, Reading};
use crate::http::{
    Answer, At, Body, IfMatch, List, Once, Page, PageQuery, Query, language_of, read_bytes,
};
use crate::id::{CollectionId, InvoiceId, MeansId, MemberId, new_id};
use crate::jobs::{self, Job};
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;
use crate::stripe::{Account, Details, Found, Way, lead, link, look, read_link, take_in};
use crate::text::Language;
use crate::work::{Author, Changes};

mod objects;

pub(crate) use objects::StripeAccountInput;
use objects::{
    Payout, PayoutPart, RefundInput, SaveMeansInput, SavedMeans, StripeAccount, StripeEvent,
    StripeKeysInput,
};

/// How much an event may be of: the largest objects are some tens of kilobytes.
const MAX_EVENT: usize = 1 << 20;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_stripe_account)
        .service(set_stripe_account)
        .service(delete_stripe_account)
        .service(look_at_stripe)
        .service(list_payouts)
        .service(get_payout)
        .service(save_means)
        .service(refund_collection)
        .service(get_payment_link)
        .service(follow_payment_link);
    let events = scope::scope("/stripe-events").app_data(web::PayloadConfig::new(MAX_EVENT));
    api.service(events.service(list_stripe_events).service(receive_stripe_event));
}

/// A page of events.
type StripeEventList = List<StripeEvent>;

/// A page of payouts.
type PayoutList = List<Payout>;

/// The account at Stripe by which the pole collects; its keys are never shown.
#[utoipa::path(
    tag = "payments",
    operation_id = "getStripeAccount",
    params(PolePath),
    responses((status = 200, description = "The account.", body = StripeAccount)),
    security(("token" = ["pole:read"])),
)]
#[get("/stripe-account")]
async fn get_stripe_account(caller: PoleMay<PoleRead>) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let found = caller.read(move |conn, pole| Ok(Account::of(&app, conn, pole)?)).await?;
    Answer::object(&StripeAccount::of(&found.ok_or_else(Problem::not_found)?))
}

/// Sets the account at Stripe by which the pole collects.
///
/// Keys that are left out stay as they are. The webhook endpoint at Stripe is `stripe-events` below this
/// pole's address. Without an account nothing is collected by Stripe, and nothing else depends on it.
#[utoipa::path(
    tag = "payments",
    operation_id = "setStripeAccount",
    params(PolePath),
    request_body = StripeKeysInput,
    responses((status = 200, description = "The account as it is now.", body = StripeAccount)),
    security(("token" = ["pole:write"])),
)]
#[put("/stripe-account")]
async fn set_stripe_account(
    caller: PoleMay<PoleWrite>,
    version: IfMatch,
    body: Body<StripeKeysInput>,
) -> Result<Answer, Problem> {
    let (Body(input), app) = (body, caller.app.clone());
    let now = caller
        .write(move |tx| {
            let current = Account::of(&app, tx.conn, tx.pole())?;
            version.check(current.as_ref().map_or(0, |account| account.row.version))?;
            let (settings, keys) = input.with(current.as_ref())?;
            let internal = |error: Box<dyn std::error::Error>| Problem::internal(&error);
            let row = AccountRow {
                pole_id: tx.pole().clone(),
                keys: keys.wrapped(&app.config.secret, tx.pole()).map_err(internal)?,
                document: settings.text()?,
                looked_at: current.as_ref().and_then(|account| account.row.looked_at),
                version: current.as_ref().map_or(1, |it| it.row.version.saturating_add(1)),
                created_at: current.as_ref().map_or(tx.at(), |account| account.row.created_at),
                updated_at: tx.at(),
            };
            match &current {
                Some(account) => {
                    let changed = rows::update_account(tx.conn, &row, account.row.version)?;
                    changed.then_some(()).ok_or_else(Problem::changed)?;
                }
                None => rows::insert_account(tx.conn, &row)?,
            }
            let account = Account { row, settings, keys };
            let (before, after) =
                (current.as_ref().map(StripeAccount::of), StripeAccount::of(&account));
            let changes = Changes::between(&before, &after);
            Ok(tx.done("stripe_account.set", tx.pole().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&now)
}

/// Forgets the account at Stripe: nothing is collected by it any more.
///
/// What is on its way there is not heard of again, so that nothing may be on its way.
#[utoipa::path(
    tag = "payments",
    operation_id = "deleteStripeAccount",
    params(PolePath),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 409, description = "Collections are on their way there.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["pole:write"])),
)]
#[delete("/stripe-account")]
async fn delete_stripe_account(
    caller: PoleMay<PoleWrite>,
    version: IfMatch,
) -> Result<Answer, Problem> {
    caller
        .write(move |tx| {
            let row = rows::account(tx.conn, tx.pole())?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            if collections::is_any_sent(tx.conn, tx.pole(), collections::Channel::Stripe)? {
                let detail = say!(
                    en "Collections are on their way there: wait until they have ended.",
                    fr "Des encaissements y sont en cours : attendez leur fin."
                );
                return Err(Problem::conflict(Fault::body("", "on_the_way", detail)));
            }
            rows::remove_account(tx.conn, tx.pole())?;
            let pole = tx.pole().as_str();
            Ok(tx.done("stripe_account.deleted", pole, &Changes::none(), Answer::nothing())?)
        })
        .await
}

/// Looks at Stripe for what webhooks may have missed, as is done once an hour.
#[utoipa::path(
    tag = "payments",
    operation_id = "lookAtStripe",
    params(PolePath),
    responses(
        (status = 200, description = "What was found.", body = Found),
        (status = 503, description = "Stripe does not answer, or does not take the key.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/stripe-account/look")]
async fn look_at_stripe(caller: PoleMay<PaymentsWrite>) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let account = caller.read(move |conn, pole| Ok(Account::of(&app, conn, pole)?)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    let found = look(&caller.app, &caller.pole, &account).await;
    Answer::ok(&found.map_err(|trouble| away(&trouble))?)
}

/// Stripe cannot be reached now.
fn away(trouble: &crate::stripe::Trouble) -> Problem {
    tracing::warn!(%trouble, "Stripe does not do what it was asked for");
    Problem::new(
        ProblemType::Unavailable,
        say!(
            en "The payment provider does not answer as it should; try again later.",
            fr "Le prestataire de paiement ne répond pas comme il devrait ; réessayez plus tard."
        ),
    )
}

/// An event of Stripe's, of which this much is read (docs.stripe.com/api/events).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
#[schema(example = json!({
    "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "type": "payment_intent.succeeded", "created": 1_700_000_000,
    "data": { "object": { "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa" } },
}))]
struct StripeEventInput {
    /// What Stripe calls it.
    id: String,
    /// What happened.
    r#type: String,
    /// When, in seconds since 1970.
    created: i64,
    /// What it is about.
    data: StripeEventData,
}

/// What an event is about.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct StripeEventData {
    /// The object, as it was then.
    object: StripeObject,
}

/// An object of Stripe's: whatever else it says is looked up.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct StripeObject {
    /// What Stripe calls it.
    id: String,
}

/// An event as it came, and what it is signed with.
struct Signed {
    body: web::Bytes,
    signature: String,
}

impl FromRequest for Signed {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            let signature = asked.headers().get("stripe-signature");
            let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
            let signature = signature.to_owned();
            Ok(Self { body: read_bytes(&asked, bytes.await)?, signature })
        })
    }
}

/// Takes in an event from Stripe: the address that its webhooks are sent to.
///
/// It must bear a `Stripe-Signature` of the last five minutes. It is kept before anything is done about it;
/// an event that comes again changes nothing.
#[utoipa::path(
    tag = "payments",
    operation_id = "receiveStripeEvent",
    params(PolePath),
    request_body(content = StripeEventInput, description = "An event, as Stripe sends it.",
        content_type = "application/json"),
    responses(
        (status = 204, description = "It is kept."),
        (status = 400, description = "It is not signed, or not by Stripe.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("")]
async fn receive_stripe_event(visitor: Visitor, event: Signed) -> Result<Answer, Problem> {
    let (app, pole, now) = (visitor.app.clone(), visitor.pole.clone(), visitor.app.now());
    let author =
        Author::new(pole.pole_id.clone(), "stripe".to_owned(), visitor.request.clone(), now);
    let of_work = app.clone();
    app.write(author, move |tx| {
        let account = Account::of(&of_work, tx.conn, tx.pole())?.ok_or_else(Problem::not_found)?;
        take_in(&of_work, tx, &account, (&event.signature, &event.body))?;
        Ok(tx.unchanged(()))
    })
    .await?;
    Ok(Answer::nothing())
}

/// Which events are asked for.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventFilter {
    /// Only those about which nothing could be done yet.
    #[serde(default)]
    #[param(required = false, default = false)]
    unhandled: bool,
}

/// Lists what Stripe told, in the order in which it came, with what was done about it.
#[utoipa::path(
    tag = "payments",
    operation_id = "listStripeEvents",
    params(PolePath, PageQuery, EventFilter),
    responses((status = 200, description = "A page of events.", body = StripeEventList)),
    security(("token" = ["payments:read"])),
)]
#[get("")]
async fn list_stripe_events(
    caller: PoleMay<PaymentsRead>,
    page: Page,
    filter: Query<EventFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<(String, String)>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let after = match &after {
                Some((received, id)) => {
                    let received: Time = received.parse().map_err(|_| Problem::not_found())?;
                    Some((received, id.as_str()))
                }
                None => None,
            };
            Ok(rows::events(conn, pole, filter.0.unhandled, after, rows)?)
        })
        .await?;
    let page = page.list(found, |row| (row.received_at.to_string(), row.event_id.clone()));
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(StripeEvent::from(row)))?)
}

/// Which payout.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct PayoutPath {
    /// What Stripe calls it.
    #[param(pattern = "^[A-Za-z0-9_]{1,100}$", example = "po_1NcXBsLkdIwHu7ixvXVQ5mzI")]
    payout: String,
}

/// Lists what Stripe paid out to the bank, the latest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listPayouts",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of payouts.", body = PayoutList)),
    security(("token" = ["payments:read"])),
)]
#[get("/payouts")]
async fn list_payouts(caller: PoleMay<PaymentsRead>, page: Page) -> Result<Answer, Problem> {
    let (before, rows) = (page.after::<(String, String)>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let before = before.as_ref().map(|(day, id)| (day.as_str(), id.as_str()));
            Ok(rows::payouts(conn, pole, before, rows)?)
        })
        .await?;
    let page = page.list(found, |row| (row.arrives_on.date().to_string(), row.payout_id.clone()));
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Payout::of(row, None)))?)
}

/// A payout, with all it consists of: what members paid, what went back, and what Stripe kept.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPayout",
    params(PolePath, PayoutPath),
    responses((status = 200, description = "The payout.", body = Payout)),
    security(("token" = ["payments:read"])),
)]
#[get("/payouts/{payout}")]
async fn get_payout(
    caller: PoleMay<PaymentsRead>,
    request: HttpRequest,
) -> Result<Answer, Problem> {
    let id = request.match_info().get("payout").unwrap_or_default().to_owned();
    let found = caller
        .read(move |conn, pole| {
            let row = rows::payout(conn, pole, &id)?.ok_or_else(Problem::not_found)?;
            let parts = rows::balance_of(conn, pole, &id)?;
            Ok((row, parts))
        })
        .await?;
    let (row, parts) = found;
    let parts = parts.into_iter().map(PayoutPart::from).collect();
    Answer::ok(&Payout::of(row, Some(parts)))
}

/// Opens a page of Stripe's on which the member saves a card, or signs a mandate for direct debits.
///
/// The page's address, `url`, comes with the answer or, where Stripe takes its time, with the means of
/// payment when it is read again. Once saved, it is the one by which the member is collected.
#[utoipa::path(
    tag = "payments",
    operation_id = "saveMeansOfPayment",
    params(PolePath, MemberPath),
    request_body = SaveMeansInput,
    responses(
        (status = 201, description = "The means of payment, pending.", body = SavedMeans),
        (status = 409, description = "The pole does not collect like that.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["members:write"])),
)]
#[post("/members/{member}/payment-means")]
async fn save_means(
    caller: May<MembersWrite>,
    at: At<MemberId>,
    once: Once,
    body: Body<SaveMeansInput>,
) -> Result<Answer, Problem> {
    let (Body(input), app, pole) = (body, caller.app.clone(), caller.pole.clone());
    let collection = format!("/v1/poles/{}/payment-means", pole.code);
    let of_work = app.clone();
    let mut answer = caller
        .answer(once, move |tx| {
            members::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let account = Account::of(&of_work, tx.conn, tx.pole())?;
            let used =
                account.is_some_and(|account| account.settings.methods.contains(&input.method));
            if !used {
                let detail = say!(
                    en "The pole does not collect like that.",
                    fr "Le pôle n’encaisse pas de cette façon."
                );
                return Err(Problem::conflict(Fault::body("/method", "not_used", detail)));
            }
            let details = Details { return_url: input.return_url.clone(), ..Details::default() };
            let row = MeansRow {
                pole_id: tx.pole().clone(),
                means_id: MeansId::new(tx.at()),
                member_id: at.0.clone(),
                kind: input.method.kind(),
                status: MeansStatus::Pending,
                is_default: false,
                label: String::new(),
                details: details.text()?,
                external_id: None,
                reason: String::new(),
                version: 1,
                created_at: tx.at(),
                updated_at: tx.at(),
            };
            means::insert(tx.conn, &row)?;
            let (pole, means) = (row.pole_id.clone(), row.means_id.clone());
            jobs::enqueue(&of_work, tx, &Job::StripeMeans { pole, means })?;
            let made = SavedMeans::from(row);
            let (id, changes) = (made.id.clone(), Changes::made(&made));
            tx.done("payment_means.opened", id.as_str(), &changes, made)?
                .and_then(|made| Answer::created(&collection, &made))
        })
        .await?;
    // Mostly the page is there in a moment; whoever waits in front of a screen is spared a second question.
    let made: Option<MeansId> = serde_json::from_slice(&answer.body)
        .ok()
        .and_then(|body: serde_json::Value| body.get("id")?.as_str()?.parse().ok());
    if let Some(id) = made {
        answer.body = with_page(&app, &pole.pole_id, id).await?.unwrap_or(answer.body);
    }
    Ok(answer)
}

/// A means of payment as it is once its page is there, if that is soon.
async fn with_page(
    app: &web::Data<App>,
    pole: &crate::id::PoleId,
    id: MeansId,
) -> Result<Option<Vec<u8>>, Problem> {
    /// How often it is looked for, and how long between.
    const LOOKS: usize = 50;
    const BETWEEN: std::time::Duration = std::time::Duration::from_millis(60);
    for _ in 0..LOOKS {
        let (pole, id) = (pole.clone(), id.clone());
        let found = app.db.read(move |conn| means::find(conn, &pole, &id)).await?;
        let Some(row) = found else { return Ok(None) };
        if Details::of(&row).url.is_some() || row.status != MeansStatus::Pending {
            let body = serde_json::to_vec(&SavedMeans::from(row));
            return body.map(Some).map_err(|error| Problem::internal(&error));
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(None)
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
        Way::Nowhere => Err(Problem::not_found()),
    }
}

/// A sentence as a page of its own.
fn said(language: Language, text: &crate::text::Text) -> HttpResponse {
    let (code, text) = (language.code(), text.in_language(language));
    let page = format!(
        "<!doctype html><html lang=\"{code}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Palier</title>\
         <body style=\"font:1.2rem/1.5 system-ui;max-width:34rem;margin:20vh auto;padding:0 1rem\">\
         <p>{text}</p></body></html>"
    );
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(page)
}
