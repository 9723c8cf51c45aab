//! What the picture shows: its words, its window, and the places that matter.

use palier_billing::{
    Charge, ChargeKind, CostFunction, Error, IdleCost, Price, PriceCurve, RatedCharge, Rating,
    Scope, Tariff, Tier,
};

use super::{
    axis::Axis,
    canvas::Frame,
    here::Here,
    shape::{Shape, float},
    window,
};
use crate::quote::words::{self, grouped};
use crate::say;
use crate::text::{Language, Text};

/// Edges of the plot within the picture.
pub(super) const LEFT: f64 = 78.0;
pub(super) const TOP: f64 = 142.0;
/// Where tiers have their names, above the plot.
pub(super) const STRIP: f64 = 100.0;

impl Frame {
    /// The right edge of the plot.
    pub(super) const fn right(self) -> f64 {
        self.width - 22.0
    }

    /// Whether long sentences have no room.
    pub(super) fn is_narrow(self) -> bool {
        self.width < Self::WIDE.width
    }

    /// The lower edge of the plot.
    pub(super) const fn bottom(self) -> f64 {
        self.height - 68.0
    }
}

/// A picture to be painted.
pub(super) struct Chart {
    pub(super) frame: Frame,
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

impl Chart {
    pub(super) fn new(
        tariff: &Tariff,
        charge: &Charge,
        curve: &PriceCurve,
        rated: Option<(&Rating<'_>, &RatedCharge<'_>)>,
        (frame, language): (Frame, Language),
    ) -> Result<Self, Error> {
        let code = tariff.currency().code();
        let units = say!(en "units", fr "unités");
        let unit = words::unit(tariff, charge).unwrap_or_else(|| units.in_language(language));
        let shape = Shape::new(charge, curve);
        let uncapped = uncapped(charge)?;
        let bands = bands(charge, curve.price_base.units(), language);
        let capacity = capacity(charge, language);
        let here = match rated {
            Some((rating, rated)) => Here::of(rating, rated, unit, (frame, language))?,
            None => None,
        };
        let x = window::x_axis(frame, &shape, &bands, capacity.as_ref(), here.as_ref());
        let cap = cap(charge, code, language);
        let strip = !bands.is_empty();
        let y = window::y_axis(frame, &shape, uncapped.as_ref(), &x, here.as_ref(), strip);
        let per = match curve.price_base.units() {
            1 => say!(en "unit price", fr "prix unitaire"),
            base => {
                let base = grouped(base);
                say!(en "price of {base} {unit}", fr "prix de {base} {unit}")
            }
        };
        let whose = if is_own(charge) {
            say!(en "volume of one member", fr "volume d’un membre")
        } else {
            say!(en "volume of the pool", fr "volume du groupe")
        };
        let unnamed = say!(en "Unit price by volume", fr "Prix unitaire selon le volume");
        let said = |text: Text| text.in_language(language).to_owned();
        Ok(Self {
            frame,
            title: charge.name.clone().unwrap_or_else(|| said(unnamed)),
            subtitle: said(subtitle(charge, frame)),
            x_name: format!("{}, {unit}", said(whose)),
            y_name: format!("{}, {code}", said(per)),
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

fn subtitle(charge: &Charge, frame: Frame) -> Text {
    if matches!(charge.kind, ChargeKind::SharedCost(_)) {
        return say!(
            en "A cost that members share, divided by what they use together",
            fr "Un coût que les membres partagent, divisé par leur usage commun"
        );
    }
    let mut how = match cost_function(charge) {
        Some(CostFunction::Graduated(_)) => say!(
            en "Each slice at the price of its tier", fr "Chaque tranche au prix de son palier"
        ),
        Some(CostFunction::Volume(_)) => say!(
            en "All units at the price of the tier reached",
            fr "Toutes les unités au prix du palier atteint"
        ),
        Some(CostFunction::Package { .. }) => say!(
            en "Whole packages, even if the last is hardly used",
            fr "Des lots entiers, même si le dernier est à peine entamé"
        ),
        Some(CostFunction::Percentage(_)) => {
            return say!(en "A percentage of what is used", fr "Un pourcentage de l’usage");
        }
        Some(CostFunction::Standard { .. }) | None => {
            return say!(en "Every unit at one price", fr "Toutes les unités au même prix");
        }
    };
    if frame.is_narrow() {
        return how;
    }
    how.push(&if is_own(charge) {
        say!(en "; each member by its own volume", fr " ; chacun selon son volume")
    } else {
        say!(en "; everyone pays the average", fr " ; chacun paie la moyenne")
    });
    how
}

fn uncapped(charge: &Charge) -> Result<Option<Shape>, Error> {
    let ChargeKind::Usage(usage) = &charge.kind else {
        return Ok(None);
    };
    if usage.unit_amount_cap.is_none() {
        return Ok(None);
    }
    let mut usage = usage.clone();
    usage.unit_amount_cap = None;
    let charge = Charge { kind: ChargeKind::Usage(usage), name: None };
    let curve = charge.price_curve()?;
    Ok(curve.map(|curve| Shape::new(&charge, &curve)))
}

fn cap(charge: &Charge, code: &str, language: Language) -> Option<(f64, String)> {
    let ChargeKind::Usage(usage) = &charge.kind else {
        return None;
    };
    let cap = usage.unit_amount_cap?;
    let text = say!(
        en "cap {cap} {code}; thin line: without it",
        fr "plafond {cap} {code} ; trait fin : sans lui"
    );
    Some((float(&cap), text.in_language(language).to_owned()))
}

fn capacity(charge: &Charge, language: Language) -> Option<(f64, String)> {
    let ChargeKind::SharedCost(cost) = &charge.kind else {
        return None;
    };
    let limit = cost.capacity?;
    let units = grouped(limit.capacity);
    let text = match limit.idle_cost {
        IdleCost::Pole => say!(
            en "capacity {units}, the pole pays for idle units",
            fr "capacité {units}, le pôle paie l’inutilisé"
        ),
        IdleCost::Members => say!(
            en "capacity {units}, members pay for idle units",
            fr "capacité {units}, les membres paient l’inutilisé"
        ),
    };
    Some((float(&limit.capacity), text.in_language(language).to_owned()))
}

/// The tiers, with their prices as the axis has them.
fn bands(charge: &Charge, base: u32, language: Language) -> Vec<Band> {
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
        let name = say!(en "tier {number}", fr "palier {number}");
        let name = name.in_language(language).to_owned();
        let band = Band { from, to, bound, name, price };
        from = to.unwrap_or(from);
        band
    });
    bands.collect()
}
