//! Usage charges: each member by its own volume, or everyone at the pool's average price.

use serde::Serialize;

use super::{Line, LineKind, Metered, Pool, RatedCharge};
use crate::{
    Basis, Cost, Currency, Error, Money, Price, PriceBase, Quantity, Scope, UsageCharge,
    line_amount,
};

/// The price that a pool's volume reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PoolPrice {
    /// What all members used together, as far as it is billed.
    pub quantity: Quantity,
    /// How many of them used any.
    pub active_members: usize,
    /// The exact cost of that quantity.
    #[serde(serialize_with = "six_places")]
    pub cost: Cost,
    /// What everyone pays for `price_base` units.
    #[serde(serialize_with = "Price::serialize_exact")]
    pub unit_price: Price,
    /// How many units the price is quoted for.
    pub price_base: PriceBase,
    /// Whether the cap set the price.
    pub capped: bool,
    /// What the pole forgoes because of the cap.
    pub forgone: Money,
    /// What the lines come to above (or below) the cost less what is forgone: the rounding of the
    /// unit price, times the quantity. A cost that nobody used a unit of stands here too.
    pub rounding: Money,
}

fn six_places<S: serde::Serializer>(cost: &Cost, serializer: S) -> Result<S::Ok, S::Error> {
    let price = cost.round_price().map_err(serde::ser::Error::custom)?;
    Price::serialize_exact(&price, serializer)
}

impl UsageCharge {
    /// What is billed of a metered quantity: rounded once, less free units.
    pub(crate) fn billed_quantity(&self, metered: &Metered) -> Result<Quantity, Error> {
        let quantity = metered.quantity.billable()?;
        match self.free_units {
            Some(free) if quantity > Quantity::ZERO => {
                Ok(quantity.checked_sub(free.min(quantity))?)
            }
            _ => Ok(quantity),
        }
    }

    /// Refuses a negative quantity where members share what does not shrink with it. Elsewhere the
    /// average stays between the tiers' prices whatever is given back.
    pub(crate) fn can_pool(&self, member: &str, quantity: Quantity) -> Result<(), Error> {
        if quantity >= Quantity::ZERO || !self.cost.has_fixed_part() {
            return Ok(());
        }
        Err(Error::NegativeQuantity { member: member.to_owned(), quantity })
    }

    /// The average price of a cost over a quantity, and whether the cap set it.
    pub(crate) fn average(&self, cost: Cost, quantity: Quantity) -> Result<(Price, bool), Error> {
        if quantity.is_zero() {
            return Ok((Price::ZERO, false));
        }
        let average = cost.average(quantity, self.price_base)?;
        Ok(match self.unit_amount_cap {
            Some(cap) if cap < average => (cap, true),
            _ => (average, false),
        })
    }

    /// What a member owes for a quantity by its own volume.
    pub(crate) fn own_amount(
        &self,
        quantity: Quantity,
        events: &[Quantity],
        currency: Currency,
    ) -> Result<Money, Error> {
        if self.cost.is_per_event() {
            return self.cost.cost_of_events(events)?.round(currency);
        }
        let cost = self.cost.cost(quantity)?;
        if let Some(cap) = self.unit_amount_cap
            && cost.exceeds(cap, quantity, self.price_base)?
        {
            return line_amount(quantity, cap, self.price_base, currency);
        }
        cost.round(currency)
    }

    /// The price of the pool's quantity.
    pub(crate) fn pool_price(
        &self,
        quantity: Quantity,
        active_members: usize,
        currency: Currency,
    ) -> Result<PoolPrice, Error> {
        let cost = self.cost.cost(quantity)?;
        let (unit_price, capped) = self.average(cost, quantity)?;
        let whole = cost.round(currency)?;
        let forgone = if capped {
            whole.checked_sub(line_amount(quantity, unit_price, self.price_base, currency)?)?
        } else {
            Money::zero(currency)
        };
        let price_base = self.price_base;
        let rounding = Money::zero(currency).checked_sub(whole)?.checked_add(forgone)?;
        Ok(PoolPrice {
            quantity,
            active_members,
            cost,
            unit_price,
            price_base,
            capped,
            forgone,
            rounding,
        })
    }
}

