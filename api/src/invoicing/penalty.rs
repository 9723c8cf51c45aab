//! Penalties for late payment, as documents of their own.
//!
//! Interest and indemnity make good the harm of a delay and pay for no supply, so that they lie outside
//! the scope of VAT (Court of Justice, 1 July 1982, C-222/81, BAZ Bausystem) and may not stand beside
//! what is taxed (EN 16931, BR-O-11). The document cites the one that was late, and has its own series.

use jiff::civil::Date;
use palier_billing::{
    Dated, Document, DocumentContent, DocumentKind, DocumentLine, DocumentLineKind, Figures,
    LinePeriod, Money, Reference, VatSupply,
};

use super::billee::Billee;
use super::finalise::issue;
use super::{InvoicingError, Settings, words};
use crate::day::Day;
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;
use crate::db::{DbError, members};
use crate::text::Text;
use crate::work::Tx;

/// What is charged for the delay of a document.
#[derive(Clone, Debug)]
pub(crate) struct Penalty {
    /// The days that the interest is for, both included.
    pub(crate) days: (Date, Date),
    pub(crate) interest: Money,
    /// What the interest is made of.
    pub(crate) how: Text,
    /// For recovery costs: once for each document.
    pub(crate) indemnity: Option<Money>,
}

/// Issues what is charged for the delay of a document: final at once, and payable at once, since
/// penalties are owed without a reminder (code de commerce, L441-10 II).
///
/// # Errors
/// [`InvoicingError::Document`] if it breaks a rule of documents.
pub(crate) fn issue_penalty(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    late: &InvoiceRow,
    penalty: &Penalty,
) -> Result<InvoiceRow, InvoicingError> {
    let settings = Settings::of(tx.conn, tx.pole())?;
    let member = members::find(tx.conn, tx.pole(), &late.member_id)?;
    let billee = Billee::of(member.ok_or(DbError::Interrupted)?)?;
    let code = billee.party.code.clone().unwrap_or_default();
    let refused = |error| InvoicingError::Document { member: code.clone(), error };
    let number = late.number.clone().unwrap_or_default();
    let issued_on = late.issued_on.as_ref().map(Day::date).unwrap_or_default();
    let lines = penalty.lines(&settings, &billee, &number).map_err(refused)?;
    let (first_day, last_day) = penalty.days;
    let document = Document::new(DocumentContent {
        kind: DocumentKind::Invoice,
        currency: late.currency(),
        language: billee.language.code().to_owned(),
        seller: settings.seller,
        order: None,
        contract: Some(format!("{}/{code}", pole.code)),
        buyer: billee.party.clone(),
        account: settings.account,
        period: Some(LinePeriod { first_day, last_day }),
        vat_due: settings.vat.due.on(issued_on).value,
        corrects: vec![Reference { number, issued_on }],
        lines,
        notes: settings.notes.of_document(),
    });
    let document = document.map_err(refused)?;
    let period = palier_billing::Month::of(last_day).to_string();
    issue(tx, pole, (&late.member_id, &period), (&document, Vec::new()), Day::clone)
}

impl Penalty {
    fn lines(
        &self,
        settings: &Settings,
        billee: &Billee,
        number: &str,
    ) -> Result<Vec<DocumentLine>, palier_billing::DocumentError> {
        let (first_day, last_day) = self.days;
        let period = Some(LinePeriod { first_day, last_day });
        let supply = Dated::from(VatSupply::OutOfScope);
        let (vat, vat_basis) = settings.vat.of(&supply, billee, last_day)?;
        let line = |kind, name: Text, detail: Option<&Text>, amount| {
            let figures = Figures::lump(amount)?;
            Ok::<_, palier_billing::DocumentError>(DocumentLine {
                kind,
                service: None,
                name: name.in_language(billee.language).to_owned(),
                detail: detail.map(|text| text.in_language(billee.language).to_owned()),
                quantity: figures.quantity,
                unit: "C62".to_owned(),
                unit_price: figures.unit_price,
                price_base: figures.price_base,
                period,
                vat: vat.clone(),
                vat_basis,
                pool: None,
            })
        };
        let mut lines = Vec::new();
        if !self.interest.is_zero() {
            let (kind, name) = (DocumentLineKind::LateInterest, words::late_interest(number));
            lines.push(line(kind, name, Some(&self.how), self.interest)?);
        }
        if let Some(indemnity) = self.indemnity {
            let kind = DocumentLineKind::RecoveryIndemnity;
            lines.push(line(kind, words::indemnity(number), None, indemnity)?);
        }
        Ok(lines)
    }
}
