//! Whether an endpoint takes what it is told, before there is anything to tell.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Attempt, Endpoint, send};
use crate::app::App;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::id::{DeliveryId, ProviderId};
use crate::problem::Problem;
use crate::say;

/// What an endpoint is told to try it out, as the body of a webhook. It is about nobody: that it was taken is all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WebhookTest {
    /// Always this.
    #[schema(value_type = String, pattern = "^endpoint\\.test$", example = "endpoint.test")]
    r#type: &'static str,
    timestamp: Time,
    data: TestedEndpoint,
}

/// Whose endpoint is tried out.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TestedEndpoint {
    /// The pole, by its code.
    #[schema(example = "pole-calcul")]
    pole: String,
    provider: ProviderId,
}

/// Tells an endpoint that it is tried out, once and now.
///
/// # Errors
/// If it is being told something else, which goes first.
pub(crate) async fn try_out(
    app: &App,
    pole: &PoleRow,
    endpoint: &Endpoint,
) -> Result<(DeliveryId, Attempt), Problem> {
    let provider = &endpoint.row.provider_id;
    let _turn = app.webhooks.turn(provider).ok_or_else(|| {
        Problem::state(say!(
            en "The provider is being told something else; try again in a moment.",
            fr "Le fournisseur reçoit une autre notification ; réessayez dans un instant."
        ))
    })?;
    let now = app.now();
    let test = WebhookTest {
        r#type: "endpoint.test",
        timestamp: now,
        data: TestedEndpoint { pole: pole.code.clone(), provider: provider.clone() },
    };
    let body = serde_json::to_string(&test).map_err(|error| Problem::internal(&error))?;
    let id = DeliveryId::new(now);
    let attempt = send(app, endpoint, id.as_str(), &body).await;
    Ok((id, attempt))
}
