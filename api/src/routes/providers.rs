//! Who provides services.

use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::members::Contact;
use crate::auth::{CatalogueRead, CatalogueWrite, May, PoleMay};
use crate::clock::Time;
use crate::db::providers::{self, Filter, ProviderRow, ProviderStatus};
use crate::db::{Db, DbError, Violation, services};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Query, Stateless, Stored,
};
use crate::id::{MemberId, PoleId, ProviderId};
use crate::party;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::search;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_providers)
        .service(create_provider)
        .service(get_provider)
        .service(update_provider);
}

/// Who provides a service: a company, a laboratory, the pole itself.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderInput {
    /// Its registered name.
    #[schema(max_length = 200, format = "line", example = "Centre de calcul du Rhône")]
    name: String,
    /// Its SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "siren", example = "732829320", nullable = false)]
    siren: Option<String>,
    /// Its VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "vat-number", example = "FR44732829320", nullable = false)]
    vat_number: Option<String>,
    contact: Contact,
    /// The member company that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    /// Where it stands.
    #[serde(default = "active")]
    #[schema(default = "active", required = false)]
    status: ProviderStatus,
}

const fn active() -> ProviderStatus {
    ProviderStatus::Active
}

/// Who provides a service.
type Provider = Stored<ProviderId, ProviderInput>;

/// A change to a provider.
type ProviderPatch = Patch<ProviderInput>;

/// A page of providers.
type ProviderList = List<Provider>;

/// What only the pole may change, also of a provider that changes its own particulars.
const OF_THE_POLE: [&str; 5] = ["name", "siren", "vat_number", "member", "status"];

impl Input for ProviderInput {
    const ALWAYS: &[&str] = &["status"];

    fn check(&self, faults: &mut Vec<Fault>) {
        party::check_numbers(self.siren.as_deref(), self.vat_number.as_deref(), faults);
    }
}

/// Which provider.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
pub(super) struct ProviderPath {
    /// The provider's id.
    #[param(value_type = String, pattern = "^prv_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "prv_01k9gz7v3hf8mv3r0x2p6d9qae")]
    provider: ProviderId,
}

/// Which providers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProviderFilter {
    /// Words of its name; accents and case do not count.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Where it stands.
    #[param(inline)]
    status: Option<ProviderStatus>,
    /// The member company that it is.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// Lists providers.
///
/// Staff see all, a provider sees itself.
#[utoipa::path(
    tag = "providers",
    operation_id = "listProviders",
    params(PolePath, PageQuery, ProviderFilter),
    responses((status = 200, description = "A page of providers.", body = ProviderList)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/providers")]
async fn list_providers(
    caller: May<CatalogueRead>,
    page: Page,
    filter: Query<ProviderFilter>,
) -> Result<Answer, Problem> {
    let Query(ProviderFilter { q, status, member }) = filter;
    let words = q.as_deref().map(search::words).unwrap_or_default();
    let filter = Filter { among: caller.reach.providers(), status, member, words };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(providers::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.provider_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Provider::from(row)))?)
}

/// Adds a provider.
#[utoipa::path(
    tag = "providers",
    operation_id = "createProvider",
    params(PolePath),
    request_body = ProviderInput,
    responses((status = 201, description = "The provider.", body = Provider)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/providers")]
async fn create_provider(
    caller: PoleMay<CatalogueWrite>,
    once: Once,
    body: Body<ProviderInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    caller
        .create(once, move |tx| {
            let row = input.row(tx.pole().clone(), ProviderId::new(tx.at()), tx.at());
            providers::insert(tx.conn, &row).map_err(no_such_member)?;
            let provider = Provider::from(row);
            let changes = Changes::made(&provider);
            Ok(tx.done("provider.created", provider.id.clone().as_str(), &changes, provider)?)
        })
        .await
}

/// A provider.
#[utoipa::path(
    tag = "providers",
    operation_id = "getProvider",
    params(PolePath, ProviderPath),
    responses((status = 200, description = "The provider.", body = Provider)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/providers/{provider}")]
async fn get_provider(caller: May<CatalogueRead>, at: At<ProviderId>) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| Ok(providers::find(conn, pole, &at.0)?)).await?;
    Answer::object(&Provider::from(row.ok_or_else(Problem::not_found)?))
}

/// Changes a provider.
///
/// A provider may change its own contact; all else is the pole's to change. It can be retired once
/// none of its services is published.
#[utoipa::path(
    tag = "providers",
    operation_id = "updateProvider",
    params(PolePath, ProviderPath),
    request_body(content = ProviderPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The provider as it is now.", body = Provider)),
    security(("token" = ["catalogue:write"])),
)]
#[patch("/providers/{provider}")]
async fn update_provider(
    caller: May<CatalogueWrite>,
    at: At<ProviderId>,
    version: IfMatch,
    patch: ProviderPatch,
) -> Result<Answer, Problem> {
    if !caller.reach.pole && OF_THE_POLE.iter().any(|field| patch.names(field)) {
        return Err(Problem::forbidden());
    }
    let app = caller.app.clone();
    let provider = caller
        .write(move |tx| {
            let row = providers::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let before = Provider::from(row.clone());
            let input = patch.apply(&app, &before)?;
            if input.status == ProviderStatus::Retired {
                refuse_if_in_use(tx.conn, &row)?;
            }
            let next = ProviderRow {
                version: row.version.saturating_add(1),
                created_at: row.created_at,
                ..input.row(row.pole_id, row.provider_id, tx.at())
            };
            let changed = providers::update(tx.conn, &next, row.version).map_err(no_such_member)?;
            let after = Provider::from(changed.ok_or_else(Problem::changed)?);
            let changes = Changes::between(&before, &after);
            Ok(tx.done("provider.updated", after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&provider)
}

fn no_such_member(error: DbError) -> Problem {
    if error.violation() != Some(Violation::ForeignKey) {
        return error.into();
    }
    let detail = say!(en "There is no such member.", fr "Ce membre n’existe pas.");
    Problem::invalid(vec![Fault::body("/member", "not_found", detail)])
}

/// Refuses to retire a provider that still has services in the catalogue.
fn refuse_if_in_use(conn: &mut Db, row: &ProviderRow) -> Result<(), Problem> {
    if !services::any_published_of(conn, &row.pole_id, &row.provider_id)? {
        return Ok(());
    }
    let detail = say!(
        en "It has services in the catalogue; retire them first.",
        fr "Des services de ce fournisseur sont au catalogue ; retirez-les d’abord."
    );
    Err(Problem::conflict(Fault::body("/status", "in_use", detail)))
}

impl ProviderInput {
    /// The row it becomes.
    fn row(self, pole: PoleId, id: ProviderId, at: Time) -> ProviderRow {
        ProviderRow {
            pole_id: pole,
            provider_id: id,
            search: search::folded(&self.name),
            name: self.name,
            siren: self.siren,
            vat_number: self.vat_number,
            contact_name: self.contact.name,
            contact_email: self.contact.email,
            contact_phone: self.contact.phone,
            member_id: self.member,
            status: self.status,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

impl From<ProviderRow> for Provider {
    fn from(row: ProviderRow) -> Self {
        let object = ProviderInput {
            name: row.name,
            siren: row.siren,
            vat_number: row.vat_number,
            contact: Contact {
                name: row.contact_name,
                email: row.contact_email,
                phone: row.contact_phone,
            },
            member: row.member_id,
            status: row.status,
        };
        Self {
            id: row.provider_id,
            object,
            state: Stateless {},
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}
