//! Which charge is drawn, and drawing it.

use palier_billing::{Rating, Tariff};

use crate::cli::failure::{Failure, quoted};
use crate::curve::{self, DrawError, Look, Size, Theme};
use crate::quote::words::listed;
use crate::text::Language;

/// Draws a charge, and where the pool stands if there is a rating, as SVG.
pub(super) fn draw(
    tariff: &Tariff,
    position: usize,
    rating: Option<&Rating<'_>>,
) -> Result<String, Failure> {
    let look = Look { theme: Theme::Light, size: Size::Wide, language: Language::En };
    let rated = rating.and_then(|it| Some((it, it.charges().get(position)?)));
    let charge = tariff.charges().get(position);
    let drawn = charge.map_or(Err(DrawError::NoCurve), |it| curve::draw(tariff, it, rated, look));
    drawn.map_err(|error| match error {
        DrawError::Price(error) => Failure::input(error),
        DrawError::NoCurve => Failure::input("--curve: expected a charge with a price, found none"),
        DrawError::Svg(_) => Failure::Output(error.to_string()),
    })
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
