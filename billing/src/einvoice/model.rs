//! What both syntaxes say: the document, and what follows from it.

use super::EinvoiceError;
use super::notes::{self, Note};
use super::trader::Trader;
use super::vat::Breakdown;
use crate::{
    BankAccount, Currency, DocumentContent, Issued, NumberFormat, Totals, VatCategory, VatDue,
};

/// An electronic invoice, in no syntax yet.
pub(super) struct Invoice<'d> {
    pub(super) issued: &'d Issued,
    pub(super) content: &'d DocumentContent,
    pub(super) totals: &'d Totals,
    pub(super) seller: Trader<'d>,
    pub(super) buyer: Trader<'d>,
    pub(super) notes: Vec<Note<'d>>,
    pub(super) vat: Vec<Breakdown<'d>>,
    /// How and by when it is settled (BT-20).
    pub(super) terms: String,
}

impl<'d> Invoice<'d> {
    /// The specification that documents follow (BT-24).
    pub(super) const PROFILE: &'static str = "urn:cen.eu:en16931:2017";
    /// The operation frame (BT-23): services, neither paid before nor after an advance.
    pub(super) const FRAME: &'static str = "S1";

    pub(super) fn of(issued: &'d Issued) -> Result<Self, EinvoiceError> {
        let content = issued.document.content();
        if content.currency != Currency::EUR {
            return Err(EinvoiceError::Currency { code: content.currency.code() });
        }
        let cited = content.corrects.iter().map(|reference| &reference.number);
        for number in std::iter::once(&issued.number).chain(cited) {
            check_number(number)?;
        }
        if !content.kind.is_credit() && issued.due_on < issued.issued_on {
            return Err(EinvoiceError::Due);
        }
        let outside = content.lines.iter().all(|it| it.vat.category == VatCategory::OutOfScope);
        Ok(Self {
            issued,
            content,
            totals: issued.document.totals(),
            seller: Trader::seller(&content.seller, outside)?,
            buyer: Trader::buyer(&content.buyer, outside)?,
            notes: notes::of(content)?,
            vat: Breakdown::all(&issued.document),
            terms: terms(issued),
        })
    }

    /// Whether it gives back.
    pub(super) const fn is_credit(&self) -> bool {
        self.content.kind.is_credit()
    }

    /// Where to pay to; nowhere, if it is a credit note: its account is that of who owes it.
    pub(super) fn account(&self) -> Option<&'d BankAccount> {
        self.content.account.as_ref().filter(|_| !self.is_credit())
    }

    /// When its VAT falls due, if it charges any (BT-8).
    pub(super) fn vat_due(&self) -> Option<VatDue> {
        self.vat.iter().any(Breakdown::is_charged).then_some(self.content.vat_due)
    }
}

/// Whether the reform allows a number: 35 letters, digits and `+ - _ /` at most (BR-FR-01, BR-FR-02).
pub(super) fn check_number(number: &str) -> Result<(), EinvoiceError> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "+-_/".contains(it);
    let fits = (1..=NumberFormat::MAX_CHARACTERS).contains(&number.len());
    if fits && number.chars().all(allowed) {
        return Ok(());
    }
    Err(EinvoiceError::Number { number: number.to_owned() })
}

/// The law wants a calendar date, not a count of days (code de commerce, L441-9).
fn terms(issued: &Issued) -> String {
    let content = issued.document.content();
    let french = content.language != "en";
    match (content.kind.is_credit(), french) {
        (false, true) => format!("À payer au plus tard le {}.", issued.due_on.strftime("%d/%m/%Y")),
        (false, false) => format!("To be paid by {} at the latest.", issued.due_on),
        (true, true) => "À imputer sur les sommes dues, ou à rembourser.".to_owned(),
        (true, false) => "To be set against what is owed, or refunded.".to_owned(),
    }
}
