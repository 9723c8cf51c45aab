//! Tiers as steps, and where the pool stands on them.

use palier_billing::{DocumentLine, Error, PoolModel, PoolSchedule, Quantity};

use super::super::flow::Flow;
use super::super::page::{Area, At, Mark, Page, Role, Side};
use super::super::text::Style;
use super::{Palette, quoted};
use crate::say;

/// How high a chart is.
pub(super) const HEIGHT: f32 = 76.0;
/// Kept above the steps, for what names the pool's volume.
const ABOVE: f32 = 20.0;
/// Kept below, for the bounds of the tiers.
const BELOW: f32 = 11.0;
/// A step is never lower.
const LEAST: f32 = 4.0;
/// With more tiers, only the one of the pool is named.
const NAMED: usize = 6;

/// A tier, as wide as every other: schedules reach from tens to millions.
struct Step {
    /// Of the highest price.
    height: f32,
    price: String,
    /// Where the tier ends; none for the last.
    bound: Option<String>,
}

/// The chart of a line.
pub(super) struct Chart {
    steps: Vec<Step>,
    /// The tier in which the pool stands, and how far in it.
    here: Option<(usize, f32)>,
    /// The price reached, of the highest.
    reached: Option<f32>,
    model: PoolModel,
    volume: String,
    said: String,
    palette: Palette,
}

impl Chart {
    pub(super) fn of(
        flow: &Flow<'_>,
        line: &DocumentLine,
        quantity: Option<Quantity>,
        schedule: &PoolSchedule,
    ) -> Result<Self, Error> {
        let words = flow.words;
        let currency = flow.sheet.document.content().currency;
        let prices = schedule.tiers.iter().map(|tier| quoted(tier.unit_amount, line.price_base));
        let prices = prices.collect::<Result<Vec<_>, _>>()?;
        let most = prices.iter().copied().max().unwrap_or_default().max(line.unit_price);
        let part = |price| ratio(price, most);
        let named = words.numbers(&prices);
        let steps =
            schedule.tiers.iter().zip(&prices).zip(named).map(|((tier, price), named)| Step {
                height: part(*price),
                price: named,
                bound: tier.up_to.map(|bound| words.number(bound)),
            });
        let steps: Vec<_> = steps.collect();
        let here = quantity.and_then(|quantity| standing(schedule, quantity));
        let volume = quantity.map(|quantity| words.number(quantity)).unwrap_or_default();
        let (count, reached) = (steps.len(), words.price(line.unit_price, currency));
        let said = if here.is_some() {
            say!(
                en "The {count} tiers of the price and where the pool stands: {volume} units, {reached}.",
                fr "Les {count} tranches du prix et la place du pôle : {volume} unités, {reached}."
            )
        } else {
            say!(en "The {count} tiers of the price.", fr "Les {count} tranches du prix.")
        };
        Ok(Self {
            steps,
            here,
            reached: here.map(|_| part(line.unit_price)),
            model: schedule.model,
            volume,
            said: words.of(&said),
            palette: Palette::of(flow.sheet.look.accent),
        })
    }

    pub(super) fn draw(self, flow: &mut Flow<'_>, at: At, width: f32) {
        let count = u16::try_from(self.steps.len()).map_or(1.0, f32::from).max(1.0);
        let frame = Frame {
            area: Area { x: at.x, y: at.y, width, height: HEIGHT },
            step: width / count,
            role: Role::Figure(self.said.clone()),
        };
        for (nth, step) in self.steps.iter().enumerate() {
            self.step(&mut flow.page, &frame, nth, step);
        }
        let axis = At { x: at.x, y: frame.axis() };
        flow.page.rule(axis, width, (0.8, self.palette.ink));
        self.marker(&mut flow.page, &frame);
    }

