//! What services cost: versions of a tariff, each from a day on.

use actix_web::{delete, get, post};
use palier_billing::time_zone;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::services::ServicePath;
use crate::auth::{CatalogueRead, CatalogueWrite, May};
use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::services::{ServiceRow, ServiceStatus};
use crate::db::tariffs::{self, TariffRow};
use crate::db::{Db, DbError, Violation, meters, services};
use crate::http::{Answer, At, Draft, Once, Page, PageQuery};
use crate::id::{PoleId, ServiceId, TariffId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::tariff::{PriceChange, Setting, announce, price_summary};
use crate::work::Changes;

mod objects;

use objects::{ServiceTariff, ServiceTariffInput, ServiceTariffList};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_tariffs).service(create_tariff).service(get_tariff).service(withdraw_tariff);
}

/// Which version.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct TariffPath {
    /// The version's id.
    #[param(
        value_type = String,
        pattern = "^trf_[0-7][0-9a-hjkmnp-tv-z]{25}$",
        example = "trf_01k9gz7v3hf8mv3r0x2p6d9qae"
    )]
    tariff: TariffId,
}

/// Lists the versions of a service's tariff, the newest first.
#[utoipa::path(
    tag = "tariffs",
    operation_id = "listTariffs",
    params(PolePath, ServicePath, PageQuery),
    responses((status = 200, description = "A page of versions.", body = ServiceTariffList)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services/{service}/tariffs")]
async fn list_tariffs(
    caller: May<CatalogueRead>,
    at: At<ServiceId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (among, before) = (caller.reach.providers(), page.after::<String>()?);
    let rows = usize::try_from(page.rows()).unwrap_or_default();
    let (service, all) = caller
        .read(move |conn, pole| {
            let service = services::find(conn, pole, &at.0, among.as_deref())?;
            let service = service.ok_or_else(Problem::not_found)?;
            Ok((service, tariffs::of_service(conn, pole, &at.0)?))
        })
        .await?;
    let today = Day::today(&caller.pole, caller.now());
    // A service has a handful of them.
    let older = |row: &&TariffRow| {
        before.as_ref().is_none_or(|before| row.effective_from.to_string() < *before)
    };
    let found: Vec<_> = all.iter().filter(older).take(rows).collect();
    let page = page.list(found, |row| row.effective_from.to_string());
    let unit = service.unit();
    Answer::ok(&page.try_map(|row| ServiceTariff::read(row, &all, unit.as_ref(), &today))?)
}

/// Gives a service a tariff, from a day on.
///
/// The first may begin on any day; once there is one, the next begins on the first of a later month,
/// and the members who follow the tariff are told by mail. A version never changes; one that has not
/// taken effect can be withdrawn.
#[utoipa::path(
    tag = "tariffs",
    operation_id = "createTariff",
    params(PolePath, ServicePath),
    request_body = ServiceTariffInput,
    responses((status = 201, description = "The version, with what its author should know.",
        body = ServiceTariff)),
    security(("token" = ["catalogue:write"])),
)]
#[post("/services/{service}/tariffs")]
async fn create_tariff(
    caller: May<CatalogueWrite>,
    at: At<ServiceId>,
    once: Once,
    draft: Draft<ServiceTariffInput>,
) -> Result<Answer, Problem> {
    let (app, pole, now) = (caller.app.clone(), caller.pole.clone(), caller.now());
    let among = caller.reach.providers();
    let today = Day::today(&pole, now);
    caller
        .create(once, move |tx| {
            let service = services::find(tx.conn, tx.pole(), &at.0, among.as_deref())?;
            let service = service.ok_or_else(Problem::not_found)?;
            let meters = meters::of_service(tx.conn, tx.pole(), &service.service_id)?;
            let meters: Vec<_> = meters.iter().map(meters::MeterRow::meter).collect();
            let setting =
                Setting { schemas: &app.schemas, at: "/document", currency: &pole.currency };
            let (input, tariff) = draft.read(|given| setting.read_of_service(given, &meters))?;
            let tariff = tariff.ok_or_else(|| Problem::internal(&"a version without tariff"))?;
            let earlier = tariffs::of_service(tx.conn, tx.pole(), &service.service_id)?;
            may_take_effect(&input.effective_from, &earlier, &today)?;
            let unit = service.unit();
            let price = price_summary(&tariff, unit.as_ref());
            let price = price.map_err(|error| too_large(&error))?;
            let row = TariffRow {
                pole_id: tx.pole().clone(),
                tariff_id: TariffId::new(tx.at()),
                service_id: service.service_id.clone(),
                name: input.name,
                takes_effect_at: begins(&pole, &input.effective_from),
                effective_from: input.effective_from,
                document: serde_json::to_string(&tariff).map_err(|e| Problem::internal(&e))?,
                created_at: tx.at(),
            };
            tariffs::insert(tx.conn, &row).map_err(taken)?;
            if !earlier.is_empty() {
                let before = earlier.iter().find(|it| it.effective_from < row.effective_from);
                let before = before.map(TariffRow::tariff).transpose()?;
                let before = before.map(|tariff| price_summary(&tariff, unit.as_ref()));
                let before = before.transpose().map_err(|error| too_large(&error))?;
                let day = &row.effective_from;
                let change = PriceChange { day, price: &price, before: before.as_ref() };
                announce(&app, tx, (&pole, &service), &change)?;
            }
            let version = ServiceTariff::read(&row, &earlier, unit.as_ref(), &today)?;
            let id = row.tariff_id.as_str();
            Ok(tx.done("tariff.created", id, &Changes::made(&version), version)?)
        })
        .await
}

