//! Cost functions, by themselves and as prices for usage.

use utoipa::ToSchema;

use super::usage::{ChargeBasis, ChargeScope, ChargeTrueUp, Tier, UsageFilter, UsageKind};
use super::value::{PercentText, PriceBaseText, PriceText, VolumeText};

/// Declares a cost function twice: by itself, as a shared cost has it, and as a charge for usage,
/// among the fields that all of these have.
macro_rules! cost_functions {
    ($(
        $(#[doc = $about:literal])+
        $cost:ident, $charge:ident: $model:ident {
            $($(#[$meta:meta])* $field:ident: $type:ty,)+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(ToSchema)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $cost {
                #[schema(inline)]
                model: $model,
                $($(#[$meta])* $field: $type,)+
            }

            /// A price for what was used.
            ///
            $(#[doc = $about])+
            #[derive(ToSchema)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $charge {
                #[schema(inline)]
                kind: UsageKind,
                /// What it is called on an invoice.
                #[schema(min_length = 1, max_length = 200, format = "line", example = "Core-hours")]
                name: Option<String>,
                #[schema(inline)]
                model: $model,
                $($(#[$meta])* $field: $type,)+
                /// Code of the meter; may be left out where there is only one.
                #[schema(min_length = 1, max_length = 64, example = "core-hours")]
                meter: Option<String>,
                filter: Option<UsageFilter>,
                scope: Option<ChargeScope>,
                basis: Option<ChargeBasis>,
                true_up: Option<ChargeTrueUp>,
                price_base: Option<PriceBaseText>,
                /// The unit price, for `price_base` units, never exceeds it.
                unit_amount_cap: Option<PriceText>,
                /// The least a member pays per period, no finer than the currency.
                minimum_amount: Option<PriceText>,
                /// The most a member pays per period, no finer than the currency.
                maximum_amount: Option<PriceText>,
                /// Units per member and period that cost nothing, with at most four decimal places.
                free_units: Option<VolumeText>,
            }
        )+
    };
}

cost_functions! {
    /// Every unit at one price.
    StandardCost, StandardUsageCharge: StandardModel {
        /// Price of a unit.
        unit_amount: PriceText,
    }
    /// Each slice of the quantity at its own tier's price.
    GraduatedCost, GraduatedUsageCharge: GraduatedModel {
        /// The tiers, lowest first.
        #[schema(min_items = 1, max_items = 100)]
        tiers: Vec<Tier>,
        /// Whether the first tier's flat amount is due even if nothing was used.
        flat_at_zero: Option<bool>,
    }
    /// All units at the price of the tier in which the quantity falls. The total can fall when a
    /// bound is crossed, which is warned about.
    VolumeCost, VolumeUsageCharge: VolumeModel {
        /// The tiers, lowest first.
        #[schema(min_items = 1, max_items = 100)]
        tiers: Vec<Tier>,
        /// Whether the first tier's flat amount is due even if nothing was used.
        flat_at_zero: Option<bool>,
    }
    /// Whole packages, the last one however little of it is used.
    PackageCost, PackageUsageCharge: PackageModel {
        /// Price of a package.
        amount: PriceText,
        /// Units in a package: more than none.
        package_size: VolumeText,
    }
    /// A percentage of a quantity that is itself money. Amounts per event need `scope: member` and
    /// the quantity of each event.
    PercentageCost, PercentageUsageCharge: PercentageModel {
        /// Percent of the quantity.
        rate_percent: PercentText,
        /// Added for every event.
        fixed_per_event: Option<PriceText>,
        /// The least an event costs.
        minimum_per_event: Option<PriceText>,
        /// The most an event costs.
        maximum_per_event: Option<PriceText>,
    }
}

/// How a quantity becomes a cost: `model` says by which rule.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum CostFunction {
    Standard(StandardCost),
    Graduated(GraduatedCost),
    Volume(VolumeCost),
    Package(PackageCost),
    Percentage(PercentageCost),
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum StandardModel {
    Standard,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum GraduatedModel {
    Graduated,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum VolumeModel {
    Volume,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum PackageModel {
    Package,
}

#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum PercentageModel {
    Percentage,
}
