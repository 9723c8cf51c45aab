//! Meters: what is counted of a service.

use actix_web::{delete, get, patch, post};
use palier_billing::{Charge, Currency, FaultKind, LateUsage, Meter as BillingMeter, Tariff};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::services::ServicePath;
use crate::auth::{CatalogueRead, CatalogueWrite, May};
use crate::clock::Time;
use crate::db::meters::{self, MeterAggregation, MeterRow};
use crate::db::usage::series;
use crate::db::{Db, DbError, Violation, services, tariffs};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Stateless, Stored,
};
use crate::id::{MeterId, PoleId, ProviderId, ServiceId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_meters)
        .service(create_meter)
        .service(get_meter)
        .service(update_meter)
        .service(delete_meter);
}

/// Something that is counted.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeterInput {
    /// The name by which usage and tariffs call it.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "core-hours")]
    code: String,
    /// The unit of its quantities, by its code in UN/ECE recommendation 20: `HUR` hour, `C62` one,
    /// `E34` gigabyte.
    #[serde(default = "one")]
    #[schema(default = "C62", required = false, pattern = "^[A-Z0-9]{2,3}$", example = "HUR")]
    unit: String,
    /// How a member's events become its quantity in a period; the pool's is the sum over members.
    #[serde(default = "sum")]
    #[schema(default = "sum", required = false)]
    aggregation: MeterAggregation,
    /// The property whose different values are counted (`unique_count`), or whose values name the
    /// stocks that are added up (`latest`, `time_weighted_average`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, format = "line", example = "disk", nullable = false)]
    property: Option<String>,
    /// Properties by which charges may filter.
    #[serde(default)]
    #[schema(max_items = 20, required = false, example = json!(["region"]))]
    dimensions: Vec<Dimension>,
}

/// A property by which charges may filter.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(max_length = 64, format = "line", example = "region")]
struct Dimension(String);

fn one() -> String {
    "C62".to_owned()
}

const fn sum() -> MeterAggregation {
    MeterAggregation::Sum
}

/// Something that is counted.
type Meter = Stored<MeterId, MeterInput>;

/// A change to a meter.
type MeterPatch = Patch<MeterInput>;

/// A page of meters.
type MeterList = List<Meter>;

impl Input for MeterInput {
    const ALWAYS: &[&str] = &["unit", "aggregation", "dimensions"];

    /// `billing` knows what goes together.
    fn check(&self, faults: &mut Vec<Fault>) {
        let meter = self.meter();
        let read = Tariff::new(Currency::EUR, LateUsage::default(), vec![meter], Vec::new());
        let wrong = read.err().map(|faults| faults.0).unwrap_or_default();
        faults.extend(wrong.into_iter().filter_map(|fault| {
            // That there are no charges is no fault of the meter.
            let pointer = fault.pointer.strip_prefix("/meters/0")?;
            let (code, detail) = said(&fault.kind);
            Some(Fault::body(pointer, code, detail))
        }));
    }
}

/// What is wrong with a meter whose fields are valid each by itself.
fn said(kind: &FaultKind) -> (&'static str, Text) {
    match kind {
        FaultKind::Required => (
            "required",
            say!(
                en "Say of which property the values are counted.",
                fr "Indiquez la propriété dont les valeurs sont comptées."
            ),
        ),
        FaultKind::Duplicate => (
            "duplicate",
            say!(
                en "This property is there twice.", fr "Cette propriété y figure deux fois."
            ),
        ),
        FaultKind::Meaningless { .. } => (
            "meaningless",
            say!(
                en "This aggregation looks at no property.",
                fr "Cette agrégation ne regarde aucune propriété."
            ),
        ),
        other => ("invalid", say!(en "This {other}.", fr "Non valide : {other}.")),
    }
}

/// Which meter.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct MeterPath {
    /// The meter's id.
    #[param(value_type = String, pattern = "^mtr_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "mtr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    meter: MeterId,
}

