//! The JSON form of a rating: every line with the calculation behind it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::Error as _};

use super::{
    FeeInterval, Line, LineKind, PoolPrice, RatedCharge, Rating, SharedOutcome, Step, YearToDate,
};
use crate::{ChargeKind, CostFunction, Error, Money, Price, Quantity};

impl RatedCharge<'_> {
    /// The cost function behind the charge, if it has one.
    pub fn cost_function(&self) -> Option<&CostFunction> {
        match &self.charge.kind {
            ChargeKind::Usage(usage) => Some(&usage.cost),
            ChargeKind::SharedCost(shared) => shared.variable.as_ref(),
            ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => None,
        }
    }

    /// How the cost of the pool's quantity came about, where the pool's volume decides.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn pool_steps(&self) -> Result<Vec<Step>, Error> {
        let quantity = self.pool.map(|pool| pool.quantity);
        let quantity = quantity.or(self.shared.map(|shared| shared.quantity));
        match (self.cost_function(), quantity) {
            (Some(function), Some(quantity)) => function.steps(quantity),
            _ => Ok(Vec::new()),
        }
    }

    /// How the amount of a line came about, where the member's own volume decides. Over a contract
    /// year that is the volume of the year so far, of which the line bills this period's part.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn line_steps(&self, line: &Line<'_>) -> Result<Vec<Step>, Error> {
        let Some(function) = self.cost_function() else { return Ok(Vec::new()) };
        if self.pool.is_some() || line.kind != LineKind::Usage {
            return Ok(Vec::new());
        }
        match self.year.as_ref().and_then(|year| year.0.get(line.member)) {
            Some(entry) => function.steps(entry.quantity),
            None => function.steps_of(line.quantity, line.metered),
        }
    }
}

#[derive(Serialize)]
struct RatingView<'r, 'a> {
    currency: &'static str,
    amounts: BTreeMap<&'a str, Money>,
    total: Money,
    charges: &'r [RatedCharge<'a>],
}

impl Serialize for Rating<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RatingView {
            currency: self.currency.code(),
            amounts: self.amounts().map_err(S::Error::custom)?,
            total: self.total().map_err(S::Error::custom)?,
            charges: &self.charges,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct ChargeView<'r> {
    position: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<PoolPrice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<SharedOutcome>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step>,
    lines: Vec<LineView<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year_to_date: Option<&'r YearToDate>,
}

#[derive(Serialize)]
struct LineView<'r> {
    member: &'r str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metered: Option<Quantity>,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exact")]
    unit_price: Option<Price>,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    alone: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saving: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    interval: Option<FeeInterval>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step>,
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn exact<S: Serializer>(price: &Option<Price>, serializer: S) -> Result<S::Ok, S::Error> {
    Price::serialize_exact(&price.unwrap_or_default(), serializer)
}

impl Serialize for RatedCharge<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = self.lines.iter().map(|line| {
            Ok(LineView {
                member: line.member,
                kind: line.kind.as_str(),
                metered: line.metered.map(|metered| metered.quantity),
                quantity: line.quantity,
                unit_price: line.unit_price,
                amount: line.amount,
                alone: line.alone,
                saving: line.saving(),
                interval: match line.kind {
                    LineKind::Recurring(interval) => interval,
                    _ => None,
                },
                steps: self.line_steps(line)?,
            })
        });
        ChargeView {
            position: self.position,
            name: self.charge.name.as_deref(),
            total: self.total,
            pool: self.pool,
            shared: self.shared,
            steps: self.pool_steps().map_err(S::Error::custom)?,
            lines: lines.collect::<Result<_, Error>>().map_err(S::Error::custom)?,
            year_to_date: self.year.as_ref(),
        }
        .serialize(serializer)
    }
}
