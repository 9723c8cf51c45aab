//! Shared costs: what the pole pays a provider, split among members to the cent.
//!
//! Shares are exact fractions over one common denominator until largest remainder turns them into
//! cents. Serial sharing divides by every group size on the way, so the denominators outgrow any
//! fixed width; hence big integers, here and nowhere else.

use num_bigint::BigUint;
use num_integer::Integer;
use serde::Serialize;

use super::{Line, LineKind, Pool, RatedCharge, Subscriber};
use crate::{
    Allocation, Cost, CostFunction, Currency, Error, IdleCost, Money, Percent, Quantity,
    SharedCost, allocate::largest_remainder, decimal::pow10,
};

/// What became of a shared cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SharedOutcome {
    /// What all members used together.
    pub quantity: Quantity,
    /// What the pole pays the provider: fixed and variable, without markup.
    pub provider_cost: Money,
    /// What the members pay, markup included: the sum of their shares, to the cent.
    pub recovered: Money,
    /// What stays with the pole, at cost: idle capacity it pays for, or what there was no basis to
    /// share by.
    pub left_with_pole: Money,
}

/// Exact shares, as fractions `share / denominator`.
struct Split {
    shares: Vec<BigUint>,
    denominator: BigUint,
}

impl Split {
    /// An amount by weights; nothing to anyone if there is no weight to go by.
    fn by_weights(amount: &BigUint, weights: Vec<BigUint>) -> Self {
        let denominator: BigUint = weights.iter().sum();
        if denominator == BigUint::ZERO {
            return Self { shares: weights, denominator: BigUint::from(1_u32) };
        }
        let shares = weights.into_iter().map(|weight| weight * amount).collect();
        Self { shares, denominator }
    }

    fn plus(self, other: &Self) -> Self {
        let pairs = self.shares.iter().zip(&other.shares);
        let shares = pairs.map(|(a, b)| a * &other.denominator + b * &self.denominator).collect();
        Self { shares, denominator: self.denominator * &other.denominator }
    }
}

/// The fixed and the variable part of a cost, as multiples of [`Scale::denominator`].
struct Parts {
    fixed: BigUint,
    variable: BigUint,
}

impl Parts {
    fn whole(&self) -> BigUint {
        &self.fixed + &self.variable
    }
}

/// By what the integers of a calculation must be divided to become the currency's minor unit.
struct Scale {
    /// Units bought, where the fixed cost is divided by them.
    capacity: BigUint,
    /// All in all, before markup.
    denominator: BigUint,
    currency: Currency,
}

impl SharedCost {
    fn scale(&self, currency: Currency) -> Result<Scale, Error> {
        let capacity = self.limit().map_or(BigUint::from(1_u32), |limit| natural(limit.wide()));
        let denominator = natural(Cost::per_minor(currency)?) * &capacity;
        Ok(Scale { capacity, denominator, currency })
    }

    /// The capacity that members pay for only as far as they use it.
    pub(crate) fn limit(&self) -> Option<Quantity> {
        let limit = self.capacity.filter(|limit| limit.idle_cost == IdleCost::Pole);
        limit.map(|limit| limit.capacity)
    }

    /// What members bear if they use `quantity`.
    fn parts(&self, quantity: Quantity, scale: &Scale) -> Result<Parts, Error> {
        let fixed = natural(Cost::flat(self.fixed).units());
        let used =
            self.limit().map_or(BigUint::from(1_u32), |limit| natural(quantity.min(limit).wide()));
        Ok(Parts {
            fixed: fixed * used,
            variable: natural(self.variable(quantity)?.units()) * &scale.capacity,
        })
    }

    fn variable(&self, quantity: Quantity) -> Result<Cost, Error> {
        self.variable.as_ref().map_or(Ok(Cost::ZERO), |function| function.cost(quantity))
    }

