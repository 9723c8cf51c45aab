//! API keys: what machines sign in with.

use std::collections::BTreeSet;

use actix_web::{delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::users::owner_fault;
use crate::auth::{Grant, KeysRead, KeysWrite, May, Reach, Role, Scope, Token, TokenKind};
use crate::clock::Time;
use crate::db::Db;
use crate::db::api_keys::{self, ApiKeyRow, Filter};
use crate::http::{Answer, At, Body, Input, List, Once, Page, PageQuery, Query, Resource};
use crate::id::{ApiKeyId, MemberId, PoleId, ProviderId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_api_keys).service(create_api_key).service(get_api_key).service(revoke_api_key);
}

/// A key for a machine: of a member, of a provider, or of the pole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyInput {
    /// What it is used by.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Cluster meter")]
    name: String,
    /// What it may be used for, and nothing else.
    #[schema(value_type = Vec<Scope>, min_items = 1, example = json!(["usage:write"]))]
    scopes: BTreeSet<Scope>,
    /// The member it belongs to.
    #[serde(default)]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    /// The provider it belongs to.
    #[serde(default)]
    #[schema(nullable = false)]
    provider: Option<ProviderId>,
    /// From when on it is no good any more.
    #[serde(default)]
    #[schema(nullable = false)]
    expires_at: Option<Time>,
}

impl Input for ApiKeyInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        if self.member.is_some() && self.provider.is_some() {
            let detail = say!(
                en "A key belongs to a member or to a provider, not to both.",
                fr "Une clé appartient à un membre ou à un fournisseur, non aux deux."
            );
            faults.push(Fault::body("/provider", "owner", detail));
            return;
        }
        let role = self.owner().role();
        for scope in self.scopes.iter().filter(|scope| !role.allows(**scope)) {
            let word = scope.as_str();
            let detail = say!(
                en "{word} is not for a key of a member or a provider.",
                fr "{word} n’est pas pour la clé d’un membre ou d’un fournisseur."
            );
            faults.push(Fault::body("/scopes", "scope", detail));
        }
    }
}

/// A key for a machine, without the key itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ApiKey {
    id: ApiKeyId,
    /// What it is used by.
    #[schema(example = "Cluster meter")]
    name: String,
    /// How it begins.
    #[schema(example = "plr_key_x7Qb")]
    hint: String,
    /// What it may be used for.
    scopes: Vec<Scope>,
    /// The member it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    /// The provider it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider: Option<ProviderId>,
    /// Who made it: a user or a key.
    #[schema(example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    created_by: String,
    created_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<Time>,
    /// When it was used last, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_used_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revoked_at: Option<Time>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
struct NewApiKey {
    #[serde(flatten)]
    about: ApiKey,
    /// The key. It is shown this once.
    #[schema(example = "plr_key_…")]
    key: String,
}

impl Resource for NewApiKey {
    fn id(&self) -> &str {
        self.about.id.as_str()
    }

    /// Nothing of a key can be changed but by using and revoking it.
    fn version(&self) -> i64 {
        1
    }
}

/// A page of API keys.
type ApiKeyList = List<ApiKey>;

/// Which key.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct ApiKeyPath {
    /// The key's id.
    #[param(value_type = String, pattern = "^key_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "key_01k9gz7v3hf8mv3r0x2p6d9qae")]
    key: ApiKeyId,
}

/// Which keys.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ApiKeyFilter {
    /// Those of this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Those of this provider.
    #[param(value_type = Option<String>, pattern = "^prv_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    provider: Option<ProviderId>,
}

/// Lists API keys, also those that are no good any more.
///
/// Staff see all, others those of their members and providers.
#[utoipa::path(
    tag = "keys",
    operation_id = "listApiKeys",
    params(PolePath, PageQuery, ApiKeyFilter),
    responses((status = 200, description = "A page of keys.", body = ApiKeyList)),
    security(("token" = ["keys:read"])),
)]
#[get("/api-keys")]
async fn list_api_keys(
    caller: May<KeysRead>,
    page: Page,
    filter: Query<ApiKeyFilter>,
) -> Result<Answer, Problem> {
    let Query(ApiKeyFilter { member, provider }) = filter;
    let among = caller.reach.members().zip(caller.reach.providers());
    let filter = Filter { among, member, provider };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(api_keys::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.api_key_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(ApiKey::from(row)))?)
}

