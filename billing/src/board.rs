//! The price board: what a unit costs so far, and what the pool's next tier would make of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    ChargeKind, CostFunction, Currency, Error, Line, LineKind, Money, Period, Price, Quantity,
    RatedCharge, Scope, Tier, decimal::div_round,
};

/// For whom a price board is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer<'v> {
    /// The pole's finance staff, who see everything.
    Pole,
    /// A member, who sees its own usage and, from `minimum_active` active members up, the pool's.
    Member {
        /// The member's id.
        member: &'v str,
        /// How many members must be active before the pool's figures are shown. Below three, the
        /// pool less one's own would be somebody else's figure; a lower number counts as three.
        minimum_active: usize,
    },
}

/// The fewest active members among whom one's figures cannot be told from the pool's.
pub const MINIMUM_ACTIVE: usize = 3;

/// The price of a pooled service before it is billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceBoard {
    /// What a unit costs at the pool's quantity so far (per the charge's `price_base` units).
    pub unit_price: Price,
    /// The tier reached, from 1, where there are tiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<usize>,
    /// The pool's figures, where the viewer may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolStanding>,
    /// The viewer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnStanding>,
}

/// Where a pool stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolStanding {
    /// Its quantity so far.
    pub quantity: Quantity,
    /// How many members used any.
    pub active_members: usize,
    /// The tier it has not reached yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
    /// Where it will stand at the end of the period, if it goes on like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projection: Option<Projection>,
}

/// The next tier of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NextTier {
    /// Its number, from 1.
    pub tier: usize,
    /// The quantity above which it begins.
    pub above: Quantity,
    /// How many units are missing to that quantity.
    pub missing: Quantity,
    /// Price of a unit in it.
    pub unit_amount: Price,
    /// Due once, when it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flat_amount: Option<Price>,
}

impl CostFunction {
    /// The tier in which a quantity falls, from 1, where there are tiers.
    pub fn tier_at(&self, quantity: Quantity) -> Option<usize> {
        self.slice(quantity).map(|slice| slice.position.saturating_add(1))
    }

    /// The tier after the one in which a quantity falls; none after the last.
    pub fn next_tier(&self, quantity: Quantity) -> Option<NextTier> {
        let slice = self.slice(quantity)?;
        let above = slice.tier.up_to?;
        let position = slice.position.saturating_add(1);
        let Tier { unit_amount, flat_amount, .. } = *self.tiers()?.get(position)?;
        let missing = above.checked_sub(quantity).ok()?;
        let tier = position.saturating_add(1);
        Some(NextTier { tier, above, missing, unit_amount, flat_amount })
    }
}

/// The end of a period, foreseen by the pace so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Projection {
    /// The pool's quantity.
    pub quantity: Quantity,
    /// What a unit will cost.
    pub unit_price: Price,
}

/// A member's own figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OwnStanding {
    /// Its quantity so far.
    pub quantity: Quantity,
    /// What it would be billed now.
    pub amount: Money,
    /// What it saves by not being alone.
    pub saving: Money,
}

/// Continues a quantity at its pace so far to the end of a period.
///
/// # Errors
/// [`Error::Overflow`]; [`Error::DivisionByZero`] if nothing of the period has passed.
pub fn project(quantity: Quantity, period: &Period, now: Timestamp) -> Result<Quantity, Error> {
    let now = now.min(period.end());
    let passed = period.start().duration_until(now).as_micros();
    if passed <= 0 {
        return Err(Error::DivisionByZero);
    }
    let product = quantity.wide().checked_mul(period.micros());
    let product = product.ok_or_else(Error::overflow("projection"))?;
    Quantity::from_wide(div_round(product, passed)?)
}

impl<'a> RatedCharge<'a> {
    /// The price board of a pooled usage charge, rated as if its period ended now; other charges
    /// have none.
    ///
    /// `clock` is the period and the present, for a projection. Volume that adds up over a contract
    /// year is not projected, and neither is a period of which nothing has passed.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn price_board(
        &self,
        viewer: Viewer<'_>,
        clock: Option<(&Period, Timestamp)>,
    ) -> Result<Option<PriceBoard>, Error> {
        let (ChargeKind::Usage(usage), Some(pool)) = (&self.charge.kind, self.pool) else {
            return Ok(None);
        };
        debug_assert_eq!(usage.scope, Scope::Pool, "only pooled charges have a pool price");
        let currency = self.total.currency();
        let shows_pool = match viewer {
            Viewer::Pole => true,
            Viewer::Member { minimum_active, .. } => {
                pool.active_members >= minimum_active.max(MINIMUM_ACTIVE)
            }
        };
        let standing = if shows_pool {
            let projection = match clock {
                Some((period, now)) if self.year.is_none() && period.start() < now => {
                    let quantity = project(pool.quantity, period, now)?;
                    let (unit_price, _) = usage.average(usage.cost.cost(quantity)?, quantity)?;
                    Some(Projection { quantity, unit_price })
                }
                _ => None,
            };
            let (quantity, active_members) = (pool.quantity, pool.active_members);
            let next = usage.cost.next_tier(quantity);
            Some(PoolStanding { quantity, active_members, next, projection })
        } else {
            None
        };
        let own = match viewer {
            Viewer::Pole => None,
            Viewer::Member { member, .. } => {
                let own = self.lines.iter().filter(|line| line.member == member);
                standings(own, currency)?.remove(member)
            }
        };
        let tier = usage.cost.tier_at(pool.quantity);
        Ok(Some(PriceBoard { unit_price: pool.unit_price, tier, pool: standing, own }))
    }

    /// Everybody's own figures, by member id: what the price board shows to each of them.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn own_standings(&self) -> Result<BTreeMap<&'a str, OwnStanding>, Error> {
        standings(&self.lines, self.total.currency())
    }
}

