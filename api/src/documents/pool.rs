//! How the volume of all members made a line's price: what no other invoice shows.

use palier_billing::{
    DocumentLine, Error, Money, PoolModel, PoolSchedule, Price, PriceBase, Quantity,
};

use super::flow::Flow;
use super::look::{Colour, HAIR, INK, QUIET};
use super::page::{Area, At, COLUMN, MARGIN, Mark, Role, Side};
use super::text::{Line, Style};
use crate::say;

mod chart;

use chart::Chart;

/// Around what stands in the panel.
const PADDING: f32 = 10.0;
/// How wide the chart is.
const CHART: f32 = 196.0;
/// Between the figures and the chart.
const GUTTER: f32 = 20.0;

/// The panel below a line, measured.
pub(super) struct Panel {
    title: Line,
    figures: Vec<(String, Line)>,
    said: Vec<Line>,
    chart: Chart,
    accent: Colour,
}

impl Panel {
    /// The panel of a line whose price the pool made along tiers; none of any other.
    ///
    /// What all used together is shown where the document has it, and nothing is drawn that would tell
    /// it where the document leaves it out.
    pub(super) fn of(
        flow: &Flow<'_>,
        line: &DocumentLine,
        amount: Money,
    ) -> Result<Option<Self>, Error> {
        let Some((pool, schedule)) =
            line.pool.as_ref().and_then(|pool| Some((pool, pool.schedule.as_ref()?)))
        else {
            return Ok(None);
        };
        let (words, accent) = (flow.words, flow.sheet.look.accent);
        let currency = amount.currency();
        let unit = schedule.unit_name.clone().or_else(|| words.unit(&line.unit));
        let unit = unit.unwrap_or_default();
        let counted = |quantity: Quantity| {
            format!("{}\u{a0}{unit}", words.number(quantity)).trim_end().to_owned()
        };
        let strong = Style::STRONG.sized(10.0);
        let mut figures = Vec::new();
        let mut add = |label, style: Style, value: String| {
            figures.push((words.of(&label), style.line(&value)));
        };
        if let Some(quantity) = pool.quantity {
            let label = say!(en "Used together", fr "Utilisés ensemble");
            add(label, strong, counted(quantity));
        }
        let reached = words.price(line.unit_price, currency);
        add(say!(en "Price reached", fr "Prix atteint"), strong, reached);
        let alone = pool.alone.map(|alone| whole(alone, currency)).transpose()?;
        let alone = alone.filter(|alone| alone.minor() > amount.minor());
        if let Some(alone) = alone {
            let label = say!(en "On your own", fr "Seul, vous auriez payé");
            add(label, strong.coloured(QUIET), words.amount(alone));
            let (saved, percent) = saving(alone, amount)?;
            let (saved, percent) = (words.amount(saved), words.percent(percent));
            let label = say!(en "Saved together", fr "Économisé ensemble");
            add(label, strong.coloured(accent), format!("{saved} (−{percent})"));
        }
        let title = say!(
            en "How the pool’s volume made this price",
            fr "Comment le volume du pôle a fait ce prix"
        );
        let title = Style::STRONG.sized(9.0).coloured(accent).line(&words.of(&title));
        let text = explained(flow, schedule, (line.price_base, pool.quantity), &counted)?;
        let said = Style::SMALL.wrap(&text, COLUMN - CHART - GUTTER - 2.0 * PADDING);
        let chart = Chart::of(flow, line, pool.quantity, schedule)?;
        Ok(Some(Self { title, figures, said, chart, accent }))
    }

    fn rows(&self) -> f32 {
        u16::try_from(self.figures.len().div_ceil(2)).map_or(0.0, f32::from)
    }

    fn inner(&self) -> f32 {
        let text = 12.0 + self.rows() * 27.0 + super::text::height(&self.said);
        text.max(chart::HEIGHT)
    }

    /// How high the panel is, with what is around it.
    pub(super) fn height(&self) -> f32 {
        self.inner() + 2.0 * PADDING + 8.0
    }