    /// A tier: how much of it is used, what a unit costs in it, where it ends.
    fn step(&self, page: &mut Page, frame: &Frame, nth: usize, step: &Step) {
        let whole = frame.bar(nth, step.height);
        let ground = |area, colour| Mark::Ground(area, colour);
        let Palette { used, here, beyond, .. } = self.palette;
        let role = || frame.role.clone();
        match self.here {
            None => page.push(role(), ground(whole, used)),
            Some((at, _)) if nth < at && self.model == PoolModel::Graduated => {
                page.push(role(), ground(whole, used));
            }
            Some((at, inside)) if nth == at => {
                page.push(role(), ground(whole, beyond));
                let width = match self.model {
                    PoolModel::Graduated => whole.width * inside,
                    PoolModel::Volume => whole.width,
                };
                page.push(role(), ground(Area { width, ..whole }, here));
            }
            Some(_) => page.push(role(), ground(whole, beyond)),
        }
        let style = Style::SMALL.sized(6.75);
        let priced = style.line(&step.price);
        let over = |x| At { x, y: whole.y - 2.5 };
        match self.here.filter(|(at, _)| *at == nth) {
            // Beside the line that shows where the pool stands, where there is room.
            Some((_, inside)) if priced.width() < whole.width / 2.0 => {
                let (x, side) =
                    if inside < 0.5 { (whole.right(), Side::Right) } else { (whole.x, Side::Left) };
                page.text(role(), over(x), side, priced);
            }
            None if self.is_named() => {
                page.text(role(), over(whole.x + whole.width / 2.0), Side::Centre, priced);
            }
            _ => {}
        }
        let bound = step.bound.as_deref().filter(|_| self.is_named() || self.is_here(nth));
        if let Some(bound) = bound {
            let x = frame.left(nth) + frame.step;
            let at = At { x, y: frame.axis() + 8.5 };
            page.say(role(), at, Side::Centre, (style, bound));
        }
    }

    /// Whether there is room to say what every tier is.
    const fn is_named(&self) -> bool {
        self.steps.len() <= NAMED
    }

    fn is_here(&self, nth: usize) -> bool {
        self.here.is_some_and(|(at, _)| at == nth)
    }

    /// Where the pool stands, and the price that is reached there.
    fn marker(&self, page: &mut Page, frame: &Frame) {
        let (Some((at, inside)), Some(reached)) = (self.here, self.reached) else { return };
        let role = || frame.role.clone();
        let x = frame.left(at) + 1.0 + (frame.step - 2.0) * inside;
        let (top, colour) = (frame.area.y + 9.0, self.palette.ink);
        let line = |from, to, dashed| Mark::Rule { from, to, width: 0.8, colour, dashed };
        if self.model == PoolModel::Graduated {
            // What everybody pays lies between the prices of the tiers that were used.
            let y = frame.height(reached);
            let from = At { x: frame.area.x, y };
            page.push(role(), line(from, At { x, y }, true));
            page.push(role(), Mark::Disc { at: At { x, y }, radius: 2.2, colour });
        }
        page.push(role(), line(At { x, y: top }, At { x, y: frame.axis() }, false));
        let style = Style::STRONG.sized(7.25);
        let width = style.width(&self.volume);
        let (left, right) = (frame.area.x + width / 2.0, frame.area.right() - width / 2.0);
        let label = At { x: x.max(left).min(right), y: top - 2.5 };
        page.say(role(), label, Side::Centre, (style, &self.volume));
    }
}

/// Where a chart stands.
struct Frame {
    area: Area,
    /// How wide a step is.
    step: f32,
    role: Role,
}

impl Frame {
    fn axis(&self) -> f32 {
        self.area.bottom() - BELOW
    }

    /// The height of a price, of the highest.
    fn height(&self, part: f32) -> f32 {
        let most = self.area.height - ABOVE - BELOW;
        self.axis() - (most * part).max(LEAST)
    }

    fn left(&self, nth: usize) -> f32 {
        self.area.x + self.step * u16::try_from(nth).map_or(0.0, f32::from)
    }

    fn bar(&self, nth: usize, part: f32) -> Area {
        let top = self.height(part);
        let height = self.axis() - top;
        Area { x: self.left(nth) + 1.0, y: top, width: self.step - 2.0, height }
    }
}

/// The tier of a quantity, and how far in it. The last has no end: there the way is half gone once as
/// much again is used as it begins with.
fn standing(schedule: &PoolSchedule, quantity: Quantity) -> Option<(usize, f32)> {
    let in_tier = |up_to: Option<Quantity>| up_to.is_none_or(|up_to| quantity <= up_to);
    let at = schedule.tiers.iter().position(|tier| in_tier(tier.up_to))?;
    let below = at.checked_sub(1).and_then(|below| schedule.tiers.get(below)?.up_to);
    let from = below.unwrap_or_default();
    let above = quantity.checked_sub(from).ok()?;
    let inside = match schedule.tiers.get(at)?.up_to {
        Some(up_to) => ratio(above, up_to.checked_sub(from).ok()?),
        None if from.is_zero() => 0.5,
        None => {
            let far = ratio(above, from);
            far / (1.0 + far)
        }
    };
    Some((at, inside))
}

/// A part of a whole: a picture, no calculation. Decimals are read as what they print.
fn ratio(part: impl std::fmt::Display, whole: impl std::fmt::Display) -> f32 {
    let read = |text: String| text.parse::<f32>().unwrap_or_default();
    let (part, whole) = (read(part.to_string()), read(whole.to_string()));
    if whole > 0.0 { (part / whole).max(0.0) } else { 0.0 }
}
