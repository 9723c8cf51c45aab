//! Services, as those see them who offer them.

use actix_web::{get, patch, post};
use palier_billing::{Change, VatSupply};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::bilingual::{BilingualLine, BilingualText};
use crate::auth::{CatalogueRead, CatalogueWrite, May};
use crate::clock::Time;
use crate::dated;
use crate::day::Day;
use crate::db::services::{self, Filter, ServiceRow, ServiceStatus};
use crate::db::{DbError, Violation};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Query, Stored,
};
use crate::id::{ProviderId, ServiceId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::search;
use crate::work::Changes;

mod lifecycle;
mod row;
mod vat;

use vat::VatSupplyChange;
pub(crate) use vat::VatSupplyWord;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_services)
        .service(create_service)
        .service(get_service)
        .service(update_service)
        .service(lifecycle::publish_service)
        .service(lifecycle::retire_service);
}

/// Something that members can use.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceInput {
    /// Who provides it.
    provider: ProviderId,
    /// The pole's short name for it, which addresses of the catalogue can use in place of its id.
    #[schema(max_length = 64, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "hpc")]
    code: String,
    /// What it is called.
    name: BilingualLine,
    /// What it is, for who chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<BilingualText>,
    /// Under which heading of the catalogue it stands: a word of the pole's own.
    #[schema(max_length = 64, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "computing")]
    category: String,
    /// Words by which it is found.
    #[serde(default)]
    #[schema(max_items = 20, required = false, example = json!(["cfd", "gpu"]))]
    tags: Vec<Tag>,
    /// What is counted, as people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!({ "fr": "cœur-heure", "en": "core-hour" }))]
    unit: Option<BilingualLine>,
    /// On which terms it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    terms: Option<Terms>,
    /// The day on which its contract years begin, for tariffs whose volume adds up over them. Once
    /// the service is published, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    contract_anniversary: Option<Day>,
    /// What VAT makes of it; the pole says so.
    #[serde(default)]
    #[schema(value_type = VatSupplyWord, required = false)]
    vat: VatSupply,
    /// What VAT makes of it from which day on: by day, ahead of time or in hindsight. What is billed bears
    /// the VAT of the day on which it was supplied, the last one of what a line is for; final documents
    /// stay as they are. `vat` is what holds before the first of them; the pole says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<VatSupplyChange>, max_items = 100, required = false)]
    vat_changes: Vec<Change<VatSupply>>,
    /// The account on which its revenue stands in the pole's books; the chart's own, if left out. The
    /// pole says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[0-9]{3}[0-9A-Z]{0,9}$", example = "706100")]
    revenue_account: Option<String>,
}

/// A word by which a service is found.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(max_length = 40, format = "word", example = "gpu")]
pub(crate) struct Tag(String);

/// Terms of use: a text, an address where they can be read, or both.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// Where they can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        pattern = "^https?://",
        example = "https://hpc.example/terms",
        nullable = false
    )]
    url: Option<String>,
    /// The terms themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<BilingualText>,
}

/// Where a service stands, and since when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceState {
    status: ServiceStatus,
    /// Since when it is, or was, in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    published_at: Option<Time>,
    /// Since when it takes no new subscriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retired_at: Option<Time>,
}

/// Something that members can use.
type Service = Stored<ServiceId, ServiceInput, ServiceState>;

/// A change to a service.
type ServicePatch = Patch<ServiceInput>;

/// A page of services.
type ServiceList = List<Service>;

impl Input for ServiceInput {
    const ALWAYS: &[&str] = &["tags", "vat"];

    fn check(&self, faults: &mut Vec<Fault>) {
        for (position, Tag(tag)) in self.tags.iter().enumerate() {
            if self.tags.iter().take(position).any(|Tag(earlier)| earlier == tag) {
                let detail =
                    say!(en "This tag is there twice.", fr "Ce mot-clé y figure deux fois.");
                faults.push(Fault::body(format!("/tags/{position}"), "duplicate", detail));
            }
        }
        if self.terms.as_ref().is_some_and(|terms| terms.url.is_none() && terms.text.is_none()) {
            let detail = say!(
                en "Terms are a text, an address, or both.",
                fr "Des conditions sont un texte, une adresse, ou les deux."
            );
            faults.push(Fault::body("/terms", "required", detail));
        }
        dated::check("/vat_changes", &self.vat_changes, faults);
    }
}

/// Which service.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
pub(super) struct ServicePath {
    /// The service's id.
    #[param(value_type = String, pattern = "^svc_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "svc_01k9gz7v3hf8mv3r0x2p6d9qae")]
    service: ServiceId,
}

/// Which services.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ServiceFilter {
    /// Words of its name, description, code, category, tags or provider, in any order; accents and
    /// case do not count.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Where it stands.
    #[param(inline)]
    status: Option<ServiceStatus>,
    /// Under which heading it stands.
    #[param(max_length = 64)]
    category: Option<String>,
    /// A tag it has.
    #[param(max_length = 40, format = "word")]
    tag: Option<String>,
    /// Who provides it.
    #[param(value_type = Option<String>, pattern = "^prv_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    provider: Option<ProviderId>,
    /// The pole's short name for it.
    #[param(max_length = 64)]
    code: Option<String>,
}

