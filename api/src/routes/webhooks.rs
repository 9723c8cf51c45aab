//! Where a provider is told what happens to the members of its services, and what it was told.

use actix_web::{delete, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::providers::ProviderPath;
use crate::auth::{CatalogueRead, CatalogueWrite, May};
use crate::db::providers;
use crate::db::webhooks::{self as rows, DeliveryState};
use crate::http::{Answer, At, Body, IfMatch, List, Page, PageQuery, Query};
use crate::id::{DeliveryId, ProviderId};
use crate::outward::OutwardAddress;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::webhooks::{Endpoint, again, try_out};
use crate::work::{Changes, Tx};

mod objects;

use objects::{WebhookDelivery, WebhookEndpoint, WebhookEndpointInput, WebhookTrial};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_webhook_endpoint)
        .service(set_webhook_endpoint)
        .service(delete_webhook_endpoint)
        .service(rotate_webhook_secret)
        .service(test_webhook_endpoint)
        .service(list_webhook_deliveries)
        .service(send_webhook_again);
}

/// A page of deliveries.
type WebhookDeliveryList = List<WebhookDelivery>;

/// Which delivery.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct DeliveryPath {
    /// The delivery's id.
    #[param(value_type = String, pattern = "^whd_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "whd_01k9gz7v3hf8mv3r0x2p6d9qae")]
    delivery: DeliveryId,
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveryFilter {
    /// Where they stand.
    #[param(inline)]
    state: Option<DeliveryState>,
}

/// Where a provider is told. Its secret is not shown again.
#[utoipa::path(
    tag = "providers",
    operation_id = "getWebhookEndpoint",
    params(PolePath, ProviderPath),
    responses((status = 200, description = "The endpoint.", body = WebhookEndpoint)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/providers/{provider}/webhook-endpoint")]
async fn get_webhook_endpoint(
    caller: May<CatalogueRead>,
    at: At<ProviderId>,
) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let found = caller.read(move |conn, pole| Ok(Endpoint::of(&app, conn, pole, &at.0)?)).await?;
    Answer::object(&WebhookEndpoint::of(&found.ok_or_else(Problem::not_found)?))
}

/// Sets where a provider is told that the services of a member are suspended or open again.
///
/// As Standard Webhooks has it: a POST with `webhook-id`, `webhook-timestamp` and `webhook-signature`, whose
/// secret the answer shows the first time. The body is the `event` of a delivery. It comes at least once,
/// always under the same id; a later one may overtake an earlier one, which `sequence` shows. What answers
/// with no 2xx within 5 seconds is told again, for five days, ever more rarely, and not before what its
/// `Retry-After` asks for, up to 6 hours; redirects are not followed.
/// Where a member stands is what `getEntitlement` says.
#[utoipa::path(
    tag = "providers",
    operation_id = "setWebhookEndpoint",
    params(PolePath, ProviderPath),
    request_body = WebhookEndpointInput,
    responses((status = 200, description = "The endpoint as it is now.", body = WebhookEndpoint)),
    security(("token" = ["catalogue:write"])),
)]
#[put("/providers/{provider}/webhook-endpoint")]
async fn set_webhook_endpoint(
    caller: May<CatalogueWrite>,
    at: At<ProviderId>,
    version: IfMatch,
    body: Body<WebhookEndpointInput>,
) -> Result<Answer, Problem> {
    let (Body(WebhookEndpointInput { url }), app) = (body, caller.app.clone());
    if let Err(fault) = OutwardAddress::parse(&url, app.gate.reach) {
        return Err(Problem::invalid(vec![Fault::body("/url", "address", fault.text())]));
    }
    let now = caller
        .write(move |tx| {
            providers::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let current = Endpoint::of(&app, tx.conn, tx.pole(), &at.0)?;
            version.check(current.as_ref().map_or(0, |it| it.row.version))?;
            let before = current.as_ref().map(WebhookEndpoint::of);
            let (after, answer) = match current {
                Some(endpoint) if endpoint.row.url == url => {
                    return Ok(tx.unchanged(WebhookEndpoint::of(&endpoint)));
                }
                Some(endpoint) => {
                    let moved = endpoint.moved(tx, url)?;
                    (WebhookEndpoint::of(&moved), WebhookEndpoint::of(&moved))
                }
                None => {
                    let made = Endpoint::add(&app, tx, at.0, url)?;
                    (WebhookEndpoint::of(&made), WebhookEndpoint::with_secret(&made))
                }
            };
            let changes = Changes::between(&before, &after);
            Ok(tx.done("webhook_endpoint.set", after.provider.as_str(), &changes, answer)?)
        })
        .await?;
    Answer::object(&now)
}

