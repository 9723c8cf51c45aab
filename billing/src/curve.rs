//! The price curve: unit price and total as functions of volume, by their exact break points.

use serde::Serialize;

use crate::{
    Charge, ChargeKind, Cost, CostFunction, Error, Price, PriceBase, Quantity, SharedCost,
    UsageCharge, decimal::div_ceil, tariff::packages,
};

/// How price and total follow volume, from the first unit on.
///
/// Between two break points the total is a straight line (or, for packages, a staircase), so the
/// points say everything: the unit price in between is total over quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceCurve {
    /// How many units a unit price is quoted for.
    pub price_base: PriceBase,
    /// Its pieces, lowest first; the last is open.
    pub segments: Vec<Segment>,
}

/// A piece of a price curve, `(from, up_to]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Just above its lower end (limits from above).
    pub start: Point,
    /// Its upper end, which belongs to it; none for the last.
    pub end: Option<Point>,
    /// How the total runs in between.
    #[serde(flatten)]
    pub shape: Shape,
    /// The tier of the schedule, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<usize>,
    /// Whether the cap sets the unit price.
    pub capped: bool,
}

/// A point of a price curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Volume.
    pub quantity: Quantity,
    /// What it costs.
    pub total: Cost,
    /// What a unit costs then (per `price_base` units); none at zero, if the price grows beyond
    /// all bounds there.
    pub unit_price: Option<Price>,
}

/// How the total runs within a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Shape {
    /// A straight line.
    Linear,
    /// A step of `amount` after every `package_size` units.
    Staircase {
        /// Units in a package.
        package_size: Quantity,
        /// Price of a package.
        package_amount: Price,
    },
}

/// A stretch `(from, up_to]` on which a cost function is `intercept + slope × quantity` (or a staircase).
#[derive(Clone, Copy)]
struct Piece {
    from: Quantity,
    up_to: Option<Quantity>,
    intercept: Cost,
    slope: Price,
    shape: Shape,
    tier: Option<usize>,
}

impl Charge {
    /// The price curve of a usage charge or a shared cost; fees have none.
    ///
    /// The volume is the pool's where the pool's decides, a member's own otherwise, free units
    /// taken off. Of a shared cost it shows what all members pay together, markup included.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn price_curve(&self) -> Result<Option<PriceCurve>, Error> {
        match &self.kind {
            ChargeKind::Usage(usage) => usage.price_curve().map(Some),
            ChargeKind::SharedCost(shared) => shared.price_curve().map(Some),
            ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => Ok(None),
        }
    }
}

impl UsageCharge {
    fn price_curve(&self) -> Result<PriceCurve, Error> {
        let mut segments = Vec::new();
        for piece in self.cost.pieces()? {
            for part in piece.cut(self.cap_crossing(&piece)?) {
                let inside = part.inside();
                segments.push(Segment {
                    start: self.point(&part, part.from)?,
                    end: part.up_to.map(|up_to| self.point(&part, up_to)).transpose()?,
                    shape: part.shape,
                    tier: part.tier,
                    capped: self.is_capped(part.total(inside)?, inside)?,
                });
            }
        }
        Ok(PriceCurve { price_base: self.price_base, segments })
    }

    fn is_capped(&self, total: Cost, quantity: Quantity) -> Result<bool, Error> {
        self.unit_amount_cap.map_or(Ok(false), |cap| total.exceeds(cap, quantity, self.price_base))
    }

    fn point(&self, piece: &Piece, quantity: Quantity) -> Result<Point, Error> {
        let mut total = piece.total(quantity)?;
        let mut unit_price = piece.average(total, quantity, self.price_base)?;
        if let Some(cap) = self.unit_amount_cap {
            if self.is_capped(total, quantity)? {
                total = Cost::of_quoted(cap, quantity, self.price_base)?;
            }
            unit_price = Some(unit_price.map_or(cap, |price| price.min(cap)));
        }
        Ok(Point { quantity, total, unit_price })
    }

    /// Where within a piece the average price meets the cap, if it does: the first quantity on the
    /// other side, to the six places of a quantity.
    fn cap_crossing(&self, piece: &Piece) -> Result<Option<Quantity>, Error> {
        let Some(cap) = self.unit_amount_cap else {
            return Ok(None);
        };
        if piece.shape != Shape::Linear {
            return Ok(None);
        }
        // intercept + slope × q = cap / base × q
        let base = self.price_base.wide();
        let slack = cap.wide().saturating_sub(piece.slope.wide().saturating_mul(base));
        let lift = piece.intercept.units().saturating_mul(base);
        if slack == 0 || lift == 0 || (lift < 0) != (slack < 0) {
            return Ok(None);
        }
        let crossing = div_ceil(lift.saturating_abs(), slack.saturating_abs())?;
        Ok(Quantity::from_wide(crossing).ok())
    }
}

