//! How to pay.

use super::blocks::{Fact, facts_below, iban_written};
use super::flow::Flow;
use super::look::INK;
use super::page::{Area, At, COLUMN, MARGIN, Mark, RIGHT, Role, Side};
use super::text::Style;
use super::{PdfError, Stage, qr};
use crate::say;

/// How wide the code is: squares of half a millimetre and more, which any phone reads.
const CODE: f32 = 77.0;

/// Account, reference and code, where money is asked for and there is an account to send it to.
pub(super) fn draw(flow: &mut Flow<'_>) -> Result<(), PdfError> {
    let (sheet, words) = (flow.sheet, flow.words);
    let content = sheet.document.content();
    let Stage::Issued { number, .. } = sheet.stage else { return Ok(()) };
    let Some(account) = &content.account else { return Ok(()) };
    if content.kind.is_credit() || sheet.gross().minor() <= 0 {
        return Ok(());
    }
    let code = qr::code(&content.seller.name, account, sheet.gross(), number)?;
    let height = CODE + 18.0;
    flow.room(height + 8.0);
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