impl<'a> RatedCharge<'a> {
    pub(super) fn usage(
        &mut self,
        charge: &'a UsageCharge,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        match (charge.basis, charge.scope) {
            (Basis::ContractYear { true_up }, _) => self.year(charge, true_up, pool, currency)?,
            (Basis::Period, Scope::Member) => self.by_member(charge, pool, currency)?,
            (Basis::Period, Scope::Pool) => self.pooled(charge, pool, currency)?,
        }
        self.limit(charge, currency)
    }

    fn by_member(
        &mut self,
        charge: &'a UsageCharge,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        for (subscriber, metered) in pool.usage(self.position) {
            if charge.cost.is_per_event()
                && metered.events.is_empty()
                && !metered.quantity.is_zero()
            {
                return Err(Error::EventsRequired { charge: self.position });
            }
            let quantity = charge.billed_quantity(metered)?;
            let amount = charge.own_amount(quantity, &metered.events, currency)?;
            self.lines.push(Line {
                member: &subscriber.member,
                kind: LineKind::Usage,
                metered: Some(metered),
                quantity,
                unit_price: charge.own_unit_price(quantity, amount)?,
                amount,
                alone: None,
            });
        }
        Ok(())
    }

    fn pooled(
        &mut self,
        charge: &'a UsageCharge,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        let mut sum: i128 = 0;
        let mut active_members: usize = 0;
        for (subscriber, metered) in pool.usage(self.position) {
            let quantity = charge.billed_quantity(metered)?;
            charge.can_pool(&subscriber.member, quantity)?;
            sum = sum.saturating_add(quantity.wide());
            active_members = active_members.saturating_add((!quantity.is_zero()).into());
            self.lines.push(Line {
                member: &subscriber.member,
                kind: LineKind::Usage,
                metered: Some(metered),
                quantity,
                unit_price: None,
                amount: Money::zero(currency),
                alone: None,
            });
        }
        let quantity = Quantity::from_wide(sum)?;
        if quantity.is_zero() && active_members > 0 {
            return Err(Error::NoPoolPrice { charge: self.position });
        }
        let mut price = charge.pool_price(quantity, active_members, currency)?;
        for line in &mut self.lines {
            let amount = line_amount(line.quantity, price.unit_price, charge.price_base, currency)?;
            line.unit_price = Some(price.unit_price);
            line.amount = amount;
            line.alone = Some(charge.own_amount(line.quantity, &[], currency)?);
            price.rounding = price.rounding.checked_add(amount)?;
        }
        self.pool = Some(price);
        Ok(())
    }

    /// Adds the lines that bring a member to the least, or back to the most, it pays per period.
    ///
    /// Adjustments on earlier months do not count: a rebate is not eaten up by a minimum.
    fn limit(&mut self, charge: &UsageCharge, currency: Currency) -> Result<(), Error> {
        if charge.minimum_amount.is_none() && charge.maximum_amount.is_none() {
            return Ok(());
        }
        let limit =
            |price: Option<Price>| price.map(|price| Cost::flat(price).round(currency)).transpose();
        let (least, most) = (limit(charge.minimum_amount)?, limit(charge.maximum_amount)?);
        let mut limits = Vec::new();
        for line in self.lines.iter().filter(|line| line.kind == LineKind::Usage) {
            let (kind, bound) = match (least, most) {
                (Some(least), _) if line.amount < least => (LineKind::Minimum, least),
                (_, Some(most)) if line.amount > most => (LineKind::Maximum, most),
                _ => continue,
            };
            let amount = bound.checked_sub(line.amount)?;
            limits.push(Line::of(line.member, kind, amount));
        }
        self.lines.append(&mut limits);
        Ok(())
    }
}

impl UsageCharge {
    /// The unit price to show for a member by itself, where it makes the amount.
    fn own_unit_price(&self, quantity: Quantity, amount: Money) -> Result<Option<Price>, Error> {
        let Some(price) = self.cost.plain_price(quantity) else {
            return Ok(None);
        };
        let price = Cost::of_base(price, self.price_base)?;
        let price = self.unit_amount_cap.map_or(price, |cap| cap.min(price));
        let made = line_amount(quantity, price, self.price_base, amount.currency())?;
        Ok((made == amount).then_some(price))
    }
}
