//! What is written into the plot, each where nothing else is.

use super::{
    canvas::{Canvas, Error, HERE, Ink, PAPER, QUIET, Side, Spot, TEXT, Type},
    chart::{Chart, LEFT, STRIP},
    here::Here,
    paint::NOTE,
};

/// Two opposite corners.
pub(super) type Area = (Spot, Spot);

/// The price that is not exceeded.
pub(super) fn cap(chart: &Chart, taken: &mut Vec<Area>, canvas: &Canvas<'_>) -> Result<(), Error> {
    let Some((price, text)) = &chart.cap else {
        return Ok(());
    };
    let (y, right_edge) = (chart.y.at(*price), chart.frame.right());
    canvas.dashes((LEFT, y), (right_edge, y), QUIET, 1.2)?;
    let (right, left) = (right_edge - 6.0 - NOTE.width(text), LEFT + 8.0);
    let places = [(right, y - 22.0), (right, y + 6.0), (left, y - 22.0), (left, y + 6.0)];
    write(text, &places, Side::Right, taken, canvas)
}

/// The units that were bought.
pub(super) fn capacity(
    chart: &Chart,
    taken: &mut Vec<Area>,
    canvas: &Canvas<'_>,
) -> Result<(), Error> {
    let Some((quantity, text)) = &chart.capacity else {
        return Ok(());
    };
    let (x, bottom) = (chart.x.at(*quantity), chart.frame.bottom());
    canvas.dashes((x, STRIP), (x, bottom), QUIET, 1.2)?;
    let wide = NOTE.width(text);
    let (from, side) =
        if x - wide > LEFT { (x - wide - 7.0, Side::Left) } else { (x + 7.0, Side::Right) };
    let heights = [bottom - 26.0, bottom - 60.0, bottom - 120.0, bottom - 180.0];
    write(text, &heights.map(|y| (from, y)), side, taken, canvas)
}

/// Writes a note at the first of some places (upper left corners) where nothing is yet.
fn write(
    text: &str,
    places: &[Spot],
    side: Side,
    taken: &mut Vec<Area>,
    canvas: &Canvas<'_>,
) -> Result<(), Error> {
    let extent = (NOTE.width(text), NOTE.size);
    let free = places.iter().find(|&&place| is_clear(place, extent, taken));
    let Some(&(x, y)) = free.or(places.first()) else {
        return Ok(());
    };
    taken.push(((x, y), (x + extent.0, y + extent.1)));
    let x = if matches!(side, Side::Left) { x + extent.0 } else { x };
    canvas.text(text, (x, y + extent.1 / 2.0), Type { side, ..NOTE })
}

fn is_clear((x, y): Spot, (wide, high): Spot, taken: &[Area]) -> bool {
    const GAP: f64 = 5.0;
    taken.iter().all(|&(from, to)| {
        to.0 < x - GAP || from.0 > x + wide + GAP || to.1 < y - GAP || from.1 > y + high + GAP
    })
}

/// Where the pool stands, what is missing to the next bound, and both in words.
pub(super) fn stand(
    chart: &Chart,
    here: &Here,
    taken: &[Area],
    canvas: &Canvas<'_>,
) -> Result<(), Error> {
    let (right, bottom) = (chart.frame.right(), chart.frame.bottom());
    let spot = (chart.x.at(here.quantity), chart.y.at(here.price));
    canvas.dashes(spot, (spot.0, bottom), HERE, 1.4)?;
    if let Some(next) = here.next {
        let next = chart.x.at(next);
        canvas.line(&[(spot.0, bottom), (next, bottom)], HERE, 5.0)?;
    }
    let first = Type { size: 16.0, bold: true, ink: HERE, side: Side::Right };
    let other = Type { size: 15.0, bold: false, ink: TEXT, side: Side::Right };
    let looks = std::iter::once(first).chain(std::iter::repeat(other));
    let lines = here.words.iter().zip(looks);
    let lines: Vec<_> =
        lines.map(|(line, look)| (look.fit(line, (right - LEFT) * 0.8), look)).collect();
    let wide = lines.iter().map(|(line, look)| look.width(line)).fold(0.0, f64::max) + 20.0;
    let high = lines.iter().map(|_| 21.0).sum::<f64>() + 14.0;
    let corner = room(spot, (wide, high), chart, taken);
    let far = (corner.0 + wide, corner.1 + high);
    canvas.rectangle(corner, far, PAPER)?;
    frame(corner, far, HERE, canvas)?;
    let mut y = corner.1 + 18.0;
    for (line, look) in lines {
        canvas.text(&line, (corner.0 + 10.0, y), look)?;
        y += 21.0;
    }
    canvas.dot(spot, 6.0, HERE)
}

fn frame(from: Spot, to: Spot, ink: Ink, canvas: &Canvas<'_>) -> Result<(), Error> {
    let around = [from, (to.0, from.1), to, (from.0, to.1), from];
    canvas.line(&around, ink, 1.0)
}

/// A corner for words of some size beside a spot, within the plot and off what is drawn already
/// if that can be.
fn room(spot: Spot, (wide, high): Spot, chart: &Chart, taken: &[Area]) -> Spot {
    const OFF: f64 = 16.0;
    let (top, right_edge, bottom) = (chart.y.end, chart.frame.right(), chart.frame.bottom());
    let mut corners = Vec::new();
    for away in [1.0, 2.5, 4.5, 7.0] {
        let (right, left) = (spot.0 + OFF * away, spot.0 - OFF * away - wide);
        let (above, below) = (spot.1 - OFF * away - high, spot.1 + OFF * away);
        let (middle, level) = (spot.0 - wide / 2.0, spot.1 - high / 2.0);
        corners.extend([(right, above), (left, above), (right, below), (left, below)]);
        corners.extend([(right, level), (left, level), (middle, above), (middle, below)]);
    }
    // In a narrow picture there is room only straight above and below.
    for away in [2.5, 4.5, 7.0] {
        let (right, left) = (spot.0 + OFF, spot.0 - OFF - wide);
        let (above, below) = (spot.1 - OFF * away - high, spot.1 + OFF * away);
        corners.extend([(right, below), (left, below), (right, above), (left, above)]);
    }
    let inside = |&(x, y): &Spot| {
        x >= LEFT + 6.0
            && x + wide <= right_edge - 4.0
            && y >= top + 2.0
            && y + high <= bottom - 8.0
    };
    let clear = |&corner: &Spot| is_clear(corner, (wide, high), taken);
    let best = corners.iter().find(|corner| inside(corner) && clear(corner));
    let best = best.or_else(|| corners.iter().find(|corner| inside(corner)));
    best.copied().unwrap_or((right_edge - wide - 4.0, top + 2.0))
}
