//! How an amount came about, step by step.

use std::fmt;

use serde::Serialize;

use crate::{
    Cost, CostFunction, Error, Metered, Percent, Price, Quantity,
    tariff::{Slice, packages},
};

/// One step from a quantity to its cost. The steps of a quantity add up to its exact cost; each
/// prints as a line of a calculation and carries what a chart needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Units at one price.
    Units {
        /// How many.
        quantity: Quantity,
        /// Price of one.
        unit_amount: Price,
        /// What they cost.
        amount: Cost,
    },
    /// Units that fall into a tier.
    Tier {
        /// Which tier, from 1.
        tier: usize,
        /// The tier's lower bound, excluded.
        from: Quantity,
        /// Its upper bound, included; none for the last.
        up_to: Option<Quantity>,
        /// How many units.
        quantity: Quantity,
        /// Price of one.
        unit_amount: Price,
        /// Due once for the tier.
        #[serde(skip_serializing_if = "Option::is_none")]
        flat_amount: Option<Price>,
        /// What they cost, flat amount included.
        amount: Cost,
    },
    /// Whole packages.
    Packages {
        /// How many.
        packages: i64,
        /// Units in one.
        package_size: Quantity,
        /// Price of one.
        package_amount: Price,
        /// What they cost.
        amount: Cost,
    },
    /// A percentage.
    Percentage {
        /// Of what.
        quantity: Quantity,
        /// How much of it.
        rate_percent: Percent,
        /// What it comes to.
        amount: Cost,
    },
    /// What fixed, least and most amounts per event add to the percentage.
    PerEvent {
        /// How many events.
        events: usize,
        /// What they add, or take off.
        amount: Cost,
    },
}

impl Step {
    /// What the step adds to the cost.
    pub const fn amount(&self) -> Cost {
        match self {
            Self::Units { amount, .. }
            | Self::Tier { amount, .. }
            | Self::Packages { amount, .. }
            | Self::Percentage { amount, .. }
            | Self::PerEvent { amount, .. } => *amount,
        }
    }

    fn tier(slice: &Slice<'_>) -> Result<Self, Error> {
        Ok(Self::Tier {
            tier: slice.position.saturating_add(1),
            from: slice.from,
            up_to: slice.tier.up_to,
            quantity: slice.quantity,
            unit_amount: slice.tier.unit_amount,
            flat_amount: slice.tier.flat_amount,
            amount: slice.cost()?,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Units { quantity, unit_amount, amount } => {
                write!(f, "{quantity} × {unit_amount} = {amount}")
            }
            Self::Tier { tier, quantity, unit_amount, flat_amount, amount, .. } => {
                write!(f, "tier {tier}: {quantity} × {unit_amount}")?;
                if let Some(flat) = flat_amount {
                    write!(f, " + {flat}")?;
                }
                write!(f, " = {amount}")
            }
            Self::Packages { packages, package_size, package_amount, amount } => {
                write!(f, "{packages} × {package_amount} (per {package_size}) = {amount}")
            }
            Self::Percentage { quantity, rate_percent, amount } => {
                write!(f, "{quantity} × {rate_percent} % = {amount}")
            }
            Self::PerEvent { events, amount } => write!(f, "{events} events: {amount}"),
        }
    }
}

impl CostFunction {
    /// How the cost of a quantity comes about. Nothing used takes no step, unless it costs.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn steps(&self, quantity: Quantity) -> Result<Vec<Step>, Error> {
        let amount = self.cost(quantity)?;
        if quantity.is_zero() && amount == Cost::ZERO {
            return Ok(Vec::new());
        }
        match self {
            Self::Standard { unit_amount } => {
                Ok(vec![Step::Units { quantity, unit_amount: *unit_amount, amount }])
            }
            Self::Graduated(schedule) | Self::Volume(schedule) if quantity < Quantity::ZERO => {
                let price = schedule.tiers().first().map_or(Price::ZERO, |tier| tier.unit_amount);
                Ok(vec![Step::Units { quantity, unit_amount: price, amount }])
            }
            Self::Graduated(schedule) => {
                schedule.slices(quantity)?.iter().map(Step::tier).collect()
            }
            Self::Volume(schedule) => {
                Ok(vec![Step::tier(&Slice { quantity, ..schedule.locate(quantity)? })?])
            }
            Self::Package { amount: package_amount, package_size } => Ok(vec![Step::Packages {
                packages: packages(quantity, *package_size),
                package_size: *package_size,
                package_amount: *package_amount,
                amount,
            }]),
            Self::Percentage(percentage) => Ok(vec![Step::Percentage {
                quantity,
                rate_percent: percentage.rate_percent,
                amount,
            }]),
        }
    }

    /// How the cost of metered events comes about.
    pub(crate) fn steps_of(
        &self,
        quantity: Quantity,
        metered: Option<&Metered>,
    ) -> Result<Vec<Step>, Error> {
        let mut steps = self.steps(quantity)?;
        if let Some(metered) = metered.filter(|_| self.is_per_event()) {
            let all = self.cost_of_events(&metered.events)?;
            let plain = self.cost(quantity)?;
            let amount = all.checked_add(plain.negated()?)?;
            steps.push(Step::PerEvent { events: metered.events.len(), amount });
        }
        Ok(steps)
    }
}
