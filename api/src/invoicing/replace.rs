//! Cancel and replace: what was wrong on a final invoice is given back whole, and billed anew as it
//! should have been.
//!
//! The credit note and the new invoice are of one transaction, and both cite the invoice. It is not a
//! corrective invoice of type 384: that one cancels what it corrects by itself, and beside a credit
//! note it would cancel it twice. What was paid of the invoice pays the new one.

use std::collections::HashMap;

use palier_billing::{
    Document, DocumentContent, DocumentKind, DocumentLine, DocumentLineKind, Issued, Money, Note,
    Price, PriceBase, Quantity, Reference,
};

use super::billee::Billee;
use super::credit::{Credit, give_back, issued};
use super::draw::{self, LineDraw, Paper};
use super::finalise::issue;
use super::vat::tax_point;
use super::{InvoicingError, Settings};
use crate::db::invoices::InvoiceRow;
use crate::db::payments::{PaymentKind, PaymentMethod, settled};
use crate::db::poles::{self, PoleRow};
use crate::db::services;
use crate::db::{DbError, credits, members};
use crate::id::InvoiceId;
use crate::payments::{Facts, record};
use crate::say;
use crate::work::{Changes, Done, Tx};

/// What should stand in place of an invoice.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    /// Why, as both documents say it.
    pub(crate) reason: String,
    /// Lines that should be otherwise; all others stay as they are.
    pub(crate) lines: Vec<ChangedLine>,
}

/// What should stand in place of a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangedLine {
    /// Of the invoice, from 1, as on paper.
    pub(crate) line: i32,
    /// Whether it should not be there.
    pub(crate) omitted: bool,
    /// Never below zero: what is taken off stays taken off.
    pub(crate) quantity: Option<Quantity>,
    /// Without VAT.
    pub(crate) unit_price: Option<Price>,
    pub(crate) name: Option<String>,
    pub(crate) detail: Option<String>,
}

/// What stands in place of an invoice.
#[derive(Clone, Debug)]
pub(crate) struct Replaced {
    pub(crate) credit_note: InvoiceRow,
    pub(crate) invoice: InvoiceRow,
}

/// Gives a final invoice back, and bills it anew: to the member as it is now, at the VAT that follows
/// from that, with some lines changed.
///
/// # Errors
/// [`InvoicingError::Refused`] if it is none, or some of it was given back before, or has no such
/// line; [`InvoicingError::Document`] if what it should say breaks a rule of documents.
pub(crate) fn replace(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    row: &InvoiceRow,
    wanted: &Replacement,
) -> Result<Done<Replaced>, InvoicingError> {
    poles::hold(tx.conn, tx.pole())?;
    let issued = issued(row)?;
    if !credits::of_invoice(tx.conn, tx.pole(), &row.invoice_id)?.is_empty() {
        let text = say!(
            en "Some of it was given back already: credit the rest, and bill by hand.",
            fr "Elle a déjà été créditée en partie : créditez le reste, puis facturez à la main."
        );
        return Err(InvoicingError::refused("", "credited", text));
    }
    let all = Credit { reason: wanted.reason.clone(), lines: Vec::new() };
    let credit_note = give_back(tx, pole, row, &all)?;
    let member = members::find(tx.conn, tx.pole(), &row.member_id)?;
    let billee = Billee::of(member.ok_or(DbError::Interrupted)?)?;
    let (document, draws) = corrected(tx, row, &issued, (&billee, wanted))?;
    let due = |issued_on: &crate::day::Day| billee.terms.due_date(issued_on.date()).into();
    let invoice = issue(tx, pole, (&row.member_id, &row.period), (&document, draws), due)?;
    let replaced = Replaced { credit_note, invoice };
    settle(tx, row, &replaced)?;
    let changes = Changes::made(&serde_json::json!({
        "number": replaced.invoice.number, "credit_note": replaced.credit_note.number,
        "of": row.number, "reason": wanted.reason, "gross_minor": replaced.invoice.gross_minor,
    }));
    Ok(tx.done("invoice.replaced", row.invoice_id.as_str(), &changes, replaced)?)
}

/// The document as it should have been, and what it draws of the credits that the invoice drew.
fn corrected(
    tx: &mut Tx<'_>,
    row: &InvoiceRow,
    issued: &Issued,
    (billee, wanted): (&Billee, &Replacement),
) -> Result<(Document, Vec<LineDraw>), InvoicingError> {
    let settings = Settings::of(tx.conn, tx.pole())?;
    let services = services::all(tx.conn, tx.pole())?;
    let services: HashMap<_, _> =
        services.iter().map(|service| (service.service_id.as_str(), service)).collect();
    let code = billee.party.code.clone().unwrap_or_default();
    let refused = |error| InvoicingError::Document { member: code.clone(), error };
    let before = issued.document.content();
    let mut lines = edited(&before.lines, &wanted.lines)?;
    for line in &mut lines {
        let service = line.service.as_deref().and_then(|id| services.get(id)).copied();
        if let Some(service) = service {
            let day = tax_point(line.period.or(before.period), issued.issued_on);
            let found = settings.vat.of(&service.supply()?, billee, day);
            (line.vat, line.vat_basis) = found.map_err(|error| refused(error.into()))?;
        }
    }
    let mut credits = draw::of_replaced(tx.conn, tx.pole(), row)?;
    let paper = Paper { language: billee.language, ..Paper::of(before, &services) };
    let draws =
        draw::draw(&mut credits, &mut lines, paper).map_err(|error| refused(error.into()))?;
    let mut notes = settings.notes.of_document();
    notes.push(Note { subject: "AAI".to_owned(), text: wanted.reason.clone() });
    let content = DocumentContent {
        kind: DocumentKind::Invoice,
        language: billee.language.code().to_owned(),
        seller: settings.seller,
        buyer: billee.party.clone(),
        order: billee.order.clone(),
        account: settings.account,
        corrects: vec![Reference { number: issued.number.clone(), issued_on: issued.issued_on }],
        lines,
        notes,
        ..before.clone()
    };
    Ok((Document::new(content).map_err(refused)?, draws))
}