/// Lists services, also those not published.
///
/// Staff see all, a provider sees its own.
#[utoipa::path(
    tag = "services",
    operation_id = "listServices",
    params(PolePath, PageQuery, ServiceFilter),
    responses((status = 200, description = "A page of services.", body = ServiceList)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services")]
async fn list_services(
    caller: May<CatalogueRead>,
    page: Page,
    filter: Query<ServiceFilter>,
) -> Result<Answer, Problem> {
    let Query(ServiceFilter { q, status, category, tag, provider, code }) = filter;
    let words = q.as_deref().map(search::words).unwrap_or_default();
    let among = caller.reach.providers();
    let filter = Filter { among, provider, status, code, category, tag, words };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(services::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.service_id.to_string());
    Answer::ok(&page.try_map(Service::try_from)?)
}

/// Adds a service, as a draft.
///
/// A provider may add services of its own.
#[utoipa::path(
    tag = "services",
    operation_id = "createService",
    params(PolePath),
    request_body = ServiceInput,
    responses((status = 201, description = "The service.", body = Service)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/services")]
async fn create_service(
    caller: May<CatalogueWrite>,
    once: Once,
    body: Body<ServiceInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    if !caller.reach.has_provider(&input.provider) {
        return Err(no_such_provider());
    }
    if !caller.reach.pole {
        input.leaves((VatSupply::default(), &[]), None)?;
    }
    caller
        .create(once, move |tx| {
            let row = input.row(tx.pole().clone(), ServiceId::new(tx.at()), tx.at());
            services::insert(tx.conn, &row).map_err(refused)?;
            let service = Service::try_from(row)?;
            let changes = Changes::made(&service);
            Ok(tx.done("service.created", service.id.clone().as_str(), &changes, service)?)
        })
        .await
}

/// A service.
#[utoipa::path(
    tag = "services",
    operation_id = "getService",
    params(PolePath, ServicePath),
    responses((status = 200, description = "The service.", body = Service)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services/{service}")]
async fn get_service(caller: May<CatalogueRead>, at: At<ServiceId>) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    let find =
        move |conn: &mut _, pole: &_| Ok(services::find(conn, pole, &at.0, among.as_deref())?);
    let row = caller.read(find).await?.ok_or_else(Problem::not_found)?;
    Answer::object(&Service::try_from(row)?)
}

/// Changes a service.
#[utoipa::path(
    tag = "services",
    operation_id = "updateService",
    params(PolePath, ServicePath),
    request_body(content = ServicePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The service as it is now.", body = Service)),
    security(("token" = ["catalogue:write"])),
)]
#[patch("/services/{service}")]
async fn update_service(
    caller: May<CatalogueWrite>,
    at: At<ServiceId>,
    version: IfMatch,
    patch: ServicePatch,
) -> Result<Answer, Problem> {
    let (app, reach) = (caller.app.clone(), caller.reach.clone());
    let service = caller
        .write(move |tx| {
            let row = services::find(tx.conn, tx.pole(), &at.0, reach.providers().as_deref())?;
            let row = row.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let before = Service::try_from(row.clone())?;
            let input = patch.apply(&app, &before)?;
            if !reach.has_provider(&input.provider) {
                return Err(no_such_provider());
            }
            if !reach.pole {
                let ServiceInput { vat, vat_changes, revenue_account, .. } = &before.object;
                input.leaves((*vat, vat_changes), revenue_account.as_deref())?;
            }
            let next = input.row(row.pole_id.clone(), row.service_id.clone(), tx.at());
            let next = next.in_place_of(&row);
            refuse_another_anniversary(&row, &next)?;
            let changed = services::update(tx.conn, &next, row.version).map_err(refused)?;
            let after = Service::try_from(changed.ok_or_else(Problem::changed)?)?;
            let changes = Changes::between(&before, &after);
            Ok(tx.done("service.updated", after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&service)
}

/// Bills add volume up since the anniversary: another one would tear years apart that were billed.
fn refuse_another_anniversary(row: &ServiceRow, next: &ServiceRow) -> Result<(), Problem> {
    let stays = row.published_at.is_none()
        || row.contract_anniversary.is_none()
        || row.contract_anniversary == next.contract_anniversary;
    if stays {
        return Ok(());
    }
    let detail = say!(
        en "The contract anniversary of a published service stays.",
        fr "La date anniversaire d’un service publié ne change plus."
    );
    Err(Problem::conflict(Fault::body("/contract_anniversary", "fixed", detail)))
}

fn refused(error: DbError) -> Problem {
    match error.violation() {
        Some(Violation::Unique) => {
            let detail =
                say!(en "Another service has this code.", fr "Un autre service porte ce code.");
            Problem::conflict(Fault::body("/code", "taken", detail))
        }
        Some(Violation::ForeignKey) => no_such_provider(),
        None => error.into(),
    }
}

fn no_such_provider() -> Problem {
    let detail = say!(en "There is no such provider.", fr "Ce fournisseur n’existe pas.");
    Problem::invalid(vec![Fault::body("/provider", "not_found", detail)])
}
