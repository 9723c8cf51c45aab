//! What all charges for usage have, whatever their cost function.

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::value::{PriceText, VolumeText};

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UsageKind {
    Usage,
}

/// One tier of a schedule.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    /// The last quantity in the tier, counted from zero and included. Bounds rise; the last tier
    /// has none, so that every quantity has a price.
    up_to: Option<VolumeText>,
    /// Price of a unit.
    unit_amount: PriceText,
    /// Due once, when the tier is reached.
    flat_amount: Option<PriceText>,
}

/// Whose volume decides the price.
///
/// - `pool`: that of all members together; everyone pays the average price of it. This is what
///   happens if nothing is said.
/// - `member`: each member's own.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::tariff) enum ChargeScope {
    Pool,
    Member,
}

/// Over how long volume adds up.
///
/// - `period`: the month alone; this is what happens if nothing is said.
/// - `contract_year`: since the service's contract anniversary; each month is billed at the price
///   of the year so far.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChargeBasis {
    Period,
    ContractYear,
}

/// What happens to earlier months of a contract year when the price moves; only with `basis`
/// `contract_year`.
///
/// - `each_period`: every month corrects the earlier ones; this is what happens if nothing is said.
/// - `year_end`: one correction at the end of the year.
/// - `none`: nothing.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChargeTrueUp {
    EachPeriod,
    YearEnd,
    None,
}

/// The values of a meter's dimensions that a charge prices: for each dimension a value, or a list
/// of them. Usage that no filter names goes to the charge of its meter without one.
#[derive(ToSchema)]
#[schema(example = json!({ "region": ["eu", "uk"] }))]
pub(super) struct UsageFilter(#[schema(inline)] BTreeMap<String, FilterValues>);

/// A value of a dimension, or several.
#[derive(ToSchema)]
#[serde(untagged)]
enum FilterValues {
    One(#[schema(inline)] FilterValue),
    Several(#[schema(inline)] FilterValueList),
}

/// Different values of a dimension.
#[derive(ToSchema)]
#[schema(min_items = 1, max_items = 100)]
struct FilterValueList(#[schema(inline)] Vec<FilterValue>);

/// A value of a dimension.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 200, example = "eu")]
struct FilterValue(String);
