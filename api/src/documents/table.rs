//! The lines of a document, by service.

use palier_billing::{Currency, DocumentLine, Error, Money, PriceBase};

use super::flow::Flow;
use super::look::{HAIR, INK, QUIET};
use super::page::{At, COLUMN, Cell, MARGIN, RIGHT, Role, Side};
use super::pool::Panel;
use super::text::{self, Line, Style};
use crate::say;

/// Right edges of the columns of figures.
const QUANTITY: f32 = RIGHT - 198.0;
const PRICE: f32 = RIGHT - 122.0;
const VAT: f32 = RIGHT - 74.0;
/// How wide the description is.
const DESCRIPTION: f32 = COLUMN - 198.0 - 82.0;
/// How wide a quantity is, with its unit.
const COUNTED: f32 = 78.0;
/// How wide an amount is.
const AMOUNT: f32 = RIGHT - VAT - 8.0;
/// Between rows.
const GAP: f32 = 5.0;
/// What is kept for carrying over.
const CARRY: f32 = 20.0;

/// The lines of a service, in the order of the document.
struct Group<'d> {
    service: Option<&'d str>,
    title: Option<&'d str>,
    rows: Vec<(&'d DocumentLine, Money)>,
}

/// Parts the name of a service from that of a charge.
const PART: &str = " – ";

/// Lines by service; what names none stands by itself.
fn groups<'d>(lines: impl Iterator<Item = (&'d DocumentLine, Money)>) -> Vec<Group<'d>> {
    let mut groups: Vec<Group<'d>> = Vec::new();
    for (line, amount) in lines {
        let service = line.service.as_deref();
        match groups.iter_mut().find(|group| group.service == service) {
            Some(group) => group.rows.push((line, amount)),
            None => groups.push(Group { service, title: None, rows: vec![(line, amount)] }),
        }
    }
    for group in groups.iter_mut().filter(|group| group.service.is_some()) {
        let mut names = group.rows.iter().map(|(line, _)| service_of(&line.name));
        let first = names.next();
        group.title = first.filter(|first| names.all(|name| name == *first));
    }
    groups
}

fn service_of(name: &str) -> &str {
    name.split_once(PART).map_or(name, |(service, _)| service)
}

pub(super) fn draw(flow: &mut Flow<'_>) -> Result<(), Error> {
    let sheet = flow.sheet;
    let currency = sheet.document.content().currency;
    let groups = groups(sheet.document.lines());
    let (table, several) = (flow.name(), groups.len() > 1);
    let mut table = Table { flow, number: table, row: 0, carried: Money::zero(currency), currency };
    table.header();
    for group in &groups {
        table.group(group, several)?;
    }
    table.flow.y += 2.0;
    Ok(())
}

struct Table<'f, 's> {
    flow: &'f mut Flow<'s>,
    number: u32,
    row: u32,
    /// The sum of the rows above.
    carried: Money,
    currency: Currency,
}

impl Table<'_, '_> {
    const fn cell(&self, column: u32, header: bool) -> Role {
        Role::Cell(Cell { table: self.number, row: self.row, column, header })
    }

    const fn next_row(&mut self) {
        self.row = self.row.saturating_add(1);
    }

    /// What the columns are.
    fn header(&mut self) {
        let words = self.flow.words;
        let accent = self.flow.sheet.look.accent;
        let names = [
            (MARGIN, Side::Left, say!(en "Description", fr "Désignation")),
            (QUANTITY, Side::Right, say!(en "Quantity", fr "Quantité")),
            (PRICE, Side::Right, say!(en "Unit price", fr "Prix unitaire HT")),
            (VAT, Side::Right, say!(en "VAT", fr "TVA")),
            (RIGHT, Side::Right, say!(en "Amount", fr "Montant HT")),
        ];
        self.flow.y += 10.0;
        let y = self.flow.y;
        for ((x, side, name), column) in names.into_iter().zip(0..) {
            let style = Style::LABEL.coloured(accent);
            let role = self.cell(column, true);
            self.flow.page.say(role, At { x, y }, side, (style, &words.of(&name)));
        }
        self.flow.y += 5.0;
        self.flow.page.rule(At { x: MARGIN, y: self.flow.y }, COLUMN, (1.0, accent));
        self.next_row();
    }