impl SharedCost {
    fn price_curve(&self) -> Result<PriceCurve, Error> {
        let nothing = CostFunction::Standard { unit_amount: Price::ZERO };
        let mut segments = Vec::new();
        for piece in self.variable.as_ref().unwrap_or(&nothing).pieces()? {
            for part in piece.cut(self.limit()) {
                segments.push(Segment {
                    start: self.point(&part, part.from)?,
                    end: part.up_to.map(|up_to| self.point(&part, up_to)).transpose()?,
                    shape: part.shape,
                    tier: part.tier,
                    capped: false,
                });
            }
        }
        Ok(PriceCurve { price_base: PriceBase::One, segments })
    }

    fn point(&self, piece: &Piece, quantity: Quantity) -> Result<Point, Error> {
        let total = self.recovered(piece.total(quantity)?, quantity)?;
        let average = |quantity| total.average(quantity, PriceBase::One);
        let unit_price = (!quantity.is_zero()).then(|| average(quantity)).transpose()?;
        Ok(Point { quantity, total, unit_price })
    }
}

impl Piece {
    /// It in two, if `at` lies within.
    fn cut(self, at: Option<Quantity>) -> Vec<Self> {
        let within = |at: &Quantity| self.from < *at && self.up_to.is_none_or(|end| *at < end);
        match at.filter(within) {
            Some(at) => vec![Self { up_to: Some(at), ..self }, Self { from: at, ..self }],
            None => vec![self],
        }
    }

    /// A quantity inside, off its ends where there is room.
    fn inside(&self) -> Quantity {
        let from = self.from.units();
        let next = from.saturating_add(1);
        let middle = self.up_to.map_or(next, |end| from.midpoint(end.units()));
        Quantity::from_units(middle.max(next))
    }

    fn total(&self, quantity: Quantity) -> Result<Cost, Error> {
        match self.shape {
            Shape::Linear => self.intercept.checked_add(Cost::of(self.slope, quantity)),
            Shape::Staircase { package_size, package_amount } => {
                Cost::flat(package_amount).checked_mul(packages(quantity, package_size))
            }
        }
    }

    /// The unit price at a quantity, or its limit at zero.
    fn average(
        &self,
        total: Cost,
        quantity: Quantity,
        base: PriceBase,
    ) -> Result<Option<Price>, Error> {
        if !quantity.is_zero() {
            return total.average(quantity, base).map(Some);
        }
        let starts_at_zero = total == Cost::ZERO && self.shape == Shape::Linear;
        starts_at_zero.then(|| Cost::of_base(self.slope, base)).transpose()
    }
}

