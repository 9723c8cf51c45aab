//! What the picture shows: its words, its window, and the places that matter.

use palier_billing::{
    Charge, ChargeKind, CostFunction, IdleCost, Price, PriceBase, PriceCurve, Quantity,
    RatedCharge, Rating, Scope, Tariff, Tier,
};

use super::{
    axis::Axis,
    canvas::{HEIGHT, WIDTH},
    shape::{Shape, float},
    window,
};
use crate::cli::{
    failure::Failure,
    quote::{standing::Standing, table},
    words::{grouped, month_name},
};

/// Edges of the plot within the picture.
pub(super) const LEFT: f64 = 78.0;
pub(super) const RIGHT: f64 = WIDTH - 22.0;
pub(super) const TOP: f64 = 142.0;
/// Where tiers have their names, above the plot.
pub(super) const STRIP: f64 = 100.0;
pub(super) const BOTTOM: f64 = HEIGHT - 68.0;

/// A picture to be painted.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) x_name: String,
    pub(super) y_name: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) shape: Shape,
    /// The curve as it would be without its cap.
    pub(super) uncapped: Option<Shape>,
    pub(super) bands: Vec<Band>,
    /// The units that were bought, and who pays for those nobody used.
    pub(super) capacity: Option<(f64, String)>,
    /// A price that is not exceeded.
    pub(super) cap: Option<(f64, String)>,
    pub(super) here: Option<Here>,
}

/// A tier, from its lower bound to its upper.
pub(super) struct Band {
    pub(super) from: f64,
    pub(super) to: Option<f64>,
    /// The upper bound as it is written.
    pub(super) bound: String,
    pub(super) name: String,
    pub(super) price: String,
}

/// Where the pool stands.
pub(super) struct Here {
    pub(super) quantity: f64,
    pub(super) price: f64,
    /// The next bound above it.
    pub(super) next: Option<f64>,
    pub(super) words: Vec<String>,
}

impl Chart {
    pub(super) fn new(
        tariff: &Tariff,
        charge: &Charge,
        curve: &PriceCurve,
        rated: Option<(&Rating<'_>, &RatedCharge<'_>)>,
    ) -> Result<Self, Failure> {
        let (unit, code) = (table::unit(tariff, charge), tariff.currency().code());
        let shape = Shape::new(charge, curve);
        let uncapped = uncapped(charge)?;
        let bands = bands(charge, curve.price_base.units());
        let capacity = capacity(charge);
        let here = match rated {
            Some((rating, rated)) => Here::of(rating, rated, unit).map_err(Failure::input)?,
            None => None,
        };
        let x = window::x_axis(&shape, &bands, capacity.as_ref(), here.as_ref());
        let cap = cap(charge, code);
        let y = window::y_axis(&shape, uncapped.as_ref(), &x, here.as_ref(), !bands.is_empty());
        let per = match curve.price_base.units() {
            1 => "unit price".to_owned(),
            base => format!("price of {} {unit}", grouped(base)),
        };
        let whose = if is_own(charge) { "volume of one member" } else { "volume of the pool" };
        Ok(Self {
            title: charge.name.clone().unwrap_or_else(|| "Unit price by volume".to_owned()),
            subtitle: subtitle(charge),
            x_name: format!("{whose}, {unit}"),
            y_name: format!("{per}, {code}"),
            x,
            y,
            shape,
            uncapped,
            bands,
            capacity,
            cap,
            here,
        })
    }
}

fn is_own(charge: &Charge) -> bool {
    matches!(&charge.kind, ChargeKind::Usage(usage) if usage.scope == Scope::Member)
}

fn cost_function(charge: &Charge) -> Option<&CostFunction> {
    match &charge.kind {
        ChargeKind::Usage(usage) => Some(&usage.cost),
        ChargeKind::SharedCost(cost) => cost.variable.as_ref(),
        ChargeKind::Recurring(_) | ChargeKind::OneTime(_) => None,
    }
}

fn subtitle(charge: &Charge) -> String {
    if matches!(charge.kind, ChargeKind::SharedCost(_)) {
        return "A cost that members share, divided by what they use together".to_owned();
    }
    let how = match cost_function(charge) {
        Some(CostFunction::Graduated(_)) => "Each slice at the price of its tier",
        Some(CostFunction::Volume(_)) => "All units at the price of the tier reached",
        Some(CostFunction::Package { .. }) => "Whole packages, even if the last is hardly used",
        Some(CostFunction::Percentage(_)) => return "A percentage of what is used".to_owned(),
        Some(CostFunction::Standard { .. }) | None => return "Every unit at one price".to_owned(),
    };
    if is_own(charge) {
        return format!("{how}; each member by its own volume");
    }
    format!("{how}; everyone pays the average")
}