    /// Goes on to the next page, with the sum so far at the foot of this one and the head of the next.
    fn carry_over(&mut self) {
        let words = self.flow.words;
        if !self.carried.is_zero() {
            let text = words.of(&say!(en "Carried forward", fr "À reporter"));
            self.carried_sum(&text);
        }
        self.flow.turn();
        self.header();
        if !self.carried.is_zero() {
            let text = words.of(&say!(en "Brought forward", fr "Report"));
            self.carried_sum(&text);
        }
    }

    fn carried_sum(&mut self, label: &str) {
        let style = Style::SMALL.coloured(QUIET);
        self.flow.y += 13.0;
        let y = self.flow.y;
        let amount = self.flow.words.amount(self.carried);
        self.flow.page.say(self.cell(0, false), At { x: VAT, y }, Side::Right, (style, label));
        let strong = Style::STRONG.sized(style.size).coloured(QUIET);
        self.flow.page.say(self.cell(4, false), At { x: RIGHT, y }, Side::Right, (strong, &amount));
        self.flow.y += 4.0;
        self.next_row();
    }

    fn room(&mut self, height: f32) {
        if !self.flow.fits(height + CARRY) && !self.flow.is_fresh() {
            self.carry_over();
        }
    }

    fn group(&mut self, group: &Group<'_>, several: bool) -> Result<(), Error> {
        let mut rows = group.rows.iter().map(|(line, amount)| self.row_of(group, line, *amount));
        let first = rows.next().transpose()?;
        let rows: Vec<_> = first.into_iter().map(Ok).chain(rows).collect::<Result<_, Error>>()?;
        if let Some(title) = group.title {
            // A title stays with its first row.
            let below = rows.first().map_or(0.0, Row::height);
            let sum = (several && rows.len() > 1).then(|| group.rows.iter().map(|(_, it)| *it));
            let sum = sum.map(|it| Money::sum(self.currency, it)).transpose()?;
            self.title(title, sum, below);
        }
        for row in rows {
            self.draw(row)?;
        }
        Ok(())
    }

    /// The name of a service, and what it comes to.
    fn title(&mut self, title: &str, sum: Option<Money>, below: f32) {
        let style = Style::STRONG.sized(10.5).coloured(self.flow.sheet.look.accent);
        let lines = style.wrap(title, PRICE - MARGIN);
        self.room(text::height(&lines) + 8.0 + below);
        self.flow.y += 6.0;
        let top = self.flow.y;
        for line in lines {
            self.flow.y += line.style.leading();
            let at = At { x: MARGIN, y: self.flow.y };
            self.flow.page.text(self.cell(0, true), at, Side::Left, line);
        }
        if let Some(sum) = sum {
            let at = At { x: RIGHT, y: top + style.leading() };
            let sum = self.flow.words.amount(sum);
            let style = Style::STRONG.coloured(QUIET);
            self.flow.page.say(self.cell(4, true), at, Side::Right, (style, &sum));
        }
        self.next_row();
    }

