//! What the public sees of a service.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::meters::{MeterAggregation, MeterRow};
use crate::db::providers::ProviderRow;
use crate::db::services::{ServiceRow, tags_in};
use crate::db::tariffs::TariffRow;
use crate::id::{ProviderId, ServiceId, TariffId};
use crate::problem::Problem;
use crate::tariff::{PriceSummary, price_summary};
use crate::text::Text;

/// A page of the public catalogue.
#[derive(Serialize, ToSchema)]
pub(crate) struct CataloguePage<'s> {
    /// The services.
    #[schema(value_type = Vec<CatalogueService>)]
    pub(super) data: Vec<&'s RawValue>,
    /// Where the next page begins: the `cursor` to ask for it. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) next_cursor: Option<String>,
    pub(super) facets: Facets,
}

/// What the catalogue could be narrowed down to. Each counts what is found with all filters but its
/// own.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogueFacets)]
pub(super) struct Facets {
    /// The headings, by name.
    pub(super) categories: Vec<Facet>,
    /// The tags, those of most services first.
    pub(super) tags: Vec<Facet>,
}

/// A word, and how many services have it.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogueFacet)]
pub(super) struct Facet {
    /// The word to filter by.
    #[schema(example = "computing")]
    pub(super) value: String,
    /// How many services it finds.
    #[schema(minimum = 1)]
    pub(super) count: usize,
}

/// A service that members can subscribe to.
#[derive(Serialize, ToSchema)]
pub(crate) struct CatalogueService {
    id: ServiceId,
    /// The pole's short name for it, which addresses can use in place of its id.
    #[schema(example = "hpc")]
    code: String,
    /// What it is called.
    name: BothLanguages,
    /// What it is, for who chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<BothLanguages>,
    /// Under which heading it stands.
    #[schema(example = "computing")]
    category: String,
    /// Words by which it is found.
    tags: Vec<String>,
    /// Who provides it.
    provider: CatalogueProvider,
    /// What is counted, as people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    unit: Option<BothLanguages>,
    /// On which terms it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    terms: Option<CatalogueTerms>,
    /// What is counted.
    meters: Vec<CatalogueMeter>,
    /// What it costs today; absent if it costs nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    tariff: Option<CatalogueTariff>,
    /// What it will cost, if a change is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_tariff: Option<CatalogueTariff>,
    /// The day on which its contract years begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    contract_anniversary: Option<Day>,
    /// Since when it is in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    published_at: Option<Time>,
}

/// A text in both languages; where the English is missing, the French stands in for it.
#[derive(Serialize, ToSchema)]
struct BothLanguages {
    /// In French.
    #[schema(example = "Calcul intensif")]
    fr: String,
    /// In English.
    #[schema(example = "High-performance computing")]
    en: String,
}

/// Who provides a service.
#[derive(Serialize, ToSchema)]
struct CatalogueProvider {
    id: ProviderId,
    /// Its registered name.
    #[schema(example = "Centre de calcul du Rhône")]
    name: String,
}

/// Terms of use: a text, an address where they can be read, or both.
#[derive(Serialize, ToSchema)]
struct CatalogueTerms {
    /// Where they can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri", nullable = false)]
    url: Option<String>,
    /// The terms themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<BothLanguages>,
}

/// What a service costs, from a day on.
#[derive(Serialize, ToSchema)]
struct CatalogueTariff {
    id: TariffId,
    /// What it is called.
    #[schema(example = "2026")]
    name: String,
    /// The day from which on it is what the service costs.
    effective_from: Day,
    price: PriceSummary,
}

/// Something that is counted.
#[derive(Serialize, ToSchema)]
struct CatalogueMeter {
    /// The name by which usage calls it.
    #[schema(example = "core-hours")]
    code: String,
    /// The unit of its quantities (UN/ECE recommendation 20).
    #[schema(example = "HUR")]
    unit: String,
    aggregation: MeterAggregation,
}

/// The versions of a tariff that the catalogue shows.
pub(super) struct Versions<'t> {
    /// The one in force.
    pub(super) now: Option<&'t TariffRow>,
    /// The one that is to follow it.
    pub(super) next: Option<&'t TariffRow>,
}

impl<'t> Versions<'t> {
    /// Those of a service at an instant, among all, the oldest first.
    pub(super) fn of(service: &ServiceId, all: &'t [TariffRow], now: Time) -> Self {
        let mut its = all.iter().filter(|row| row.service_id == *service).peekable();
        let mut in_force = None;
        while let Some(row) = its.next_if(|row| row.takes_effect_at <= now) {
            in_force = Some(row);
        }
        Self { now: in_force, next: its.next() }
    }
}

fn both(fr: Option<String>, en: Option<String>) -> Option<BothLanguages> {
    let fr = fr?;
    Some(BothLanguages { en: en.unwrap_or_else(|| fr.clone()), fr })
}

impl CatalogueService {
    /// What the public sees of a service.
    pub(super) fn new(
        row: ServiceRow,
        provider: ProviderRow,
        meters: &[MeterRow],
        tariffs: &Versions<'_>,
    ) -> Result<Self, Problem> {
        let unit = row.unit();
        let tariff = |row| CatalogueTariff::new(row, unit.as_ref());
        let (now, next) =
            (tariffs.now.map(tariff).transpose()?, tariffs.next.map(tariff).transpose()?);
        let meters = meters.iter().filter(|meter| meter.service_id == row.service_id);
        let text = both(row.terms_fr, row.terms_en);
        let has_terms = text.is_some() || row.terms_url.is_some();
        let name_en = row.name_en.unwrap_or_else(|| row.name_fr.clone());
        Ok(Self {
            id: row.service_id.clone(),
            code: row.code,
            name: BothLanguages { fr: row.name_fr, en: name_en },
            description: both(row.description_fr, row.description_en),
            category: row.category,
            tags: tags_in(&row.tags).map(str::to_owned).collect(),
            provider: CatalogueProvider { id: provider.provider_id, name: provider.name },
            unit: both(row.unit_fr, row.unit_en),
            terms: has_terms.then_some(CatalogueTerms { url: row.terms_url, text }),
            meters: meters
                .map(|meter| CatalogueMeter {
                    code: meter.code.clone(),
                    unit: meter.unit.clone(),
                    aggregation: meter.aggregation,
                })
                .collect(),
            tariff: now,
            next_tariff: next,
            contract_anniversary: row.contract_anniversary,
            published_at: row.published_at,
        })
    }
}

impl CatalogueTariff {
    fn new(row: &TariffRow, unit: Option<&Text>) -> Result<Self, Problem> {
        let price = price_summary(&row.tariff()?, unit);
        Ok(Self {
            id: row.tariff_id.clone(),
            name: row.name.clone(),
            effective_from: row.effective_from.clone(),
            price: price.map_err(|error| Problem::internal(&error))?,
        })
    }
}
