//! Credit notes: what gives back, of a final invoice, all of it, some lines, or part of a line.
//!
//! A credit note is final at once: whoever asks for it holds its number. It cites the invoice, which
//! never changes, and is booked the other way round.

use std::collections::{BTreeMap, HashMap};

use palier_billing::{
    Currency, Document, DocumentContent, DocumentError, DocumentKind, DocumentLine, Error, Figures,
    Issued, Money, Note, Reference,
};

use super::InvoicingError;
use super::draft::unreadable;
use super::draw::{self, Paper};
use super::finalise::issue;
use crate::day::Day;
use crate::db::credits::{self, CreditedRow};
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::db::poles::{self, PoleRow};
use crate::say;
use crate::work::{Changes, Done, Tx};

/// What is to be given back.
#[derive(Clone, Debug)]
pub(crate) struct Credit {
    /// Why, as the credit note says it.
    pub(crate) reason: String,
    /// Of which lines; of all, if there are none.
    pub(crate) lines: Vec<CreditLine>,
}

/// What is to be given back of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CreditLine {
    /// Of the invoice, from 1, as on paper.
    pub(crate) line: i32,
    /// How much of it, without VAT and without a sign; what is left of it, if none is said.
    pub(crate) minor: Option<i64>,
}

/// Gives back of a final invoice.
///
/// # Errors
/// [`InvoicingError::Refused`] if it is none, or has no such line, or nothing, or less, is left to
/// give back.
pub(crate) fn credit(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    invoice: &InvoiceRow,
    wanted: &Credit,
) -> Result<Done<InvoiceRow>, InvoicingError> {
    let made = give_back(tx, pole, invoice, wanted)?;
    let changes = Changes::made(&serde_json::json!({
        "number": made.number, "of": invoice.number, "reason": wanted.reason,
        "gross_minor": made.gross_minor,
    }));
    Ok(tx.done("invoice.credited", invoice.invoice_id.as_str(), &changes, made)?)
}

/// The same, as a part of something else.
pub(super) fn give_back(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    invoice: &InvoiceRow,
    wanted: &Credit,
) -> Result<InvoiceRow, InvoicingError> {
    // Of two at once, the second sees what the first gave back.
    poles::hold(tx.conn, tx.pole())?;
    let issued = issued(invoice)?;
    let mut back = Left::of(tx, invoice, &issued)?.give_back(wanted)?;
    let services = HashMap::new();
    let paper = Paper::of(issued.document.content(), &services);
    let draws = draw::give_back(tx.conn, tx.pole(), (invoice, paper), &mut back)?;
    let lines = back.iter().map(|(_, line)| line.clone()).collect();
    let content = content(&issued, &wanted.reason, lines);
    let code = content.buyer.code.clone().unwrap_or_default();
    let document = Document::new(content).map_err(|error| not_given(&code, error))?;
    // It is owed at once.
    let place = (&invoice.member_id, invoice.period.as_str());
    let made = issue(tx, pole, place, (&document, draws), Day::clone)?;
    let rows = back.into_iter().map(|(line, given)| {
        let amount = given.amount(document.content().currency)?;
        Ok(CreditedRow {
            pole_id: tx.pole().clone(),
            invoice_id: invoice.invoice_id.clone(),
            line,
            credit_id: made.invoice_id.clone(),
            amount_minor: amount.minor(),
        })
    });
    let rows = rows.collect::<Result<Vec<_>, Error>>().map_err(|it| not_given(&code, it))?;
    credits::add(tx.conn, &rows)?;
    Ok(made)
}

/// The document, as it was issued.
pub(super) fn issued(invoice: &InvoiceRow) -> Result<Issued, InvoicingError> {
    let asks = !invoice.kind.is_credit();
    if invoice.status != InvoiceStatus::Final || !asks {
        let text = say!(
            en "Only a final invoice can be credited; a draft can be held, or made anew.",
            fr "Seule une facture définitive donne lieu à un avoir ; un brouillon peut être retenu ou refait."
        );
        return Err(InvoicingError::refused("", "not_an_invoice", text));
    }
    Ok(serde_json::from_str(&invoice.document).map_err(|error| unreadable(invoice, &error))?)
}

/// What is left to give back of an invoice, line by line.
struct Left<'i> {
    currency: Currency,
    lines: BTreeMap<i32, (&'i DocumentLine, Money, i64)>,
}

/// Lines of a credit note, each with the number of the line that it gives back.
type Back = Vec<(i32, DocumentLine)>;

impl<'i> Left<'i> {
    fn of(
        tx: &mut Tx<'_>,
        invoice: &InvoiceRow,
        issued: &'i Issued,
    ) -> Result<Self, InvoicingError> {
        let given = credits::of_invoice(tx.conn, tx.pole(), &invoice.invoice_id)?;
        let lines = (1..).zip(issued.document.lines()).map(|(nth, (line, amount))| {
            let given = given.get(&nth).copied().unwrap_or_default();
            (nth, (line, amount, amount.minor().saturating_sub(given)))
        });
        Ok(Self { currency: issued.document.content().currency, lines: lines.collect() })
    }

