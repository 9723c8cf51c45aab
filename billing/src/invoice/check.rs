//! What makes a document valid: rules of EN 16931 and of the French reform that the sums do not
//! already keep.

use super::{DocumentContent, DocumentKind, DocumentLine, Totals};
use crate::{Error, Percent, Price, Quantity, VatCategory};

/// A rule that a document breaks. Lines are counted from 1, as on paper.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It bills nothing (BR-16).
    #[error("a document has at least one line")]
    Empty,
    /// A price below nothing (BR-27).
    #[error("line {line} has a negative price; what is given back has a negative quantity")]
    NegativePrice {
        /// Which line.
        line: usize,
    },
    /// A quantity finer than the reform allows (BR-FR-DEC-02).
    #[error(
        "line {line} has the quantity {quantity}: more than {} places",
        Quantity::BILLABLE_PLACES
    )]
    FineQuantity {
        /// Which line.
        line: usize,
        /// Its quantity.
        quantity: Quantity,
    },
    /// A rate where none may be, or none where one must be (BR-S-05, BR-E-05 and their like).
    #[error("line {line} of category {category} has the rate {rate_percent}")]
    Rate {
        /// Which line.
        line: usize,
        /// Its category.
        category: VatCategory,
        /// Its rate.
        rate_percent: Percent,
    },
    /// VAT that is not charged without a reason, or charged with one (BR-E-10, BR-S-10).
    #[error(
        "line {line} of category {category}: a reason stands where no VAT is charged, and only there"
    )]
    Reason {
        /// Which line.
        line: usize,
        /// Its category.
        category: VatCategory,
    },
    /// What lies outside the scope of VAT beside what does not (BR-O-11).
    #[error("what lies outside the scope of VAT stands on a document of its own")]
    OutOfScopeMixed,
    /// Reverse charge without the numbers of both (BR-AE-02).
    #[error("a reverse charge needs the VAT numbers of seller and buyer")]
    ReverseChargeNumbers,
    /// A correction that does not say of what (BR-FR-CO-04, BR-FR-CO-05).
    #[error("a {kind} names what it corrects")]
    Uncited {
        /// Its kind.
        kind: DocumentKind,
    },
    /// A rebate without contract or period (BR-FR-CO-03).
    #[error("a rebate names the contract and the period it is for")]
    RebateWithoutContract,
    /// A document that comes to less than nothing: it is a credit note.
    #[error("a document does not come to less than nothing")]
    NegativeTotal,
    /// A figure out of range.
    #[error(transparent)]
    Figure(#[from] Error),
}

pub(super) fn check(content: &DocumentContent) -> Result<(), DocumentError> {
    if content.lines.is_empty() {
        return Err(DocumentError::Empty);
    }
    for (line, nth) in content.lines.iter().zip(1..) {
        check_line(line, nth)?;
    }
    let is = |wanted| move |line: &DocumentLine| line.vat.category == wanted;
    if content.lines.iter().any(is(VatCategory::OutOfScope))
        && !content.lines.iter().all(is(VatCategory::OutOfScope))
    {
        return Err(DocumentError::OutOfScopeMixed);
    }
    let numbers = content.seller.vat_number.is_some() && content.buyer.vat_number.is_some();
    if content.lines.iter().any(is(VatCategory::ReverseCharge)) && !numbers {
        return Err(DocumentError::ReverseChargeNumbers);
    }
    let cites = match content.kind {
        DocumentKind::Corrective => content.corrects.len() == 1,
        DocumentKind::CreditNote => !content.corrects.is_empty(),
        DocumentKind::Invoice | DocumentKind::Rebate | DocumentKind::SelfBilled => true,
    };
    if !cites {
        return Err(DocumentError::Uncited { kind: content.kind });
    }
    let agreed = content.contract.is_some() && content.period.is_some();
    if content.kind == DocumentKind::Rebate && !agreed {
        return Err(DocumentError::RebateWithoutContract);
    }
    Ok(())
}

fn check_line(line: &DocumentLine, nth: usize) -> Result<(), DocumentError> {
    if line.unit_price < Price::ZERO {
        return Err(DocumentError::NegativePrice { line: nth });
    }
    if line.quantity.billable()? != line.quantity {
        return Err(DocumentError::FineQuantity { line: nth, quantity: line.quantity });
    }
    let (category, rate_percent) = (line.vat.category, line.vat.rate_percent);
    let charged = category == VatCategory::Standard;
    if charged != (rate_percent > Percent::default()) {
        return Err(DocumentError::Rate { line: nth, category, rate_percent });
    }
    // Zero rated is the one category without VAT that gives no reason (BR-Z-10).
    let reasoned = !charged && category != VatCategory::ZeroRated;
    if reasoned != line.vat.exemption.is_some() {
        return Err(DocumentError::Reason { line: nth, category });
    }
    Ok(())
}

/// A document asks for, or gives back, no less than nothing: its kind says which way.
pub(super) fn check_sign(_: &DocumentContent, totals: &Totals) -> Result<(), DocumentError> {
    if totals.gross.minor() < 0 { Err(DocumentError::NegativeTotal) } else { Ok(()) }
}
