//! What a unit costs, and from which volume on.

use palier_billing::{Charge, CostFunction, Error, Price, PriceBase, Quantity, Shape, Tier};
use serde::Serialize;
use utoipa::ToSchema;

use super::ChargeSummary;
use crate::tariff::schema::{PriceBaseText, PriceText, VolumeText};
use crate::text::Text;

/// What a unit costs. With `graduated` tiers these are prices of further units: everyone pays the
/// average, which the table of tiers shows at each bound. Flat amounts come on top.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PriceRange {
    /// What one unit is called.
    pub(super) unit: Text,
    /// How many units all these prices are for.
    #[schema(value_type = PriceBaseText)]
    pub(super) price_base: PriceBase,
    /// What the first unit costs; absent where it costs a whole package.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    pub(super) first_unit_price: Option<Price>,
    /// The lowest price there is.
    #[schema(value_type = PriceText)]
    pub(super) lowest_unit_price: Price,
    /// The volume above which it is reached.
    #[schema(value_type = VolumeText)]
    pub(super) lowest_above: Quantity,
    /// The highest price there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    pub(super) highest_unit_price: Option<Price>,
}

/// A line of the table of tiers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct TierSummary {
    /// Its number, from 1.
    pub(crate) tier: usize,
    /// Its lower bound, excluded.
    #[schema(value_type = VolumeText)]
    pub(crate) above: Quantity,
    /// Its upper bound, included; absent for the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VolumeText>, nullable = false)]
    pub(crate) up_to: Option<Quantity>,
    /// Price of `price_base` units in it, the cap taken into account.
    #[schema(value_type = PriceText)]
    pub(crate) unit_price: Price,
    /// Due once, when it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    pub(crate) flat_amount: Option<Price>,
    /// What everyone pays for `price_base` units when the pool uses exactly `up_to`, flat amounts
    /// included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PriceText>, nullable = false)]
    pub(crate) average_unit_price: Option<Price>,
}

impl PriceRange {
    /// The prices of a cost function; a percentage has none.
    pub(super) fn of(
        cost: &CostFunction,
        base: PriceBase,
        cap: Option<Price>,
        unit: &Text,
    ) -> Result<Option<Self>, Error> {
        let range = |first, lowest, lowest_above, highest| Self {
            unit: unit.clone(),
            price_base: base,
            first_unit_price: first,
            lowest_unit_price: lowest,
            lowest_above,
            highest_unit_price: highest,
        };
        Ok(match cost {
            CostFunction::Standard { unit_amount } => {
                let price = quoted(*unit_amount, base, cap)?;
                Some(range(Some(price), price, Quantity::ZERO, Some(price)))
            }
            CostFunction::Package { amount, package_size } => {
                let whole = palier_billing::Cost::flat(*amount);
                let lowest = capped(whole.average(*package_size, base)?, cap);
                Some(range(None, lowest, Quantity::ZERO, None))
            }
            CostFunction::Percentage(_) => None,
            CostFunction::Graduated(_) | CostFunction::Volume(_) => {
                let tiers = TierSummary::all(cost, base, cap)?;
                let first = tiers.first().map(|tier| tier.unit_price);
                let highest = tiers.iter().map(|tier| tier.unit_price).max();
                let lowest = tiers.iter().min_by_key(|tier| tier.unit_price);
                lowest.map(|lowest| range(first, lowest.unit_price, lowest.above, highest))
            }
        })
    }

    /// Whether there is one price and no other.
    pub(super) fn is_one_price(&self) -> bool {
        self.highest_unit_price == Some(self.lowest_unit_price)
    }
}

impl TierSummary {
    /// The tiers of a cost function.
    pub(crate) fn all(
        cost: &CostFunction,
        base: PriceBase,
        cap: Option<Price>,
    ) -> Result<Vec<Self>, Error> {
        let mut above = Quantity::ZERO;
        let tiers = cost.tiers().into_iter().flatten().enumerate();
        let tiers = tiers.map(|(position, tier)| {
            let Tier { up_to, unit_amount, flat_amount } = *tier;
            let from = std::mem::replace(&mut above, up_to.unwrap_or_default());
            Ok(Self {
                tier: position.saturating_add(1),
                above: from,
                up_to,
                unit_price: quoted(unit_amount, base, cap)?,
                flat_amount,
                average_unit_price: None,
            })
        });
        tiers.collect()
    }
}

impl ChargeSummary {
    /// Adds what everyone pays at the bound of each tier.
    pub(super) fn add_averages(&mut self, charge: &Charge) -> Result<(), Error> {
        let Some(curve) = charge.price_curve()? else { return Ok(()) };
        for tier in &mut self.tiers {
            // A cap may cut a tier in two: its bound is the end of the later part.
            let segments = curve.segments.iter().filter(|segment| segment.tier == Some(tier.tier));
            let mut ends = segments.filter(|segment| segment.shape == Shape::Linear);
            tier.average_unit_price = ends.next_back().and_then(|segment| segment.end?.unit_price);
        }
        Ok(())
    }
}

/// A price of one unit as one of `base` units, no higher than the cap.
fn quoted(price: Price, base: PriceBase, cap: Option<Price>) -> Result<Price, Error> {
    let units = price.units().checked_mul(base.units().into());
    let units = units.ok_or(Error::Overflow { what: "price" })?;
    Ok(capped(Price::from_units(units), cap))
}

fn capped(price: Price, cap: Option<Price>) -> Price {
    cap.map_or(price, |cap| price.min(cap))
}