fn uncapped(charge: &Charge) -> Result<Option<Shape>, Failure> {
    let ChargeKind::Usage(usage) = &charge.kind else {
        return Ok(None);
    };
    if usage.unit_amount_cap.is_none() {
        return Ok(None);
    }
    let mut usage = usage.clone();
    usage.unit_amount_cap = None;
    let charge = Charge { kind: ChargeKind::Usage(usage), name: None };
    let curve = charge.price_curve().map_err(Failure::input)?;
    Ok(curve.map(|curve| Shape::new(&charge, &curve)))
}

fn cap(charge: &Charge, code: &str) -> Option<(f64, String)> {
    let ChargeKind::Usage(usage) = &charge.kind else {
        return None;
    };
    let cap = usage.unit_amount_cap?;
    Some((float(&cap), format!("cap {cap} {code}; thin line: without it")))
}

fn capacity(charge: &Charge) -> Option<(f64, String)> {
    let ChargeKind::SharedCost(cost) = &charge.kind else {
        return None;
    };
    let limit = cost.capacity?;
    let payer = match limit.idle_cost {
        IdleCost::Pole => "the pole pays for idle units",
        IdleCost::Members => "members pay for idle units",
    };
    let text = format!("capacity {}, {payer}", grouped(limit.capacity));
    Some((float(&limit.capacity), text))
}

/// The tiers, with their prices as the axis has them.
fn bands(charge: &Charge, base: u32) -> Vec<Band> {
    let tiers: &[Tier] = match cost_function(charge) {
        Some(CostFunction::Graduated(schedule) | CostFunction::Volume(schedule)) => {
            schedule.tiers()
        }
        _ => &[],
    };
    let mut from = 0.0;
    let bands = (1_usize..).zip(tiers).map(|(number, tier)| {
        let to = tier.up_to.map(|bound| float(&bound));
        let flat = tier.flat_amount.map(|flat| format!("{} + ", grouped(flat)));
        let unit = Price::from_units(tier.unit_amount.units().saturating_mul(base.into()));
        let price = format!("{}{}", flat.unwrap_or_default(), grouped(unit));
        let bound = tier.up_to.map(grouped).unwrap_or_default();
        let band = Band { from, to, bound, name: format!("tier {number}"), price };
        from = to.unwrap_or(from);
        band
    });
    bands.collect()
}

impl Here {
    fn of(
        rating: &Rating<'_>,
        charge: &RatedCharge<'_>,
        unit: &str,
    ) -> Result<Option<Self>, palier_billing::Error> {
        let code = rating.currency().code();
        let (quantity, price) = match (&charge.pool, &charge.shared) {
            (Some(pool), _) => (pool.quantity, pool.unit_price),
            (None, Some(shared)) if shared.quantity > Quantity::ZERO => {
                // Of an amount in cents, so to cents' precision only; it is a label.
                let recovered: Price = shared.recovered.to_string().parse().unwrap_or_default();
                let cost = palier_billing::Cost::flat(recovered);
                (shared.quantity, cost.average(shared.quantity, PriceBase::One)?)
            }
            _ => return Ok(None),
        };
        if quantity <= Quantity::ZERO {
            return Ok(None);
        }
        let month = rating.pool().month().map(month_name);
        let when = month.map(|month| format!("{month}: ")).unwrap_or_default();
        let mut words = vec![
            format!("{when}{} {code}", grouped(price)),
            format!("at {} {unit}", grouped(quantity)),
        ];
        let standing = charge.cost_function().map(|cost| Standing::of(cost, quantity));
        let mut next = None;
        match standing.transpose()?.flatten() {
            Some(Standing::Tier { next: Some(ahead), .. }) => {
                let (missing, bound) = (grouped(ahead.missing), grouped(ahead.above));
                words.push(format!("{missing} to go until {bound}"));
                next = Some(float(&ahead.above));
            }
            Some(Standing::Package { room, .. }) => {
                words.push(format!("room for {} in the last package", grouped(room)));
            }
            _ => {}
        }
        Ok(Some(Self { quantity: float(&quantity), price: float(&price), next, words }))
    }
}
