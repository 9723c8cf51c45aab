//! Whether the service is well: for whatever starts it, watches it and sends it traffic.

use actix_web::{HttpResponse, Route, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::http::Answer;
use crate::problem::{Problem, ProblemType};
use crate::say;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_liveness).service(get_readiness);
}

/// The service is well.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`; a service that is not well answers with an error.
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process answers.
#[utoipa::path(
    tag = "health",
    operation_id = "getLiveness",
    responses((status = 200, description = "It answers.", body = Health)),
)]
#[get("/livez")]
async fn get_liveness() -> Result<Answer, Problem> {
    Answer::ok(&Health { status: "ok" })
}

/// The database can be reached, and its schema is that of this program.
#[utoipa::path(
    tag = "health",
    operation_id = "getReadiness",
    responses((status = 200, description = "It can do its work.", body = Health)),
)]
#[get("/readyz")]
async fn get_readiness(app: web::Data<App>) -> Result<Answer, Problem> {
    let db = app.db.clone();
    let pending = web::block(move || db.pending_migrations()).await;
    match pending {
        Ok(Ok(0)) => Answer::ok(&Health { status: "ok" }),
        // Whatever is the matter with it: without its database the service can do nothing.
        Ok(Err(error)) => Err(Problem::unavailable(&error)),
        Ok(Ok(_)) | Err(_) => Err(Problem::new(
            ProblemType::Unavailable,
            say!(
                en "The database's schema is not that of this program.",
                fr "Le schéma de la base de données n’est pas celui de ce programme."
            ),
        )),
    }
}

/// Figures for Prometheus.
pub(super) fn metrics() -> Route {
    web::get().to(async |app: web::Data<App>| {
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        HttpResponse::Ok().content_type(kind).body(app.metrics.text())
    })
}
