//! Whether a member may use a service: what providers ask before they let somebody in.

use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::services::ServicePath;
use crate::auth::{May, SubscriptionsRead};
use crate::clock::Time;
use crate::http::{Answer, At};
use crate::id::{MemberId, ServiceId, SuspensionId};
use crate::metering::Objection;
use crate::problem::Problem;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_entitlement);
}

/// Which member. Providers reach those of their services, whoever they are: it is not the member that
/// an address is about elsewhere.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct SubscriberPath {
    /// The member's id or code.
    #[param(min_length = 1, max_length = 64, example = "forge")]
    subscriber: String,
}

/// Whether a member may use a service.
#[derive(Serialize, ToSchema)]
struct Entitlement {
    service: ServiceId,
    member: MemberId,
    /// Whether it may.
    entitled: bool,
    /// Why not; empty if it may.
    objections: Vec<Objection>,
    /// The suspension of the member's services, as long as it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspension: Option<EntitlementSuspension>,
    /// When this was so.
    at: Time,
}

/// The suspension of a member's services.
#[derive(Serialize, ToSchema)]
struct EntitlementSuspension {
    id: SuspensionId,
    /// Since when.
    since: Time,
}

/// Whether a member may use a service now.
///
/// It may, if it is subscribed to it today and is neither suspended nor gone, nor are its services suspended
/// for what it has not paid. A provider asks before it lets somebody in; what changes is known here within a
/// second, and this is what holds, whatever webhooks said. Providers ask about their own services, members
/// about themselves. What is used all the same is still taken as usage, and billed.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "getEntitlement",
    params(PolePath, ServicePath, SubscriberPath),
    responses((status = 200, description = "Whether it may.", body = Entitlement)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/services/{service}/entitlements/{subscriber}")]
async fn get_entitlement(
    caller: May<SubscriptionsRead>,
    at: At<ServiceId>,
    request: HttpRequest,
) -> Result<Answer, Problem> {
    let name = request.match_info().get("subscriber").unwrap_or_default();
    let (directories, pole, now) = (&caller.app.metering.directories, &caller.pole, caller.now());
    let mut directory = directories.of(&caller.app, pole).await?;
    let mut found = directory.entitlement(&at.0, name, now, &caller.reach);
    // Nobody is kept out who has just subscribed.
    if found.as_ref().is_none_or(|found| !found.objections.is_empty()) {
        directory = directories.again(&caller.app, pole, &directory).await?;
        found = directory.entitlement(&at.0, name, now, &caller.reach);
    }
    let found = found.ok_or_else(Problem::not_found)?;
    Answer::ok(&Entitlement {
        service: at.0,
        member: found.member,
        entitled: found.objections.is_empty(),
        objections: found.objections,
        suspension: found.suspension.map(|(id, since)| EntitlementSuspension { id, since }),
        at: now,
    })
}
