//! The public catalogue, for front ends.

use actix_web::{FromRequest as _, HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::Visitor;
use crate::catalogue::Ready;
use crate::http::{Page, PageQuery, Query};
use crate::id::ProviderId;
use crate::problem::Problem;
use crate::search;

mod shelf;
mod view;

pub(crate) use shelf::Shelf;
use shelf::Wanted;
use view::{CataloguePage, CatalogueService};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_catalogue).service(get_catalogue_service);
}

/// Which services.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CatalogueFilter {
    /// Words of its name, description, code, category, tags or provider, in any order; accents and
    /// case do not count.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Under which heading it stands.
    #[param(max_length = 64)]
    category: Option<String>,
    /// A tag it has.
    #[param(max_length = 40, format = "word")]
    tag: Option<String>,
    /// Who provides it.
    #[param(value_type = Option<String>, pattern = "^prv_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    provider: Option<ProviderId>,
}

/// Which service.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct CatalogueServicePath {
    /// The service's code or id.
    #[param(min_length = 1, max_length = 64, example = "hpc")]
    service: String,
}

/// The catalogue of a pole: its published services, by name.
///
/// It needs no token. One answer has what a page needs: the services with their providers, meters,
/// terms and prices, the next announced ones too, and how many there are under each heading and tag.
#[utoipa::path(
    tag = "catalogue",
    operation_id = "listCatalogue",
    params(PolePath, PageQuery, CatalogueFilter),
    responses((status = 200, description = "A page of the catalogue.", body = CataloguePage)),
)]
#[get("/catalogue")]
async fn list_catalogue(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let catalogue = visitor.app.catalogues.of(&visitor.app, &visitor.pole).await?;
    let query = request.query_string();
    if let Some(answer) = catalogue.answer(query) {
        return Ok(answer.response(&request));
    }
    let page = Page::extract(&request).await?;
    let Query(filter) = Query::<CatalogueFilter>::extract(&request).await?;
    let wanted = Wanted {
        words: filter.q.as_deref().map(search::words).unwrap_or_default(),
        category: filter.category,
        tag: filter.tag,
        provider: filter.provider,
    };
    let answer = Ready::json(&catalogue.shelf.page(&wanted, &page)?)?;
    Ok(catalogue.keep(query, answer).response(&request))
}

/// A service of the catalogue.
///
/// It needs no token.
#[utoipa::path(
    tag = "catalogue",
    operation_id = "getCatalogueService",
    params(PolePath, CatalogueServicePath),
    responses((status = 200, description = "The service.", body = CatalogueService)),
)]
#[get("/catalogue/{service}")]
async fn get_catalogue_service(
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let catalogue = visitor.app.catalogues.of(&visitor.app, &visitor.pole).await?;
    let name = request.match_info().get("service").unwrap_or_default();
    let answer = catalogue.shelf.service(name).ok_or_else(Problem::not_found)?;
    Ok(answer.response(&request))
}
