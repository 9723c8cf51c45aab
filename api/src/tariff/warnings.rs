//! What a valid tariff does that may not be what its author meant.

use palier_billing::{Cliff, Cost, Quantity, Tariff, Warning};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema::{CostText, QuantityText};
use crate::text::Text;

/// Something a valid tariff does that may not be what its author meant.
#[derive(Serialize, ToSchema)]
pub(crate) struct TariffWarning {
    #[serde(rename = "warning")]
    kind: WarningKind,
    /// JSON pointer into the tariff.
    #[schema(example = "/charges/0/tiers/1")]
    pointer: String,
    detail: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cliff: Option<TariffCliff>,
}

/// What it is about.
///
/// - `cliff`: a total falls when a bound is crossed, so that more can cost less.
/// - `cap_below_prices`: the cap lies below every tier's price.
/// - `unpriced_usage`: usage that no filter names has no price.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WarningKind {
    Cliff,
    CapBelowPrices,
    UnpricedUsage,
}

/// A place where a total falls.
#[derive(Serialize, ToSchema)]
struct TariffCliff {
    /// Above this quantity, up to the bound, one pays more than just over the bound.
    #[schema(value_type = QuantityText)]
    above: Quantity,
    /// The bound at which the total falls.
    #[schema(value_type = QuantityText)]
    bound: Quantity,
    /// The total at the bound.
    #[schema(value_type = CostText)]
    total_at_bound: Cost,
    /// The total just over the bound.
    #[schema(value_type = CostText)]
    total_over_bound: Cost,
    /// From this quantity on the total is again as high; none if it stays below.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<QuantityText>, nullable = false)]
    until: Option<Quantity>,
}

impl TariffWarning {
    /// All that a tariff's author should know.
    pub(crate) fn all(tariff: &Tariff) -> Vec<Self> {
        tariff.warnings().iter().map(Self::from).collect()
    }
}

impl From<&Warning> for TariffWarning {
    fn from(warning: &Warning) -> Self {
        let (kind, cliff) = match warning {
            Warning::Cliff { cliff, .. } => (WarningKind::Cliff, Some(cliff.into())),
            Warning::CapBelowPrices { .. } => (WarningKind::CapBelowPrices, None),
            Warning::UnpricedUsage { .. } => (WarningKind::UnpricedUsage, None),
        };
        Self { kind, pointer: warning.pointer().to_owned(), detail: warning.into(), cliff }
    }
}

impl From<&Cliff> for TariffCliff {
    fn from(cliff: &Cliff) -> Self {
        let Cliff { above, bound, total_at_bound, total_over_bound, until } = *cliff;
        Self { above, bound, total_at_bound, total_over_bound, until }
    }
}