fn standings<'a: 'l, 'l>(
    lines: impl IntoIterator<Item = &'l Line<'a>>,
    currency: Currency,
) -> Result<BTreeMap<&'a str, OwnStanding>, Error> {
    let nothing = Money::zero(currency);
    let nothing = OwnStanding { quantity: Quantity::ZERO, amount: nothing, saving: nothing };
    let mut standings = BTreeMap::new();
    for line in lines {
        let standing = standings.entry(line.member).or_insert(nothing);
        standing.amount = standing.amount.checked_add(line.amount)?;
        if line.kind == LineKind::Usage {
            standing.quantity = line.quantity;
            standing.saving = line.saving().unwrap_or(nothing.saving);
        }
    }
    Ok(standings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Month, Pool, Tariff, time_zone};

    const TARIFF: &str = r#"{"kind":"usage","model":"graduated","tiers":[
        {"up_to":"100","unit_amount":"1"},{"up_to":"300","unit_amount":"0.8"},
        {"unit_amount":"0.5"}]}"#;

    fn board(usage: &[(&str, &str)], viewer: Viewer<'_>) -> PriceBoard {
        let tariff: Tariff = serde_json::from_str(TARIFF).unwrap();
        let usage = usage.iter().map(|(member, quantity)| (*member, quantity.parse().unwrap()));
        let pool = Pool::of(usage).unwrap();
        let rating = tariff.rate(&pool).unwrap();
        let month: Month = "2026-06".parse().unwrap();
        let period = month.days().unwrap().period(&time_zone("UTC").unwrap()).unwrap();
        let now = "2026-06-11T00:00:00Z".parse().unwrap();
        rating.charges()[0].price_board(viewer, Some((&period, now))).unwrap().unwrap()
    }

    #[test]
    fn a_board_shows_where_the_pool_stands_and_goes() {
        let member = Viewer::Member { member: "a", minimum_active: 0 };
        let board = board(&[("a", "50"), ("b", "60"), ("c", "40")], member);
        let json = serde_json::to_value(&board).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "unit_price": "0.933333",
                "tier": 2,
                "pool": {
                    "quantity": "150",
                    "active_members": 3,
                    "next": { "tier": 3, "above": "300", "missing": "150", "unit_amount": "0.5" },
                    "projection": { "quantity": "450", "unit_price": "0.744444" },
                },
                "own": { "quantity": "50", "amount": "46.67", "saving": "3.33" },
            })
        );
    }

    #[test]
    fn everybody_stands_where_their_board_says() {
        let usage = [("a", "50"), ("b", "60"), ("c", "40")];
        let tariff: Tariff = serde_json::from_str(TARIFF).unwrap();
        let pool = usage.map(|(member, quantity)| (member, quantity.parse().unwrap()));
        let pool = Pool::of(pool).unwrap();
        let rating = tariff.rate(&pool).unwrap();
        let standings = rating.charges()[0].own_standings().unwrap();
        assert_eq!(standings.len(), 3);
        for (member, standing) in standings {
            let viewer = Viewer::Member { member, minimum_active: 0 };
            assert_eq!(board(&usage, viewer).own, Some(standing));
        }
    }

    #[test]
    fn two_members_cannot_read_each_other_off_the_board() {
        let usage = [("a", "50"), ("b", "60"), ("c", "0")];
        let member = Viewer::Member { member: "a", minimum_active: 0 };
        assert_eq!(board(&usage, member).pool, None);
        assert_eq!(board(&usage, member).tier, Some(2));
        assert!(board(&usage, Viewer::Pole).pool.is_some());
        let stricter = Viewer::Member { member: "a", minimum_active: 5 };
        let four = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")];
        assert_eq!(board(&four, stricter).pool, None);
    }

    #[test]
    fn nothing_can_be_projected_from_no_time() {
        let month: Month = "2026-06".parse().unwrap();
        let period = month.days().unwrap().period(&time_zone("UTC").unwrap()).unwrap();
        assert!(project(Quantity::ZERO, &period, period.start()).is_err());
        let ten = Quantity::from_units(10_000_000);
        assert_eq!(project(ten, &period, period.end()), Ok(ten));
    }
}
