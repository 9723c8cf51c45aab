//! The price curve as a picture: what a unit costs, by how many are used.
//!
//! Break points come exact from [`Charge::price_curve`];
//! floating point begins where pixels do, and nothing computed here is a price.

use palier_billing::{Charge, Error, RatedCharge, Rating, Tariff};

use crate::db::words;
use crate::text::Language;

mod axis;
mod canvas;
mod chart;
mod here;
mod notes;
mod paint;
mod shape;
mod trace;
mod window;

use canvas::{Canvas, Frame};
use chart::Chart;

words! {
    /// What a picture is drawn on.
    pub(crate) enum Theme {
        /// White paper.
        Light = "light",
        /// A dark screen.
        Dark = "dark",
    }
}

words! {
    /// How large a picture is.
    pub(crate) enum Size {
        /// As wide as a page.
        Wide = "wide",
        /// As wide as a phone.
        Narrow = "narrow",
    }
}

/// How a picture looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) theme: Theme,
    pub(crate) size: Size,
    pub(crate) language: Language,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DrawError {
    /// A price cannot be calculated.
    #[error(transparent)]
    Price(#[from] Error),
    /// The charge has no price that depends on a volume.
    #[error("the charge has no price curve")]
    NoCurve,
    /// It cannot be written.
    #[error("SVG: {0}")]
    Svg(String),
}

/// Draws a charge, and where the pool stands if there is a rating of it, as SVG.
pub(crate) fn draw(
    tariff: &Tariff,
    charge: &Charge,
    rated: Option<(&Rating<'_>, &RatedCharge<'_>)>,
    look: Look,
) -> Result<String, DrawError> {
    let curve = charge.price_curve()?.ok_or(DrawError::NoCurve)?;
    let frame = match look.size {
        Size::Wide => Frame::WIDE,
        Size::Narrow => Frame::NARROW,
    };
    let chart = Chart::new(tariff, charge, &curve, rated, (frame, look.language))?;
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg, frame, look.theme);
    paint::paint(&chart, &canvas)
        .and_then(|()| canvas.finish())
        .map_err(|error| DrawError::Svg(error.to_string()))?;
    Ok(canvas::scaled(&svg, &chart.title, frame))
}