/// A version of a service's tariff.
#[utoipa::path(
    tag = "tariffs",
    operation_id = "getTariff",
    params(PolePath, ServicePath, TariffPath),
    responses((status = 200, description = "The version.", body = ServiceTariff)),
    security(("token" = ["catalogue:read"])),
)]
#[get("/services/{service}/tariffs/{tariff}")]
async fn get_tariff(
    caller: May<CatalogueRead>,
    service: At<ServiceId>,
    at: At<TariffId>,
) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    let (service, row, all) = caller
        .read(move |conn, pole| {
            let (of, row) = found(conn, pole, (&service.0, among.as_deref()), &at.0)?;
            let all = tariffs::of_service(conn, pole, &service.0)?;
            Ok((of, row, all))
        })
        .await?;
    let today = Day::today(&caller.pole, caller.now());
    Answer::object(&ServiceTariff::read(&row, &all, service.unit().as_ref(), &today)?)
}

/// Withdraws a version that has not taken effect.
#[utoipa::path(
    tag = "tariffs",
    operation_id = "withdrawTariff",
    params(PolePath, ServicePath, TariffPath),
    responses(
        (status = 204, description = "It is withdrawn."),
        (status = 409, description = "It has taken effect, a subscription stays with it, or it is the only one \
            of a published service.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["catalogue:write"])),
)]
#[delete("/services/{service}/tariffs/{tariff}")]
async fn withdraw_tariff(
    caller: May<CatalogueWrite>,
    service: At<ServiceId>,
    at: At<TariffId>,
) -> Result<Answer, Problem> {
    let among = caller.reach.providers();
    caller
        .write(move |tx| {
            let (service, row) = found(tx.conn, tx.pole(), (&service.0, among.as_deref()), &at.0)?;
            if row.takes_effect_at <= tx.at() {
                return Err(Problem::state(say!(
                    en "It has taken effect, and stays.",
                    fr "Il a pris effet, et demeure."
                )));
            }
            tariffs::delete(tx.conn, &row).map_err(pinned)?;
            if service.status == ServiceStatus::Published {
                refuse_priceless(tx.conn, &service)?;
            }
            Ok(tx.done("tariff.withdrawn", row.tariff_id.as_str(), &Changes::none(), ())?)
        })
        .await?;
    Ok(Answer::nothing())
}

fn found(
    conn: &mut Db,
    pole: &PoleId,
    (service, among): (&ServiceId, Option<&[crate::id::ProviderId]>),
    tariff: &TariffId,
) -> Result<(ServiceRow, TariffRow), Problem> {
    let of = services::find(conn, pole, service, among)?.ok_or_else(Problem::not_found)?;
    let row = tariffs::find(conn, pole, service, tariff)?.ok_or_else(Problem::not_found)?;
    Ok((of, row))
}

/// What members can subscribe to has a price, now or later.
pub(super) fn refuse_priceless(conn: &mut Db, service: &ServiceRow) -> Result<(), Problem> {
    if !tariffs::of_service(conn, &service.pole_id, &service.service_id)?.is_empty() {
        return Ok(());
    }
    Err(Problem::state(say!(
        en "The catalogue shows what a service costs: it needs a tariff.",
        fr "Le catalogue montre ce que coûte un service : il lui faut un tarif."
    )))
}

fn too_large(error: &palier_billing::Error) -> Problem {
    Problem::invalid(vec![Fault::body("/document/charges", "too_large", error.into())])
}

/// Whether a version may take effect on a day.
fn may_take_effect(day: &Day, earlier: &[TariffRow], today: &Day) -> Result<(), Problem> {
    if earlier.is_empty() || (*day > *today && *day == day.start_of_month()) {
        return Ok(());
    }
    let detail = say!(
        en "A change takes effect on the first of a later month.",
        fr "Un changement prend effet le premier d’un mois à venir."
    );
    Err(Problem::invalid(vec![Fault::body("/effective_from", "not_a_month_start", detail)]))
}

/// When a day begins in a pole.
fn begins(pole: &PoleRow, day: &Day) -> Time {
    let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let begins = day.date().to_zoned(zone).map(|begins| begins.timestamp());
    begins.unwrap_or(jiff::Timestamp::MAX).into()
}

fn taken(error: DbError) -> Problem {
    if error.violation() != Some(Violation::Unique) {
        return error.into();
    }
    let detail = say!(
        en "Another version takes effect on that day; withdraw it first.",
        fr "Une autre version prend effet ce jour-là ; retirez-la d’abord."
    );
    Problem::conflict(Fault::body("/effective_from", "taken", detail))
}

fn pinned(error: DbError) -> Problem {
    match error.violation() {
        Some(Violation::ForeignKey) => Problem::state(say!(
            en "A subscription stays with this version.",
            fr "Un abonnement conserve cette version."
        )),
        _ => error.into(),
    }
}
