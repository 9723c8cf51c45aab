//! What a version of a tariff looks like.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::tariffs::TariffRow;
use crate::db::words;
use crate::http::{DraftInput, Input, List, Resource};
use crate::id::{ServiceId, TariffId};
use crate::problem::Problem;
use crate::tariff::{PriceSummary, TariffDocument, TariffWarning, TariffWithMeters, price_summary};
use crate::text::Text;

words! {
    /// Where a version stands.
    enum TariffStatus {
        /// It takes effect on a later day.
        Scheduled = "scheduled",
        /// It is what the service costs now.
        InForce = "in_force",
        /// Another has taken its place.
        Past = "past",
    }
}

/// A version of a service's tariff.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceTariff {
    id: TariffId,
    service: ServiceId,
    /// What it is called.
    #[schema(example = "2026")]
    name: String,
    /// The day from which on it is what the service costs.
    effective_from: Day,
    #[schema(inline)]
    status: TariffStatus,
    /// What it asks for, with the meters it prices.
    #[schema(value_type = TariffWithMeters)]
    document: Value,
    /// The same as people read it, and as the catalogue shows it.
    price: PriceSummary,
    /// What is valid and may not be what its author meant.
    warnings: Vec<TariffWarning>,
    created_at: Time,
}

/// A page of versions.
pub(super) type ServiceTariffList = List<ServiceTariff>;

/// A version to give a service.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "2027",
    "effective_from": "2027-01-01",
    "document": { "charges": [{
        "kind": "usage", "name": "Core-hours", "meter": "core-hours", "model": "graduated",
        "tiers": [{ "up_to": "10000", "unit_amount": "0.08" }, { "unit_amount": "0.03" }],
    }] },
}))]
pub(super) struct ServiceTariffInput {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, format = "line", example = "2026")]
    pub(super) name: String,
    /// The day from which on it is what the service costs.
    pub(super) effective_from: Day,
    /// What it asks for; charges name the service's meters.
    #[schema(value_type = TariffDocument)]
    #[expect(dead_code, reason = "read apart")]
    document: Value,
}

impl Input for ServiceTariffInput {}

impl DraftInput for ServiceTariffInput {
    const APART: &str = "document";
}

impl ServiceTariff {
    /// A version among all of its service, whose unit is called that.
    pub(super) fn read(
        row: &TariffRow,
        all: &[TariffRow],
        unit: Option<&Text>,
        today: &Day,
    ) -> Result<Self, Problem> {
        let tariff = row.tariff()?;
        let document = serde_json::to_value(&tariff).map_err(|error| Problem::internal(&error))?;
        let price = price_summary(&tariff, unit).map_err(|error| Problem::internal(&error))?;
        let follows = |other: &&TariffRow| {
            other.effective_from > row.effective_from && other.effective_from <= *today
        };
        let status = match () {
            () if row.effective_from > *today => TariffStatus::Scheduled,
            () if all.iter().any(|other| follows(&other)) => TariffStatus::Past,
            () => TariffStatus::InForce,
        };
        Ok(Self {
            id: row.tariff_id.clone(),
            service: row.service_id.clone(),
            name: row.name.clone(),
            effective_from: row.effective_from.clone(),
            status,
            document,
            price,
            warnings: TariffWarning::all(&tariff),
            created_at: row.created_at,
        })
    }
}

impl Resource for ServiceTariff {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    /// It never changes.
    fn version(&self) -> i64 {
        1
    }
}
