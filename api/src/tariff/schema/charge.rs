//! Fees and shared costs.

use utoipa::ToSchema;

use super::cost::CostFunction;
use super::usage::UsageFilter;
use super::value::{PercentText, PriceText, VolumeText};

/// A fee every month, quarter or year.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecurringCharge {
    #[schema(inline)]
    kind: RecurringKind,
    /// What it is called on an invoice.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Access")]
    name: Option<String>,
    /// Due per interval, no finer than the currency.
    amount: PriceText,
    interval: Option<FeeIntervalWord>,
    timing: Option<FeeTiming>,
    proration: Option<FeeProration>,
    /// Days from the start of a subscription that are not charged.
    #[schema(minimum = 0, maximum = 65535, default = 0)]
    trial_days: Option<u16>,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecurringKind {
    Recurring,
}

/// How often a fee is due: every `month` if nothing is said.
#[derive(ToSchema)]
#[schema(as = FeeInterval)]
#[serde(rename_all = "snake_case")]
pub(in crate::tariff) enum FeeIntervalWord {
    Month,
    Quarter,
    Year,
}

/// When a fee is due.
///
/// - `arrears`: with the invoice of the month in which the interval ends; this is what happens if
///   nothing is said.
/// - `advance`: with the last invoice before the interval begins.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::tariff) enum FeeTiming {
    Arrears,
    Advance,
}

/// How an interval counts in which the subscription was not active throughout.
///
/// - `daily`: by calendar days; this is what happens if nothing is said.
/// - `none`: a day counts as much as the whole interval.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FeeProration {
    Daily,
    None,
}

/// A fee when a subscription begins.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneTimeCharge {
    #[schema(inline)]
    kind: OneTimeKind,
    /// What it is called on an invoice.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Training")]
    name: Option<String>,
    /// Due once, no finer than the currency.
    amount: PriceText,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum OneTimeKind {
    OneTime,
}

/// A cost of the pole that its members share: `fixed`, plus `variable` of what all use together,
/// plus a markup. Shares sum to the cost, to the cent.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedCostCharge {
    #[schema(inline)]
    kind: SharedCostKind,
    /// What it is called on an invoice.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "3D scanner")]
    name: Option<String>,
    /// Due per month, however much is used.
    fixed: Option<PriceText>,
    /// The provider's own tariff on what all members use together; no prices per event.
    variable: Option<CostFunction>,
    allocation: CostAllocation,
    /// Added on top.
    markup_percent: Option<PercentText>,
    /// The units the fixed cost bought, if they are limited: more than none.
    capacity: Option<VolumeText>,
    idle_cost: Option<IdleCostWord>,
    /// Code of the meter; may be left out where there is only one.
    #[schema(min_length = 1, max_length = 64, example = "scan-hours")]
    meter: Option<String>,
    filter: Option<UsageFilter>,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum SharedCostKind {
    SharedCost,
}

/// The rule by which a cost is shared.
///
/// - `proportional`: by usage.
/// - `equal`: the same for every subscribed member.
/// - `two_part`: the fixed part equally, the variable part by usage.
/// - `weighted`: by a weight on the subscription, such as company size.
/// - `serial`: in order of quantity, each increment shared equally by those who reach it (Moulin
///   and Shenker).
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::tariff) enum CostAllocation {
    Proportional,
    Equal,
    TwoPart,
    Weighted,
    Serial,
}

/// Who pays for units that were bought and not used; goes with `capacity`.
///
/// - `pole`: the pole; members pay `fixed × min(quantity, capacity) / capacity`.
/// - `members`: the members pay all of the fixed cost.
#[derive(ToSchema)]
#[schema(as = IdleCost)]
#[serde(rename_all = "snake_case")]
pub(super) enum IdleCostWord {
    Pole,
    Members,
}
