//! Cost functions: from a quantity to an exact cost.

use serde::Serialize;

use super::tiers::{Slice, Tier, TierSchedule};
use crate::{
    Cost, Error, FaultKind, Percent, Price, Quantity,
    read::{Object, Read},
};

/// How a quantity becomes a cost, exact until its one rounding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "model", rename_all = "snake_case")]
pub enum CostFunction {
    /// Every unit at one price.
    Standard {
        /// Price of a unit.
        unit_amount: Price,
    },
    /// Each slice of the quantity at its own tier's price; a tier's flat amount is due once its
    /// slice is entered.
    Graduated(TierSchedule),
    /// All units at the price of the tier in which the quantity falls, plus its flat amount.
    Volume(TierSchedule),
    /// Whole packages, the last one however little it is used.
    Package {
        /// Price of a package.
        amount: Price,
        /// Units in a package.
        package_size: Quantity,
    },
    /// A percentage of a quantity that is itself money.
    Percentage(Percentage),
}

/// A percentage, with optional amounts per event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Percentage {
    /// Percent of the quantity.
    pub rate_percent: Percent,
    /// Added for every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_per_event: Option<Price>,
    /// The least an event costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_per_event: Option<Price>,
    /// The most an event costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_per_event: Option<Price>,
}

impl Percentage {
    /// Whether the quantity of each event is needed, not just their sum.
    pub const fn is_per_event(&self) -> bool {
        self.fixed_per_event.is_some()
            || self.minimum_per_event.is_some()
            || self.maximum_per_event.is_some()
    }

    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let rate_percent = object.not_negative("rate_percent");
        let fixed_per_event = object.maybe_not_negative("fixed_per_event");
        let limits = object.limits("minimum_per_event", "maximum_per_event");
        let (minimum_per_event, maximum_per_event) = limits?;
        Ok(Self {
            rate_percent: rate_percent?,
            fixed_per_event: fixed_per_event?,
            minimum_per_event,
            maximum_per_event,
        })
    }

    /// The cost of one event. Events of nothing, and refunds, carry no amount per event.
    fn event(&self, quantity: Quantity) -> Result<Cost, Error> {
        let cost = Cost::percentage(self.rate_percent, quantity);
        if quantity <= Quantity::ZERO {
            return Ok(cost);
        }
        let cost = cost.checked_add(self.fixed_per_event.map_or(Cost::ZERO, Cost::flat))?;
        let cost = self.minimum_per_event.map_or(cost, |least| cost.max(Cost::flat(least)));
        Ok(self.maximum_per_event.map_or(cost, |most| cost.min(Cost::flat(most))))
    }
}

impl CostFunction {
    const MODELS: &'static [&'static str] =
        &["standard", "graduated", "volume", "package", "percentage"];

    /// Reads `model` and the fields that belong to it.
    pub(crate) fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let model = object.required::<String>("model");
        match model.as_deref() {
            Ok("standard") => {
                Ok(Self::Standard { unit_amount: object.not_negative("unit_amount")? })
            }
            Ok("graduated") => TierSchedule::read(object).map(Self::Graduated),
            Ok("volume") => TierSchedule::read(object).map(Self::Volume),
            Ok("package") => {
                let amount = object.not_negative("amount");
                let package_size = object.positive("package_size");
                Ok(Self::Package { amount: amount?, package_size: package_size? })
            }
            Ok("percentage") => Percentage::read(object).map(Self::Percentage),
            Ok(_) => {
                object.pass_others();
                Err(object.at("model").fault(FaultKind::NotOneOf { allowed: Self::MODELS }))
            }
            Err(&noted) => {
                object.pass_others();
                Err(noted)
            }
        }
    }

    /// The exact cost of a quantity.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn cost(&self, quantity: Quantity) -> Result<Cost, Error> {
        match self {
            Self::Standard { unit_amount } => Ok(Cost::of(*unit_amount, quantity)),
            Self::Graduated(schedule) => schedule.graduated(quantity),
            Self::Volume(schedule) => schedule.volume(quantity),
            Self::Package { amount, package_size } => {
                Cost::flat(*amount).checked_mul(packages(quantity, *package_size))
            }
            Self::Percentage(percentage) => Ok(Cost::percentage(percentage.rate_percent, quantity)),
        }
    }

    /// The exact cost of a member's events, which matters where a price is set per event.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub(crate) fn cost_of_events(&self, events: &[Quantity]) -> Result<Cost, Error> {
        let Self::Percentage(percentage) = self else {
            return Ok(Cost::ZERO);
        };
        events.iter().try_fold(Cost::ZERO, |sum, &event| sum.checked_add(percentage.event(event)?))
    }

    /// Whether the quantity of each event is needed, not just their sum.
    pub const fn is_per_event(&self) -> bool {
        matches!(self, Self::Percentage(percentage) if percentage.is_per_event())
    }

    /// Whether some of the cost is due in one piece: flat amounts, packages.
    pub(crate) fn has_fixed_part(&self) -> bool {
        let flat = |tier: &Tier| tier.flat_amount.is_some_and(|flat| flat > Price::ZERO);
        match self {
            Self::Standard { .. } | Self::Percentage(_) => false,
            Self::Graduated(schedule) | Self::Volume(schedule) => schedule.tiers().iter().any(flat),
            Self::Package { .. } => true,
        }
    }

    /// The tiers, where there are any.
    pub fn tiers(&self) -> Option<&[Tier]> {
        match self {
            Self::Graduated(schedule) | Self::Volume(schedule) => Some(schedule.tiers()),
            Self::Standard { .. } | Self::Package { .. } | Self::Percentage(_) => None,
        }
    }

    /// The tier in which a quantity falls, where there are any.
    pub(crate) fn slice(&self, quantity: Quantity) -> Option<Slice<'_>> {
        let (Self::Graduated(schedule) | Self::Volume(schedule)) = self else { return None };
        schedule.locate(quantity).ok()
    }

    /// Price of a unit, where every one of `quantity` units has the same and nothing is added.
    pub(crate) fn plain_price(&self, quantity: Quantity) -> Option<Price> {
        let slice = match self {
            Self::Standard { unit_amount } => return Some(*unit_amount),
            Self::Graduated(schedule) => {
                schedule.locate(quantity).ok().filter(|slice| slice.position == 0)?
            }
            Self::Volume(schedule) => schedule.locate(quantity).ok()?,
            Self::Package { .. } | Self::Percentage(_) => return None,
        };
        slice.tier.flat_amount.is_none().then_some(slice.tier.unit_amount)
    }
}

/// How many packages a quantity opens.
pub(crate) fn packages(quantity: Quantity, size: Quantity) -> i64 {
    let (quantity, size) = (quantity.units().max(0), size.units().max(1));
    let full = quantity.checked_div(size).unwrap_or_default();
    let begun = i64::from(full.saturating_mul(size) < quantity);
    full.saturating_add(begun)
}
