//! Why a document is no electronic invoice.

use crate::{Error, PartyError};

/// What keeps a document from being a valid electronic invoice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EinvoiceError {
    /// A seller without SIREN (BR-FR-10).
    #[error("the seller has no SIREN")]
    SellerSiren,
    /// Nowhere to deliver it to, or to answer to (BR-FR-12, BR-FR-13): neither an electronic address nor
    /// a SIREN nor an e-mail address.
    #[error("{party} has neither electronic address nor SIREN nor e-mail address")]
    NoAddress {
        /// The name of the seller or the buyer.
        party: String,
    },
    /// An electronic address that is not the company's own (BR-FR-21, BR-FR-22), or none.
    #[error("the electronic address of {party} {error}")]
    Address {
        /// The name of the seller or the buyer.
        party: String,
        /// What is wrong with it.
        error: PartyError,
    },
    /// A number that the reform does not allow (BR-FR-01, BR-FR-02).
    #[error("{number:?} is no number of an electronic invoice")]
    Number {
        /// The number, of the document or of one it cites.
        number: String,
    },
    /// A date that the reform does not allow (BR-FR-03).
    #[error("{date} is not between 2000 and 2099")]
    Date {
        /// The date.
        date: jiff::civil::Date,
    },
    /// To be paid before it was issued (BR-FR-CO-07).
    #[error("it is due before its day of issue")]
    Due,
    /// Another currency than the euro: its VAT would have to be stated in euros as well (BR-FR-CO-12),
    /// and the document does not know the rate.
    #[error("its currency is {code}, and it does not say its VAT in euros")]
    Currency {
        /// ISO 4217.
        code: &'static str,
    },
    /// A mention that must stand on it exactly once (BR-FR-05, BR-FR-06).
    #[error("the note {subject} stands on it {found} times instead of once")]
    Note {
        /// Its code, of UNTDID 4451.
        subject: &'static str,
        /// How often it is there.
        found: usize,
    },
    /// A character that XML cannot carry.
    #[error("{found:?} cannot stand in XML")]
    Character {
        /// It.
        found: char,
    },
    /// A figure out of range.
    #[error(transparent)]
    Figure(#[from] Error),
    /// The writer gave up, which it does not do in memory.
    #[error("it could not be written: {0}")]
    Write(String),
}

impl EinvoiceError {
    /// A stable name for what is wrong, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SellerSiren => "seller_siren",
            Self::NoAddress { .. } => "no_electronic_address",
            Self::Address { .. } => "electronic_address",
            Self::Number { .. } => "number",
            Self::Date { .. } => "date",
            Self::Due => "due_date",
            Self::Currency { .. } => "currency",
            Self::Note { .. } => "note",
            Self::Character { .. } => "character",
            Self::Figure(_) => "figure",
            Self::Write(_) => "write",
        }
    }
}

impl From<std::io::Error> for EinvoiceError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.to_string())
    }
}