    /// The exact share of every member, before markup.
    fn split(
        &self,
        usage: &[(&Subscriber, Quantity)],
        sum: Quantity,
        scale: &Scale,
    ) -> Result<Split, Error> {
        let cost = self.parts(sum, scale)?;
        let quantities = || usage.iter().map(|(_, quantity)| natural(quantity.wide())).collect();
        let heads = || vec![BigUint::from(1_u32); usage.len()];
        Ok(match self.allocation {
            Allocation::Proportional => Split::by_weights(&cost.whole(), quantities()),
            Allocation::Equal => Split::by_weights(&cost.whole(), heads()),
            Allocation::TwoPart => Split::by_weights(&cost.fixed, heads())
                .plus(&Split::by_weights(&cost.variable, quantities())),
            Allocation::Weighted => Split::by_weights(&cost.whole(), weights(usage)?),
            Allocation::Serial => self.serial(usage, scale)?,
        })
    }

    /// Serial sharing: whoever uses as much as the `k`th pays, with all larger ones, an equal part
    /// of what it costs to serve everyone up to that quantity.
    fn serial(&self, usage: &[(&Subscriber, Quantity)], scale: &Scale) -> Result<Split, Error> {
        let mut order: Vec<_> = usage.iter().map(|&(_, own)| own).enumerate().collect();
        order.sort_by_key(|&(at, own)| (own, at));
        let mut below: i128 = 0;
        let mut served = BigUint::ZERO;
        let mut denominator = BigUint::from(1_u32);
        let mut increments = Vec::with_capacity(order.len());
        for (rank, &(at, own)) in order.iter().enumerate() {
            let group = order.len().saturating_sub(rank);
            let reached = own.wide().saturating_mul(i128::try_from(group).unwrap_or(i128::MAX));
            let level = Quantity::from_wide(below.saturating_add(reached))?;
            below = below.saturating_add(own.wide());
            // Nobody is served for nothing: the fixed cost begins with the first unit.
            let cost =
                if level.is_zero() { BigUint::ZERO } else { self.parts(level, scale)?.whole() };
            let increment = &cost - &served;
            if increment != BigUint::ZERO {
                denominator = common_multiple(&denominator, group);
            }
            served = cost;
            increments.push((at, group, increment));
        }
        let mut shares = vec![BigUint::ZERO; usage.len()];
        let mut share = BigUint::ZERO;
        for (at, group, increment) in increments {
            share += increment * (&denominator / group);
            if let Some(slot) = shares.get_mut(at) {
                slot.clone_from(&share);
            }
        }
        Ok(Split { shares, denominator })
    }

    /// Whether the cost falls somewhere as usage rises, so that it has no increments to share.
    pub(crate) fn may_fall(&self) -> bool {
        matches!(&self.variable, Some(CostFunction::Volume(tiers)) if !tiers.cliffs().is_empty())
    }

    /// The markup as a fraction: 107.5 over 100.
    fn markup(&self) -> Result<(BigUint, BigUint), Error> {
        let hundred = pow10(u32::from(Percent::PLACES).saturating_add(2))?;
        let markup = self.markup_percent.unwrap_or_default().wide();
        Ok((natural(hundred.saturating_add(markup)), natural(hundred)))
    }

    /// What members pay together for `quantity` units whose variable cost is known, markup
    /// included, to the places of a cost.
    pub(crate) fn recovered(&self, variable: Cost, quantity: Quantity) -> Result<Cost, Error> {
        let one = BigUint::from(1_u32);
        let (used, capacity) = self.limit().map_or((one.clone(), one), |limit| {
            (natural(quantity.min(limit).wide()), natural(limit.wide()))
        });
        let (rate, hundred) = self.markup()?;
        let fixed = natural(Cost::flat(self.fixed).units()) * used;
        let cost = (fixed + natural(variable.units()) * &capacity) * rate;
        let cost = half_up(&cost, &(capacity * hundred));
        let cost = i128::try_from(cost).map_err(|_| Error::Overflow { what: "shared cost" })?;
        Ok(Cost::from_units(cost))
    }

