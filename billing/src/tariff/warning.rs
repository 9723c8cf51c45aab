//! What a tariff may do, but its author should know.

use std::fmt;

use serde::Serialize;

use super::{ChargeKind, CostFunction, Tariff, TierSchedule, UsageCharge};
use crate::{Cost, Error, Price, Quantity, decimal::div_ceil};

/// Something a valid tariff does that may not be what its author meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum Warning {
    /// A total falls when a bound is crossed, so that more can cost less.
    Cliff {
        /// JSON pointer to the tier whose bound it is.
        pointer: String,
        /// Where, and how much.
        #[serde(flatten)]
        cliff: Cliff,
    },
    /// The cap lies below every tier's price, so that it alone is what a unit costs.
    CapBelowPrices {
        /// JSON pointer to the cap.
        pointer: String,
        /// The cap, per `price_base` units.
        unit_amount_cap: Price,
        /// The lowest price of the schedule, for as many units.
        lowest: Price,
    },
    /// All charges of a meter carry filters: usage that none of them names has no price.
    UnpricedUsage {
        /// JSON pointer to the first of them.
        pointer: String,
    },
}

/// A place where a volume schedule's total falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cliff {
    /// Above this quantity, up to the bound, one pays more than just over the bound.
    pub above: Quantity,
    /// The bound at which the total falls.
    pub bound: Quantity,
    /// The total at the bound.
    pub total_at_bound: Cost,
    /// The total just over the bound (its limit from above).
    pub total_over_bound: Cost,
    /// From this quantity on, the total is again as high as at the bound; none if it stays below.
    pub until: Option<Quantity>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cliff { pointer, cliff } => {
                write!(
                    f,
                    "{pointer}: the total falls from {} to {} when {} units are exceeded: \
                     more than {} and up to {} units cost more than the next one over",
                    cliff.total_at_bound,
                    cliff.total_over_bound,
                    cliff.bound,
                    cliff.above,
                    cliff.bound,
                )?;
                match cliff.until {
                    Some(until) => write!(f, "; {until} units are as dear again"),
                    None => f.write_str("; no quantity is as dear again"),
                }
            }
            Self::CapBelowPrices { pointer, unit_amount_cap, lowest } => write!(
                f,
                "{pointer}: the cap of {unit_amount_cap} is below the lowest price, {lowest}, so \
                 that it is always the price (both per price_base units)"
            ),
            Self::UnpricedUsage { pointer } => {
                write!(f, "{pointer}: usage that no filter of this meter names has no price")
            }
        }
    }
}

impl Warning {
    /// JSON pointer to what it is about.
    pub fn pointer(&self) -> &str {
        match self {
            Self::Cliff { pointer, .. }
            | Self::CapBelowPrices { pointer, .. }
            | Self::UnpricedUsage { pointer } => pointer,
        }
    }
}

impl Tariff {
    /// What its author should know, in the order of its charges.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (position, charge) in self.charges().iter().enumerate() {
            let (cost, path) = match &charge.kind {
                ChargeKind::Usage(usage) => {
                    if self.leaves_usage_unpriced(position) {
                        let pointer = format!("/charges/{position}/filter");
                        warnings.push(Warning::UnpricedUsage { pointer });
                    }
                    warnings.extend(usage.cap_below_prices(position));
                    (Some(&usage.cost), "tiers")
                }
                ChargeKind::SharedCost(shared) => (shared.variable.as_ref(), "variable/tiers"),
                ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => continue,
            };
            let Some(CostFunction::Volume(schedule)) = cost else {
                continue;
            };
            warnings.extend(schedule.cliffs().into_iter().map(|(tier, cliff)| Warning::Cliff {
                pointer: format!("/charges/{position}/{path}/{tier}"),
                cliff,
            }));
        }
        warnings
    }

    /// Whether this is the first of a meter's charges and all of them are filtered.
    fn leaves_usage_unpriced(&self, position: usize) -> bool {
        let meter = |at: usize| match self.charges().get(at).map(|charge| &charge.kind) {
            Some(ChargeKind::Usage(usage)) => Some(&usage.source),
            _ => None,
        };
        let Some(source) = meter(position) else {
            return false;
        };
        let mut same = (0..self.charges().len())
            .filter_map(|at| meter(at).map(|other| (at, other)))
            .filter(|(_, other)| self.meter_code(other) == self.meter_code(source))
            .peekable();
        same.peek().is_some_and(|&(first, _)| first == position)
            && same.all(|(_, other)| !other.filter.is_empty())
    }
}

impl UsageCharge {
    /// A cap is quoted for `price_base` units, the prices of tiers for one: easily mistaken.
    fn cap_below_prices(&self, position: usize) -> Option<Warning> {
        let unit_amount_cap = self.unit_amount_cap?;
        let lowest = match &self.cost {
            CostFunction::Standard { unit_amount } => *unit_amount,
            other => other.tiers()?.iter().map(|tier| tier.unit_amount).min()?,
        };
        let lowest = Cost::of_base(lowest, self.price_base).ok()?;
        let pointer = format!("/charges/{position}/unit_amount_cap");
        (unit_amount_cap < lowest).then_some(Warning::CapBelowPrices {
            pointer,
            unit_amount_cap,
            lowest,
        })
    }
}

impl TierSchedule {
    /// The bounds at which the total of a volume schedule falls, with their tier's position.
    pub fn cliffs(&self) -> Vec<(usize, Cliff)> {
        let bounds = self.tiers().iter().enumerate();
        bounds
            .filter_map(|(position, tier)| Some((position, tier.up_to?)))
            .filter_map(|(position, bound)| Some((position, self.cliff(position, bound).ok()??)))
            .collect()
    }

