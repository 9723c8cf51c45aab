//! What the law wants said: once at the end, and at the foot of every page.

use super::Sheet;
use super::blocks::grouped;
use super::flow::Flow;
use super::look::{HAIR, QUIET};
use super::page::{At, COLUMN, HEIGHT, MARGIN, Page, RIGHT, Role, Side, mm};
use super::text::{self, Line, Style};
use super::words::Words;
use crate::say;
use palier_billing::VatDue;

/// From the lower edge to the last line of the foot.
const EDGE: f32 = mm(9.0);
/// Between the foot and the rule above it.
const GAP: f32 = 5.0;

/// Who sells, as companies must say it on what they send (code de commerce, R123-237; CGI, ann. II,
/// art. 242 nonies A).
pub(super) fn legal(sheet: &Sheet<'_>, words: Words) -> Vec<Line> {
    let content = sheet.document.content();
    let seller = &content.seller;
    let mut parts = vec![seller.name.clone()];
    parts.extend(seller.legal_form.clone());
    let siren = seller.siren.as_ref().map(|siren| grouped(&siren.to_string()));
    parts.extend(siren.map(|siren| format!("SIREN\u{a0}{siren}")));
    if !sheet.is_outside_vat() {
        parts.extend(
            seller.vat_number.as_ref().map(|number| {
                words.of(&say!(en "VAT\u{a0}{number}", fr "N°\u{a0}TVA\u{a0}{number}"))
            }),
        );
    }
    let style = Style::SMALL.sized(7.5).coloured(QUIET);
    style.wrap(&parts.join(" · "), COLUMN - mm(24.0))
}

/// How high the foot is, from the edge of what flows.
pub(super) fn height(legal: &[Line]) -> f32 {
    text::height(legal) + EDGE + GAP
}

/// Draws the foot of a page.
pub(super) fn draw(page: &mut Page, legal: &[Line], number: &str) {
    let top = HEIGHT - EDGE - text::height(legal);
    page.rule(At { x: MARGIN, y: top - GAP + 2.0 }, COLUMN, (0.6, HAIR));
    let mut y = top;
    for line in legal {
        y += line.style.leading();
        page.text(Role::Artifact, At { x: MARGIN, y }, Side::Left, line.clone());
    }
    let style = Style::SMALL.sized(7.5).coloured(QUIET);
    let at = At { x: RIGHT, y: top + style.leading() };
    page.say(Role::Artifact, at, Side::Right, (style, number));
}

/// What is said of late and early payment, of VAT on debits, and what else the document notes.
pub(super) fn notes(flow: &mut Flow<'_>) {
    let (words, content) = (flow.words, flow.sheet.document.content());
    let mut said = Vec::new();
    if content.vat_due == VatDue::OnDebits {
        said.push(words.of(&say!(
            en "VAT is due on invoicing: “Option pour le paiement de la taxe d’après les débits”.",
            fr "Option pour le paiement de la taxe d’après les débits."
        )));
    }
    // What the document is there for comes first: its other notes are the same on every one.
    let (usual, own): (Vec<_>, Vec<_>) = content
        .notes
        .iter()
        .partition(|note| ["PMD", "PMT", "AAB"].contains(&note.subject.as_str()));
    let own: Vec<_> = own.into_iter().map(|note| note.text.clone()).collect();
    said.extend(usual.into_iter().map(|note| note.text.clone()));
    if !own.is_empty() {
        paragraph(flow, Style::BODY, &own.join(" "));
    }
    if !said.is_empty() {
        paragraph(flow, Style::SMALL.sized(7.75), &said.join(" "));
    }
}

fn paragraph(flow: &mut Flow<'_>, style: Style, text: &str) {
    let lines = style.wrap(text, COLUMN);
    flow.room(text::height(&lines) + 6.0);
    flow.y += 6.0;
    flow.lines((MARGIN, Side::Left), lines);
}
