//! The curve in floating point, good for pixels and nothing else.

use palier_billing::{
    Charge, ChargeKind, CostFunction, PriceCurve, Segment, Shape as Run, Tier, TierSchedule,
};

/// A decimal as a number to compute pixels from.
pub(super) fn float<T: ToString>(decimal: &T) -> f64 {
    decimal.to_string().parse().unwrap_or_default()
}

/// Unit price by volume.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) pieces: Vec<Piece>,
    /// How many units a price is quoted for.
    base: f64,
    cap: f64,
}

/// A stretch on which the total runs along a straight line, or up a staircase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) from: f64,
    /// Infinite for the last.
    pub(super) to: f64,
    /// The total where it begins.
    total: f64,
    slope: f64,
    /// Size and amount of a package, on a staircase.
    pub(super) package: Option<(f64, f64)>,
}

impl Shape {
    pub(super) fn new(charge: &Charge, curve: &PriceCurve) -> Self {
        let pieces = curve.segments.iter().map(|segment| Piece::new(charge, curve, segment));
        let cap = match &charge.kind {
            ChargeKind::Usage(usage) => {
                usage.unit_amount_cap.map_or(f64::INFINITY, |cap| float(&cap))
            }
            _ => f64::INFINITY,
        };
        Self { pieces: pieces.collect(), base: f64::from(curve.price_base.units()), cap }
    }

    /// The unit price within a piece; infinite where it is a cost of no units.
    pub(super) fn price(&self, piece: &Piece, quantity: f64) -> f64 {
        if quantity <= 0.0 {
            let climbs = piece.total > 0.0 || piece.package.is_some();
            let price = if climbs { f64::INFINITY } else { piece.slope * self.base };
            return price.min(self.cap);
        }
        (piece.total(quantity) / quantity * self.base).min(self.cap)
    }

    /// The least and the greatest quantity of a piece, within limits, whose price is not above
    /// `highest`: a cost that is due from the first unit leaves any picture at its top.
    pub(super) fn visible(&self, piece: &Piece, low: f64, high: f64, highest: f64) -> (f64, f64) {
        let (from, to) = (piece.from.max(low), piece.to.min(high));
        let intercept = piece.total - piece.slope * piece.from;
        let room = highest / self.base - piece.slope;
        if piece.package.is_none() && self.cap > highest && intercept > 0.0 && room > 0.0 {
            return (from.max(intercept / room), to);
        }
        (from, to)
    }

    /// Where the price of a package begins not to be above `highest`.
    pub(super) fn tooth_from(&self, (_, amount): (f64, f64), number: f64, highest: f64) -> f64 {
        if self.cap <= highest { 0.0 } else { number * amount * self.base / highest }
    }

    /// Prices on a staircase, from the first unit of a package to its last.
    pub(super) fn tooth(&self, (size, amount): (f64, f64), number: f64, quantity: f64) -> f64 {
        let quantity = quantity.max(size * 1e-6);
        (number * amount / quantity * self.base).min(self.cap)
    }
}

impl Piece {
    fn new(charge: &Charge, curve: &PriceCurve, segment: &Segment) -> Self {
        let (from, total) = (float(&segment.start.quantity), float(&segment.start.total));
        let end = segment.end.map(|end| (float(&end.quantity), float(&end.total)));
        let slope = match end {
            Some((to, end)) => (end - total) / (to - from),
            None if segment.capped => cap_slope(charge, curve),
            None => last_slope(charge),
        };
        let package = match segment.shape {
            Run::Linear => None,
            Run::Staircase { package_size, package_amount } => {
                Some((float(&package_size), float(&package_amount)))
            }
        };
        let to = end.map_or(f64::INFINITY, |(to, _)| to);
        Self { from, to, total, slope, package }
    }

    fn total(&self, quantity: f64) -> f64 {
        match self.package {
            Some((size, amount)) => (quantity / size).ceil() * amount,
            None => self.total + self.slope * (quantity - self.from),
        }
    }
}

fn cap_slope(charge: &Charge, curve: &PriceCurve) -> f64 {
    match &charge.kind {
        ChargeKind::Usage(usage) => {
            usage.unit_amount_cap.map_or(0.0, |cap| float(&cap))
                / f64::from(curve.price_base.units())
        }
        _ => 0.0,
    }
}

/// What a unit adds beyond the last break point.
fn last_slope(charge: &Charge) -> f64 {
    let last = |schedule: &TierSchedule| {
        schedule.tiers().last().map_or(0.0, |tier: &Tier| float(&tier.unit_amount))
    };
    let slope = |cost: &CostFunction| match cost {
        CostFunction::Standard { unit_amount } => float(unit_amount),
        CostFunction::Graduated(schedule) | CostFunction::Volume(schedule) => last(schedule),
        CostFunction::Percentage(percentage) => float(&percentage.rate_percent) / 100.0,
        CostFunction::Package { .. } => 0.0,
    };
    match &charge.kind {
        ChargeKind::Usage(usage) => slope(&usage.cost),
        ChargeKind::SharedCost(cost) => {
            let markup = cost.markup_percent.map_or(0.0, |markup| float(&markup));
            cost.variable.as_ref().map_or(0.0, slope) * (1.0 + markup / 100.0)
        }
        ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => 0.0,
    }
}
