//! What a quote looks like, for the OpenAPI document.
#![expect(dead_code, reason = "describes what `palier_billing` writes")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

use crate::day::Day;
use crate::routes::quotes::input::QuotedMonth;
use crate::tariff::{
    AmountText, CostText, NextTier, PercentText, PriceBaseText, PriceText, QuantityText,
    TariffWarning,
};

/// What a pool would pay: the same engine, the same cents as an invoice.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "EUR",
    "amounts": { "atelier": "66.00" },
    "total": "3300.00",
    "savings": { "atelier": "30.00" },
    "periods": [{
        "currency": "EUR",
        "amounts": { "atelier": "66.00" },
        "total": "3300.00",
        "unit_price": "0.055000",
        "pool_cost": "3300.000000",
        "savings": { "atelier": "30.00" },
        "charges": [{
            "position": 0,
            "name": "Core-hours",
            "total": "3300.00",
            "pool": {
                "quantity": "60000", "active_members": 3, "cost": "3300.000000",
                "unit_price": "0.055000", "price_base": "1", "capped": false,
                "forgone": "0.00", "rounding": "0.00",
            },
            "steps": [
                { "step": "tier", "tier": 1, "from": "0", "up_to": "10000",
                  "quantity": "10000", "unit_amount": "0.08", "amount": "800.00" },
                { "step": "tier", "tier": 2, "from": "10000", "up_to": "50000",
                  "quantity": "40000", "unit_amount": "0.055", "amount": "2200.00" },
                { "step": "tier", "tier": 3, "from": "50000", "up_to": null,
                  "quantity": "10000", "unit_amount": "0.03", "amount": "300.00" },
            ],
            "lines": [{
                "member": "atelier", "kind": "usage", "metered": "1200", "quantity": "1200",
                "unit_price": "0.055000", "amount": "66.00", "alone": "96.00",
                "saving": "30.00",
            }],
            "tier": 3,
        }],
    }],
    "unpriced": [],
    "warnings": [],
}))]
pub(crate) struct Quote {
    /// The currency of all amounts (ISO 4217).
    #[schema(example = "EUR")]
    currency: String,
    /// What each of `members` would pay over all periods.
    #[schema(example = json!({ "forge": "1980.00" }))]
    amounts: BTreeMap<String, AmountText>,
    /// What everyone would pay over all periods, the others included.
    total: AmountText,
    /// What each of `members` would save by not being alone on the same tariff, over all periods,
    /// where its amount depends on the pool.
    #[schema(example = json!({ "forge": "250.00" }))]
    savings: BTreeMap<String, AmountText>,
    /// Each month that was priced; a single one if no months were asked for.
    periods: Vec<QuotePeriod>,
    /// Codes of meters of whose usage some has no price; an empty one stands for usage without
    /// meter.
    #[schema(example = json!([]))]
    unpriced: Vec<String>,
    /// What may surprise about the tariff.
    warnings: Vec<TariffWarning>,
}

/// A priced period.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuotePeriod {
    /// The currency of all amounts (ISO 4217).
    #[schema(example = "EUR")]
    currency: String,
    #[schema(nullable = false)]
    period: Option<QuotedMonth>,
    /// What each of `members` would pay.
    #[schema(example = json!({ "forge": "1980.00" }))]
    amounts: BTreeMap<String, AmountText>,
    /// What everyone would pay, the others included.
    total: AmountText,
    /// What everyone pays for `price_base` units, where the tariff has just one charge for usage
    /// and the pool decides its price.
    #[schema(value_type = Option<ExactPrice>, nullable = false)]
    unit_price: Option<ExactPrice>,
    /// What the pool's usage costs, where there is such a unit price.
    #[schema(value_type = Option<ExactPrice>, nullable = false)]
    pool_cost: Option<ExactPrice>,
    /// What each of `members` would save, where that can be told.
    #[schema(nullable = false, example = json!({ "forge": "250.00" }))]
    savings: Option<BTreeMap<String, AmountText>>,
    /// How it came about, charge by charge in the order of the tariff.
    charges: Vec<QuoteCharge>,
}

/// A price with all its six decimal places.
#[derive(ToSchema)]
#[schema(pattern = r"^-?[0-9]+\.[0-9]{6}$", example = "0.055000")]
struct ExactPrice(String);

/// What one charge comes to.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteCharge {
    /// Its place in the tariff, from 0.
    position: usize,
    /// What it is called.
    #[schema(nullable = false, example = "Core-hours")]
    name: Option<String>,
    /// What everyone pays for it.
    total: AmountText,
    #[schema(nullable = false)]
    pool: Option<QuotePoolPrice>,
    #[schema(nullable = false)]
    shared: Option<QuoteSharedCost>,
    /// How the cost of the pool's quantity came about.
    #[schema(nullable = false)]
    steps: Option<Vec<QuoteStep>>,
    /// The lines of the members' invoices.
    lines: Vec<QuoteLine>,
    /// What was used and billed since the contract year began, member by member, this period
    /// included.
    #[schema(nullable = false)]
    year_to_date: Option<BTreeMap<String, QuoteYearToDate>>,
    /// The tier that the pool's quantity has reached, from 1.
    #[schema(nullable = false, example = 3)]
    tier: Option<usize>,
    #[schema(nullable = false)]
    next_tier: Option<NextTier>,
}

