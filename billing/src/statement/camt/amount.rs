//! Amounts and their signs.

use super::{currency, missing};
use crate::{
    Money,
    statement::{
        StatementFaultKind,
        fault::{Notes, Read},
    },
    xml::Element,
};

/// The amount within an element, with the sign that its credit or debit indicator gives it.
pub(super) fn signed(element: &Element, notes: &mut Notes) -> Read<Money> {
    let (amount, credit) = (within(element, notes), is_credit(element, notes));
    notes.check(element.line, with_sign(amount?, credit?))
}

/// The amount, below zero unless it is a credit.
pub(super) fn with_sign(amount: Money, credit: bool) -> Result<Money, crate::Error> {
    if credit { Ok(amount) } else { Money::zero(amount.currency()).checked_sub(amount) }
}

/// The amount within an element, without its sign.
fn within(element: &Element, notes: &mut Notes) -> Read<Money> {
    match element.at("Amt") {
        Some(found) => read(found, notes),
        None => Err(notes.note(element.line, missing("Amt"))),
    }
}

/// An amount: a decimal that is not below zero, its currency beside it.
pub(super) fn read(found: &Element, notes: &mut Notes) -> Read<Money> {
    let code = found.attribute("Ccy").unwrap_or_default();
    let currency = notes.check(found.line, currency(code))?;
    let written = found.text().unwrap_or_default();
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let parsed =
        if plain { Money::parse(written, currency) } else { Err(crate::DecimalError::NotANumber) };
    let not = |error| StatementFaultKind::NotAnAmount { found: written.to_owned(), error };
    notes.check(found.line, parsed.map_err(not))
}

/// Whether the indicator within an element says credit.
pub(super) fn is_credit(element: &Element, notes: &mut Notes) -> Read<bool> {
    let what = "CdtDbtInd";
    let Some(found) = element.at(what) else {
        return Err(notes.note(element.line, missing(what)));
    };
    match found.text().unwrap_or_default() {
        "CRDT" => Ok(true),
        "DBIT" => Ok(false),
        other => {
            let (found_code, expected) = (other.to_owned(), "CRDT or DBIT");
            let kind = StatementFaultKind::Code { what, found: found_code, expected };
            Err(notes.note(found.line, kind))
        }
    }
}
