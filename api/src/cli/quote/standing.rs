//! Where in its tiers, or its packages, a quantity stands.

use palier_billing::{CostFunction, Error, Quantity, Tier};

/// Where a quantity stands.
pub(super) enum Standing<'t> {
    /// In a tier.
    Tier {
        /// Which one, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        tier: &'t Tier,
        /// The bound below it, excluded.
        from: Quantity,
        next: Option<Next<'t>>,
    },
    /// In a package.
    Package {
        /// How many are begun.
        begun: u64,
        size: Quantity,
        /// What the last of them still holds.
        room: Quantity,
    },
}

/// The tier after.
pub(super) struct Next<'t> {
    /// The last quantity before it.
    pub(super) bound: Quantity,
    /// What is missing to that.
    pub(super) missing: Quantity,
    pub(super) tier: &'t Tier,
}

impl<'t> Standing<'t> {
    /// Where a quantity stands; none if its price does not change.
    pub(super) fn of(cost: &'t CostFunction, quantity: Quantity) -> Result<Option<Self>, Error> {
        match cost {
            CostFunction::Graduated(schedule) | CostFunction::Volume(schedule) => {
                Self::in_tiers(schedule.tiers(), quantity)
            }
            CostFunction::Package { package_size, .. } => {
                Self::in_packages(*package_size, quantity).map(Some)
            }
            CostFunction::Standard { .. } | CostFunction::Percentage(_) => Ok(None),
        }
    }

    fn in_tiers(tiers: &'t [Tier], quantity: Quantity) -> Result<Option<Self>, Error> {
        let holds = |tier: &Tier| tier.up_to.is_none_or(|bound| quantity <= bound);
        let at = tiers.iter().position(holds);
        let Some((at, tier)) = at.and_then(|at| Some((at, tiers.get(at)?))) else {
            return Ok(None);
        };
        let number = at.saturating_add(1);
        let below = at.checked_sub(1).and_then(|below| tiers.get(below)?.up_to);
        let next = match (tier.up_to, tiers.get(number)) {
            (Some(bound), Some(next)) => {
                let missing = bound.checked_sub(quantity)?;
                Some(Next { bound, missing, tier: next })
            }
            _ => None,
        };
        let (of, from) = (tiers.len(), below.unwrap_or_default());
        Ok((of > 1).then_some(Self::Tier { number, of, tier, from, next }))
    }

    fn in_packages(size: Quantity, quantity: Quantity) -> Result<Self, Error> {
        let full = quantity.units().checked_div(size.units()).unwrap_or_default();
        let rest = quantity.units().checked_rem(size.units()).unwrap_or_default();
        let begun = full.saturating_add(i64::from(rest > 0));
        let begun = u64::try_from(begun).unwrap_or_default();
        let room = match rest {
            0 => Quantity::ZERO,
            rest => size.checked_sub(Quantity::from_units(rest))?,
        };
        Ok(Self::Package { begun, size, room })
    }
}