    fn row_of(&self, group: &Group<'_>, line: &DocumentLine, amount: Money) -> Result<Row, Error> {
        let words = self.flow.words;
        let name = match group.title {
            Some(title) if line.name == title => words.line(line.kind),
            Some(_) => line.name.split_once(PART).map_or("", |(_, charge)| charge).to_owned(),
            None => line.name.clone(),
        };
        let panel = Panel::of(self.flow, line, amount)?;
        let mut text = Style::BODY.coloured(INK).wrap(&name, DESCRIPTION);
        // The panel says the same, and more.
        let detail = line.detail.as_deref().filter(|_| panel.is_none());
        // The head of the document says of which days it is; what is of others says so.
        let usual = self.flow.sheet.document.content().period;
        let period = line.period.filter(|period| Some(*period) != usual);
        let period = period.map(|period| words.days(period));
        for beside in detail.into_iter().chain(period.as_deref()) {
            text.extend(Style::SMALL.wrap(beside, DESCRIPTION));
        }
        let unit = line.pool.as_ref().and_then(|pool| pool.schedule.as_ref()?.unit_name.clone());
        let unit = unit.or_else(|| words.unit(&line.unit)).unwrap_or_default();
        let base = match line.price_base {
            PriceBase::One => String::new(),
            base => {
                let units = words.number(base.units());
                words.of(&say!(en "per {units}", fr "pour {units}"))
            }
        };
        let quantity = words.number(line.quantity);
        let together = format!("{quantity}\u{a0}{unit}");
        let quantity = if Style::BODY.width(&together) <= COUNTED {
            (together, Vec::new())
        } else {
            (quantity, Style::SMALL.wrap(&unit, COUNTED))
        };
        Ok(Row {
            text,
            quantity,
            price: (words.price(line.unit_price, self.currency), base),
            vat: words.vat(&line.vat),
            amount,
            panel,
        })
    }

    fn draw(&mut self, row: Row) -> Result<(), Error> {
        self.room(row.height());
        let words = self.flow.words;
        let top = self.flow.y + GAP;
        let first = top + Style::BODY.leading();
        let mut y = top;
        for line in row.text {
            y += line.style.leading();
            self.flow.page.text(self.cell(0, false), At { x: MARGIN, y }, Side::Left, line);
        }
        let mut end = y;
        let mut say = |column, (x, room), y, style: Style, text: &str| {
            let role =
                Role::Cell(Cell { table: self.number, row: self.row, column, header: false });
            self.flow.page.text(role, At { x, y }, Side::Right, style.within(text, room));
        };
        let (quantity, unit) = row.quantity;
        let (price, base) = row.price;
        let priced = (PRICE, PRICE - QUANTITY - 6.0);
        say(1, (QUANTITY, COUNTED), first, Style::BODY, quantity.trim_end());
        say(2, priced, first, Style::BODY, &price);
        say(2, priced, first + Style::SMALL.leading(), Style::SMALL, &base);
        say(3, (VAT, VAT - PRICE - 4.0), first, Style::BODY.coloured(QUIET), &row.vat);
        say(4, (RIGHT, AMOUNT), first, Style::STRONG, &words.amount(row.amount));
        let mut below = first;
        for line in unit {
            below += line.style.leading();
            let role = self.cell(1, false);
            self.flow.page.text(role, At { x: QUANTITY, y: below }, Side::Right, line);
        }
        end = end.max(below);
        if !base.is_empty() {
            end = end.max(first + Style::SMALL.leading());
        }
        self.next_row();
        self.flow.y = end + GAP;
        if let Some(panel) = row.panel {
            panel.draw(self.flow);
        }
        self.flow.page.rule(At { x: MARGIN, y: self.flow.y }, COLUMN, (0.5, HAIR));
        self.carried = self.carried.checked_add(row.amount)?;
        Ok(())
    }
}

/// A row, measured.
struct Row {
    text: Vec<Line>,
    /// How much, and below it in which unit.
    quantity: (String, Vec<Line>),
    /// At which price, and below it for how many.
    price: (String, String),
    vat: String,
    amount: Money,
    panel: Option<Panel>,
}

impl Row {
    fn height(&self) -> f32 {
        let base = if self.price.1.is_empty() { 0.0 } else { Style::SMALL.leading() };
        let unit = Style::BODY.leading() + text::height(&self.quantity.1).max(base);
        let panel = self.panel.as_ref().map_or(0.0, Panel::height);
        text::height(&self.text).max(unit) + 2.0 * GAP + panel
    }
}