/// Lists the meters of a service.
#[utoipa::path(
    tag = "services",
    operation_id = "listMeters",
    params(PolePath, ServicePath, PageQuery),
    responses((status = 200, description = "A page of meters.", body = MeterList)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services/{service}/meters")]
async fn list_meters(
    caller: May<CatalogueRead>,
    service: At<ServiceId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (among, service) = (caller.reach.providers(), service.0);
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            reach_service(conn, pole, &service, among.as_deref())?;
            Ok(meters::page(conn, pole, &service, after.as_deref(), rows)?)
        })
        .await?;
    let page = page.list(found, |row| row.meter_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Meter::from(row)))?)
}

/// Adds a meter to a service.
#[utoipa::path(
    tag = "services",
    operation_id = "createMeter",
    params(PolePath, ServicePath),
    request_body = MeterInput,
    responses((status = 201, description = "The meter.", body = Meter)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/services/{service}/meters")]
async fn create_meter(
    caller: May<CatalogueWrite>,
    service: At<ServiceId>,
    once: Once,
    body: Body<MeterInput>,
) -> Result<Answer, Problem> {
    let (Body(input), among, service) = (body, caller.reach.providers(), service.0);
    caller
        .create(once, move |tx| {
            reach_service(tx.conn, tx.pole(), &service, among.as_deref())?;
            let row = input.row(tx.pole().clone(), service, MeterId::new(tx.at()), tx.at());
            meters::insert(tx.conn, &row).map_err(code_is_taken)?;
            let meter = Meter::from(row);
            let changes = Changes::made(&meter);
            Ok(tx.done("meter.created", meter.id.clone().as_str(), &changes, meter)?)
        })
        .await
}

/// A meter of a service.
#[utoipa::path(
    tag = "services",
    operation_id = "getMeter",
    params(PolePath, ServicePath, MeterPath),
    responses((status = 200, description = "The meter.", body = Meter)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services/{service}/meters/{meter}")]
async fn get_meter(
    caller: May<CatalogueRead>,
    service: At<ServiceId>,
    at: At<MeterId>,
) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    let row = caller
        .read(move |conn, pole| reach_meter(conn, pole, &service.0, &at.0, among.as_deref()))
        .await?;
    Answer::object(&Meter::from(row))
}

/// Changes a meter.
///
/// A meter that a tariff uses, or of which usage was reported, stays as it is.
#[utoipa::path(
    tag = "services",
    operation_id = "updateMeter",
    params(PolePath, ServicePath, MeterPath),
    request_body(content = MeterPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The meter as it is now.", body = Meter)),
    security(("token" = ["catalogue:write"])),
)]
#[patch("/services/{service}/meters/{meter}")]
async fn update_meter(
    caller: May<CatalogueWrite>,
    service: At<ServiceId>,
    at: At<MeterId>,
    version: IfMatch,
    patch: MeterPatch,
) -> Result<Answer, Problem> {
    let (app, among) = (caller.app.clone(), caller.reach.providers());
    let meter = caller
        .write(move |tx| {
            let row = reach_meter(tx.conn, tx.pole(), &service.0, &at.0, among.as_deref())?;
            version.check(row.version)?;
            refuse_used(tx.conn, &row)?;
            if series::any_of_meter(tx.conn, tx.pole(), &row.meter_id)? {
                return Err(was_reported());
            }
            let before = Meter::from(row.clone());
            let input = patch.apply(&app, &before)?;
            let next = MeterRow {
                version: row.version.saturating_add(1),
                created_at: row.created_at,
                ..input.row(row.pole_id, row.service_id, row.meter_id, tx.at())
            };
            let changed = meters::update(tx.conn, &next, row.version).map_err(code_is_taken)?;
            let after = Meter::from(changed.ok_or_else(Problem::changed)?);
            let changes = Changes::between(&before, &after);
            Ok(tx.done("meter.updated", after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&meter)
}

/// Takes a meter away.
///
/// A meter that a tariff uses stays, and so does one of which usage was reported.
#[utoipa::path(
    tag = "services",
    operation_id = "deleteMeter",
    params(PolePath, ServicePath, MeterPath),
    responses(
        (status = 204, description = "It is gone."),
        (
            status = 409,
            description = "A tariff uses it, or usage of it was reported.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json"
        ),
    ),
    security(("token" = ["catalogue:write"])),
)]
#[delete("/services/{service}/meters/{meter}")]
async fn delete_meter(
    caller: May<CatalogueWrite>,
    service: At<ServiceId>,
    at: At<MeterId>,
) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    caller
        .write(move |tx| {
            let row = reach_meter(tx.conn, tx.pole(), &service.0, &at.0, among.as_deref())?;
            refuse_used(tx.conn, &row)?;
            meters::delete(tx.conn, &row).map_err(has_usage)?;
            let changes = Changes::between(&Meter::from(row), &());
            Ok(tx.done("meter.deleted", at.0.as_str(), &changes, ())?)
        })
        .await?;
    Ok(Answer::nothing())
}