    pub(super) fn draw(self, flow: &mut Flow<'_>) {
        let height = self.inner() + 2.0 * PADDING;
        let area = Area { x: MARGIN, y: flow.y, width: COLUMN, height };
        flow.page.push(Role::Artifact, Mark::Card(area, self.accent.tint(6)));
        let (left, top) = (area.x + PADDING, area.y + PADDING);
        flow.page.text(Role::Heading, At { x: left, y: top + 8.0 }, Side::Left, self.title);
        let column = (COLUMN - CHART - GUTTER - 2.0 * PADDING) / 2.0;
        let mut y = top + 12.0;
        let mut figures = self.figures.into_iter().peekable();
        while figures.peek().is_some() {
            for (x, (label, value)) in [left, left + column].into_iter().zip(figures.by_ref()) {
                let role = Role::Paragraph(flow.name());
                let at = At { x, y: y + 10.0 };
                let label = (Style::LABEL, label.as_str());
                flow.page.say(role.clone(), at, Side::Left, label);
                flow.page.text(role, At { x, y: y + 22.0 }, Side::Left, value);
            }
            y += 27.0;
        }
        flow.y = y;
        flow.lines((left, Side::Left), self.said);
        let at = At { x: area.right() - PADDING - CHART, y: top };
        self.chart.draw(flow, at, CHART);
        flow.y = area.bottom() + 8.0;
    }
}

/// What a schedule means, and what more volume would do.
fn explained(
    flow: &Flow<'_>,
    schedule: &PoolSchedule,
    (base, quantity): (PriceBase, Option<Quantity>),
    counted: &dyn Fn(Quantity) -> String,
) -> Result<String, Error> {
    let words = flow.words;
    let mut text = words.of(&match schedule.model {
        PoolModel::Graduated => say!(
            en "Each tier has its price; everybody pays the average of all units.",
            fr "Chaque tranche a son prix ; tous paient la moyenne de toutes les unités."
        ),
        PoolModel::Volume => say!(
            en "All units have the price of the tier that was reached.",
            fr "Toutes les unités ont le prix de la tranche atteinte."
        ),
    });
    let Some(quantity) = quantity else {
        text.push(' ');
        text.push_str(&words.of(&say!(
            en "The pool’s volume is not shown: it would tell what others used.",
            fr "Le volume du pôle n’est pas indiqué : il dirait ce que d’autres ont utilisé."
        )));
        return Ok(text);
    };
    let Some((missing, price)) = next(schedule, quantity)? else { return Ok(text) };
    let currency = flow.sheet.document.content().currency;
    let (missing, price) = (counted(missing), words.price(quoted(price, base)?, currency));
    text.push(' ');
    text.push_str(&words.of(&match schedule.model {
        PoolModel::Graduated => say!(
            en "{missing} more, and each further unit costs {price}.",
            fr "Encore {missing}, et chaque unité suivante coûte {price}."
        ),
        PoolModel::Volume => say!(
            en "{missing} more, and all units cost {price}.",
            fr "Encore {missing}, et toutes les unités coûtent {price}."
        ),
    }));
    Ok(text)
}

/// How much is missing to the next cheaper tier, and its price.
fn next(schedule: &PoolSchedule, quantity: Quantity) -> Result<Option<(Quantity, Price)>, Error> {
    let mut tiers =
        schedule.tiers.iter().skip_while(|tier| tier.up_to.is_some_and(|to| to < quantity));
    let (Some(here), Some(next)) = (tiers.next(), tiers.next()) else { return Ok(None) };
    let Some(bound) = here.up_to.filter(|_| next.unit_amount < here.unit_amount) else {
        return Ok(None);
    };
    let missing = bound.checked_sub(quantity)?;
    Ok((!missing.is_zero()).then_some((missing, next.unit_amount)))
}

/// The price of a tier, for as many units as the line quotes its price for.
fn quoted(price: Price, base: PriceBase) -> Result<Price, Error> {
    let units = price.units().checked_mul(base.units().into());
    units.map(Price::from_units).ok_or(Error::Overflow { what: "price of a tier" })
}

/// A price that is an amount.
fn whole(price: Price, currency: palier_billing::Currency) -> Result<Money, Error> {
    palier_billing::line_amount(Quantity::ONE, price, PriceBase::One, currency)
}

/// What was saved, and how much of a hundred that is, rounded down: never more than there was.
fn saving(alone: Money, amount: Money) -> Result<(Money, i64), Error> {
    let saved = alone.checked_sub(amount)?;
    let percent = i128::from(saved.minor()).saturating_mul(100).checked_div(alone.minor().into());
    let percent = percent.and_then(|percent| i64::try_from(percent).ok());
    Ok((saved, percent.unwrap_or_default()))
}

/// The colours of a chart.
pub(super) struct Palette {
    /// Tiers that are wholly used.
    pub(super) used: Colour,
    /// The tier in which the pool stands.
    pub(super) here: Colour,
    /// Tiers beyond.
    pub(super) beyond: Colour,
    pub(super) ink: Colour,
}

impl Palette {
    fn of(accent: Colour) -> Self {
        Self { used: accent.tint(38), here: accent, beyond: HAIR, ink: INK }
    }
}
