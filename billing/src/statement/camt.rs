//! camt.053, the bank-to-customer statement of ISO 20022, in all its versions.
//!
//! Versions differ in their namespace, which is not looked at, and in a few places: a status is a
//! text (.02) or has a code (.07 on), a party its name or a `Pty` around it, a transaction its
//! amount in `AmtDtls/TxAmt` (.02) or of its own. Either is read in any.

mod amount;
mod entry;

use super::{
    Balances, Iban, Statement, StatementFaultKind, StatementFaults,
    fault::{Notes, Read},
    key::Keys,
};
use crate::{
    Currency, Money, text,
    xml::{self, Element},
};

/// Reads the statements of a camt.053 file.
///
/// An entry that groups several transactions (a batch) becomes a line for each, if the bank tells
/// their amounts; otherwise it stays one. Entries that are not booked (`PDNG`, `INFO`) are counted
/// and left out. What was taken back is a line with its true sign, marked as reversal.
///
/// # Errors
/// [`StatementFaults`]: all that is wrong, each with its line and entry. Balances must be there and
/// add up, as must the transactions of an entry.
pub fn read_camt(bytes: &[u8]) -> Result<Vec<Statement>, StatementFaults> {
    let mut notes = Notes::default();
    let read = document(bytes, &mut notes);
    notes.finish(read)
}

fn document(bytes: &[u8], notes: &mut Notes) -> Read<Vec<Statement>> {
    let root = xml::read(bytes).map_err(|fault| notes.note(fault.line, fault.kind.into()))?;
    let Some(message) = root.at("BkToCstmrStmt").filter(|_| root.name == "Document") else {
        let found = root.first().filter(|_| root.name == "Document").unwrap_or(&root);
        let kind = StatementFaultKind::NotAStatement { found: found.name.clone() };
        return Err(notes.note(found.line, kind));
    };
    let (mut keys, mut entries) = (Keys::default(), 0);
    // All statements are read before the first wrong one ends it.
    let read: Vec<_> = message
        .all("Stmt")
        .map(|element| {
            let mut statement = statement(element, &mut entries, notes)?;
            keys.give(&statement.account, &mut statement.lines);
            Ok(statement)
        })
        .collect();
    if read.is_empty() {
        return Err(notes.note(message.line, missing("Stmt")));
    }
    read.into_iter().collect()
}

fn missing(what: &str) -> StatementFaultKind {
    StatementFaultKind::Missing { what: what.to_owned() }
}

fn statement(element: &Element, entries: &mut usize, notes: &mut Notes) -> Read<Statement> {
    notes.enter(None);
    let account = account(element, notes);
    let balances = balances(element, notes);
    let (mut lines, mut not_booked, mut whole) = (Vec::new(), 0_usize, true);
    for found in element.all("Ntry") {
        *entries = entries.saturating_add(1);
        notes.enter(Some(*entries));
        let own = account.as_deref().unwrap_or_default();
        match entry::read(found, own, notes) {
            Ok(Some(read)) => lines.extend(read),
            Ok(None) => not_booked = not_booked.saturating_add(1),
            Err(_) => whole = false,
        }
    }
    notes.enter(None);
    let (account, balances) = (account?, balances?);
    // Entries that could not be read are no reason to say that the balances do not add up.
    if whole {
        let amounts = lines.iter().map(|line| line.amount);
        check_balances(element, balances, amounts, notes)?;
    }
    let id = element.text_at("Id").map(str::to_owned);
    Ok(Statement { account, id, balances: Some(balances), lines, not_booked })
}

/// The account's IBAN, or its number where it has none.
fn account(element: &Element, notes: &mut Notes) -> Read<String> {
    if let Some(found) = element.at("Acct/Id/IBAN") {
        let written = found.text().unwrap_or_default();
        let not = |_| StatementFaultKind::NotAnIban { found: written.to_owned() };
        return notes
            .check(found.line, written.parse::<Iban>().map_err(not))
            .map(|it| it.to_string());
    }
    let other = element.text_at("Acct/Id/Othr/Id").map(text::one_line);
    other.ok_or_else(|| notes.note(element.line, missing("Acct/Id/IBAN")))
}

/// The balances between which the entries lie: that of opening, or of the previous closing, and
/// that of closing. On the pages of a statement that has several, the interim balances.
fn balances(element: &Element, notes: &mut Notes) -> Read<Balances> {
    let balance = |codes: &[&str], last: bool| {
        let of = |code: &&str| {
            let mut found = element.all("Bal").filter(|it| entry_code(it) == Some(*code));
            if last { found.last() } else { found.next() }
        };
        codes.iter().find_map(of)
    };
    let opening = balance(&["OPBD", "PRCD", "ITBD"], false);
    let closing = balance(&["CLBD", "ITBD"], true);
    let mut read = |found: Option<&Element>, what| match found {
        Some(found) => amount::signed(found, notes),
        None => Err(notes.note(element.line, missing(what))),
    };
    let opening = read(opening, "Bal with code OPBD");
    let closing = read(closing, "Bal with code CLBD");
    Ok(Balances { opening: opening?, closing: closing? })
}

fn entry_code(balance: &Element) -> Option<&str> {
    balance.text_at("Tp/CdOrPrtry/Cd")
}

fn check_balances(
    element: &Element,
    balances: Balances,
    mut amounts: impl Iterator<Item = Money>,
    notes: &mut Notes,
) -> Read<()> {
    let Balances { opening, closing } = balances;
    let zero = Money::zero(opening.currency());
    let sum = notes.check(element.line, amounts.try_fold(zero, Money::checked_add))?;
    let reached = notes.check(element.line, opening.checked_add(sum))?;
    if reached == closing {
        return Ok(());
    }
    let kind = StatementFaultKind::Unbalanced { opening, entries: sum, closing };
    Err(notes.note(element.line, kind))
}

/// The currency of that code, if money can be counted in it.
fn currency(code: &str) -> Result<Currency, StatementFaultKind> {
    let known = Currency::from_code(code).filter(|it| crate::minor_digits(*it).is_ok());
    known.ok_or_else(|| StatementFaultKind::NotACurrency { found: code.to_owned() })
}
