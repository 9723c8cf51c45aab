//! From draft to published to retired.

use actix_web::post;

use super::{Service, ServicePath};
use crate::auth::{CatalogueWrite, May};
use crate::db::Db;
use crate::db::providers::{self, ProviderStatus};
use crate::db::services::{self, ServiceRow, ServiceStatus};
use crate::http::{Answer, At};
use crate::id::ServiceId;
use crate::problem::{Problem, ProblemBody};
use crate::routes::PolePath;
use crate::routes::tariffs::refuse_priceless;
use crate::say;
use crate::work::{Changes, Tx};

/// Puts a service into the catalogue.
///
/// It needs a tariff and a provider who is not retired. Again, it does nothing.
#[utoipa::path(
    tag = "services",
    operation_id = "publishService",
    params(PolePath, ServicePath),
    responses(
        (status = 200, description = "The service as it is now.", body = Service),
        (
            status = 409,
            description = "It is retired, or something is missing that the catalogue needs.",
            body = ProblemBody,
            content_type = "application/problem+json"
        ),
    ),
    security(("token" = ["catalogue:write"])),
)]
#[post("/services/{service}/publish")]
pub(super) async fn publish_service(
    caller: May<CatalogueWrite>,
    at: At<ServiceId>,
) -> Result<Answer, Problem> {
    move_on(caller, at.0, "service.published", |tx, row| {
        match row.status {
            ServiceStatus::Published => return Ok(None),
            ServiceStatus::Draft => refuse_unready(tx.conn, row)?,
            ServiceStatus::Retired => {
                return Err(Problem::state(say!(
                    en "A retired service stays retired.",
                    fr "Un service retiré le reste."
                )));
            }
        }
        let (status, published_at) = (ServiceStatus::Published, Some(tx.at()));
        Ok(Some(ServiceRow { status, published_at, ..row.clone() }))
    })
    .await
}

/// Takes a service out of the catalogue for good.
///
/// It takes no new subscriptions; those it has go on to their end. Again, it does nothing.
#[utoipa::path(
    tag = "services",
    operation_id = "retireService",
    params(PolePath, ServicePath),
    responses((status = 200, description = "The service as it is now.", body = Service)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/services/{service}/retire")]
pub(super) async fn retire_service(
    caller: May<CatalogueWrite>,
    at: At<ServiceId>,
) -> Result<Answer, Problem> {
    move_on(caller, at.0, "service.retired", |tx, row| {
        if row.status == ServiceStatus::Retired {
            return Ok(None);
        }
        let (status, retired_at) = (ServiceStatus::Retired, Some(tx.at()));
        Ok(Some(ServiceRow { status, retired_at, ..row.clone() }))
    })
    .await
}

/// Writes what a service becomes; nothing, if it is that already.
async fn move_on(
    caller: May<CatalogueWrite>,
    at: ServiceId,
    action: &'static str,
    step: impl FnOnce(&mut Tx<'_>, &ServiceRow) -> Result<Option<ServiceRow>, Problem> + Send + 'static,
) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    let service = caller
        .write(move |tx| {
            let row = services::find(tx.conn, tx.pole(), &at, among.as_deref())?;
            let row = row.ok_or_else(Problem::not_found)?;
            let Some(next) = step(tx, &row)? else {
                return Ok(tx.unchanged(Service::try_from(row)?));
            };
            let version = row.version.saturating_add(1);
            let next = ServiceRow { version, updated_at: tx.at(), ..next };
            let changed = services::update(tx.conn, &next, row.version)?;
            let after = Service::try_from(changed.ok_or_else(Problem::changed)?)?;
            let changes = Changes::between(&Service::try_from(row)?, &after);
            Ok(tx.done(action, after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&service)
}

/// The one place that says what a service must have before members see it.
fn refuse_unready(conn: &mut Db, row: &ServiceRow) -> Result<(), Problem> {
    let provider = providers::find(conn, &row.pole_id, &row.provider_id)?;
    if provider.is_none_or(|provider| provider.status == ProviderStatus::Retired) {
        return Err(Problem::state(say!(
            en "Its provider is retired.",
            fr "Son fournisseur est retiré."
        )));
    }
    refuse_priceless(conn, row)
}
