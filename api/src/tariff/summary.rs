//! A tariff for a front end: what it asks for in a line, and the figures behind it, ready to show.

use palier_billing::{
    Allocation, Basis, Charge, ChargeKind, CostFunction, Currency, Error, Interval, Percent,
    Percentage, Price, PriceBase, Quantity, Scope, SharedCost, Source, Tariff, Timing, UsageCharge,
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::schema::{
    ChargeScope, CostAllocation, FeeIntervalWord, FeeTiming, PercentText, PriceText, VolumeText,
};
use super::words;
use crate::say;
use crate::text::Text;

mod range;
mod text;

use range::PriceRange;
pub(crate) use range::TierSummary;

/// What a tariff asks for, at a glance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PriceSummary {
    /// The currency of all prices (ISO 4217).
    #[schema(example = "EUR")]
    currency: &'static str,
    /// All of it in a line.
    pub(crate) text: Text,
    /// Charge by charge, in the order of an invoice.
    charges: Vec<ChargeSummary>,
}

/// What one charge asks for. Which of its parts are there follows from its kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChargeSummary {
    /// What it is called on an invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Core-hours")]
    name: Option<String>,
    kind: ChargeWord,
    /// It in a line.
    text: Text,
    /// The cost function.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model: Option<CostModel>,
    /// Whose volume decides.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "word")]
    #[schema(value_type = Option<ChargeScope>, nullable = false)]
    scope: Option<Scope>,
    /// Whether volume adds up over a contract year, and not over a month alone.
    over_contract_year: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fee: Option<FeeSummary>,
    /// What a unit costs, from the first to the cheapest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price: Option<PriceRange>,
    /// The tiers as a table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tiers: Vec<TierSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    package: Option<PackageSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    percentage: Option<PercentageSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    shared: Option<SharedSummary>,
    /// Units per member and month that cost nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VolumeText>, nullable = false)]
    free_units: Option<Quantity>,
    /// The least a member pays per month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    minimum_amount: Option<Price>,
    /// The most a member pays per month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    maximum_amount: Option<Price>,
}

/// The kinds of charges.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChargeKind)]
enum ChargeWord {
    Recurring,
    OneTime,
    Usage,
    SharedCost,
}

/// The cost functions.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CostModel {
    Standard,
    Graduated,
    Volume,
    Package,
    Percentage,
}

/// A fee.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct FeeSummary {
    #[schema(value_type = PriceText)]
    amount: Price,
    /// How often it is due; once, when a subscription begins, if absent.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "word")]
    #[schema(value_type = Option<FeeIntervalWord>, nullable = false)]
    interval: Option<Interval>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "word")]
    #[schema(value_type = Option<FeeTiming>, nullable = false)]
    timing: Option<Timing>,
    /// Days from the start of a subscription that are not charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    trial_days: Option<u16>,
}

/// A price by the package.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct PackageSummary {
    /// Price of a package.
    #[schema(value_type = PriceText)]
    amount: Price,
    /// Units in a package.
    #[schema(value_type = VolumeText)]
    package_size: Quantity,
}

/// A share of money.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct PercentageSummary {
    #[schema(value_type = PercentText)]
    rate_percent: Percent,
    /// Added for every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    fixed_per_event: Option<Price>,
    /// The least an event costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    minimum_per_event: Option<Price>,
    /// The most an event costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    maximum_per_event: Option<Price>,
}

/// A cost that members share. Its prices are the provider's, before the markup.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct SharedSummary {
    /// Due per month, however much is used.
    #[schema(value_type = PriceText)]
    fixed: Price,
    #[serde(serialize_with = "as_word")]
    #[schema(value_type = CostAllocation)]
    allocation: Allocation,
    /// Added on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PercentText>, nullable = false)]
    markup_percent: Option<Percent>,
}

fn as_word<T: std::fmt::Display, S: Serializer>(word: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(word)
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn word<T: std::fmt::Display, S: Serializer>(
    word: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match word {
        Some(word) => serializer.collect_str(word),
        None => serializer.serialize_none(),
    }
}

/// What a tariff asks for. `unit` is what the service calls its unit, which names that of the only
/// meter; of several meters, each has the name of its unit's code.
///
/// # Errors
/// [`Error::Overflow`], of prices near the edge of what can be represented.
pub(crate) fn price_summary(tariff: &Tariff, unit: Option<&Text>) -> Result<PriceSummary, Error> {
    let charges = tariff.charges().iter().map(|charge| ChargeSummary::of(charge, tariff, unit));
    let charges = charges.collect::<Result<Vec<_>, _>>()?;
    let text = text::of_all(&charges);
    Ok(PriceSummary { currency: tariff.currency().code(), text, charges })
}

/// What is said of a price beside its figures.
struct Setting<'s> {
    currency: Currency,
    unit: &'s Text,
}

