//! The head of the first page: who sells, who buys, and what it comes to.

use palier_billing::Party;

use super::blocks::{Fact, facts_below, grouped};
use super::countries;
use super::flow::Flow;
use super::look::{INK, PAPER};
use super::page::{Area, At, MARGIN, Mark, RIGHT, Role, Side, WIDTH, mm};
use super::text::{Line, Style};
use super::{Sheet, Stage};
use crate::say;

/// Where the window of a French envelope shows the address, however the sheet lies in it: windows of
/// 45 or 35 × 100 mm, 20 mm from the right and the lower edge of an envelope of 110 × 220 mm.
const WINDOW: Area = Area { x: mm(110.0), y: mm(55.0), width: mm(80.0), height: mm(24.0) };
/// How large a logo may be.
const LOGO: Area = Area { x: MARGIN, y: mm(13.0), width: mm(58.0), height: mm(20.0) };
/// Where the figures begin, below the fold.
const FACTS: f32 = mm(93.0);

pub(super) fn draw(flow: &mut Flow<'_>) {
    band(flow);
    mark(flow);
    title(flow);
    seller(flow);
    buyer(flow);
    flow.y = FACTS;
    let card = amount(flow);
    let width = card.x - MARGIN - 14.0;
    let facts = facts(flow);
    let end = facts_below(flow, (MARGIN, FACTS), width, &facts);
    flow.y = end.max(card.bottom()) + 8.0;
}

/// The pole's colour, along the upper edge.
fn band(flow: &mut Flow<'_>) {
    let accent = flow.sheet.look.accent;
    let area = Area { x: 0.0, y: 0.0, width: WIDTH, height: 6.0 };
    flow.page.push(Role::Artifact, Mark::Ground(area, accent));
}

/// The pole's logo, or its name.
fn mark(flow: &mut Flow<'_>) {
    let seller = &flow.sheet.document.content().seller;
    if let Some(logo) = &flow.sheet.look.logo {
        let (width, height) = logo.size();
        let pixels = |count: u32| u16::try_from(count).map_or(1.0, f32::from).max(1.0);
        let (width, height) = (pixels(width), pixels(height));
        // Never larger than 150 dots an inch would make it.
        let scale = (LOGO.width / width).min(LOGO.height / height).min(72.0 / 150.0);
        let area = Area { width: width * scale, height: height * scale, ..LOGO };
        let role = Role::Figure(seller.name.clone());
        flow.page.push(role, Mark::Picture(area, logo.clone()));
        return;
    }
    let style = Style::STRONG.coloured(flow.sheet.look.accent);
    flow.y = LOGO.y;
    let sizes = [15.0, 12.5, 10.0, 8.5];
    let lines = largest(sizes, LOGO.height, |size| style.sized(size).wrap(&seller.name, mm(82.0)));
    flow.lines((MARGIN, Side::Left), lines);
}

/// What it is, and its number.
fn title(flow: &mut Flow<'_>) {
    let (sheet, words) = (flow.sheet, flow.words);
    let at = |y| At { x: RIGHT, y };
    let style = Style::STRONG.sized(23.0).coloured(sheet.look.accent);
    let kind = words.kind(sheet.document.content().kind);
    flow.page.say(Role::Title, at(mm(21.5)), Side::Right, (style, &kind));
    let draft = words.draft();
    let number = sheet.number().unwrap_or(&draft);
    let style = Style::STRONG.sized(12.5).coloured(INK);
    flow.page.say(Role::Title, at(mm(28.5)), Side::Right, (style, number));
}

/// Who sells.
fn seller(flow: &mut Flow<'_>) {
    let seller = &flow.sheet.document.content().seller;
    let width = WINDOW.x - MARGIN - mm(14.0);
    let small = Style::SMALL.sized(8.75);
    flow.y = mm(47.0);
    let mut lines = Style::STRONG.wrap(&seller.name, width);
    for line in written(seller) {
        lines.extend(small.wrap(&line, width));
    }
    if let Some(email) = &seller.email {
        lines.extend(small.wrap(email, width));
    }
    flow.lines((MARGIN, Side::Left), lines);
}

/// Who buys, where the window shows it.
fn buyer(flow: &mut Flow<'_>) {
    let buyer = &flow.sheet.document.content().buyer;
    // Smaller letters rather than an address that leaves the window.
    let lines = largest([10.5, 9.5, 8.5, 7.5], WINDOW.height, |size| {
        let mut lines = Style::STRONG.sized(size).wrap(&buyer.name, WINDOW.width);
        for line in written(buyer) {
            lines.extend(Style::BODY.sized(size).wrap(&line, WINDOW.width));
        }
        lines
    });
    flow.y = WINDOW.y - 4.0;
    flow.lines((WINDOW.x, Side::Left), lines);
}

