//! The quote as JSON.

use std::collections::BTreeMap;

use palier_billing::{Error, Money, Rating};
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::quote::{self, PeriodReport};

/// Several periods, and what they come to.
#[derive(Serialize)]
struct Periods<'a> {
    currency: &'static str,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    #[serde(rename = "periods")]
    each: Vec<PeriodReport<'a>>,
}

/// Writes one period as itself, and several as their sum and a list.
pub(super) fn write(ratings: &[Rating<'_>]) -> Result<String, Failure> {
    let unpriceable = |error: Error| Failure::input(error);
    let periods = ratings.iter().map(PeriodReport::of).collect::<Result<Vec<_>, _>>();
    let periods = periods.map_err(unpriceable)?;
    let json = match (ratings, periods.as_slice()) {
        (_, [period]) => serde_json::to_string_pretty(period),
        ([first, ..], _) => {
            let currency = first.currency();
            let amounts = quote::by_member(ratings).map_err(unpriceable)?;
            let total = quote::total(currency, ratings).map_err(unpriceable)?;
            let currency = currency.code();
            serde_json::to_string_pretty(&Periods { currency, amounts, total, each: periods })
        }
        ([], _) => return Ok(String::new()),
    };
    let json = json.map_err(|error| Failure::Output(format!("JSON: {error}")))?;
    Ok(json + "\n")
}