impl ChargeSummary {
    fn of(charge: &Charge, tariff: &Tariff, unit: Option<&Text>) -> Result<Self, Error> {
        let unit = charge.source().map(|source| unit_of(source, tariff, unit));
        let unit = unit.unwrap_or_else(|| say!(en "", fr ""));
        let setting = Setting { currency: tariff.currency(), unit: &unit };
        let mut summary = Self {
            name: charge.name.clone(),
            kind: ChargeWord::of(&charge.kind),
            text: say!(en "", fr ""),
            model: None,
            scope: None,
            over_contract_year: false,
            fee: FeeSummary::of(&charge.kind),
            price: None,
            tiers: Vec::new(),
            package: None,
            percentage: None,
            shared: None,
            free_units: None,
            minimum_amount: None,
            maximum_amount: None,
        };
        match &charge.kind {
            ChargeKind::Usage(usage) => summary.add_usage(usage, charge, &setting)?,
            ChargeKind::SharedCost(shared) => summary.add_shared(shared, charge, &setting)?,
            ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => {}
        }
        summary.text = text::of_charge(&summary, &setting);
        Ok(summary)
    }

    fn add_usage(
        &mut self,
        usage: &UsageCharge,
        charge: &Charge,
        setting: &Setting<'_>,
    ) -> Result<(), Error> {
        self.scope = Some(usage.scope);
        self.over_contract_year = usage.basis != Basis::Period;
        self.free_units = usage.free_units;
        self.minimum_amount = usage.minimum_amount;
        self.maximum_amount = usage.maximum_amount;
        self.add_cost(&usage.cost, usage.price_base, usage.unit_amount_cap, setting)?;
        if usage.scope == Scope::Pool {
            self.add_averages(charge)?;
        }
        Ok(())
    }

    fn add_shared(
        &mut self,
        shared: &SharedCost,
        charge: &Charge,
        setting: &Setting<'_>,
    ) -> Result<(), Error> {
        let SharedCost { fixed, allocation, markup_percent, .. } = *shared;
        self.shared = Some(SharedSummary { fixed, allocation, markup_percent });
        if let Some(variable) = &shared.variable {
            self.add_cost(variable, PriceBase::One, None, setting)?;
        }
        debug_assert!(charge.source().is_some(), "a shared cost looks at usage");
        Ok(())
    }

    fn add_cost(
        &mut self,
        cost: &CostFunction,
        base: PriceBase,
        cap: Option<Price>,
        setting: &Setting<'_>,
    ) -> Result<(), Error> {
        self.model = Some(CostModel::of(cost));
        self.tiers = TierSummary::all(cost, base, cap)?;
        self.price = PriceRange::of(cost, base, cap, setting.unit)?;
        match cost {
            CostFunction::Package { amount, package_size } => {
                let (amount, package_size) = (*amount, *package_size);
                self.package = Some(PackageSummary { amount, package_size });
            }
            CostFunction::Percentage(percentage) => {
                let Percentage {
                    rate_percent,
                    fixed_per_event,
                    minimum_per_event,
                    maximum_per_event,
                } = *percentage;
                self.percentage = Some(PercentageSummary {
                    rate_percent,
                    fixed_per_event,
                    minimum_per_event,
                    maximum_per_event,
                });
            }
            _ => {}
        }
        Ok(())
    }
}

impl ChargeWord {
    const fn of(kind: &ChargeKind) -> Self {
        match kind {
            ChargeKind::Recurring(_) => Self::Recurring,
            ChargeKind::OneTime(_) => Self::OneTime,
            ChargeKind::Usage(_) => Self::Usage,
            ChargeKind::SharedCost(_) => Self::SharedCost,
        }
    }
}

impl CostModel {
    const fn of(cost: &CostFunction) -> Self {
        match cost {
            CostFunction::Standard { .. } => Self::Standard,
            CostFunction::Graduated(_) => Self::Graduated,
            CostFunction::Volume(_) => Self::Volume,
            CostFunction::Package { .. } => Self::Package,
            CostFunction::Percentage(_) => Self::Percentage,
        }
    }
}

impl FeeSummary {
    fn of(kind: &ChargeKind) -> Option<Self> {
        match kind {
            ChargeKind::Recurring(fee) => Some(Self {
                amount: fee.amount,
                interval: Some(fee.interval),
                timing: Some(fee.timing),
                trial_days: Some(fee.trial_days).filter(|days| *days > 0),
            }),
            ChargeKind::OneTime(fee) => {
                Some(Self { amount: fee.amount, interval: None, timing: None, trial_days: None })
            }
            ChargeKind::Usage(_) | ChargeKind::SharedCost(_) => None,
        }
    }
}

/// For what the prices of a charge are: `per core-hour`, `pour 1 000 unités (heure)`.
pub(crate) fn per_unit(
    source: &Source,
    tariff: &Tariff,
    of_service: Option<&Text>,
    base: PriceBase,
) -> Text {
    text::per(&unit_of(source, tariff, of_service), base)
}

/// What one unit of the usage is called that a charge looks at.
fn unit_of(source: &Source, tariff: &Tariff, of_service: Option<&Text>) -> Text {
    let meter = tariff.meter_of(source);
    let only = tariff.meters().len() <= 1;
    let named = of_service.filter(|_| only).cloned();
    let by_code = || meter.and_then(|meter| words::unit(&meter.unit));
    named.or_else(by_code).unwrap_or_else(|| say!(en "unit", fr "unité"))
}