/// Lines in the largest letters in which they are not too high, or in the smallest.
fn largest(sizes: [f32; 4], height: f32, set: impl Fn(f32) -> Vec<Line>) -> Vec<Line> {
    let fits = |lines: &Vec<Line>| super::text::height(lines) <= height;
    let lines = sizes.map(set).into_iter();
    let lines = lines.reduce(|larger, smaller| if fits(&larger) { larger } else { smaller });
    lines.unwrap_or_default()
}

/// An address below each other.
fn written(party: &Party) -> Vec<String> {
    let address = &party.address;
    let mut lines: Vec<_> = address.lines().to_vec();
    let town = [address.postcode().unwrap_or_default(), address.city()].join(" ");
    lines.push(town.trim().to_owned());
    lines.extend(countries::named(address.country()).map(str::to_owned));
    lines
}

/// The amount, for who looks for nothing else.
fn amount(flow: &mut Flow<'_>) -> Area {
    let (sheet, words) = (flow.sheet, flow.words);
    let accent = sheet.look.accent;
    let area = Area { x: RIGHT - mm(66.0), y: FACTS - 3.0, width: mm(66.0), height: 76.0 };
    flow.page.push(Role::Artifact, Mark::Card(area, accent));
    let role = Role::Paragraph(flow.name());
    let at = |y: f32| At { x: area.x + 14.0, y: area.y + y };
    let credit = sheet.document.content().kind.is_credit();
    let label = words.of(&if credit {
        say!(en "In your favour", fr "Montant en votre faveur")
    } else {
        say!(en "To be paid", fr "Net à payer")
    });
    let pale = accent.tint(22);
    let label = (Style::LABEL.sized(8.5).coloured(pale), label.as_str());
    flow.page.say(role.clone(), at(19.0), Side::Left, label);
    let large = Style::STRONG.sized(24.0).coloured(PAPER);
    let gross = large.within(&words.amount(sheet.gross()), area.width - 28.0);
    flow.page.text(role.clone(), at(45.0), Side::Left, gross);
    let until = match sheet.stage {
        Stage::Issued { due_on, .. } if !credit => {
            let day = words.day(due_on);
            words.of(&say!(en "due by {day}", fr "échéance le {day}"))
        }
        _ => String::new(),
    };
    flow.page.say(role, at(62.0), Side::Left, (Style::BODY.coloured(PAPER), &until));
    area
}

/// Days and references.
fn facts(flow: &Flow<'_>) -> Vec<Fact> {
    let (sheet, words) = (flow.sheet, flow.words);
    let content = sheet.document.content();
    let mut facts = stage(sheet, flow);
    let mut add = |label, value: Option<String>| {
        facts.extend(value.map(|value| Fact::new(words.of(&label), value)));
    };
    add(say!(en "Period", fr "Période facturée"), content.period.map(|period| words.days(period)));
    let buyer = &content.buyer;
    add(say!(en "Your reference", fr "Votre référence"), buyer.code.clone());
    // Whoever has one wants it on the invoice, and pays no other (BT-13).
    add(say!(en "Your purchase order", fr "Votre commande"), content.order.clone());
    add(say!(en "Contract", fr "Contrat"), content.contract.clone());
    let siren = buyer.siret.as_ref().map(|siret| ("SIRET", siret.to_string()));
    let siren = siren.or_else(|| Some(("SIREN", buyer.siren.as_ref()?.to_string())));
    add(
        say!(en "Your company number", fr "Votre identifiant"),
        siren.map(|(name, number)| format!("{name}\u{a0}{}", grouped(&number))),
    );
    add(
        say!(en "Your VAT number", fr "Votre numéro de TVA"),
        buyer.vat_number.as_ref().filter(|_| !sheet.is_outside_vat()).map(ToString::to_string),
    );
    let cited = content.corrects.iter().map(|it| {
        let (number, day) = (&it.number, words.day(it.issued_on));
        words.of(&say!(en "{number} of {day}", fr "{number} du {day}"))
    });
    let cited: Vec<_> = cited.collect();
    let label = if content.kind.is_credit() {
        say!(en "Credit on invoice", fr "Avoir sur facture")
    } else {
        say!(en "Replaces invoice", fr "Remplace la facture")
    };
    add(label, (!cited.is_empty()).then(|| cited.join(", ")));
    facts
}

/// The days that a document has from the start.
fn stage(sheet: &Sheet<'_>, flow: &Flow<'_>) -> Vec<Fact> {
    let words = flow.words;
    match sheet.stage {
        Stage::Draft { as_of } => {
            vec![Fact::new(words.of(&say!(en "Draft of", fr "Projet du")), words.day(as_of))]
        }
        Stage::Issued { issued_on, .. } => {
            let label = words.of(&say!(en "Date of issue", fr "Date d’émission"));
            vec![Fact::new(label, words.day(issued_on))]
        }
    }
}
