//! How to pay.

use super::blocks::{Fact, facts_below, iban_written};
use super::flow::Flow;
use super::look::INK;
use super::page::{Area, At, COLUMN, MARGIN, Mark, RIGHT, Role, Side};
use super::text::Style;
use super::{PdfError, Stage, qr};
use crate::say;
use palier_billing::BankAccount;

/// How wide the code is: squares of half a millimetre and more, which any phone reads.
const CODE: f32 = 77.0;

/// How high the line with the link is.
const ONLINE: f32 = 20.0;

/// Where money is asked for: how it is transferred, if there is an account to send it to, and the link by
/// which it is paid online, if there is one.
pub(super) fn draw(flow: &mut Flow<'_>) -> Result<(), PdfError> {
    let Stage::Issued { number, pay_at, .. } = flow.sheet.stage else { return Ok(()) };
    let content = flow.sheet.document.content();
    if content.kind.is_credit() || flow.sheet.gross().minor() <= 0 {
        return Ok(());
    }
    if let Some(account) = &content.account {
        let below = pay_at.map_or(0.0, |_| ONLINE);
        transfer(flow, account, (number, below))?;
    }
    if let Some(address) = pay_at {
        online(flow, number, address);
    }
    Ok(())
}

/// Account, reference and code, on one page with so much that stands below.
fn transfer(
    flow: &mut Flow<'_>,
    account: &BankAccount,
    (number, below): (&str, f32),
) -> Result<(), PdfError> {
    let (sheet, words) = (flow.sheet, flow.words);
    let content = sheet.document.content();
    let code = qr::code(&content.seller.name, account, sheet.gross(), number)?;
    let height = CODE + 18.0;
    flow.room(height + 8.0 + below);
    flow.y += 8.0;
    let area = Area { x: MARGIN, y: flow.y, width: COLUMN, height };
    flow.page.push(Role::Artifact, Mark::Card(area, sheet.look.accent.tint(6)));
    let title = words.of(&say!(en "Payment by bank transfer", fr "Règlement par virement"));
    let style = Style::STRONG.sized(10.5).coloured(sheet.look.accent);
    let at = At { x: area.x + 14.0, y: area.y + 20.0 };
    flow.page.say(Role::Heading, at, Side::Left, (style, &title));
    let fact = |label, value: String| Fact::new(words.of(&label), value);
    let mut facts = vec![
        fact(say!(en "IBAN", fr "IBAN"), iban_written(&account.iban)),
        fact(say!(en "Amount", fr "Montant"), words.amount(sheet.gross())),
    ];
    let bic = account.bic.as_ref().map(|bic| fact(say!(en "BIC", fr "BIC"), bic.clone()));
    facts.extend(bic);
    facts.push(fact(say!(en "Reference to quote", fr "Référence à rappeler"), number.to_owned()));
    let width = COLUMN - CODE - 100.0;
    facts_below(flow, (area.x + 14.0, area.y + 32.0), width, &facts);
    if let Some(code) = code {
        draw_code(flow, area, code);
    }
    flow.y = area.bottom() + 6.0;
    Ok(())
}

/// The link by which it is paid at once. Who reads it on paper sees where it leads.
fn online(flow: &mut Flow<'_>, number: &str, address: &str) {
    flow.room(ONLINE);
    flow.y += ONLINE - 6.0;
    let (words, accent, y) = (flow.words, flow.sheet.look.accent, flow.y);
    let title = words.of(&say!(en "Online payment:\u{a0}", fr "Paiement en ligne\u{a0}:\u{a0}"));
    let title = Style::STRONG.coloured(accent).line(&title);
    let x = MARGIN + title.width();
    let host = host(address);
    let text = words.of(&say!(en "pay {number} at {host}", fr "régler {number} sur {host}"));
    let text = Style::BODY.coloured(accent).within(&text, RIGHT - x);
    let width = text.width();
    let paragraph = Role::Paragraph(flow.name());
    flow.page.text(paragraph, At { x: MARGIN, y }, Side::Left, title);
    flow.page.text(Role::Link(address.to_owned()), At { x, y }, Side::Left, text);
    flow.page.rule(At { x, y: y + 1.75 }, width, (0.6, accent));
    flow.y += 6.0;
}

/// Of an address, who is asked.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The code on its white ground, with what it is for beside it.
fn draw_code(flow: &mut Flow<'_>, card: Area, code: qr::Code) {
    let words = flow.words;
    let x = RIGHT - CODE - 9.0;
    let area = Area { x, y: card.y + 9.0, width: CODE, height: CODE };
    let role = Role::Figure(words.of(&say!(
        en "Code for a SEPA transfer in a banking app",
        fr "Code de virement SEPA pour une application bancaire"
    )));
    let qr::Code { side, dark } = code;
    flow.page.push(role, Mark::Code { area, side, dark });
    let text = words.of(&say!(
        en "Scan this with your banking app: the transfer is filled in.",
        fr "Scannez avec votre application bancaire : le virement est prérempli."
    ));
    let style = Style::SMALL.coloured(INK).sized(7.75);
    let lines = style.wrap(&text, 74.0);
    flow.y = area.y + 4.0;
    flow.lines((area.x - 10.0, Side::Right), lines);
}
