//! Tier schedules: prices by slices of quantity.

use serde::{Deserialize, Serialize};

use crate::{
    Cost, DecimalError, Error, FaultKind, Faults, Price, Quantity,
    read::{Noted, Object, Place, Read},
};

/// One tier of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// The last quantity in the tier (cumulative, inclusive); the last tier is open.
    pub up_to: Option<Quantity>,
    /// Price of a unit.
    pub unit_amount: Price,
    /// Due once, when the tier is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat_amount: Option<Price>,
}

/// Tiers whose bounds rise and whose last is open: every quantity has its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TierSchedule {
    tiers: Vec<Tier>,
    /// Whether the first tier's flat amount is due even if nothing was used.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flat_at_zero: bool,
    /// What all the tiers below each one cost when they are full, flat amounts included.
    #[serde(skip)]
    filled: Vec<Cost>,
}

/// The part of a quantity that falls into one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice<'t> {
    /// Position of the tier, from 0.
    pub(crate) position: usize,
    /// The bound of the tier before, excluded.
    pub(crate) from: Quantity,
    pub(crate) tier: &'t Tier,
    pub(crate) quantity: Quantity,
}

impl Slice<'_> {
    /// What the slice costs, with the tier's flat amount.
    pub(crate) fn cost(&self) -> Result<Cost, Error> {
        Cost::of(self.tier.unit_amount, self.quantity).checked_add(self.flat())
    }

    fn flat(&self) -> Cost {
        self.tier.flat_amount.map_or(Cost::ZERO, Cost::flat)
    }
}

/// The bounds of a schedule, as they are read.
struct Bounds {
    /// How many tiers are still to come.
    left: usize,
    /// The highest bound so far.
    previous: Quantity,
}

impl Bounds {
    /// The bound of the next tier: above the one before, and none for the last.
    fn follow(&mut self, up_to: Option<Quantity>) -> Result<Option<Quantity>, FaultKind> {
        let previous = self.previous;
        self.previous = up_to.unwrap_or(previous).max(previous);
        match up_to {
            Some(_) if self.left == 0 => Err(FaultKind::LastTierClosed),
            None if self.left > 0 => Err(FaultKind::OpenTierInside),
            Some(bound) if bound <= previous => Err(FaultKind::BoundsDoNotRise { previous }),
            _ => Ok(up_to),
        }
    }
}

impl TierSchedule {
    /// A schedule.
    ///
    /// # Errors
    /// Every fault, with a pointer into this object: bounds that do not rise, a closed last tier,
    /// a negative price.
    pub fn new(tiers: Vec<Tier>, flat_at_zero: bool) -> Result<Self, Faults> {
        // There is one set of checks, and reading makes them all.
        let draft = Self { tiers, flat_at_zero, filled: Vec::new() };
        let value = serde_json::to_value(draft).unwrap_or_default();
        let mut faults = Vec::new();
        let object = Object::open(&value, Place::root(&mut faults));
        let schedule = object.and_then(|mut object| Self::read(&mut object));
        schedule.map_err(|Noted| Faults(faults))
    }

