//! What must be said, and who must process it (BG-1).

use std::borrow::Cow;

use super::EinvoiceError;
use crate::{DocumentContent, DocumentKind, DocumentLine, VatCategory, VatTerritory};

/// A note: its subject (UNTDID 4451, BT-21) and its text (BT-22).
pub(super) type Note<'d> = (&'d str, Cow<'d, str>);

/// Recovery costs, penalties, discount for early payment: each stands on every document, exactly once
/// (code de commerce, L441-9; BR-FR-05, BR-FR-06).
const MENTIONS: [&str; 3] = ["PMT", "PMD", "AAB"];

/// The notes of a document, those that the reform adds at the end.
pub(super) fn of(content: &DocumentContent) -> Result<Vec<Note<'_>>, EinvoiceError> {
    let said = content.notes.iter();
    let mut notes: Vec<Note<'_>> =
        said.map(|note| (note.subject.as_str(), Cow::from(note.text.as_str()))).collect();
    for subject in MENTIONS {
        let found = notes.iter().filter(|(it, _)| *it == subject).count();
        match found {
            1 => {}
            // The rule makes no exception for what nobody pays.
            0 if content.kind.is_credit() => {
                notes.push((subject, Cow::from("Sans objet : avoir.")));
            }
            _ => return Err(EinvoiceError::Note { subject, found }),
        }
    }
    if content.kind == DocumentKind::SelfBilled {
        // CGI, ann. II, art. 242 nonies A, I, 14°.
        notes.push(("AAI", Cow::from("Autofacturation")));
    }
    notes.push(("BAR", Cow::from(processing(content))));
    Ok(notes)
}

/// What platforms make of it (BR-FR-20): deliver it, or report it to the State, or neither.
fn processing(content: &DocumentContent) -> &'static str {
    if content.lines.iter().all(is_outside) {
        return "OUTOFSCOPE";
    }
    let buyer = &content.buyer;
    match buyer.address.vat_territory() {
        // Monaco is France for VAT, and its companies are not in the directory.
        VatTerritory::France | VatTerritory::OverseasTaxed => match buyer.siren {
            Some(_) => "B2B",
            None if buyer.address.country().as_str() == "MC" => "B2BINT",
            None => "B2C",
        },
        // Guyane and Mayotte are abroad for VAT (CGI, art. 294).
        VatTerritory::OverseasUntaxed | VatTerritory::MemberState | VatTerritory::Outside => {
            "B2BINT"
        }
    }
}

/// Whether the reform leaves it alone: outside the scope of VAT, or exempt by articles 261 to 261 E of
/// the CGI (art. 289 bis).
fn is_outside(line: &DocumentLine) -> bool {
    let by_261 = || {
        let code = line.vat.exemption.as_ref().map(|it| it.code.as_str());
        code.is_some_and(|code| code.starts_with("VATEX-FR-CGI261"))
    };
    match line.vat.category {
        VatCategory::OutOfScope => true,
        VatCategory::Exempt => by_261(),
        _ => false,
    }
}