    fn give_back(&self, wanted: &Credit) -> Result<Back, InvoicingError> {
        let mut back = Back::new();
        if wanted.lines.is_empty() {
            for (nth, (.., left)) in self.lines.iter().filter(|(_, (.., left))| *left != 0) {
                back.push((*nth, self.part(*nth, *left, "")?));
            }
        }
        for (nth, &CreditLine { line, minor }) in wanted.lines.iter().enumerate() {
            let pointer = format!("/lines/{nth}");
            if wanted.lines.iter().take(nth).any(|earlier| earlier.line == line) {
                let text = say!(
                    en "Line {line} is there twice.",
                    fr "La ligne {line} y figure deux fois."
                );
                return Err(InvoicingError::refused(&format!("{pointer}/line"), "duplicate", text));
            }
            let left = self.lines.get(&line).map_or(0, |(.., left)| *left);
            let part = minor.map_or(left, |minor| minor.saturating_mul(left.signum()));
            back.push((line, self.part(line, part, &pointer)?));
        }
        if back.is_empty() {
            let text = say!(
                en "All of it was given back already.",
                fr "Elle a déjà été créditée en totalité."
            );
            return Err(InvoicingError::refused("", "nothing_left", text));
        }
        self.check_rates(&back)?;
        Ok(back)
    }

    /// Refuses to give back what a credit or a discount has paid for, as money: what is left at a
    /// category and rate of VAT does not come to less than nothing, unless it did from the beginning.
    fn check_rates(&self, back: &Back) -> Result<(), InvoicingError> {
        let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for (line, amount, left) in self.lines.values() {
            let (all, rest) = sums.entry((line.vat.category, line.vat.rate_percent)).or_default();
            *all = all.saturating_add(amount.minor());
            *rest = rest.saturating_add(*left);
        }
        for (_, line) in back {
            let amount = line.amount(self.currency).map_err(|error| not_given("", error))?;
            let of = sums.entry((line.vat.category, line.vat.rate_percent)).or_default();
            of.1 = of.1.saturating_sub(amount.minor());
        }
        if sums.values().all(|(all, rest)| *rest >= 0.min(*all)) {
            return Ok(());
        }
        let text = say!(
            en "More than was to be paid: give back the credits and discounts on it as well.",
            fr "Plus que le montant dû : rendez aussi les crédits et remises qui y figurent."
        );
        Err(InvoicingError::refused("/lines", "more_than_paid", text))
    }

    /// Some of a line: at its quantity and price where it is all of it, and else as a sum.
    fn part(&self, nth: i32, minor: i64, pointer: &str) -> Result<DocumentLine, InvoicingError> {
        let Some((line, amount, left)) = self.lines.get(&nth) else {
            let text = say!(en "It has no line {nth}.", fr "Elle n’a pas de ligne {nth}.");
            return Err(InvoicingError::refused(&format!("{pointer}/line"), "not_found", text));
        };
        let within = minor != 0 && (minor > 0) == (*left > 0) && minor.abs() <= left.abs();
        if !within {
            let money = Money::from_minor(*left, self.currency);
            let text = say!(
                en "Of line {nth}, {money} is left to give back.",
                fr "De la ligne {nth}, il reste {money} à créditer."
            );
            return Err(InvoicingError::refused(&format!("{pointer}/amount"), "too_much", text));
        }
        if minor == amount.minor() {
            return Ok((*line).clone());
        }
        let figures = Figures::lump(Money::from_minor(minor, self.currency));
        let figures = figures.map_err(|error| not_given("", error))?;
        Ok(DocumentLine {
            quantity: figures.quantity,
            unit: "C62".to_owned(),
            unit_price: figures.unit_price,
            price_base: figures.price_base,
            pool: None,
            ..(*line).clone()
        })
    }
}

/// What a credit note says: as the invoice did, to the same parties.
fn content(issued: &Issued, reason: &str, lines: Vec<DocumentLine>) -> DocumentContent {
    let cited = Reference { number: issued.number.clone(), issued_on: issued.issued_on };
    DocumentContent {
        kind: DocumentKind::CreditNote,
        corrects: vec![cited],
        lines,
        // UNTDID 4451: general information. Terms of payment have no place on it.
        notes: vec![Note { subject: "AAI".to_owned(), text: reason.to_owned() }],
        ..issued.document.content().clone()
    }
}

/// What is given back makes no document.
fn not_given(member: &str, error: impl Into<DocumentError>) -> InvoicingError {
    InvoicingError::Document { member: member.to_owned(), error: error.into() }
}