/// The lines of an invoice, some of them changed, without those that draw credits: these follow.
fn edited(
    lines: &[DocumentLine],
    changes: &[ChangedLine],
) -> Result<Vec<DocumentLine>, InvoicingError> {
    let mut wanted = HashMap::new();
    for (nth, change) in changes.iter().enumerate() {
        let refused =
            |code, text| Err(InvoicingError::refused(&format!("/lines/{nth}/line"), code, text));
        let line = change.line;
        let place = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
        let Some(of) = place.and_then(|place| lines.get(place)) else {
            let text = say!(en "It has no line {line}.", fr "Elle n’a pas de ligne {line}.");
            return refused("not_found", text);
        };
        if of.kind == DocumentLineKind::Credit {
            let text = say!(
                en "Line {line} draws a credit: it follows from the others.",
                fr "La ligne {line} utilise un crédit : elle découle des autres."
            );
            return refused("draws_credit", text);
        }
        if wanted.insert(line, change).is_some() {
            let text =
                say!(en "Line {line} is there twice.", fr "La ligne {line} y figure deux fois.");
            return refused("duplicate", text);
        }
    }
    let edit = |(nth, line): (i32, &DocumentLine)| match wanted.get(&nth) {
        None => Some(line.clone()),
        Some(change) => change.of(line),
    };
    let lines = (1..).zip(lines).filter(|(_, line)| line.kind != DocumentLineKind::Credit);
    let edited: Vec<_> = lines.filter_map(edit).collect();
    if edited.is_empty() {
        let text = say!(
            en "Nothing would be left of it: credit it instead.",
            fr "Il n’en resterait rien : établissez plutôt un avoir."
        );
        return Err(InvoicingError::refused("/lines", "nothing_left", text));
    }
    Ok(edited)
}

impl ChangedLine {
    /// The line as it should be, if it should be there.
    fn of(&self, line: &DocumentLine) -> Option<DocumentLine> {
        if self.omitted {
            return None;
        }
        let mut next = line.clone();
        if let Some(quantity) = self.quantity {
            let taken_off = line.quantity < Quantity::ZERO;
            let negative = Quantity::from_units(quantity.units().saturating_neg());
            next.quantity = if taken_off { negative } else { quantity };
        }
        if let Some(unit_price) = self.unit_price {
            (next.unit_price, next.price_base) = (unit_price, PriceBase::One);
        }
        if self.quantity.is_some() || self.unit_price.is_some() {
            // How the pool made another price explains nothing of this one.
            next.pool = None;
        }
        next.name = self.name.clone().unwrap_or(next.name);
        next.detail = self.detail.clone().or(next.detail);
        Some(next)
    }
}

/// Lays the credit note against what is open of the invoice; what was paid of it pays the new one.
fn settle(tx: &mut Tx<'_>, of: &InvoiceRow, by: &Replaced) -> Result<(), InvoicingError> {
    let id = std::slice::from_ref(&of.invoice_id);
    let paid = settled(tx.conn, tx.pole(), id)?.get(&of.invoice_id).copied().unwrap_or_default();
    let open = of.gross_minor.saturating_sub(paid);
    lay(tx, of, by, (&of.invoice_id, open))?;
    lay(tx, of, by, (&by.invoice.invoice_id, paid.min(by.invoice.gross_minor)))
}

/// Settles so much of an invoice by the credit note.
fn lay(
    tx: &mut Tx<'_>,
    of: &InvoiceRow,
    by: &Replaced,
    (invoice, minor): (&InvoiceId, i64),
) -> Result<(), InvoicingError> {
    let Some(paid_on) = by.credit_note.issued_on.clone().filter(|_| minor > 0) else {
        return Ok(());
    };
    let part = Money::from_minor(minor, of.currency());
    let facts = Facts {
        kind: PaymentKind::Payment,
        member: of.member_id.clone(),
        method: PaymentMethod::None,
        holder: None,
        paid_on,
        amount: Money::zero(of.currency()),
        reference: by.credit_note.number.clone().unwrap_or_default(),
        note: String::new(),
        parts: vec![(invoice.clone(), part), (by.credit_note.invoice_id.clone(), part)],
        movement: None,
    };
    record(tx, facts)?;
    Ok(())
}
