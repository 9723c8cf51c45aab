//! Contract years: volume adds up since the anniversary, and earlier months are trued up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Line, LineKind, Metered, Pool, PoolPrice, RatedCharge};
use crate::{Currency, Error, Money, Quantity, Scope, TrueUp, UsageCharge, line_amount};

/// What was used and billed by one charge since the contract year began, by member id.
///
/// It is carried from period to period: rating gives back the next one. A member that left keeps
/// its entry, because the price of what it used may still move.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct YearToDate(pub BTreeMap<String, YearToDateEntry>);

/// One member's year to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct YearToDateEntry {
    /// What was billed for, in units.
    pub quantity: Quantity,
    /// What was billed for usage and its adjustments; lines that top up to a minimum, or take off
    /// what exceeds a maximum, stay with their period.
    pub billed: Money,
}

/// One member's part in the year, this period included.
struct Part<'a> {
    member: &'a str,
    metered: Option<&'a Metered>,
    /// This period's quantity.
    quantity: Quantity,
    /// The year's, this period included.
    to_date: Quantity,
    billed: Money,
}

impl<'a> RatedCharge<'a> {
    /// Bills this period's quantity at today's price of the year's volume, and what the move of
    /// that price means for the months before.
    pub(super) fn year(
        &mut self,
        charge: &'a UsageCharge,
        true_up: TrueUp,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        let parts = parts(self.position, charge, pool, currency)?;
        let price = match charge.scope {
            Scope::Pool => Some(self.year_price(charge, &parts, currency)?),
            Scope::Member => None,
        };
        let adjusts = match true_up {
            TrueUp::EachPeriod => Some(LineKind::PriceAdjustment),
            TrueUp::YearEnd if pool.closes_year() => Some(LineKind::YearEndAdjustment),
            TrueUp::YearEnd | TrueUp::None => None,
        };
        let mut next = BTreeMap::new();
        let mut due_in_all = Money::zero(currency);
        for part in parts {
            let usage = part.usage_line(charge, price.as_ref(), currency)?;
            let due = match &price {
                Some(pool) => {
                    line_amount(part.to_date, pool.unit_price, charge.price_base, currency)?
                }
                None => charge.own_amount(part.to_date, &[], currency)?,
            };
            due_in_all = due_in_all.checked_add(due)?;
            let mut billed = part.billed.checked_add(usage.amount)?;
            if part.metered.is_some() {
                self.lines.push(usage);
            }
            let difference = due.checked_sub(billed)?;
            if let Some(kind) = adjusts.filter(|_| !difference.is_zero()) {
                self.lines.push(Line::of(part.member, kind, difference));
                billed = due;
            }
            let entry = YearToDateEntry { quantity: part.to_date, billed };
            next.insert(part.member.to_owned(), entry);
        }
        self.pool = price
            .map(|price| {
                let rounding = price.rounding.checked_add(due_in_all)?;
                Ok::<_, Error>(PoolPrice { rounding, ..price })
            })
            .transpose()?;
        self.year = Some(YearToDate(next));
        Ok(())
    }
}

impl RatedCharge<'_> {
    /// The price of what the pool used in the year so far.
    fn year_price(
        &self,
        charge: &UsageCharge,
        parts: &[Part<'_>],
        currency: Currency,
    ) -> Result<PoolPrice, Error> {
        let mut sum: i128 = 0;
        let mut active_members: usize = 0;
        for part in parts {
            charge.can_pool(part.member, part.to_date)?;
            sum = sum.saturating_add(part.to_date.wide());
            active_members = active_members.saturating_add((!part.to_date.is_zero()).into());
        }
        let quantity = Quantity::from_wide(sum)?;
        if quantity.is_zero() && active_members > 0 {
            return Err(Error::NoPoolPrice { charge: self.position });
        }
        charge.pool_price(quantity, active_members, currency)
    }
}

/// Everyone who is subscribed now or used something earlier in the year, by member id.
fn parts<'a>(
    position: usize,
    charge: &UsageCharge,
    pool: &'a Pool,
    currency: Currency,
) -> Result<Vec<Part<'a>>, Error> {
    let part = |member: &'a str, metered, quantity: Quantity, before: Option<&YearToDateEntry>| {
        let (used, billed) = before.map_or((Quantity::ZERO, Money::zero(currency)), |before| {
            (before.quantity, before.billed)
        });
        let to_date = used.checked_add(quantity)?;
        Ok(Part { member, metered, quantity, to_date, billed })
    };
    // Both are in the order of member ids, so one walk along them finds who is in which.
    let year = pool.year_to_date(position).map(|year| &year.0);
    let mut before = year.into_iter().flatten().peekable();
    let mut parts = Vec::with_capacity(pool.subscribers().len());
    for (subscriber, metered) in pool.usage(position) {
        let member = &subscriber.member;
        while let Some((left, entry)) = before.next_if(|(other, _)| *other < member) {
            parts.push(part(left, None, Quantity::ZERO, Some(entry)));
        }
        let entry = before.next_if(|(other, _)| *other == member).map(|(_, entry)| entry);
        parts.push(part(member, Some(metered), charge.billed_quantity(metered)?, entry));
    }
    parts.extend(before.map(|(left, entry)| part(left, None, Quantity::ZERO, Some(entry))));
    parts.into_iter().collect()
}

impl<'a> Part<'a> {
    /// This period's quantity at today's price: the pool's, or the exact average of the member's
    /// own year.
    fn usage_line(
        &self,
        charge: &UsageCharge,
        pool: Option<&PoolPrice>,
        currency: Currency,
    ) -> Result<Line<'a>, Error> {
        let own = self.own_amount(charge, currency)?;
        let amount_at = |price| line_amount(self.quantity, price, charge.price_base, currency);
        let (unit_price, amount, alone) = match pool {
            Some(pool) => (Some(pool.unit_price), amount_at(pool.unit_price)?, Some(own)),
            None => {
                let (average, _) = charge.average(charge.cost.cost(self.to_date)?, self.to_date)?;
                let makes_it = amount_at(average)? == own;
                (makes_it.then_some(average), own, None)
            }
        };
        Ok(Line {
            member: self.member,
            kind: LineKind::Usage,
            metered: self.metered,
            quantity: self.quantity,
            unit_price,
            amount,
            alone,
        })
    }

    /// This period's part in what the member's own year costs by itself. A year begins with all of
    /// it, so that nothing is left to adjust.
    fn own_amount(&self, charge: &UsageCharge, currency: Currency) -> Result<Money, Error> {
        if self.quantity == self.to_date && self.billed.is_zero() {
            return charge.own_amount(self.to_date, &[], currency);
        }
        let cost = charge.cost.cost(self.to_date)?;
        match charge.unit_amount_cap {
            _ if self.to_date.is_zero() => Ok(Money::zero(currency)),
            Some(cap) if cost.exceeds(cap, self.to_date, charge.price_base)? => {
                line_amount(self.quantity, cap, charge.price_base, currency)
            }
            _ => cost.round_part(self.quantity, self.to_date, currency),
        }
    }
}