/// Tells a provider nothing any more: what is on its way is given up.
#[utoipa::path(
    tag = "providers",
    operation_id = "deleteWebhookEndpoint",
    params(PolePath, ProviderPath),
    responses((status = 204, description = "It is gone.")),
    security(("token" = ["catalogue:write"])),
)]
#[delete("/providers/{provider}/webhook-endpoint")]
async fn delete_webhook_endpoint(
    caller: May<CatalogueWrite>,
    at: At<ProviderId>,
) -> Result<Answer, Problem> {
    caller
        .write(move |tx| {
            if !rows::remove_endpoint(tx.conn, tx.pole(), &at.0)? {
                return Err(Problem::not_found());
            }
            Ok(tx.done("webhook_endpoint.deleted", at.0.as_str(), &Changes::none(), ())?)
        })
        .await?;
    Ok(Answer::nothing())
}

/// Makes a new secret, which the answer shows.
///
/// For a day the one before signs as well: a provider that knows either is told all the same.
#[utoipa::path(
    tag = "providers",
    operation_id = "rotateWebhookSecret",
    params(PolePath, ProviderPath),
    responses((status = 200, description = "The endpoint, with its new secret.", body = WebhookEndpoint)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/providers/{provider}/webhook-endpoint/rotate")]
async fn rotate_webhook_secret(
    caller: May<CatalogueWrite>,
    at: At<ProviderId>,
) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let now = caller
        .write(move |tx| {
            let endpoint = Endpoint::of(&app, tx.conn, tx.pole(), &at.0)?;
            let rotated = endpoint.ok_or_else(Problem::not_found)?.rotate(&app, tx)?;
            let (answer, changes) = (WebhookEndpoint::with_secret(&rotated), Changes::none());
            Ok(tx.done("webhook_endpoint.rotated", at.0.as_str(), &changes, answer)?)
        })
        .await?;
    Answer::object(&now)
}

/// Tries an endpoint out, and says whether it takes what it is told.
///
/// It is told `endpoint.test`, now and once, signed like all else; that is no delivery, and not repeated.
#[utoipa::path(
    tag = "providers",
    operation_id = "testWebhookEndpoint",
    params(PolePath, ProviderPath),
    responses(
        (status = 200, description = "What became of it.", body = WebhookTrial),
        (status = 409, description = "The provider is being told something else.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["catalogue:write"])),
)]
#[post("/providers/{provider}/webhook-endpoint/test")]
async fn test_webhook_endpoint(
    caller: May<CatalogueWrite>,
    at: At<ProviderId>,
) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let found = caller.read(move |conn, pole| Ok(Endpoint::of(&app, conn, pole, &at.0)?)).await?;
    let endpoint = found.ok_or_else(Problem::not_found)?;
    Answer::ok(&WebhookTrial::of(try_out(&caller.app, &caller.pole, &endpoint).await?))
}

/// Lists what a provider is told by webhooks, from the latest on.
#[utoipa::path(
    tag = "providers",
    operation_id = "listWebhookDeliveries",
    params(PolePath, ProviderPath, PageQuery, DeliveryFilter),
    responses((status = 200, description = "A page of deliveries.", body = WebhookDeliveryList)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/providers/{provider}/webhook-deliveries")]
async fn list_webhook_deliveries(
    caller: May<CatalogueRead>,
    at: At<ProviderId>,
    page: Page,
    filter: Query<DeliveryFilter>,
) -> Result<Answer, Problem> {
    let (after, count, state) = (page.after::<String>()?, page.rows(), filter.0.state);
    let found = caller
        .read(move |conn, pole| {
            providers::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            Ok(rows::page(conn, pole, (&at.0, state), after.as_deref(), count)?)
        })
        .await?;
    let page = page.list(found, |row| row.delivery_id.to_string());
    Answer::ok(&page.try_map(WebhookDelivery::try_from)?)
}

/// Tells a provider again, now: what was delivered, what was given up, or what would be tried later.
///
/// It has the same id and says the same.
#[utoipa::path(
    tag = "providers",
    operation_id = "sendWebhookAgain",
    params(PolePath, ProviderPath, DeliveryPath),
    responses(
        (status = 200, description = "The delivery as it stands now.", body = WebhookDelivery),
        (status = 409, description = "The provider has no endpoint any more.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["catalogue:write"])),
)]
#[post("/providers/{provider}/webhook-deliveries/{delivery}/send-again")]
async fn send_webhook_again(
    caller: May<CatalogueWrite>,
    provider: At<ProviderId>,
    at: At<DeliveryId>,
) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let row = caller
        .write(move |tx| {
            let row = rows::find(tx.conn, tx.pole(), &at.0)?;
            let row = row.filter(|row| row.provider_id == provider.0);
            let row = row.ok_or_else(Problem::not_found)?;
            has_endpoint(tx, &provider.0)?;
            again(&app, tx, row)
        })
        .await?;
    Answer::object(&WebhookDelivery::try_from(row)?)
}

fn has_endpoint(tx: &mut Tx<'_>, provider: &ProviderId) -> Result<(), Problem> {
    if rows::endpoint(tx.conn, tx.pole(), provider)?.is_some() {
        return Ok(());
    }
    Err(Problem::state(say!(
        en "The provider has no endpoint any more.",
        fr "Le fournisseur n’a plus d’adresse de notification."
    )))
}
