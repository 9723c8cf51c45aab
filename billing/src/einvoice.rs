//! Electronic invoices: final documents as XML that other programs read.
//!
//! Both syntaxes of EN 16931 are written from one model, under its core profile and the rules of the
//! French reform (AFNOR XP Z12-012, the rules BR-FR): [`cii`] is UN/CEFACT's Cross Industry Invoice
//! D22B, which Factur-X embeds; [`ubl`] is OASIS UBL 2.1. Only what the document says is written, and
//! what follows from it: no clock, no settings, so that the same document gives the same bytes for ever.
//!
//! | what | how |
//! |---|---|
//! | who delivers where (BT-34, BT-49) | the electronic address on the document; else the SIREN under scheme `0225`; else, abroad, the e-mail address |
//! | operation frame (BT-23) | `S1`: services, not paid before. A pole sells no goods |
//! | processing (note `BAR`) | `B2B` where the reform delivers the invoice, `B2BINT` beyond the French VAT area, `B2C` for who has no SIREN, `OUTOFSCOPE` for what is outside VAT or exempt by CGI, art. 261 to 261 E |
//! | when VAT falls due (BT-8) | where VAT is charged, and nowhere else |
//! | VAT numbers | none on what lies outside the scope of VAT (BR-O-02) |
//! | reductions | lines of a negative quantity: prices are never negative (BR-27) |
//! | credit notes | positive amounts, no account and no due date: nobody pays them |
//!
//! A price has at most six places and a quantity four, as the reform allows (BR-FR-DEC-02 and 03),
//! because [`Price`](crate::Price) keeps no more and [`Document`](crate::Document) refuses finer
//! quantities. What these cannot express is a sum of its own, once
//! ([`Figures::of`](crate::Figures::of)): a line is always quantity × price ÷ base, to the cent.
//!
//! What becomes of a document afterwards is its [`lifecycle`], told in messages ([`cdar`]).
//!
//! ```
//! # let sealed = include_str!("einvoice/example.json");
//! let issued: palier_billing::Issued = serde_json::from_str(sealed)?;
//! let xml = String::from_utf8(palier_billing::einvoice::cii(&issued)?)?;
//! assert!(xml.contains("<ram:DuePayableAmount>79.20</ram:DuePayableAmount>"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod cdar;
mod cii;
mod error;
pub mod lifecycle;
mod model;
mod notes;
mod trader;
mod ubl;
mod vat;
mod xml;

pub use error::EinvoiceError;

use crate::Issued;
use model::Invoice;

/// The document as a Cross Industry Invoice (UN/CEFACT D22B), profile EN 16931.
///
/// # Errors
/// [`EinvoiceError`]: what keeps it from being a valid electronic invoice.
pub fn cii(issued: &Issued) -> Result<Vec<u8>, EinvoiceError> {
    cii::write(&Invoice::of(issued)?)
}

/// The document in UBL 2.1, as `Invoice` or as `CreditNote`.
///
/// # Errors
/// As [`cii`].
pub fn ubl(issued: &Issued) -> Result<Vec<u8>, EinvoiceError> {
    ubl::write(&Invoice::of(issued)?)
}

#[cfg(test)]
mod tests;
