//! What Stripe tells: taken in as it was signed, and shown with what was done about it.

use actix_web::{FromRequest, HttpRequest, dev::Payload, get, post, web};
use utoipa::IntoParams;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::StripeEvent;
use crate::auth::{PaymentsRead, PoleMay, Visitor};
use crate::clock::Time;
use crate::db::stripe as rows;
use crate::http::permitted::{self, Reading};
use crate::http::{Answer, List, Page, PageQuery, Query, read_bytes};
use crate::problem::Problem;
use crate::routes::PolePath;
use crate::stripe::{Account, believed, keep};
use crate::work::Author;

/// How much an event may be of: the largest objects are some tens of kilobytes.
const MAX_EVENT: usize = 1 << 20;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    let events = scope::scope("/stripe-events").app_data(web::PayloadConfig::new(MAX_EVENT));
    api.service(events.service(list_stripe_events).service(receive_stripe_event));
}

/// A page of events.
type StripeEventList = List<StripeEvent>;

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
    let (of_work, pole_id) = (app.clone(), pole.pole_id.clone());
    let account = app.db.read(move |conn| Account::of(&of_work, conn, &pole_id)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    let row = believed(&account, (&event.signature, &event.body), now)?;
    let of_work = app.clone();
    app.write(author, move |tx| {
        keep(&of_work, tx, &row)?;
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
