//! What providers are told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::db::webhooks::WebhookKind;
use crate::id::{MemberId, ProviderId, ServiceId, SuspensionId};

/// What a provider is told, as the body of a webhook.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "type": "member.suspended", "timestamp": "2026-04-18T06:00:03Z",
    "data": {
        "pole": "pole-calcul", "provider": "prv_01k9gz7v3hf8mv3r0x2p6d9qae",
        "member": {
            "id": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae", "code": "forge", "name": "Forge du Rhône SAS",
        },
        "services": [{ "id": "svc_01k9gz7v3hf8mv3r0x2p6d9qae", "code": "compute" }],
        "suspension": "sus_01k9gz7v3hf8mv3r0x2p6d9qae", "sequence": 1, "since": "2026-04-18T06:00:03Z",
    },
}))]
pub(crate) struct WebhookEvent {
    pub(super) r#type: WebhookKind,
    /// When it happened.
    pub(super) timestamp: Time,
    pub(super) data: SuspensionNews,
}

/// A member whose services are suspended, or are so no longer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SuspensionNews {
    /// The pole, by its code.
    #[schema(example = "pole-calcul")]
    pub(super) pole: String,
    /// The provider that is told.
    pub(super) provider: ProviderId,
    pub(super) member: NamedMember,
    /// Its services that the member was subscribed to when it was suspended.
    pub(super) services: Vec<NamedService>,
    pub(super) suspension: SuspensionId,
    /// Grows with all that happens to this member's services: whoever has been told of a greater one leaves
    /// this one alone. It is odd while they are suspended.
    #[schema(example = 1)]
    pub(super) sequence: i64,
    /// Since when they are suspended, or were.
    pub(super) since: Time,
    /// Until when they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) until: Option<Time>,
}

/// A member, as usage and entitlements name it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct NamedMember {
    pub(super) id: MemberId,
    /// The pole's short name for it.
    #[schema(example = "forge")]
    pub(super) code: String,
    #[schema(example = "Forge du Rhône SAS")]
    pub(super) name: String,
}

/// A service.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct NamedService {
    pub(super) id: ServiceId,
    /// The pole's short name for it.
    #[schema(example = "compute")]
    pub(super) code: String,
}
