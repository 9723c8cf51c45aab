//! The part of the curve that is worth seeing.

use super::{
    axis::Axis,
    canvas::Frame,
    chart::{Band, LEFT, STRIP, TOP},
    here::Here,
    shape::Shape,
};

/// Wide enough for all that matters; by powers of ten if that lies decades apart.
pub(super) fn x_axis(
    frame: Frame,
    shape: &Shape,
    bands: &[Band],
    mark: Option<&(f64, String)>,
    here: Option<&Here>,
) -> Axis {
    const DECADES: f64 = 150.0;
    let bounds = bands.iter().filter_map(|band| band.to);
    let mark = mark.map(|&(mark, _)| mark);
    let here = here.map(|here| here.quantity);
    let package = shape.pieces.iter().find_map(|piece| piece.package);
    let packages = package.map(|(size, _)| if here.is_some() { size } else { 7.8 * size });
    let matters: Vec<_> = bounds.chain(mark).chain(here).chain(packages).collect();
    let least = matters.iter().copied().fold(f64::INFINITY, f64::min);
    let most = matters.iter().copied().fold(0.0, f64::max);
    let (start, end) = (LEFT, frame.right());
    if most <= 0.0 {
        return Axis { low: 0.0, high: 100.0, by_powers: false, start, end };
    }
    let high = most * 1.28;
    if most / least > DECADES {
        let low = 10_f64.powf((least / 1.5).log10().floor());
        return Axis { low, high: most * 2.2, by_powers: true, start, end };
    }
    Axis { low: 0.0, high, by_powers: false, start, end }
}

/// High enough for every price but those that grow beyond all bounds.
pub(super) fn y_axis(
    frame: Frame,
    shape: &Shape,
    uncapped: Option<&Shape>,
    x: &Axis,
    here: Option<&Here>,
    strip: bool,
) -> Axis {
    let (highest, endless) = highest(shape, x);
    let highest = here.map_or(highest, |here| highest.max(here.price));
    let above = uncapped.map_or(0.0, |shape| self::highest(shape, x).0);
    // The uncapped curve may leave the picture; the cap is what it is about.
    let highest = highest.max(above.min(highest * 1.8));
    let room = if endless { 1.7 } else { 1.18 };
    let high = if highest > 0.0 { highest * room } else { 1.0 };
    let (start, end) = (frame.bottom(), if strip { TOP } else { STRIP + 14.0 });
    Axis { low: 0.0, high, by_powers: false, start, end }
}

/// The highest price of a curve in a window, and whether it comes down from beyond all bounds.
fn highest(shape: &Shape, x: &Axis) -> (f64, bool) {
    let mut highest: f64 = 0.0;
    let mut endless = false;
    for piece in shape.pieces.iter().filter(|piece| piece.from < x.high) {
        if let Some((size, _)) = piece.package {
            endless = true;
            highest = highest.max(shape.price(piece, size) * 1.5);
            continue;
        }
        let start = shape.price(piece, piece.from);
        let from_nothing = piece.from <= 0.0 && start.is_infinite();
        endless = endless || from_nothing;
        if !from_nothing {
            // Just above a bound: the limit is what the curve comes down from.
            highest = highest.max(start);
        }
        highest = highest.max(shape.price(piece, piece.to.min(x.high)));
    }
    (highest, endless)
}
