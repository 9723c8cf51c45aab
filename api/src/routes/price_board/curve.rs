//! How the price of a service follows what is used of it, and where the pool stands: as figures and
//! as a picture.

use std::sync::Arc;

use actix_web::http::header::VARY;
use actix_web::{HttpRequest, HttpResponse, get};
use palier_billing::{Line, Price, PriceCurve, Quantity, RatedCharge};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{PolePath, ServicePath, Viewer, held};
use crate::auth::{May, UsageRead};
use crate::boards::{Board, Version};
use crate::curve::{self, DrawError, Look, Size, Theme};
use crate::http::{Answer, At, Query, language_of};
use crate::id::{MemberId, ServiceId, TariffId};
use crate::problem::Problem;
use crate::quote::words::unit;
use crate::say;
use crate::tariff::{CostText, PriceBaseText, PriceText, QuantityText};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_price_curve).service(draw_price_curve);
}

/// Which picture.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PictureQuery {
    /// The place of the charge in the tariff, from 0; the first that has a curve, if left out.
    #[param(minimum = 0, maximum = 1000)]
    charge: Option<usize>,
    /// On white paper, as usual, or on a dark screen.
    #[param(inline)]
    theme: Option<Theme>,
    /// As wide as a page, as usual, or as a phone.
    #[param(inline)]
    size: Option<Size>,
}

/// How the prices of a service follow what is used of it.
#[derive(Serialize, ToSchema)]
struct PriceCurves<'c> {
    #[schema(value_type = ServiceId)]
    service: &'c ServiceId,
    /// The version of the tariff.
    #[schema(value_type = TariffId)]
    tariff: &'c TariffId,
    /// The currency of its prices (ISO 4217).
    #[schema(example = "EUR")]
    currency: &'static str,
    /// The charges whose price follows a volume.
    #[schema(value_type = Vec<ChargePriceCurve>)]
    charges: Vec<ChargePriceCurve<'c>>,
}

/// How the price of a charge follows a volume: that of the pool, or of one member.
#[derive(Serialize, ToSchema)]
struct ChargePriceCurve<'c> {
    /// Its place in the tariff, from 0.
    position: usize,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Core-hours")]
    name: Option<&'c str>,
    /// What usage calls its meter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "core-hours")]
    meter: Option<&'c str>,
    #[serde(flatten)]
    #[schema(value_type = Curve)]
    curve: PriceCurve,
    /// Where the pool stands in this month, for who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    here: Option<CurvePlace>,
}

/// A place on a curve.
#[derive(Serialize, ToSchema)]
struct CurvePlace {
    #[schema(value_type = QuantityText)]
    quantity: Quantity,
    #[schema(value_type = PriceText)]
    unit_price: Price,
}

/// A price curve, by its exact break points.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct Curve {
    /// How many units a price is quoted for.
    price_base: PriceBaseText,
    /// Its pieces, lowest first; the last has no end.
    segments: Vec<CurveSegment>,
}

/// A piece of a price curve. In between, the total runs along a straight line, or up a staircase; a
/// unit costs the total divided by the quantity.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct CurveSegment {
    /// Just above its lower end.
    start: CurvePoint,
    /// Its upper end, which belongs to it.
    end: Option<CurvePoint>,
    shape: CurveShape,
    /// Units in a package, on a staircase.
    #[schema(nullable = false)]
    package_size: Option<QuantityText>,
    /// Price of a package, on a staircase.
    #[schema(nullable = false)]
    package_amount: Option<PriceText>,
    /// The tier, from 1, where there are tiers.
    #[schema(nullable = false)]
    tier: Option<usize>,
    /// Whether the cap sets the price.
    capped: bool,
}

/// A point of a price curve.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
struct CurvePoint {
    quantity: QuantityText,
    /// What the quantity costs.
    total: CostText,
    /// What `price_base` units cost; none at nothing, where a price grows beyond all bounds.
    unit_price: Option<PriceText>,
}

/// How a total runs.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what `palier_billing` writes")]
enum CurveShape {
    Linear,
    Staircase,
}

/// How the prices of a service follow what is used of it.
///
/// By exact break points, with where the pool stands in this month, for who may see it.
#[utoipa::path(
    tag = "usage",
    operation_id = "getPriceCurve",
    params(PolePath, ServicePath),
    responses(
        (status = 200, description = "The curves.", body = PriceCurves),
        (status = 409, description = "The service has no tariff in force, or what was used cannot be priced.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/services/{service}/price-curve")]
