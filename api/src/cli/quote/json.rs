//! The quote as JSON.

use std::collections::BTreeMap;

use palier_billing::{ChargeKind, Error, Money, Month, Price, RatedCharge, Rating};
use serde::Serialize;

use super::sums;
use crate::cli::failure::Failure;

/// One period. What a worked case expects stands at the top; `charges` says how it came about.
#[derive(Serialize)]
struct Period<'r, 'a> {
    currency: &'static str,
    #[serde(rename = "period", skip_serializing_if = "Option::is_none")]
    month: Option<Month>,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    #[serde(flatten)]
    price: Option<PoolPrice>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    savings: BTreeMap<&'a str, Money>,
    charges: &'r [RatedCharge<'a>],
}

/// The price that the pool reached, where a tariff has just one charge for usage.
#[derive(Serialize)]
struct PoolPrice {
    unit_price: String,
    pool_cost: String,
}

/// Several periods, and what they come to.
#[derive(Serialize)]
struct Periods<'r, 'a> {
    currency: &'static str,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    #[serde(rename = "periods")]
    each: Vec<Period<'r, 'a>>,
}

/// Writes one period as itself, and several as their sum and a list.
pub(super) fn write(ratings: &[Rating<'_>]) -> Result<String, Failure> {
    let unpriceable = |error: Error| Failure::input(error);
    let periods = ratings.iter().map(Period::of).collect::<Result<Vec<_>, _>>();
    let periods = periods.map_err(unpriceable)?;
    let json = match (ratings, periods.as_slice()) {
        (_, [period]) => serde_json::to_string_pretty(period),
        ([first, ..], _) => {
            let currency = first.currency();
            let amounts = sums::by_member(ratings).map_err(unpriceable)?;
            let total = sums::total(currency, ratings).map_err(unpriceable)?;
            let currency = currency.code();
            serde_json::to_string_pretty(&Periods { currency, amounts, total, each: periods })
        }
        ([], _) => return Ok(String::new()),
    };
    let json = json.map_err(|error| Failure::Output(format!("JSON: {error}")))?;
    Ok(json + "\n")
}

impl<'r, 'a> Period<'r, 'a> {
    fn of(rating: &'r Rating<'a>) -> Result<Self, Error> {
        Ok(Self {
            currency: rating.currency().code(),
            month: rating.pool().month(),
            amounts: rating.amounts()?,
            total: rating.total()?,
            price: PoolPrice::of(rating)?,
            savings: sums::savings(rating)?,
            charges: rating.charges(),
        })
    }
}

impl PoolPrice {
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
