//! What a quote answers. The figures are those of [`palier_billing::Rating`], as it writes them;
//! the types of `schema` say so to the OpenAPI document.

use std::collections::BTreeMap;

use palier_billing::{Error, Money, Rating, Tariff};
use serde::Serialize;

use super::pools::{Question, is_named};
use crate::http::Answer;
use crate::problem::Problem;
use crate::quote::{self, PeriodReport};
use crate::tariff::TariffWarning;

mod schema;

pub(super) use schema::Quote;

/// What a pool would pay.
#[derive(Serialize)]
struct Answered<'a> {
    currency: &'static str,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    savings: BTreeMap<&'a str, Money>,
    periods: Vec<PeriodReport<'a>>,
    unpriced: Vec<String>,
    warnings: Vec<TariffWarning>,
}

impl Question<'_> {
    /// Prices what was asked, by the engine that prices invoices.
    pub(super) fn answer(&self) -> Result<Answer, Problem> {
        let pools = self.pools()?;
        let refuse = |error: Error| self.unpriceable(&error);
        let ratings = pools.periods.iter().map(|pool| self.tariff.rate(pool));
        let ratings = ratings.collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let unpriced = pools.unpriced.iter().cloned().collect();
        let answered = Answered::of(self.tariff, &ratings, unpriced).map_err(refuse)?;
        Answer::ok(&answered)
    }
}

impl<'a> Answered<'a> {
    fn of(tariff: &Tariff, ratings: &[Rating<'a>], unpriced: Vec<String>) -> Result<Self, Error> {
        let (mut amounts, mut savings) =
            (quote::by_member(ratings)?, quote::savings_by_member(ratings)?);
        amounts.retain(|member, _| is_named(member));
        savings.retain(|member, _| is_named(member));
        let periods = ratings.iter().map(|rating| PeriodReport::of_those(rating, is_named));
        Ok(Self {
            currency: tariff.currency().code(),
            amounts,
            total: quote::total(tariff.currency(), ratings)?,
            savings,
            periods: periods.collect::<Result<_, _>>()?,
            unpriced,
            warnings: TariffWarning::all(tariff),
        })
    }
}
