//! The audit log: who changed what.

use actix_web::get;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{Schema, SchemaType};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{AuditRead, PoleMay};
use crate::clock::Time;
use crate::db::audit::{self, AuditRow, Filter};
use crate::http::{Answer, List, Page, PageQuery, Query};
use crate::problem::Problem;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_audit_entries).service(verify_audit_log);
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
struct AuditEntry {
    /// Its place in the pole's chain, from 1, without gaps.
    #[schema(minimum = 1)]
    seq: i64,
    at: Time,
    /// Who: the id of a user or of a key; `operator` for the command line.
    #[schema(example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    actor: String,
    /// What was done.
    #[schema(example = "member.updated")]
    action: String,
    /// To which object.
    #[schema(example = "mbr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    object: String,
    /// By which request (`X-Request-Id`).
    #[schema(example = "req_01k9gz7v3hf8mv3r0x2p6d9qae")]
    request: String,
    /// The fields that changed, each with what it was (`from`) and what it is (`to`).
    #[schema(
        value_type = std::collections::BTreeMap<String, AuditChange>,
        example = json!({ "name": { "from": "Forge SAS", "to": "Forge du Rhône SAS" } })
    )]
    changes: Value,
    /// SHA-256 of the entry and of the seal before it.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    seal: String,
}

/// What a field was and what it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what changes look like")]
struct AuditChange {
    /// What it was; absent if there was nothing.
    #[schema(required = false)]
    from: Json,
    /// What it is; absent if there is nothing.
    #[schema(required = false)]
    to: Json,
}

/// A value of any kind, as it stands in the object that changed.
struct Json;

impl PartialSchema for Json {
    fn schema() -> RefOr<Schema> {
        let scalars = [Type::Null, Type::Boolean, Type::Number, Type::String];
        let scalar = || ObjectBuilder::new().schema_type(SchemaType::from_iter(scalars.clone()));
        let this = || Ref::from_schema_name(Self::name());
        let object = || ObjectBuilder::new().additional_properties(Some(this()));
        let flat = || OneOfBuilder::new().item(scalar()).item(object());
        // No list is directly within a list; TypeScript would not take a list of this itself.
        flat()
            .description(Some("A value of any kind, as it stands in the object that changed."))
            .examples(["Forge du Rhône SAS"])
            .item(ArrayBuilder::new().items(flat()))
            .into()
    }
}

impl ToSchema for Json {}

/// A page of the audit log.
type AuditEntryList = List<AuditEntry>;

/// Whether the log is whole.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "intact": true, "entries": 128 }))]
struct AuditVerification {
    /// Whether every entry has the seal it should have, and none is missing.
    intact: bool,
    /// How many entries are in order.
    #[schema(minimum = 0)]
    entries: i64,
    /// The first entry that is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    broken_at: Option<i64>,
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// Of this user or key.
    #[param(max_length = 64)]
    actor: Option<String>,
    /// This action.
    #[param(max_length = 64, example = "member.updated")]
    action: Option<String>,
    /// About this object.
    #[param(max_length = 64)]
    object: Option<String>,
    /// From this instant on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            action: row.action,
            object: row.object,
            request: row.request,
            changes: serde_json::from_str(&row.changes).unwrap_or_default(),
            seal: row.seal,
        }
    }
}

/// Lists the audit log, newest first.
#[utoipa::path(
    tag = "audit",
    operation_id = "listAuditEntries",
    params(PolePath, PageQuery, AuditFilter),
    responses((status = 200, description = "A page of entries.", body = AuditEntryList)),
    security(("token" = ["audit:read"])),
)]
#[get("/audit-log")]
async fn list_audit_entries(
    caller: PoleMay<AuditRead>,
    page: Page,
    filter: Query<AuditFilter>,
) -> Result<Answer, Problem> {
    let Query(AuditFilter { actor, action, object, from, until }) = filter;
    let filter = Filter { actor, action, object, from, until };
    let (before, rows) = (page.after::<i64>()?, page.rows());
    let found =
        caller.read(move |conn, pole| Ok(audit::page(conn, pole, &filter, before, rows)?)).await?;
    let page: List<AuditRow> = page.list(found, |row| row.seq);
    let page: AuditEntryList = page.try_map(|row| Ok::<_, Problem>(row.into()))?;
    Answer::ok(&page)
}

/// Walks the whole audit log and checks every seal.
#[utoipa::path(
    tag = "audit",
    operation_id = "verifyAuditLog",
    params(PolePath),
    responses((status = 200, description = "Whether it is whole.", body = AuditVerification)),
    security(("token" = ["audit:read"])),
)]
#[get("/audit-log/verification")]
async fn verify_audit_log(caller: PoleMay<AuditRead>) -> Result<Answer, Problem> {
    let walked =
        caller.read(|conn, pole| Ok(conn.snapshot(|conn| audit::verify(conn, pole))?)).await?;
    Answer::ok(&match walked {
        Ok(entries) => AuditVerification { intact: true, entries, broken_at: None },
        Err(seq) => AuditVerification {
            intact: false,
            entries: seq.saturating_sub(1),
            broken_at: Some(seq),
        },
    })
}
