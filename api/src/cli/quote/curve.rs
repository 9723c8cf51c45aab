//! The price curve as a picture: what a unit costs, by how many are used.
//!
//! Break points come exact from [`Charge::price_curve`];
//! floating point begins where pixels do, and nothing computed here is a price.

use palier_billing::{Charge, Rating, Tariff};

use crate::cli::failure::{Failure, quoted};
use crate::cli::words::listed;

mod axis;
mod canvas;
mod chart;
mod notes;
mod paint;
mod shape;
mod trace;
mod window;

use canvas::Canvas;
use chart::Chart;

/// Draws a charge, and where the pool stands if there is a rating, as SVG.
pub(super) fn draw(
    tariff: &Tariff,
    position: usize,
    rating: Option<&Rating<'_>>,
) -> Result<String, Failure> {
    let charge = tariff.charges().get(position);
    let curve = charge.map(Charge::price_curve).transpose().map_err(Failure::input)?;
    let (Some(charge), Some(curve)) = (charge, curve.flatten()) else {
        return Err(Failure::input("--curve: expected a charge with a price, found none"));
    };
    let rated = rating.and_then(|it| Some((it, it.charges().get(position)?)));
    let chart = Chart::new(tariff, charge, &curve, rated)?;
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg);
    paint::paint(&chart, &canvas)
        .and_then(|()| canvas.finish())
        .map_err(|error| Failure::Output(format!("SVG: {error}")))?;
    Ok(canvas::scaled(&svg, &chart.title))
}

/// The position of the charge to draw: the one that is wanted, or the first that has a curve.
///
/// # Errors
/// None of that name or number, or none that has a price.
pub(super) fn choose(tariff: &Tariff, wanted: Option<&str>) -> Result<usize, Failure> {
    let charges = tariff.charges();
    let Some(wanted) = wanted else {
        let metered = charges.iter().position(|charge| charge.source().is_some());
        return metered.ok_or_else(|| {
            Failure::input("--curve: expected a charge for usage, found only fees in the tariff")
        });
    };
    let named = charges.iter().position(|charge| charge.name.as_deref() == Some(wanted));
    let numbered = || wanted.parse::<usize>().ok()?.checked_sub(1);
    match named.or_else(numbered).and_then(|at| Some((at, charges.get(at)?))) {
        Some((at, charge)) if charge.source().is_some() => Ok(at),
        Some(_) => {
            let expected = "--charge: expected a charge for usage";
            Err(Failure::input(format!("{expected}, found the fee {}", quoted(wanted))))
        }
        None => {
            let all = (1_usize..).zip(charges).map(|(number, charge)| match &charge.name {
                Some(name) => format!("{number} ({name})"),
                None => number.to_string(),
            });
            let (all, found) = (listed(all), quoted(wanted));
            Err(Failure::input(format!("--charge: expected one of {all}, found {found}")))
        }
    }
}
