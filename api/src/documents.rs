//! Documents as people read them: PDF/A-3, and for an electronic invoice Factur-X, which is the same
//! with its XML attached.
//!
//! A page is a function of what was sealed, of how the pole looks and of where it is paid, and of nothing
//! else: no clock, no tariff, no database. The same gives the same bytes wherever it is drawn.

use jiff::civil::Date;
use palier_billing::{Document, Money, VatCategory};

mod blocks;
mod countries;
mod factur_x;
mod flow;
mod fonts;
mod foot;
mod head;
mod look;
mod page;
mod paint;
mod pay;
mod pool;
mod qr;
mod table;
mod text;
mod totals;
mod words;

pub(crate) use blocks::iban_written;
pub(crate) use look::{Colour, Look, LookError};

use crate::text::Language;
use flow::Flow;

/// What is put on paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet<'s> {
    /// What it says.
    pub(crate) document: &'s Document,
    /// How far it has come.
    pub(crate) stage: Stage<'s>,
    /// How the pole looks.
    pub(crate) look: &'s Look,
}

/// How far a document has come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage<'s> {
    /// Nobody owes anything by it: every page says so.
    Draft {
        /// The day as of which it stands.
        as_of: Date,
    },
    /// It has its number.
    Issued {
        /// Its number.
        number: &'s str,
        /// The day of issue.
        issued_on: Date,
        /// The day by which it is to be paid.
        due_on: Date,
        /// The same for machines: an invoice of EN 16931 in CII; none leaves a page for people alone.
        xml: Option<&'s [u8]>,
        /// The link by which it is paid online, if the pole collects like that on the day it is drawn. It
        /// must lead there for as long as the file is kept.
        pay_at: Option<&'s str>,
    },
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PdfError {
    /// A figure out of range.
    #[error(transparent)]
    Figure(#[from] palier_billing::Error),
    /// What was drawn is no PDF/A-3.
    #[error("PDF/A-3: {0}")]
    Invalid(String),
    /// The file is not laid out as expected, so that its metadata cannot be completed.
    #[error("metadata: {0}")]
    Metadata(&'static str),
    /// Too much for a QR code.
    #[error("QR code: {0}")]
    Code(String),
}

impl Sheet<'_> {
    /// The document as PDF/A-3, level B.
    ///
    /// # Errors
    /// [`PdfError`]: none that a document made here is known to give.
    pub(crate) fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let mut flow = Flow::new(self);
        fill(&mut flow)?;
        let pages = flow.finish();
        let pdf = paint::paint(self, pages)?;
        match self.stage {
            Stage::Issued { xml: Some(_), .. } => factur_x::declare(&pdf),
            _ => Ok(pdf),
        }
    }

    /// The language of the document.
    fn language(&self) -> Language {
        match self.document.content().language.as_str() {
            "en" => Language::En,
            _ => Language::Fr,
        }
    }

    /// Whether it lies outside the scope of VAT: there it shows nobody's VAT number (EN 16931, BR-O-02 to
    /// BR-O-04).
    fn is_outside_vat(&self) -> bool {
        let mut lines = self.document.content().lines.iter();
        lines.any(|line| line.vat.category == VatCategory::OutOfScope)
    }

    /// Its number, once it has one.
    const fn number(&self) -> Option<&str> {
        match self.stage {
            Stage::Draft { .. } => None,
            Stage::Issued { number, .. } => Some(number),
        }
    }

    /// What is to be paid, or is given back.
    const fn gross(&self) -> Money {
        self.document.totals().gross
    }
}

/// Puts everything on pages, from the head down.
fn fill(flow: &mut Flow<'_>) -> Result<(), PdfError> {
    head::draw(flow);
    table::draw(flow)?;
    totals::draw(flow);
    pay::draw(flow)?;
    foot::notes(flow);
    Ok(())
}

#[cfg(test)]
mod tests;