    fn cliff(&self, position: usize, bound: Quantity) -> Result<Option<Cliff>, Error> {
        let total_at_bound = self.volume_in(position, bound)?;
        let total_over_bound = self.volume_in(position.saturating_add(1), bound)?;
        if total_over_bound >= total_at_bound {
            return Ok(None);
        }
        Ok(Some(Cliff {
            above: self.last_at_most(position, total_over_bound)?,
            bound,
            total_at_bound,
            total_over_bound,
            until: self.first_at_least(position.saturating_add(1), total_at_bound)?,
        }))
    }

    /// All units at one tier's price, whether or not they fall into it.
    fn volume_in(&self, position: usize, quantity: Quantity) -> Result<Cost, Error> {
        let Some(tier) = self.tiers().get(position) else {
            return Ok(Cost::ZERO);
        };
        let flat = tier.flat_amount.map_or(Cost::ZERO, Cost::flat);
        Cost::of(tier.unit_amount, quantity).checked_add(flat)
    }

    /// The quantity above which, up to the top of tier `position`, every total exceeds `limit`.
    fn last_at_most(&self, position: usize, limit: Cost) -> Result<Quantity, Error> {
        for position in (0..=position).rev() {
            let from = self.from(position);
            // Totals rise within a tier: if even its lower end exceeds the limit, all of it does.
            if self.volume_in(position, from)? <= limit {
                let Some(tier) = self.tiers().get(position) else {
                    break;
                };
                let flat = tier.flat_amount.map_or(Cost::ZERO, Cost::flat);
                let room = limit.units().saturating_sub(flat.units());
                let bound = tier.up_to.unwrap_or(from);
                let reach = room.checked_div(tier.unit_amount.wide());
                return Quantity::from_wide(reach.unwrap_or(i128::MAX).min(bound.wide()));
            }
        }
        Ok(Quantity::ZERO)
    }

    /// The first quantity from tier `position` up whose total reaches `limit`.
    fn first_at_least(&self, position: usize, limit: Cost) -> Result<Option<Quantity>, Error> {
        for (position, tier) in self.tiers().iter().enumerate().skip(position) {
            let flat = tier.flat_amount.map_or(Cost::ZERO, Cost::flat);
            let missing = limit.units().saturating_sub(flat.units()).max(0);
            let from = self.from(position);
            let reached = if tier.unit_amount.wide() == 0 {
                (missing == 0).then_some(from)
            } else {
                let reach = div_ceil(missing, tier.unit_amount.wide())?;
                Quantity::from_wide(reach).ok().map(|reach| reach.max(from))
            };
            let inside = |quantity: &Quantity| tier.up_to.is_none_or(|bound| *quantity <= bound);
            if let Some(quantity) = reached.filter(inside) {
                return Ok(Some(quantity));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cliffs(tiers: &str) -> Vec<[String; 5]> {
        let json = format!(r#"{{"kind":"usage","model":"volume","tiers":{tiers}}}"#);
        let tariff: Tariff = serde_json::from_str(&json).unwrap();
        let show = |warning: Warning| match warning {
            Warning::Cliff { cliff, .. } => [
                cliff.above.to_string(),
                cliff.bound.to_string(),
                cliff.total_at_bound.to_string(),
                cliff.total_over_bound.to_string(),
                cliff.until.map_or_else(String::new, |until| until.to_string()),
            ],
            other => panic!("not about cliffs: {other}"),
        };
        tariff.warnings().into_iter().map(show).collect()
    }

    #[test]
    fn every_fall_of_the_total_is_named() {
        let found = cliffs(
            r#"[{"up_to":"100","unit_amount":"1"},{"up_to":"300","unit_amount":"0.8"},
                {"unit_amount":"0.5"}]"#,
        );
        assert_eq!(
            found,
            [
                ["80", "100", "100.00", "80.00", "125"].map(str::to_owned),
                ["187.5", "300", "240.00", "150.00", "480"].map(str::to_owned),
            ]
        );
    }

    #[test]
    fn a_fall_may_reach_below_its_own_tier() {
        let found = cliffs(
            r#"[{"up_to":"10","unit_amount":"10"},{"up_to":"20","unit_amount":"10"},
                {"unit_amount":"1"}]"#,
        );
        assert_eq!(found, [["2", "20", "200.00", "20.00", "200"].map(str::to_owned)]);
    }

    #[test]
    fn a_cap_for_one_unit_beside_a_price_for_a_thousand_is_noticed() {
        let warnings = |cap: &str| {
            let json = format!(
                r#"{{"kind":"usage","model":"graduated","price_base":"1000","unit_amount_cap":"{cap}",
                    "tiers":[{{"up_to":"10","unit_amount":"0.08"}},{{"unit_amount":"0.05"}}]}}"#
            );
            let tariff: Tariff = serde_json::from_str(&json).unwrap();
            let warnings = tariff.warnings();
            assert!(warnings.iter().all(|it| it.pointer() == "/charges/0/unit_amount_cap"));
            warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let noticed = "/charges/0/unit_amount_cap: the cap of 0.06 is below the lowest price, 50, \
                       so that it is always the price (both per price_base units)";
        assert_eq!(warnings("0.06"), [noticed]);
        assert!(warnings("50").is_empty());
    }

    #[test]
    fn rising_schedules_have_none() {
        assert!(cliffs(r#"[{"up_to":"10","unit_amount":"1"},{"unit_amount":"1"}]"#).is_empty());
        let free = cliffs(r#"[{"up_to":"10","unit_amount":"1"},{"unit_amount":"0"}]"#);
        assert_eq!(free, [["0", "10", "10.00", "0.00", ""].map(str::to_owned)]);
    }
}