/// Tariffs, past ones as well, say what usage of a meter costs: it must go on meaning what it did.
fn refuse_used(conn: &mut Db, row: &MeterRow) -> Result<(), Problem> {
    for version in tariffs::of_service(conn, &row.pole_id, &row.service_id)? {
        let tariff = version.tariff()?;
        let mut sources = tariff.charges().iter().filter_map(Charge::source);
        let is_this = |source| tariff.meter_of(source).is_some_and(|it| it.code == row.code);
        if sources.any(is_this) {
            let name = version.name;
            return Err(Problem::state(say!(
                en "The tariff “{name}” uses it.",
                fr "Le tarif « {name} » l’utilise."
            )));
        }
    }
    Ok(())
}

fn has_usage(error: DbError) -> Problem {
    match error.violation() {
        Some(Violation::ForeignKey) => was_reported(),
        _ => error.into(),
    }
}

fn was_reported() -> Problem {
    Problem::state(say!(
        en "Usage of it was reported.", fr "De l’usage en a été déclaré."
    ))
}

fn reach_service(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    among: Option<&[ProviderId]>,
) -> Result<(), Problem> {
    services::find(conn, pole, service, among)?.map(drop).ok_or_else(Problem::not_found)
}

fn reach_meter(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    meter: &MeterId,
    among: Option<&[ProviderId]>,
) -> Result<MeterRow, Problem> {
    reach_service(conn, pole, service, among)?;
    meters::find(conn, pole, service, meter)?.ok_or_else(Problem::not_found)
}

fn code_is_taken(error: DbError) -> Problem {
    if error.violation() != Some(Violation::Unique) {
        return error.into();
    }
    let detail = say!(
        en "Another meter of the service has this code.",
        fr "Un autre compteur du service porte ce code."
    );
    Problem::conflict(Fault::body("/code", "taken", detail))
}

impl MeterInput {
    /// As `billing` has it.
    fn meter(&self) -> BillingMeter {
        BillingMeter {
            code: self.code.clone(),
            unit: self.unit.clone(),
            aggregation: self.aggregation.aggregation(),
            property: self.property.clone(),
            dimensions: self.dimensions.iter().map(|Dimension(name)| name.clone()).collect(),
        }
    }

    /// The row it becomes.
    fn row(self, pole: PoleId, service: ServiceId, id: MeterId, at: Time) -> MeterRow {
        let dimensions: Vec<_> = self.dimensions.into_iter().map(|Dimension(name)| name).collect();
        MeterRow {
            pole_id: pole,
            meter_id: id,
            service_id: service,
            code: self.code,
            unit: self.unit,
            aggregation: self.aggregation,
            property: self.property,
            dimensions: dimensions.join("\n"),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

impl From<MeterRow> for Meter {
    fn from(row: MeterRow) -> Self {
        let dimensions = row.dimensions.lines().map(|name| Dimension(name.to_owned())).collect();
        let object = MeterInput {
            code: row.code,
            unit: row.unit,
            aggregation: row.aggregation,
            property: row.property,
            dimensions,
        };
        Self {
            id: row.meter_id,
            object,
            state: Stateless {},
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}