/// The price that the pool's quantity has reached.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuotePoolPrice {
    /// What all members use together, free units taken off.
    quantity: QuantityText,
    /// How many of them use any.
    active_members: usize,
    /// What that quantity costs.
    cost: ExactPrice,
    /// What everyone pays for `price_base` units.
    unit_price: ExactPrice,
    price_base: PriceBaseText,
    /// Whether the cap set the price.
    capped: bool,
    /// What the pole forgoes because of the cap.
    forgone: AmountText,
    /// What the lines come to above the cost (or below it), because the unit price is rounded.
    rounding: AmountText,
}

/// What becomes of a cost that members share.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteSharedCost {
    /// What all members use together.
    quantity: QuantityText,
    /// What the pole pays the provider, without markup.
    provider_cost: AmountText,
    /// What the members pay, markup included.
    recovered: AmountText,
    /// What stays with the pole, at cost.
    left_with_pole: AmountText,
}

/// One line of a member's invoice.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteLine {
    #[schema(example = "forge")]
    member: String,
    kind: QuoteLineKind,
    /// What was metered.
    #[schema(nullable = false)]
    metered: Option<QuantityText>,
    /// What is billed: rounded to four places, free units taken off.
    quantity: QuantityText,
    /// The price for `price_base` units, where quantity times price is the amount.
    #[schema(nullable = false)]
    unit_price: Option<ExactPrice>,
    amount: AmountText,
    /// What the member would pay on the same schedule if it were alone.
    #[schema(nullable = false)]
    alone: Option<AmountText>,
    /// What the member saves by not being alone; negative if it would be better off.
    #[schema(nullable = false)]
    saving: Option<AmountText>,
    /// The whole interval a fee is for.
    #[schema(nullable = false)]
    interval: Option<DayRange>,
    /// The days of it that are charged.
    #[schema(nullable = false)]
    charged: Option<DayRange>,
    /// How the amount came about, where the member's own volume decides.
    #[schema(nullable = false)]
    steps: Option<Vec<QuoteStep>>,
}

/// What a line is for.
///
/// - `usage`: the period's usage.
/// - `share`: a share of a cost.
/// - `price_adjustment`: the price moved since earlier months of the contract year were billed.
/// - `year_end_adjustment`: the whole contract year at its final price, less what was billed.
/// - `minimum`, `maximum`: what is missing to the least a member pays, or exceeds the most.
/// - `recurring`, `one_time`: fees.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
enum QuoteLineKind {
    Usage,
    Share,
    PriceAdjustment,
    YearEndAdjustment,
    Minimum,
    Maximum,
    Recurring,
    OneTime,
}

/// Days from the first up to, not including, the end.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct DayRange {
    first: Day,
    end: Day,
}

/// A member's contract year so far.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteYearToDate {
    quantity: QuantityText,
    billed: AmountText,
}

/// One step from a quantity to its cost. The steps of a quantity add up to its exact cost.
#[derive(ToSchema)]
#[serde(untagged)]
enum QuoteStep {
    Units(UnitsStep),
    Tier(TierStep),
    Packages(PackagesStep),
    Percentage(PercentageStep),
    PerEvent(PerEventStep),
}

/// Declares steps.
macro_rules! steps {
    ($($(#[doc = $about:literal])+ $name:ident: $word:ident::$variant:ident {
        $($(#[$meta:meta])* $field:ident: $type:ty,)+
    })+) => {
        $(
            $(#[doc = $about])+
            #[derive(ToSchema)]
            #[serde(deny_unknown_fields)]
            struct $name {
                #[schema(inline)]
                step: $word,
                $($(#[$meta])* $field: $type,)+
                /// What the step adds to the cost, to twelve places.
                amount: CostText,
            }

            #[derive(ToSchema)]
            #[serde(rename_all = "snake_case")]
            enum $word {
                $variant,
            }
        )+
    };
}

steps! {
    /// Units at one price.
    UnitsStep: UnitsWord::Units {
        quantity: QuantityText,
        unit_amount: PriceText,
    }
    /// Units that fall into a tier.
    TierStep: TierWord::Tier {
        /// Which tier, from 1.
        tier: usize,
        /// Its lower bound, excluded.
        from: QuantityText,
        /// Its upper bound, included; none for the last.
        up_to: Option<QuantityText>,
        quantity: QuantityText,
        unit_amount: PriceText,
        /// Due once for the tier.
        #[schema(nullable = false)]
        flat_amount: Option<PriceText>,
    }
    /// Whole packages.
    PackagesStep: PackagesWord::Packages {
        packages: i64,
        package_size: QuantityText,
        package_amount: PriceText,
    }
    /// A percentage.
    PercentageStep: PercentageWord::Percentage {
        quantity: QuantityText,
        rate_percent: PercentText,
    }
    /// What amounts per event add to the percentage.
    PerEventStep: PerEventWord::PerEvent {
        /// How many events.
        events: usize,
    }
}
