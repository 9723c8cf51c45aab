//! Axes: from numbers to pixels, and the numbers that are written beside them.

use crate::quote::words::grouped;

/// An axis, linear or by powers of ten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) by_powers: bool,
    /// Where the picture has its ends.
    pub(super) start: f64,
    pub(super) end: f64,
}

/// A number beside an axis.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Axis {
    /// The pixel of a number.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = if self.by_powers {
            (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.start + part * (self.end - self.start)
    }

    /// The number at a part of its length, from 0 to 1.
    pub(super) fn part(&self, part: f64) -> f64 {
        if self.by_powers {
            self.low * (self.high / self.low).powf(part)
        } else {
            self.low + (self.high - self.low) * part
        }
    }

    /// About so many round numbers along it.
    pub(super) fn ticks(&self, about: f64) -> Vec<Tick> {
        if self.by_powers {
            return self.powers();
        }
        let (step, decimals) = round_step((self.high - self.low) / about);
        let mut ticks = Vec::new();
        let mut count = 0.0;
        while self.low + count * step <= self.high * 1.000_001 {
            let value = self.low + count * step;
            let decimals = if value > 0.0 { decimals } else { 0 };
            let label = grouped(format_args!("{value:.decimals$}"));
            ticks.push(Tick { value, label });
            count += 1.0;
        }
        ticks
    }

    fn powers(&self) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut value = 10_f64.powf(self.low.log10().ceil());
        while value <= self.high * 1.000_001 {
            ticks.push(Tick { value, label: grouped(value) });
            value *= 10.0;
        }
        ticks
    }
}

/// The next 1, 2, 2.5 or 5 times a power of ten, and how many decimals its multiples need.
fn round_step(least: f64) -> (f64, usize) {
    let mut power = 10_f64.powf(least.log10().floor());
    let mut decimals: usize = 0;
    let mut scale = power;
    while scale < 0.999 && decimals < 12 {
        scale *= 10.0;
        decimals = decimals.saturating_add(1);
    }
    for (factor, more) in [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0)] {
        if power * factor >= least * 0.9 {
            let more = if power >= 9.99 { 0 } else { more };
            return (power * factor, decimals.saturating_add(more));
        }
    }
    power *= 10.0;
    (power, decimals.saturating_sub(1))
}
