//! Charges: what a tariff asks for, one by one.

use serde::Serialize;

mod read;

use super::cost_function::CostFunction;
use crate::{Interval, Percent, Price, PriceBase, Quantity, meter::Filter, read::names};

/// One thing a tariff asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// What it is called on an invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is computed.
    #[serde(flatten)]
    pub kind: ChargeKind,
}

/// The kinds of charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChargeKind {
    /// A fee every month, quarter or year.
    Recurring(Recurring),
    /// A fee when a subscription begins.
    OneTime(OneTime),
    /// A price for what was used.
    Usage(UsageCharge),
    /// A cost of the pole that its members share.
    SharedCost(SharedCost),
}

/// A fee every month, quarter or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recurring {
    /// Due per interval.
    pub amount: Price,
    /// How often.
    pub interval: Interval,
    /// Whether before or after the interval it pays for.
    pub timing: Timing,
    /// How an interval counts in which the subscription was not active throughout.
    pub proration: Proration,
    /// Days from the start of the subscription that are not charged.
    #[serde(skip_serializing_if = "is_zero")]
    pub trial_days: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_zero(days: &u16) -> bool {
    *days == 0
}

/// When a recurring fee is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Timing {
    /// With the last invoice before the interval begins.
    Advance,
    /// With the invoice of the month in which the interval ends.
    #[default]
    Arrears,
}

names!(Timing { "advance" => Advance, "arrears" => Arrears });

/// How a recurring fee counts an interval that is not whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Proration {
    /// By calendar days: active days over days of the interval.
    #[default]
    Daily,
    /// Not at all: a day counts as much as the whole interval.
    None,
}

names!(Proration { "daily" => Daily, "none" => None });

/// A fee when a subscription begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OneTime {
    /// Due once.
    pub amount: Price,
}

/// Which usage a charge looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Code of the meter; the only one of the tariff if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// The values of the meter's dimensions that are priced here.
    #[serde(skip_serializing_if = "Filter::is_empty")]
    pub filter: Filter,
}

/// A price for what was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsageCharge {
    /// Which usage.
    #[serde(flatten)]
    pub source: Source,
    /// From quantity to cost.
    #[serde(flatten)]
    pub cost: CostFunction,
    /// Whose volume decides.
    pub scope: Scope,
    /// Over how long volume adds up.
    #[serde(flatten)]
    pub basis: Basis,
    /// How many units the unit price is quoted for.
    pub price_base: PriceBase,
    /// The unit price, per `price_base` units, never exceeds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_amount_cap: Option<Price>,
    /// The least a member pays per period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_amount: Option<Price>,
    /// The most a member pays per period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_amount: Option<Price>,
    /// Units per member and period that cost nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_units: Option<Quantity>,
}

/// Whose volume decides the price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each member's own.
    Member,
    /// That of all members together: everyone pays the pool's average price.
    #[default]
    Pool,
}

names!(Scope { "member" => Member, "pool" => Pool });

/// Over how long volume adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Basis {
    /// The billing period alone.
    #[default]
    Period,
    /// Since the service's contract anniversary.
    ContractYear {
        /// What happens to the months billed at an earlier price.
        true_up: TrueUp,
    },
}

/// What happens to earlier months of a contract year when the price moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TrueUp {
    /// Every period corrects the earlier ones.
    #[default]
    EachPeriod,
    /// One correction at the end of the contract year.
    YearEnd,
    /// None.
    None,
}

names!(TrueUp { "each_period" => EachPeriod, "year_end" => YearEnd, "none" => None });

/// A cost of the pole that its members share: `fixed + variable(pool quantity)`, plus a markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedCost {
    /// Which usage it is shared by.
    #[serde(flatten)]
    pub source: Source,
    /// Due per period, however much is used.
    pub fixed: Price,
    /// The provider's own tariff on the pool's quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<CostFunction>,
    /// The rule by which it is shared.
    pub allocation: Allocation,
    /// Added on top, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markup_percent: Option<Percent>,
    /// The units the fixed cost bought, if they are limited.
    #[serde(flatten)]
    pub capacity: Option<Capacity>,
}

/// Units bought for the period, and who pays for those nobody used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// Units bought for the period.
    pub capacity: Quantity,
    /// Who pays for those nobody used.
    pub idle_cost: IdleCost,
}

/// Who pays for units that were bought and not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdleCost {
    /// The pole: members pay `fixed × min(Q, capacity) / capacity`.
    Pole,
    /// The members: they pay all of the fixed cost.
    Members,
}

names!(IdleCost { "pole" => Pole, "members" => Members });

/// The rule by which a cost is shared among members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allocation {
    /// `C × q_i / Q`: by usage.
    Proportional,
    /// `C / n`: the same for every subscribed member.
    Equal,
    /// The fixed part equally, the variable part by usage.
    TwoPart,
    /// By a weight on the subscription, such as company size.
    Weighted,
    /// Serial cost sharing (H. Moulin and S. Shenker, *Econometrica* 60, 1992): in order of
    /// quantity, each increment is shared equally by those who reach it.
    Serial,
}

names!(Allocation {
    "proportional" => Proportional,
    "equal" => Equal,
    "two_part" => TwoPart,
    "weighted" => Weighted,
    "serial" => Serial,
});

impl Charge {
    /// The usage it looks at, if any.
    pub const fn source(&self) -> Option<&Source> {
        match &self.kind {
            ChargeKind::Usage(usage) => Some(&usage.source),
            ChargeKind::SharedCost(shared) => Some(&shared.source),
            ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => None,
        }
    }
}