    /// What a member would pay for the service alone; nothing to compare for one that used none.
    fn alone(&self, quantity: Quantity, scale: &Scale) -> Result<Option<Money>, Error> {
        if quantity.is_zero() {
            return Ok(None);
        }
        let (rate, hundred) = self.markup()?;
        let cost = self.parts(quantity, scale)?.whole() * rate;
        round(&cost, &(&scale.denominator * hundred), scale.currency).map(Some)
    }
}

impl<'a> RatedCharge<'a> {
    pub(super) fn share(
        &mut self,
        cost: &'a SharedCost,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        let mut usage = Vec::with_capacity(pool.subscribers().len());
        let mut quantity = Quantity::ZERO;
        for (subscriber, metered) in pool.usage(self.position) {
            let own = metered.quantity.billable()?;
            if own < Quantity::ZERO {
                let member = subscriber.member.clone();
                return Err(Error::NegativeQuantity { member, quantity: own });
            }
            quantity = quantity.checked_add(own)?;
            usage.push((subscriber, own));
        }

        let scale = cost.scale(currency)?;
        let split = cost.split(&usage, quantity, &scale)?;
        let borne: BigUint = split.shares.iter().sum();
        let denominator = &split.denominator * &scale.denominator;
        let at_cost = round(&borne, &denominator, currency)?;

        let (rate, hundred) = cost.markup()?;
        let shares: Vec<_> = split.shares.iter().map(|share| share * &rate).collect();
        let denominator = denominator * hundred;
        let recovered = round(&(borne * rate), &denominator, currency)?;
        let parts = largest_remainder(recovered.minor().unsigned_abs(), &shares, &denominator)?;

        for ((subscriber, metered), part) in pool.usage(self.position).zip(parts) {
            let minor = i64::try_from(part).map_err(|_| Error::Overflow { what: "share" })?;
            let quantity = metered.quantity.billable()?;
            self.lines.push(Line {
                member: &subscriber.member,
                kind: LineKind::Share,
                metered: Some(metered),
                quantity,
                unit_price: None,
                amount: Money::from_minor(minor, currency),
                alone: cost.alone(quantity, &scale)?,
            });
        }
        let fixed = Cost::flat(cost.fixed);
        let provider_cost = fixed.checked_add(cost.variable(quantity)?)?.round(currency)?;
        let left_with_pole = provider_cost.checked_sub(at_cost)?;
        self.shared = Some(SharedOutcome { quantity, provider_cost, recovered, left_with_pole });
        Ok(())
    }
}

/// The least common multiple. Its own, because that of two big integers takes their binary
/// greatest common divisor, a hundred times as long as one remainder by a small one.
fn common_multiple(big: &BigUint, small: usize) -> BigUint {
    let rest = usize::try_from(big % small).unwrap_or_default();
    let new = small.checked_div(rest.gcd(&small)).unwrap_or(1);
    big * new
}

/// The weights of the subscriptions, which must give something to go by.
fn weights(usage: &[(&Subscriber, Quantity)]) -> Result<Vec<BigUint>, Error> {
    if let Some((negative, _)) = usage.iter().find(|(it, _)| it.weight < Quantity::ZERO) {
        let why = format!("that of {} is {}", negative.member, negative.weight);
        return Err(Error::BadWeights { why });
    }
    if !usage.is_empty() && usage.iter().all(|(it, _)| it.weight.is_zero()) {
        return Err(Error::BadWeights { why: "all are zero".into() });
    }
    Ok(usage.iter().map(|(it, _)| natural(it.weight.wide())).collect())
}

/// Rounds a fraction that is not negative, half up.
fn half_up(numerator: &BigUint, denominator: &BigUint) -> BigUint {
    (numerator * 2_u32 + denominator) / (denominator * 2_u32)
}

/// Rounds a fraction of the minor unit.
fn round(numerator: &BigUint, denominator: &BigUint, currency: Currency) -> Result<Money, Error> {
    let minor = half_up(numerator, denominator);
    let minor = i64::try_from(minor).map_err(|_| Error::Overflow { what: "shared cost" })?;
    Ok(Money::from_minor(minor, currency))
}

/// A number that is known not to be negative.
fn natural(number: i128) -> BigUint {
    BigUint::from(number.unsigned_abs())
}