/// Makes an API key. The key itself is in this answer and nowhere else.
///
/// It cannot be given a scope that its maker does not have for the same member, provider or pole.
#[utoipa::path(
    tag = "keys",
    operation_id = "createApiKey",
    params(PolePath),
    request_body = ApiKeyInput,
    responses((status = 201, description = "The key.", body = NewApiKey)),
    security(("token" = ["keys:write"])),
)]
#[post("/api-keys")]
async fn create_api_key(
    caller: May<KeysWrite>,
    once: Once,
    body: Body<ApiKeyInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    let owner = input.owner();
    let reaches = |scope: &Scope| caller.reach(*scope).is_some_and(|reach| has(&reach, &owner));
    if !has(&caller.reach, &owner) || !input.scopes.iter().all(reaches) {
        return Err(Problem::forbidden());
    }
    if input.expires_at.is_some_and(|end| end <= caller.now()) {
        let detail = say!(en "This is in the past.", fr "C’est dans le passé.");
        return Err(Problem::invalid(vec![Fault::body("/expires_at", "past", detail)]));
    }
    let app = caller.app.clone();
    caller
        .create(once, move |tx| {
            let key = Token::generate(TokenKind::ApiKey);
            let key = key.map_err(|error| Problem::internal(&error))?;
            let hash = app.config.secret.hash_token(&key);
            let hash = hash.map_err(|error| Problem::internal(&error))?;
            let row = ApiKeyRow {
                pole_id: tx.pole().clone(),
                api_key_id: ApiKeyId::new(tx.at()),
                hash: hash.as_str().to_owned(),
                hint: key.hint(),
                name: input.name,
                member_id: input.member,
                provider_id: input.provider,
                scopes: words(&input.scopes),
                created_by: tx.author.actor.clone(),
                created_at: tx.at(),
                expires_at: input.expires_at,
                last_used_at: None,
                revoked_at: None,
            };
            let owner = (row.member_id.as_ref(), row.provider_id.as_ref());
            if let Some(fault) = owner_fault(tx.conn, tx.pole(), owner, "")? {
                return Err(Problem::invalid(vec![fault]));
            }
            api_keys::insert(tx.conn, &row)?;
            let about = ApiKey::from(row);
            let (id, changes) = (about.id.clone(), Changes::made(&about));
            let made = NewApiKey { about, key: key.reveal().to_owned() };
            Ok(tx.done("api_key.created", id.as_str(), &changes, made)?)
        })
        .await
}

/// An API key, without the key itself.
#[utoipa::path(
    tag = "keys",
    operation_id = "getApiKey",
    params(PolePath, ApiKeyPath),
    responses((status = 200, description = "The key.", body = ApiKey)),
    security(("token" = ["keys:read"])),
)]
#[get("/api-keys/{key}")]
async fn get_api_key(caller: May<KeysRead>, at: At<ApiKeyId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let row = caller.read(move |conn, pole| found(conn, pole, &at.0, &reach)).await?;
    Answer::ok(&ApiKey::from(row))
}

/// Revokes an API key. It is no good any more, and stays in the list.
#[utoipa::path(
    tag = "keys",
    operation_id = "revokeApiKey",
    params(PolePath, ApiKeyPath),
    responses((status = 204, description = "It is revoked.")),
    security(("token" = ["keys:write"])),
)]
#[delete("/api-keys/{key}")]
async fn revoke_api_key(caller: May<KeysWrite>, at: At<ApiKeyId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &at.0, &reach)?;
            if !api_keys::revoke(tx.conn, tx.pole(), &row.api_key_id, tx.at())? {
                return Ok(tx.unchanged(()));
            }
            let id = row.api_key_id.as_str();
            Ok(tx.done("api_key.revoked", id, &Changes::none(), ())?)
        })
        .await?;
    caller.app.gate.forget();
    Ok(Answer::nothing())
}

/// A key within a reach.
fn found(
    conn: &mut Db,
    pole: &PoleId,
    key: &ApiKeyId,
    reach: &Reach,
) -> Result<ApiKeyRow, Problem> {
    let row = api_keys::find(conn, pole, key)?.ok_or_else(Problem::not_found)?;
    let owner = owner(row.member_id.clone(), row.provider_id.clone());
    if has(reach, &owner) { Ok(row) } else { Err(Problem::not_found()) }
}

impl ApiKeyInput {
    fn owner(&self) -> Grant {
        owner(self.member.clone(), self.provider.clone())
    }
}

/// Whose a key is, as the widest role it could have there.
fn owner(member: Option<MemberId>, provider: Option<ProviderId>) -> Grant {
    match (member, provider) {
        (Some(member), _) => Grant::Member(Role::MemberAdmin, member),
        (None, Some(provider)) => Grant::Provider(provider),
        (None, None) => Grant::Pole(Role::PoleAdmin),
    }
}

fn has(reach: &Reach, owner: &Grant) -> bool {
    match owner.owner() {
        (Some(member), _) => reach.has_member(member),
        (_, Some(provider)) => reach.has_provider(provider),
        (None, None) => reach.pole,
    }
}

fn words(scopes: &BTreeSet<Scope>) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.api_key_id,
            name: row.name,
            hint: row.hint,
            scopes: row.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect(),
            member: row.member_id,
            provider: row.provider_id,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}
