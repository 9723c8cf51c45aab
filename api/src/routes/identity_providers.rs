//! Outside identity providers whose tokens a pole accepts.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{Caller, Grant, PoleMay, PoleRead, PoleWrite, Role, SignatureAlgorithm};
use crate::clock::Time;
use crate::db::identity_providers::{self as providers, IdentityProviderRow};
use crate::db::{DbError, Violation};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Stateless, Stored,
};
use crate::id::{IdentityProviderId, PoleId};
use crate::outward::OutwardAddress;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_identity_providers)
        .service(create_identity_provider)
        .service(get_identity_provider)
        .service(update_identity_provider)
        .service(delete_identity_provider);
}

/// An identity provider. Its tokens stand for the user with the e-mail address they say is
/// verified; it can name any user of the pole, so it is for the pole's administrators to choose.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityProviderInput {
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Forge du Rhône")]
    name: String,
    /// The `iss` of its tokens, to the letter.
    #[schema(
        min_length = 1,
        max_length = 500,
        format = "uri",
        example = "https://id.forge.example/"
    )]
    issuer: String,
    /// What its tokens must have among their `aud`.
    #[schema(min_length = 1, max_length = 500, format = "line", example = "palier")]
    audience: String,
    /// Where its keys are (RFC 7517): a public https address.
    #[schema(
        min_length = 1,
        max_length = 500,
        format = "uri",
        example = "https://id.forge.example/jwks.json"
    )]
    jwks_url: String,
    /// How it may sign its tokens.
    #[schema(min_items = 1, max_items = 3, example = json!(["RS256"]))]
    algorithms: Vec<SignatureAlgorithm>,
}

/// An identity provider.
type IdentityProvider = Stored<IdentityProviderId, IdentityProviderInput>;

/// A change to an identity provider.
type IdentityProviderPatch = Patch<IdentityProviderInput>;

/// A page of identity providers.
type IdentityProviderList = List<IdentityProvider>;

impl Input for IdentityProviderInput {}

/// Which provider.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct IdentityProviderPath {
    /// The identity provider's id.
    #[param(value_type = String, pattern = "^idp_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "idp_01k9gz7v3hf8mv3r0x2p6d9qae")]
    identity_provider: IdentityProviderId,
}

/// Lists the identity providers whose tokens are accepted.
#[utoipa::path(
    tag = "sessions",
    operation_id = "listIdentityProviders",
    params(PolePath, PageQuery),
    responses((status = 200, description = "A page of identity providers.", body = IdentityProviderList)),
    security(("token" = ["pole:read"])),
)]
#[get("/identity-providers")]
async fn list_identity_providers(caller: PoleMay<PoleRead>, page: Page) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(providers::page(conn, pole, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.identity_provider_id.to_string());
    Answer::ok(&page.try_map(IdentityProvider::try_from)?)
}

/// Accepts the tokens of an identity provider.
#[utoipa::path(
    tag = "sessions",
    operation_id = "createIdentityProvider",
    params(PolePath),
    request_body = IdentityProviderInput,
    responses((status = 201, description = "The identity provider.", body = IdentityProvider)),
    security(("token" = ["pole:write"])),
)]
#[post("/identity-providers")]
async fn create_identity_provider(
    caller: PoleMay<PoleWrite>,
    once: Once,
    body: Body<IdentityProviderInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    only_admins(&caller)?;
    reachable(&caller, &input)?;
    caller
        .create(once, move |tx| {
            let id = IdentityProviderId::new(tx.at());
            let row = input.row(tx.pole().clone(), id, tx.at());
            providers::insert(tx.conn, &row).map_err(issuer_is_taken)?;
            let made = IdentityProvider::try_from(row)?;
            let (id, changes) = (made.id.clone(), Changes::made(&made));
            Ok(tx.done("identity_provider.created", id.as_str(), &changes, made)?)
        })
        .await
}

/// An identity provider.
#[utoipa::path(
    tag = "sessions",
    operation_id = "getIdentityProvider",
    params(PolePath, IdentityProviderPath),
    responses((status = 200, description = "The identity provider.", body = IdentityProvider)),
    security(("token" = ["pole:read"])),
)]
#[get("/identity-providers/{identity_provider}")]
async fn get_identity_provider(
    caller: PoleMay<PoleRead>,
    at: At<IdentityProviderId>,
) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| Ok(providers::find(conn, pole, &at.0)?)).await?;
    Answer::object(&IdentityProvider::try_from(row.ok_or_else(Problem::not_found)?)?)
}

