//! A priced period as JSON.

use std::collections::BTreeMap;

use palier_billing::{
    ChargeKind, CostFunction, Error, Money, Month, NextTier, Price, RatedCharge, Rating,
};
use serde::Serialize;

use super::sums;

/// One period. What a worked case expects stands at the top; `charges` says how it came about.
#[derive(Serialize)]
pub(crate) struct PeriodReport<'a> {
    currency: &'static str,
    #[serde(rename = "period", skip_serializing_if = "Option::is_none")]
    month: Option<Month>,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    #[serde(flatten)]
    price: Option<OnlyPrice>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    savings: BTreeMap<&'a str, Money>,
    charges: Vec<ChargeReport<'a>>,
}

/// The price that the pool reached, where a tariff has just one charge for usage.
#[derive(Serialize)]
struct OnlyPrice {
    unit_price: String,
    pool_cost: String,
}

/// A charge, and where in its tiers the pool stands.
#[derive(Serialize)]
struct ChargeReport<'a> {
    #[serde(flatten)]
    charge: RatedCharge<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_tier: Option<NextTier>,
}

impl<'a> PeriodReport<'a> {
    /// What a period came to, in full.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub(crate) fn of(rating: &Rating<'a>) -> Result<Self, Error> {
        Self::of_those(rating, |_| true)
    }

    /// What a period came to for everyone together, and for some members in particular.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub(crate) fn of_those(
        rating: &Rating<'a>,
        shown: impl Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        let charges = rating.charges().iter().map(|charge| ChargeReport::of(charge, &shown));
        let (mut amounts, mut savings) = (rating.amounts()?, sums::savings(rating)?);
        amounts.retain(|member, _| shown(member));
        savings.retain(|member, _| shown(member));
        Ok(Self {
            currency: rating.currency().code(),
            month: rating.pool().month(),
            amounts,
            total: rating.total()?,
            price: OnlyPrice::of(rating)?,
            savings,
            charges: charges.collect(),
        })
    }
}

impl<'a> ChargeReport<'a> {
    fn of(rated: &RatedCharge<'a>, shown: impl Fn(&str) -> bool) -> Self {
        let mut charge = rated.clone();
        charge.lines.retain(|line| shown(line.member));
        if let Some(year) = &mut charge.year {
            year.0.retain(|member, _| shown(member));
        }
        let pool = charge.pool.map(|pool| pool.quantity);
        let quantity = pool.or(charge.shared.map(|shared| shared.quantity));
        let place = charge.cost_function().zip(quantity);
        let tier = place.and_then(|(cost, quantity)| cost.tier_at(quantity));
        let next_tier = place.and_then(|(cost, quantity)| CostFunction::next_tier(cost, quantity));
        Self { charge, tier, next_tier }
    }
}

impl OnlyPrice {
    fn of(rating: &Rating<'_>) -> Result<Option<Self>, Error> {
        let mut metered = rating.charges().iter().filter(|charge| {
            matches!(charge.charge.kind, ChargeKind::Usage(_) | ChargeKind::SharedCost(_))
        });
        let (Some(only), None) = (metered.next(), metered.next()) else {
            return Ok(None);
        };
        let Some(pool) = &only.pool else {
            return Ok(None);
        };
        let exact = |price: Price| price.exact().to_string();
        Ok(Some(Self {
            unit_price: exact(pool.unit_price),
            pool_cost: exact(pool.cost.round_price()?),
        }))
    }
}
