//! Endpoints and deliveries, as the API takes and shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::db::DbError;
use crate::db::webhooks::{DeliveryError, DeliveryRow, DeliveryState, WebhookKind};
use crate::http::{Input, Resource};
use crate::id::{DeliveryId, ProviderId};
use crate::webhooks::{Attempt, Endpoint, WebhookEvent};

/// Where a provider wants to be told.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "url": "https://calcul.example/palier" }))]
pub(super) struct WebhookEndpointInput {
    /// A public https address, which takes POST.
    #[schema(
        min_length = 1,
        max_length = 500,
        format = "uri",
        example = "https://calcul.example/palier"
    )]
    pub(super) url: String,
}

impl Input for WebhookEndpointInput {}

/// Where a provider is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WebhookEndpoint {
    pub(super) provider: ProviderId,
    /// The address.
    #[schema(format = "uri", example = "https://calcul.example/palier")]
    url: String,
    /// What webhooks are signed with (Standard Webhooks), the one time that it is shown: when the endpoint is
    /// made, and when its secret is made anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
    created_at: Time,
    updated_at: Time,
    #[serde(skip)]
    version: i64,
}

impl WebhookEndpoint {
    pub(super) fn of(Endpoint { row, .. }: &Endpoint) -> Self {
        Self {
            provider: row.provider_id.clone(),
            url: row.url.clone(),
            secret: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }

    /// With its secret, which is not shown again.
    pub(super) fn with_secret(endpoint: &Endpoint) -> Self {
        Self { secret: endpoint.reveal().map(str::to_owned), ..Self::of(endpoint) }
    }
}

impl Resource for WebhookEndpoint {
    fn id(&self) -> &'static str {
        ""
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What became of trying an endpoint out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WebhookTrial {
    /// What `webhook-id` said.
    id: DeliveryId,
    /// Whether the endpoint took it.
    #[schema(example = true)]
    delivered: bool,
    /// The status of the answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 204)]
    status: Option<u16>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<DeliveryError>,
}

impl WebhookTrial {
    pub(super) fn of((id, attempt): (DeliveryId, Attempt)) -> Self {
        let Attempt { status, error, .. } = attempt;
        Self { id, delivered: error.is_none(), status, error }
    }
}

/// What a provider is told by a webhook, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WebhookDelivery {
    /// What `webhook-id` says, however often it comes.
    id: DeliveryId,
    kind: WebhookKind,
    /// What it says.
    event: WebhookEvent,
    state: DeliveryState,
    /// How often it was tried.
    #[schema(example = 1)]
    attempts: i32,
    /// When it was tried last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempted_at: Option<Time>,
    /// The status of the last answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 500)]
    status: Option<i32>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<DeliveryError>,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<DeliveryRow> for WebhookDelivery {
    type Error = DbError;

    fn try_from(row: DeliveryRow) -> Result<Self, DbError> {
        let event = serde_json::from_str(&row.body).map_err(|error| DbError::Unreadable {
            table: "webhook_deliveries",
            id: row.delivery_id.to_string(),
            what: error.to_string(),
        })?;
        Ok(Self {
            id: row.delivery_id,
            kind: row.kind,
            event,
            state: row.state,
            attempts: row.attempts,
            attempted_at: row.attempted_at,
            status: row.status,
            error: row.error,
            created_at: row.created_at,
            version: row.attempts.into(),
        })
    }
}

impl Resource for WebhookDelivery {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}