async fn get_price_curve(caller: May<UsageRead>, at: At<ServiceId>) -> Result<Answer, Problem> {
    let (board, viewer) = seen(&caller, &at.0).await?;
    let (tariff, version) = version(&board, &viewer)?;
    let rating = version.rate().map_err(|error| unpriceable(&error))?;
    let mut charges = Vec::new();
    for rated in rating.charges() {
        let curve = rated.charge.price_curve().map_err(|error| unpriceable(&error))?;
        charges.extend(curve.map(|curve| {
            ChargePriceCurve {
                position: rated.position,
                name: rated.charge.name.as_deref(),
                meter: unit(&version.tariff, rated.charge),
                curve,
                here: rated.pool.filter(|_| viewer.sees(rated)).map(|pool| CurvePlace {
                    quantity: pool.quantity,
                    unit_price: pool.unit_price,
                }),
            }
        }));
    }
    let currency = version.tariff.currency().code();
    Answer::ok(&PriceCurves { service: &at.0, tariff, currency, charges })
}

/// How the price of a service follows what is used of it, as a picture.
///
/// SVG, in the language of the caller, on white or dark paper, for a page or a phone. Where the pool
/// stands in this month is marked for who may see it.
#[utoipa::path(
    tag = "usage",
    operation_id = "drawPriceCurve",
    params(PolePath, ServicePath, PictureQuery),
    responses(
        (status = 200, description = "The picture.", body = String, content_type = "image/svg+xml"),
        (status = 409, description = "The service has no tariff in force, or what was used cannot be priced.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/services/{service}/price-curve.svg")]
async fn draw_price_curve(
    caller: May<UsageRead>,
    at: At<ServiceId>,
    query: Query<PictureQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(PictureQuery { charge, theme, size }) = query;
    let (board, viewer) = seen(&caller, &at.0).await?;
    let (_, version) = version(&board, &viewer)?;
    let rating = version.rate().map_err(|error| unpriceable(&error))?;
    let is_wanted = |rated: &&RatedCharge<'_>| match charge {
        Some(position) => rated.position == position,
        None => rated.charge.source().is_some(),
    };
    let rated = rating.charges().iter().find(is_wanted).ok_or_else(Problem::not_found)?;
    let look = Look {
        theme: theme.unwrap_or(Theme::Light),
        size: size.unwrap_or(Size::Wide),
        language: language_of(&request),
    };
    let marked = viewer.sees(rated).then_some((&rating, rated));
    let svg = curve::draw(&version.tariff, rated.charge, marked, look);
    let svg = svg.map_err(|error| match error {
        DrawError::NoCurve => Problem::not_found(),
        DrawError::Price(error) => unpriceable(&error),
        DrawError::Svg(_) => Problem::internal(&error),
    })?;
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((VARY, "accept-language, authorization"))
        .body(svg))
}

/// The board of this month, and who looks at it.
async fn seen(
    caller: &May<UsageRead>,
    service: &ServiceId,
) -> Result<(Arc<Board>, Viewer), Problem> {
    let board = held(caller, service, None).await?.board();
    let viewer = Viewer::of(caller, &board, None)?;
    Ok((board, viewer))
}

fn version<'b>(board: &'b Board, viewer: &Viewer) -> Result<(&'b TariffId, &'b Version), Problem> {
    let found = board.version(viewer.member.as_ref()).ok_or_else(|| {
        Problem::state(say!(
            en "The service has no tariff in force.",
            fr "Le service n’a pas de tarif en vigueur."
        ))
    });
    let (tariff, version) = found?;
    Ok((tariff, version.as_ref().map_err(unpriceable)?))
}

fn unpriceable(error: &palier_billing::Error) -> Problem {
    Problem::state(error.into())
}

impl Viewer {
    /// Whether the figures of the pool may be seen that a charge looks at.
    fn sees(&self, rated: &RatedCharge<'_>) -> bool {
        let used =
            |line: &&Line<'_>| line.metered.is_some_and(|metered| !metered.quantity.is_zero());
        let active = |member: Option<&MemberId>| {
            let lines = rated.lines.iter().filter(used);
            lines.filter(|line| member.is_none_or(|member| line.member == member.as_str())).count()
        };
        let is_pooled = rated.pool.is_some() || rated.shared.is_some();
        is_pooled && self.sees_pool(active(None), |member| active(Some(member)) > 0)
    }
}
