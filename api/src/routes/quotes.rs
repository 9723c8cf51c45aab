//! Quotes: what a pool would pay. Nothing is stored, and nothing that was really used is read.

use actix_web::{FromRequest, HttpRequest, dev::Payload, post, web};
use futures_util::future::LocalBoxFuture;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::services::ServicePath;
use crate::app::App;
use crate::auth::Visitor;
use crate::day::Day;
use crate::db::services::{self, ServiceStatus};
use crate::db::tariffs;
use crate::http::{Answer, At, Body, Draft};
use crate::id::ServiceId;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::tariff::Setting;

mod answer;
mod input;
mod limits;
mod pools;

use answer::Quote;
use input::{QuoteInput, ServiceQuoteInput};
use pools::Question;

/// The largest body: some hundred members and a tariff.
const BODY_BYTES: usize = 128 * 1024;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    let limit = || web::PayloadConfig::new(BODY_BYTES);
    api.service(scope::scope("/quotes").app_data(limit()).service(create_quote));
    let service = scope::scope("/services/{service}/quotes").app_data(limit());
    api.service(service.service(create_service_quote));
}

/// Anybody who asks for a price, but not too often. It stands first among what a handler takes, so
/// that nothing is read of those who do.
struct Asker(Visitor);

impl FromRequest for Asker {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admitted = App::of(request).gate.admit_quote(request);
        let visitor = Visitor::from_request(request, payload);
        Box::pin(async move {
            admitted?;
            Ok(Self(visitor.await?))
        })
    }
}

/// Prices any usage by any tariff.
///
/// Nothing is stored, and the same engine prices invoices. To see what one company would pay among
/// others, name it in `members` and say in `others` how many they are and what they use together.
#[utoipa::path(
    tag = "quotes",
    operation_id = "createQuote",
    params(PolePath),
    request_body = QuoteInput,
    responses(
        (status = 200, description = "What everyone would pay, and why.", body = Quote),
        (status = 429, description = "Too many quotes; `Retry-After` says when to try again."),
    ),
)]
#[post("")]
async fn create_quote(asker: Asker, draft: Draft<QuoteInput>) -> Result<Answer, Problem> {
    const AT: &str = "/tariff";
    let Asker(visitor) = asker;
    let (schemas, currency) = (&visitor.app.schemas, visitor.pole.currency.as_str());
    let setting = Setting { schemas, at: AT, currency };
    let (input, tariff) = draft.read(|tariff| setting.read_alone(tariff))?;
    let tariff = tariff.ok_or_else(|| Problem::internal(&"a quote without tariff"))?;
    let priced = web::block(move || {
        let QuoteInput { pool, months, contract_start, .. } = &input;
        let contract_start = contract_start.as_ref().map(crate::day::Day::date);
        let tariff_at = Some(AT);
        Question { tariff: &tariff, tariff_at, pool, months, contract_start }.answer()
    });
    priced.await.map_err(|error| Problem::internal(&error))?
}

/// Prices any usage by the tariff of a published service.
#[utoipa::path(
    tag = "quotes",
    operation_id = "createServiceQuote",
    params(PolePath, ServicePath),
    request_body = ServiceQuoteInput,
    responses(
        (status = 200, description = "What everyone would pay, and why.", body = Quote),
        (status = 409, description = "It has no tariff in force.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many quotes; `Retry-After` says when to try again."),
    ),
)]
#[post("")]
async fn create_service_quote(
    asker: Asker,
    at: At<ServiceId>,
    body: Body<ServiceQuoteInput>,
) -> Result<Answer, Problem> {
    let (Asker(visitor), Body(input)) = (asker, body);
    let (pole, today) =
        (visitor.pole.pole_id.clone(), Day::today(&visitor.pole, visitor.app.now()));
    let priced = visitor.app.db.read(move |conn| {
        let service = services::find(conn, &pole, &at.0, None)?;
        let published = service.filter(|service| service.status == ServiceStatus::Published);
        let service = published.ok_or_else(Problem::not_found)?;
        let row = match &input.tariff {
            Some(version) => {
                tariffs::find(conn, &pole, &at.0, version)?.ok_or_else(unknown_version)?
            }
            None => tariffs::in_force(conn, &pole, &at.0, &today)?.ok_or_else(no_price)?,
        };
        let tariff = serde_json::from_str(&row.document).map_err(|e| Problem::internal(&e))?;
        let ServiceQuoteInput { pool, months, contract_start, .. } = &input;
        let start = contract_start.as_ref().or(service.contract_anniversary.as_ref());
        let contract_start = start.map(Day::date);
        Question { tariff: &tariff, tariff_at: None, pool, months, contract_start }.answer()
    });
    priced.await
}

fn unknown_version() -> Problem {
    let detail = say!(
        en "The service has no tariff of this id.",
        fr "Le service n’a pas de tarif de cet identifiant."
    );
    Problem::invalid(vec![Fault::body("/tariff", "unknown_tariff", detail)])
}

fn no_price() -> Problem {
    Problem::state(say!(
        en "The service has no tariff in force.",
        fr "Le service n’a pas de tarif en vigueur."
    ))
}
