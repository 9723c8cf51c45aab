//! Where in its tiers, or its packages, a quantity stands.

use palier_billing::{CostFunction, Error, NextTier, Quantity, Tier};

/// Where a quantity stands.
pub(crate) enum Standing<'t> {
    /// In a tier.
    Tier {
        /// Which one, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        tier: &'t Tier,
        /// The bound below it, excluded.
        from: Quantity,
        next: Option<NextTier>,
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

impl<'t> Standing<'t> {
    /// Where a quantity stands; none if its price does not change.
    pub(crate) fn of(cost: &'t CostFunction, quantity: Quantity) -> Result<Option<Self>, Error> {
        match cost {
            CostFunction::Package { package_size, .. } => {
                Self::in_packages(*package_size, quantity).map(Some)
            }
            _ => Ok(Self::in_tiers(cost, quantity)),
        }
    }

    fn in_tiers(cost: &'t CostFunction, quantity: Quantity) -> Option<Self> {
        let (tiers, number) = (cost.tiers()?, cost.tier_at(quantity)?);
        let at = number.checked_sub(1)?;
        let below = at.checked_sub(1).and_then(|below| tiers.get(below)?.up_to);
        let (of, tier, from) = (tiers.len(), tiers.get(at)?, below.unwrap_or_default());
        let next = cost.next_tier(quantity);
        (of > 1).then_some(Self::Tier { number, of, tier, from, next })
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
