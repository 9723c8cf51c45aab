//! What a tariff looks like, for the OpenAPI document.
//!
//! These types are never made: a tariff is read by [`palier_billing::Tariff::from_json`] and by
//! nothing else. They say field by field what that reader takes, a test holds that both agree, and
//! a body must please both. What a schema cannot say (bounds that rise, filters that do not
//! overlap) the reader says.
#![expect(dead_code, reason = "describes what `palier_billing` reads")]

use utoipa::ToSchema;

use crate::db::meters::MeterAggregation;

mod charge;
mod cost;
mod usage;
mod value;

pub(super) use charge::{CostAllocation, FeeIntervalWord, FeeTiming};
pub(super) use usage::ChargeScope;
pub(crate) use value::{
    AmountText, CostText, NextTier, PercentText, PriceBaseText, PriceText, QuantityText, VolumeText,
};

use charge::{OneTimeCharge, RecurringCharge, SharedCostCharge};
use cost::{
    GraduatedUsageCharge, PackageUsageCharge, PercentageUsageCharge, StandardUsageCharge,
    VolumeUsageCharge,
};

/// What a service costs: a currency and its charges, in the order of an invoice.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "EUR",
    "charges": [
        { "kind": "recurring", "name": "Access", "amount": "15.00", "interval": "month" },
        { "kind": "usage", "name": "Core-hours", "model": "graduated", "scope": "pool", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "unit_amount": "0.03" },
        ] },
    ],
}))]
pub(crate) struct TariffDocument {
    /// The currency of all its amounts (ISO 4217): the pole's.
    #[schema(value_type = Option<String>, format = "currency", example = "EUR")]
    currency: Option<String>,
    late_usage: Option<LateUsageWord>,
    /// Its charges, in the order of an invoice.
    #[schema(min_items = 1, max_items = 50)]
    charges: Vec<Charge>,
}

/// A tariff that stands by itself, with the meters it prices.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "EUR",
    "meters": [{ "code": "core-hours", "unit": "HUR" }],
    "charges": [
        { "kind": "recurring", "name": "Access", "amount": "15.00", "interval": "month" },
        { "kind": "usage", "name": "Core-hours", "model": "graduated", "scope": "pool", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "unit_amount": "0.03" },
        ] },
    ],
}))]
pub(crate) struct TariffWithMeters {
    /// The currency of all its amounts (ISO 4217); the pole's, if left out.
    #[schema(value_type = Option<String>, format = "currency", example = "EUR")]
    currency: Option<String>,
    late_usage: Option<LateUsageWord>,
    /// The meters it prices. A tariff that prices one kind of usage needs none.
    #[schema(max_items = 20)]
    meters: Option<Vec<TariffMeter>>,
    /// Its charges, in the order of an invoice.
    #[schema(min_items = 1, max_items = 50)]
    charges: Vec<Charge>,
}

/// Where usage goes that arrives after its month was closed.
///
/// - `next_period`: into the open month, at that month's price; this is what happens if nothing is
///   said.
/// - `rerate`: into its own month, which is priced again; every member whose amount moved gets the
///   difference.
#[derive(ToSchema)]
#[schema(as = LateUsage)]
#[serde(rename_all = "snake_case")]
enum LateUsageWord {
    NextPeriod,
    Rerate,
}

/// Something that is counted.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct TariffMeter {
    /// The name by which charges and usage call it.
    #[schema(min_length = 1, max_length = 64, example = "core-hours")]
    code: String,
    /// Unit of its quantities (UN/ECE recommendation 20: `HUR` hour, `C62` one, `E34` gigabyte).
    #[schema(min_length = 1, max_length = 3, default = "C62", example = "HUR")]
    unit: Option<String>,
    aggregation: Option<MeterAggregation>,
    /// The property whose different values are counted (`unique_count`), or whose values name the
    /// stocks that are added up (`latest`, `time_weighted_average`).
    #[schema(min_length = 1, max_length = 64, example = "user")]
    property: Option<String>,
    /// Properties of its events by which charges may filter.
    #[schema(max_items = 20, example = json!(["region"]))]
    dimensions: Option<Vec<PropertyName>>,
}

/// The name of a property of events.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 64, example = "region")]
struct PropertyName(String);

/// One thing a tariff asks for. `kind` says what: a fee (`recurring`, `one_time`), a price for
/// usage (`usage`, whose `model` says how), or a cost that members share (`shared_cost`).
#[derive(ToSchema)]
#[serde(untagged)]
enum Charge {
    Recurring(RecurringCharge),
    OneTime(OneTimeCharge),
    StandardUsage(StandardUsageCharge),
    GraduatedUsage(GraduatedUsageCharge),
    VolumeUsage(VolumeUsageCharge),
    PackageUsage(PackageUsageCharge),
    PercentageUsage(PercentageUsageCharge),
    SharedCost(SharedCostCharge),
}