    /// Reads `tiers` and `flat_at_zero` of a charge.
    pub(crate) fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let mut bounds = Bounds { left: object.length("tiers"), previous: Quantity::ZERO };
        let tiers = object.required_list("tiers", |value, place| {
            bounds.left = bounds.left.saturating_sub(1);
            let mut tier = Object::open(value, place)?;
            let up_to = tier.optional("up_to");
            let up_to = up_to.and_then(|up_to| {
                bounds.follow(up_to).map_err(|kind| tier.at("up_to").fault(kind))
            });
            let unit_amount = tier.not_negative("unit_amount");
            let flat_amount = tier.maybe_not_negative("flat_amount");
            tier.close();
            Ok(Tier { up_to: up_to?, unit_amount: unit_amount?, flat_amount: flat_amount? })
        });
        let flat_at_zero = object.or("flat_at_zero", false);
        let (tiers, flat_at_zero) = (tiers?, flat_at_zero?);
        if tiers.is_empty() {
            return Err(object.at("tiers").fault(FaultKind::Empty));
        }
        let mut schedule = Self { tiers, flat_at_zero, filled: Vec::new() };
        let too_large = |_| object.at("tiers").fault(DecimalError::OutOfRange.into());
        schedule.filled = schedule.fill().map_err(too_large)?;
        Ok(schedule)
    }

    fn fill(&self) -> Result<Vec<Cost>, Error> {
        let mut filled = vec![Cost::ZERO];
        let mut sum = Cost::ZERO;
        for (position, tier) in self.tiers.iter().enumerate() {
            let Some(bound) = tier.up_to else { break };
            let from = self.from(position);
            let slice = Slice { position, from, tier, quantity: bound.checked_sub(from)? };
            sum = sum.checked_add(slice.cost()?)?;
            filled.push(sum);
        }
        Ok(filled)
    }

    /// The tiers, lowest first.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// The lower bound of a tier, excluded.
    pub(crate) fn from(&self, position: usize) -> Quantity {
        let below = position.checked_sub(1).and_then(|below| self.tiers.get(below));
        below.and_then(|tier| tier.up_to).unwrap_or_default()
    }

    /// Where the line `intercept + unit_amount × quantity` of a tier's totals meets zero units.
    pub(crate) fn intercept(&self, position: usize, graduated: bool) -> Result<Cost, Error> {
        let Some(tier) = self.tiers.get(position) else {
            return Ok(Cost::ZERO);
        };
        let flat = tier.flat_amount.map_or(Cost::ZERO, Cost::flat);
        if !graduated {
            return Ok(flat);
        }
        let below = self.filled.get(position).copied().unwrap_or_default();
        let line = Cost::of(tier.unit_amount, self.from(position));
        below.checked_add(flat)?.checked_add(line.negated()?)
    }

    /// The tier in which a quantity falls, and how much of it does. A bound belongs to its tier.
    pub(crate) fn locate(&self, quantity: Quantity) -> Result<Slice<'_>, Error> {
        let inside = |tier: &&Tier| tier.up_to.is_none_or(|bound| quantity <= bound);
        let position = self.tiers.iter().take_while(|tier| !inside(tier)).count();
        let from = self.from(position);
        let tier = self.tiers.get(position).ok_or_else(Error::overflow("quantity"))?;
        Ok(Slice { position, from, tier, quantity: quantity.checked_sub(from)? })
    }

    /// Each slice of the quantity at its own tier's price.
    pub(crate) fn graduated(&self, quantity: Quantity) -> Result<Cost, Error> {
        if let Some(cost) = self.at_or_below_zero(quantity) {
            return Ok(cost);
        }
        let top = self.locate(quantity)?;
        let below = self.filled.get(top.position).copied().unwrap_or_default();
        below.checked_add(top.cost()?)
    }

    /// All units at the price of the tier in which the quantity falls.
    pub(crate) fn volume(&self, quantity: Quantity) -> Result<Cost, Error> {
        if let Some(cost) = self.at_or_below_zero(quantity) {
            return Ok(cost);
        }
        let top = self.locate(quantity)?;
        Slice { quantity, ..top }.cost()
    }

    /// Nothing used costs nothing, unless a flat amount is due all the same; a negative quantity
    /// gives back units of the first tier.
    fn at_or_below_zero(&self, quantity: Quantity) -> Option<Cost> {
        let first = self.tiers.first()?;
        match quantity.cmp(&Quantity::ZERO) {
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Equal if self.flat_at_zero => {
                Some(first.flat_amount.map_or(Cost::ZERO, Cost::flat))
            }
            _ => Some(Cost::of(first.unit_amount, quantity)),
        }
    }

    /// The slices a quantity fills, lowest first.
    pub(crate) fn slices(&self, quantity: Quantity) -> Result<Vec<Slice<'_>>, Error> {
        let top = self.locate(quantity)?;
        let full = self.tiers.iter().enumerate().take(top.position);
        let mut slices = full
            .filter_map(|(position, tier)| Some((position, tier, tier.up_to?)))
            .map(|(position, tier, bound)| {
                let from = self.from(position);
                Ok(Slice { position, from, tier, quantity: bound.checked_sub(from)? })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        slices.push(top);
        Ok(slices)
    }
}
