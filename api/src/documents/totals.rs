//! What a document comes to: VAT by rate, and the sums.

use palier_billing::{DocumentLine, VatTotal};

use super::flow::Flow;
use super::look::{HAIR, INK, PAPER, QUIET};
use super::page::{Area, At, COLUMN, Cell, MARGIN, Mark, RIGHT, Role, Side};
use super::text::{self, Line, Style};
use crate::say;

/// How wide the sums are.
const SUMS: f32 = 218.0;
/// Inside the sums.
const PADDING: f32 = 11.0;
/// How wide VAT by rate is.
const RATES: f32 = COLUMN - SUMS - 22.0;
const ROW: f32 = 15.0;

/// All of it on one page.
pub(super) fn draw(flow: &mut Flow<'_>) {
    let totals = flow.sheet.document.totals();
    let reasons = reasons(flow);
    let rows = u16::try_from(totals.vat.len()).map_or(0.0, f32::from);
    let rates = ROW * (rows + 1.0) + 8.0 + text::height(&reasons);
    let height = rates.max(3.0 * ROW + 34.0);
    flow.room(height + 12.0);
    flow.y += 6.0;
    let top = flow.y;
    rates_table(flow, &totals.vat, reasons);
    let end = flow.y;
    flow.y = top;
    sums(flow);
    flow.y = flow.y.max(end) + 6.0;
}

/// VAT by category and rate, and why there is none where there is none.
fn rates_table(flow: &mut Flow<'_>, rates: &[VatTotal], reasons: Vec<Line>) {
    let words = flow.words;
    let (table, right) = (flow.name(), MARGIN + RATES);
    let base = right - 84.0;
    let role = |row, column| Role::Cell(Cell { table, row, column, header: row == 0 });
    flow.y += ROW - 4.0;
    let names = [
        (MARGIN, Side::Left, words.of(&say!(en "VAT", fr "TVA"))),
        (base, Side::Right, words.of(&say!(en "Taxable amount", fr "Base HT"))),
        (right, Side::Right, words.of(&say!(en "VAT amount", fr "Montant TVA"))),
    ];
    for ((x, side, name), column) in names.iter().zip(0..) {
        let at = At { x: *x, y: flow.y };
        flow.page.say(role(0, column), at, *side, (Style::LABEL, name));
    }
    flow.page.rule(At { x: MARGIN, y: flow.y + 5.0 }, RATES, (0.6, HAIR));
    flow.y += 5.0;
    for (rate, row) in rates.iter().zip(1..) {
        flow.y += ROW;
        let y = flow.y - 2.0;
        let name = words.vat_of(rate.category, rate.rate_percent);
        let style = Style::BODY;
        flow.page.say(role(row, 0), At { x: MARGIN, y }, Side::Left, (style, &name));
        let amount = words.amount(rate.base);
        flow.page.say(role(row, 1), At { x: base, y }, Side::Right, (style, &amount));
        let amount = words.amount(rate.vat);
        flow.page.say(role(row, 2), At { x: right, y }, Side::Right, (style, &amount));
    }
    if !reasons.is_empty() {
        flow.y += 3.0;
        flow.lines((MARGIN, Side::Left), reasons);
    }
}

/// Why no VAT is charged, in the words of the law (CGI, ann. II, art. 242 nonies A, I, 12°).
fn reasons(flow: &Flow<'_>) -> Vec<Line> {
    let of = |line: &DocumentLine| Some(line.vat.exemption.as_ref()?.reason.clone());
    let mut said: Vec<String> = Vec::new();
    for reason in flow.sheet.document.content().lines.iter().filter_map(of) {
        if !said.contains(&reason) {
            said.push(reason);
        }
    }
    said.iter().flat_map(|reason| Style::SMALL.coloured(INK).wrap(reason, RATES)).collect()
}

/// Net, VAT, gross.
fn sums(flow: &mut Flow<'_>) {
    let (sheet, words) = (flow.sheet, flow.words);
    let totals = sheet.document.totals();
    let table = flow.name();
    let (left, right) = (RIGHT - SUMS + PADDING, RIGHT - PADDING);
    let role = |row, column| Role::Cell(Cell { table, row, column, header: column == 0 });
    let credit = sheet.document.content().kind.is_credit();
    let rows = [
        (say!(en "Total without VAT", fr "Total HT"), totals.net),
        (say!(en "VAT", fr "TVA"), totals.vat_total),
    ];
    for ((label, amount), row) in rows.into_iter().zip(0..) {
        flow.y += ROW;
        let y = flow.y - 4.0;
        let style = Style::BODY.coloured(QUIET);
        let label = words.of(&label);
        flow.page.say(role(row, 0), At { x: left, y }, Side::Left, (style, &label));
        let amount = words.amount(amount);
        flow.page.say(role(row, 1), At { x: right, y }, Side::Right, (Style::BODY, &amount));
    }
    flow.y += 4.0;
    let area = Area { x: RIGHT - SUMS, y: flow.y, width: SUMS, height: 30.0 };
    flow.page.push(Role::Artifact, Mark::Card(area, sheet.look.accent));
    let style = Style::STRONG.sized(11.0).coloured(PAPER);
    let label = words.of(&if credit {
        say!(en "Credited with VAT", fr "Avoir TTC")
    } else {
        say!(en "Total with VAT", fr "Total TTC")
    });
    let y = area.y + 19.5;
    flow.page.say(role(2, 0), At { x: left, y }, Side::Left, (style, &label));
    let gross = words.amount(totals.gross);
    let large = style.sized(13.0);
    flow.page.say(role(2, 1), At { x: right, y }, Side::Right, (large, &gross));
    flow.y = area.bottom();
}
