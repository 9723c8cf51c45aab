//! The curve as pixels: lines dense enough to look round, and the jumps between them.

use super::{
    axis::Axis,
    canvas::Spot,
    shape::{Piece, Shape},
};

/// Lines of a curve within a window.
pub(super) struct Trace {
    pub(super) paths: Vec<Vec<Spot>>,
    /// From where the curve ends to where it goes on.
    pub(super) jumps: Vec<(Spot, Spot)>,
}

impl Trace {
    pub(super) fn of(shape: &Shape, x: &Axis, y: &Axis) -> Self {
        let mut trace = Self { paths: Vec::new(), jumps: Vec::new() };
        for piece in shape.pieces.iter().filter(|piece| piece.from < x.high) {
            match piece.package {
                None => trace.join(line(shape, piece, x, y)),
                Some(package) => trace.staircase(shape, package, x, y),
            }
        }
        trace
    }

    /// Adds a path: to the one before if it goes on there, behind a jump if it does not.
    fn join(&mut self, path: Vec<Spot>) {
        const SAME: f64 = 0.5;
        const JUMP: f64 = 3.0;
        let Some(&first) = path.first() else {
            return;
        };
        if let Some(before) = self.paths.last_mut()
            && let Some(&last) = before.last()
            && (last.0 - first.0).abs() < SAME
        {
            if (last.1 - first.1).abs() < JUMP {
                before.extend(path);
                return;
            }
            self.jumps.push((last, first));
        }
        self.paths.push(path);
    }

    /// A price falls as a package fills, and jumps with the next one. Where packages are too many
    /// to tell apart, the price of the first unit of one and that of its last bound what lies
    /// between.
    fn staircase(&mut self, shape: &Shape, package: (f64, f64), x: &Axis, y: &Axis) {
        const TELL_APART: f64 = 9.0;
        let (size, _) = package;
        let mut number = (x.low / size).floor() + 1.0;
        let edge = |number: f64| x.at((number * size).max(x.low));
        while (number - 1.0) * size < x.high && edge(number) - edge(number - 1.0) > TELL_APART {
            let from = shape.tooth_from(package, number, y.high).max((number - 1.0) * size);
            let spot = |quantity| (x.at(quantity), y.at(shape.tooth(package, number, quantity)));
            self.join(spread(from.max(x.low), (number * size).min(x.high), x).map(spot).collect());
            number += 1.0;
        }
        let from = ((number - 1.0) * size).max(x.low);
        if from < x.high {
            let spot = |number: f64, quantity: f64| {
                (x.at(quantity), y.at(shape.tooth(package, number, quantity).min(y.high)))
            };
            let full = spread(from, x.high, x).map(|it| spot(it / size, it)).collect();
            let begun = spread(from, x.high, x).map(|it| spot(it / size + 1.0, it)).collect();
            self.join(full);
            self.paths.push(begun);
        }
    }
}

fn line(shape: &Shape, piece: &Piece, x: &Axis, y: &Axis) -> Vec<Spot> {
    let (from, to) = shape.visible(piece, x.low, x.high, y.high);
    if from >= to {
        return Vec::new();
    }
    let spot = |quantity| (x.at(quantity), y.at(shape.price(piece, quantity).min(y.high)));
    spread(from, to, x).map(spot).collect()
}

/// Quantities from one to another, closest where a curve is steepest: at its beginning.
fn spread(from: f64, to: f64, x: &Axis) -> impl Iterator<Item = f64> {
    const STEPS: u32 = 120;
    let run = Axis { low: from, high: to, ..*x };
    (0..=STEPS).map(move |step| {
        let part = f64::from(step) / f64::from(STEPS);
        if run.by_powers { run.part(part) } else { run.part(part * part) }
    })
}