impl CostFunction {
    /// The stretches on which it is one straight line, or one staircase.
    fn pieces(&self) -> Result<Vec<Piece>, Error> {
        let whole = |slope, shape| {
            let (from, up_to, intercept, tier) = (Quantity::ZERO, None, Cost::ZERO, None);
            Ok(vec![Piece { from, up_to, intercept, slope, shape, tier }])
        };
        let (schedule, graduated) = match self {
            Self::Standard { unit_amount } => return whole(*unit_amount, Shape::Linear),
            // Both count millionths: 2.9 percent of a unit of money is 0.029 a unit.
            Self::Percentage(percentage) => {
                return whole(Price::from_units(percentage.rate_percent.units()), Shape::Linear);
            }
            Self::Package { amount, package_size } => {
                let (package_size, package_amount) = (*package_size, *amount);
                return whole(Price::ZERO, Shape::Staircase { package_size, package_amount });
            }
            Self::Graduated(schedule) => (schedule, true),
            Self::Volume(schedule) => (schedule, false),
        };
        let tiers = schedule.tiers().iter().enumerate();
        let pieces = tiers.map(|(position, tier)| {
            let from = schedule.from(position);
            let intercept = schedule.intercept(position, graduated)?;
            let (shape, tier_number) = (Shape::Linear, Some(position.saturating_add(1)));
            Ok(Piece {
                from,
                up_to: tier.up_to,
                intercept,
                slope: tier.unit_amount,
                shape,
                tier: tier_number,
            })
        });
        pieces.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tariff;

    /// Every segment as `start → end`, with quantity, total and unit price.
    fn curve(charge: &str) -> Vec<String> {
        let tariff: Tariff = serde_json::from_str(charge).unwrap();
        let curve = tariff.charges()[0].price_curve().unwrap().unwrap();
        let point = |point: Point| {
            let price = point.unit_price.map_or("∞".to_owned(), |price| price.to_string());
            format!("{}: {} ({price})", point.quantity, point.total)
        };
        let show = |it: &Segment| {
            let end = it.end.map_or("…".to_owned(), point);
            format!("{} → {end}{}", point(it.start), if it.capped { " capped" } else { "" })
        };
        curve.segments.iter().map(show).collect()
    }

    #[test]
    fn a_graduated_curve_has_no_jumps() {
        let found = curve(
            r#"{"kind":"usage","model":"graduated","tiers":[
                {"up_to":"10000","unit_amount":"0.08"},{"up_to":"50000","unit_amount":"0.055"},
                {"unit_amount":"0.03"}]}"#,
        );
        assert_eq!(
            found,
            [
                "0: 0.00 (0.08) → 10000: 800.00 (0.08)",
                "10000: 800.00 (0.08) → 50000: 3000.00 (0.06)",
                "50000: 3000.00 (0.06) → …",
            ]
        );
    }

    #[test]
    fn a_volume_curve_jumps_at_its_bounds() {
        let found = curve(
            r#"{"kind":"usage","model":"volume","price_base":"1000","tiers":[
                {"up_to":"5","unit_amount":"7","flat_amount":"2"},{"unit_amount":"6.5"}]}"#,
        );
        assert_eq!(found, ["0: 2.00 (∞) → 5: 37.00 (7400)", "5: 32.50 (6500) → …"]);
    }

    #[test]
    fn a_cap_cuts_the_tier_in_which_it_stops_to_matter() {
        let found = curve(
            r#"{"kind":"usage","model":"graduated","unit_amount_cap":"0.06","tiers":[
                {"up_to":"10000","unit_amount":"0.08"},{"unit_amount":"0.055"}]}"#,
        );
        assert_eq!(
            found,
            [
                "0: 0.00 (0.06) → 10000: 600.00 (0.06) capped",
                "10000: 600.00 (0.06) → 50000: 3000.00 (0.06) capped",
                "50000: 3000.00 (0.06) → …",
            ]
        );
        // Within a closed tier, and exactly at its bound.
        let within = |bound: &str| {
            curve(&format!(
                r#"{{"kind":"usage","model":"graduated","unit_amount_cap":"0.06","tiers":[
                {{"up_to":"10000","unit_amount":"0.08"}},{{"up_to":"{bound}","unit_amount":"0.055"}},
                {{"unit_amount":"0.01"}}]}}"#
            ))
        };
        assert_eq!(
            within("60000")[1..3],
            [
                "10000: 600.00 (0.06) → 50000: 3000.00 (0.06) capped",
                "50000: 3000.00 (0.06) → 60000: 3550.00 (0.059167)",
            ]
        );
        assert_eq!(within("50000").len(), 3);
        // A price that rises with volume meets its cap from below.
        let rising = curve(
            r#"{"kind":"usage","model":"graduated","unit_amount_cap":"1.5","tiers":[
                {"up_to":"10","unit_amount":"1"},{"unit_amount":"2"}]}"#,
        );
        assert_eq!(
            rising,
            [
                "0: 0.00 (1) → 10: 10.00 (1)",
                "10: 10.00 (1) → 20: 30.00 (1.5)",
                "20: 30.00 (1.5) → … capped",
            ]
        );
    }

    #[test]
    fn packages_are_a_staircase() {
        let found =
            curve(r#"{"kind":"usage","model":"package","amount":"12","package_size":"100"}"#);
        assert_eq!(found, ["0: 0.00 (∞) → …"]);
    }

    #[test]
    fn a_shared_cost_is_cut_where_its_capacity_is_used_up() {
        let found = curve(
            r#"{"kind":"shared_cost","fixed":"300","allocation":"proportional","capacity":"30",
                "idle_cost":"pole","markup_percent":"10",
                "variable":{"model":"standard","unit_amount":"5"}}"#,
        );
        assert_eq!(found, ["0: 0.00 (∞) → 30: 495.00 (16.5)", "30: 495.00 (16.5) → …"]);
    }
}
