//! Painting: from the back to the front.

use super::{
    canvas::{BAND, CURVE, Canvas, Error, GHOST, GRID, HERE, PAPER, QUIET, Side, TEXT, Type},
    chart::{Chart, LEFT, STRIP},
    notes::{self, Area},
    trace::Trace,
};

const MARGIN: f64 = 20.0;

const TITLE: Type = Type { size: 23.0, bold: true, ink: TEXT, side: Side::Right };
/// Plain text.
pub(super) const NOTE: Type = Type { size: 15.0, bold: false, ink: QUIET, side: Side::Right };
const NUMBER: Type = Type { size: 15.0, bold: false, ink: QUIET, side: Side::Left };
const BOUND: Type = Type { size: 15.0, bold: true, ink: TEXT, side: Side::Middle };
const TIER: Type = Type { size: 14.0, bold: false, ink: QUIET, side: Side::Middle };

/// Paints the whole picture.
pub(super) fn paint(chart: &Chart, canvas: &Canvas<'_>) -> Result<(), Error> {
    let frame = chart.frame;
    canvas.rectangle((0.0, 0.0), (frame.width, frame.height), PAPER)?;
    let whole = frame.width - 2.0 * MARGIN;
    for (text, y, look) in [
        (&chart.title, 30.0, TITLE),
        (&chart.subtitle, 56.0, NOTE),
        (&chart.y_name, 84.0, Type { ink: TEXT, ..NOTE }),
    ] {
        canvas.text(&look.fit(text, whole), (MARGIN, y), look)?;
    }
    bands(chart, canvas)?;
    prices(chart, canvas)?;
    quantities(chart, canvas)?;
    let trace = Trace::of(&chart.shape, &chart.x, &chart.y);
    let ghost = chart.uncapped.as_ref().map(|shape| Trace::of(shape, &chart.x, &chart.y));
    let lines = ghost.iter().chain([&trace]).flat_map(|trace| trace.paths.iter().flatten());
    let mut taken: Vec<Area> = lines.map(|&spot| (spot, spot)).collect();
    for path in ghost.iter().flat_map(|ghost| &ghost.paths) {
        canvas.line(path, GHOST, 1.6)?;
    }
    if let Some(here) = &chart.here {
        let (x, y) = (chart.x.at(here.quantity), chart.y.at(here.price));
        taken.push(((x, y), (x, frame.bottom())));
    }
    notes::cap(chart, &mut taken, canvas)?;
    notes::capacity(chart, &mut taken, canvas)?;
    curve(&trace, canvas)?;
    if let Some(here) = &chart.here {
        notes::stand(chart, here, &taken, canvas)?;
    }
    Ok(())
}

fn bands(chart: &Chart, canvas: &Canvas<'_>) -> Result<(), Error> {
    let (right, bottom) = (chart.frame.right(), chart.frame.bottom());
    for (at, band) in chart.bands.iter().enumerate() {
        let from = chart.x.at(band.from.max(chart.x.low)).max(LEFT);
        let to = band.to.map_or(right, |to| chart.x.at(to)).min(right);
        if to <= from {
            continue;
        }
        if at.is_multiple_of(2) {
            canvas.rectangle((from, STRIP), (to, bottom), BAND)?;
        }
        let middle = from.midpoint(to);
        let fits = |text: &str| TIER.width(text) + 6.0 < to - from;
        if fits(&band.name) {
            canvas.text(&band.name, (middle, STRIP + 13.0), TIER)?;
            if fits(&band.price) {
                let look = Type { ink: TEXT, ..TIER };
                canvas.text(&band.price, (middle, STRIP + 30.0), look)?;
            }
        }
    }
    Ok(())
}

fn prices(chart: &Chart, canvas: &Canvas<'_>) -> Result<(), Error> {
    let (right, bottom) = (chart.frame.right(), chart.frame.bottom());
    for tick in chart.y.ticks(6.0) {
        let y = chart.y.at(tick.value);
        canvas.line(&[(LEFT, y), (right, y)], GRID, 1.0)?;
        canvas.text(&tick.label, (LEFT - 8.0, y), NUMBER)?;
    }
    canvas.line(&[(LEFT, bottom), (right, bottom)], QUIET, 1.5)
}

/// Bounds first: they are what the reader looks for. Round numbers go where there is room.
fn quantities(chart: &Chart, canvas: &Canvas<'_>) -> Result<(), Error> {
    let (right, bottom) = (chart.frame.right(), chart.frame.bottom());
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let mut write = |value: f64, label: &str, look: Type| {
        let x = chart.x.at(value);
        let half = look.width(label) / 2.0 + 5.0;
        let free = taken.iter().all(|&(from, to)| x + half < from || to < x - half);
        let inside = (LEFT - 14.0..=right + 6.0).contains(&x) && x + half <= chart.frame.width;
        if !free || !inside {
            return Ok(());
        }
        taken.push((x - half, x + half));
        canvas.line(&[(x, bottom), (x, bottom + 5.0)], QUIET, 1.5)?;
        canvas.text(label, (x, bottom + 18.0), look)
    };
    let next = chart.here.as_ref().and_then(|here| here.next);
    let is_next = |to: Option<f64>| to.is_some() && to == next;
    let (first, others): (Vec<_>, Vec<_>) = chart.bands.iter().partition(|band| is_next(band.to));
    for band in first.into_iter().chain(others) {
        if let Some(to) = band.to {
            let ink = if is_next(band.to) { HERE } else { TEXT };
            write(to, &band.bound, Type { ink, ..BOUND })?;
        }
    }
    for tick in chart.x.ticks(6.0) {
        let look = Type { side: Side::Middle, ..NUMBER };
        write(tick.value, &tick.label, look)?;
    }
    let look = Type { side: Side::Left, ink: TEXT, ..NOTE };
    canvas.text(&look.fit(&chart.x_name, right - MARGIN), (right, chart.frame.height - 20.0), look)
}

/// Draws the curve and its jumps.
fn curve(trace: &Trace, canvas: &Canvas<'_>) -> Result<(), Error> {
    const FEW: usize = 12;
    for path in &trace.paths {
        canvas.line(path, CURVE, 3.0)?;
    }
    let few = trace.jumps.len() <= FEW;
    for &(last, next) in &trace.jumps {
        canvas.dashes(last, next, CURVE, 1.2)?;
        if few {
            canvas.dot(last, 4.0, CURVE)?;
            canvas.ring(next, 4.0, CURVE)?;
        }
    }
    Ok(())
}