/// Changes an identity provider.
#[utoipa::path(
    tag = "sessions",
    operation_id = "updateIdentityProvider",
    params(PolePath, IdentityProviderPath),
    request_body(content = IdentityProviderPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The identity provider as it is now.", body = IdentityProvider)),
    security(("token" = ["pole:write"])),
)]
#[patch("/identity-providers/{identity_provider}")]
async fn update_identity_provider(
    caller: PoleMay<PoleWrite>,
    at: At<IdentityProviderId>,
    version: IfMatch,
    patch: IdentityProviderPatch,
) -> Result<Answer, Problem> {
    only_admins(&caller)?;
    let who = Caller::clone(&caller);
    let provider = caller
        .write(move |tx| {
            let row = providers::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let before = IdentityProvider::try_from(row.clone())?;
            let input = patch.apply(&who.app, &before)?;
            reachable(&who, &input)?;
            let next = IdentityProviderRow {
                version: row.version.saturating_add(1),
                created_at: row.created_at,
                ..input.row(row.pole_id, row.identity_provider_id, tx.at())
            };
            let changed = providers::update(tx.conn, &next, row.version);
            let changed = changed.map_err(issuer_is_taken)?.ok_or_else(Problem::changed)?;
            let after = IdentityProvider::try_from(changed)?;
            let (id, changes) = (after.id.clone(), Changes::between(&before, &after));
            Ok(tx.done("identity_provider.updated", id.as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&provider)
}

/// Accepts the tokens of an identity provider no longer.
#[utoipa::path(
    tag = "sessions",
    operation_id = "deleteIdentityProvider",
    params(PolePath, IdentityProviderPath),
    responses((status = 204, description = "It is gone.")),
    security(("token" = ["pole:write"])),
)]
#[delete("/identity-providers/{identity_provider}")]
async fn delete_identity_provider(
    caller: PoleMay<PoleWrite>,
    at: At<IdentityProviderId>,
) -> Result<Answer, Problem> {
    only_admins(&caller)?;
    caller
        .write(move |tx| {
            if !providers::delete(tx.conn, tx.pole(), &at.0)? {
                return Err(Problem::not_found());
            }
            Ok(tx.done("identity_provider.deleted", at.0.as_str(), &Changes::none(), ())?)
        })
        .await?;
    Ok(Answer::nothing())
}

/// Who names a provider can be anybody; a key with the scope alone must not become that.
fn only_admins(caller: &Caller) -> Result<(), Problem> {
    let is_admin = caller.covers(&Grant::Pole(Role::PoleAdmin));
    if is_admin { Ok(()) } else { Err(Problem::forbidden()) }
}

/// Refuses an address that this server must not call.
fn reachable(caller: &Caller, input: &IdentityProviderInput) -> Result<(), Problem> {
    let Err(fault) = OutwardAddress::parse(&input.jwks_url, caller.app.gate.reach) else {
        return Ok(());
    };
    Err(Problem::invalid(vec![Fault::body("/jwks_url", "address", fault.text())]))
}

impl IdentityProviderInput {
    /// The row it becomes.
    fn row(self, pole: PoleId, id: IdentityProviderId, at: Time) -> IdentityProviderRow {
        let algorithms = self.algorithms.iter().map(SignatureAlgorithm::as_str);
        IdentityProviderRow {
            pole_id: pole,
            identity_provider_id: id,
            name: self.name,
            issuer: self.issuer,
            audience: self.audience,
            jwks_url: self.jwks_url,
            algorithms: algorithms.collect::<Vec<_>>().join(" "),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

impl TryFrom<IdentityProviderRow> for IdentityProvider {
    type Error = DbError;

    fn try_from(row: IdentityProviderRow) -> Result<Self, DbError> {
        let algorithms: Result<_, String> = row.algorithms.split(' ').map(str::parse).collect();
        let unreadable = |what| DbError::Unreadable {
            table: "identity_providers",
            id: row.identity_provider_id.to_string(),
            what,
        };
        Ok(Self {
            object: IdentityProviderInput {
                algorithms: algorithms.map_err(unreadable)?,
                name: row.name,
                issuer: row.issuer,
                audience: row.audience,
                jwks_url: row.jwks_url,
            },
            id: row.identity_provider_id,
            state: Stateless {},
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

fn issuer_is_taken(error: DbError) -> Problem {
    if error.violation() != Some(Violation::Unique) {
        return error.into();
    }
    let detail = say!(
        en "There is a provider for this issuer already.",
        fr "Il y a déjà un fournisseur pour cet émetteur."
    );
    Problem::conflict(Fault::body("/issuer", "taken", detail))
}
