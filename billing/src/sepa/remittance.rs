//! What a payment is for, and how much it may be.

use super::SepaError;
use super::text::limited;
use crate::statement::CreditorReference;
use crate::{Currency, Money};

/// What a payment is for: one or the other, as the rulebooks want it (EPC130-08, AT-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remittance {
    /// In words. What is written are the characters that every bank takes.
    Text(String),
    /// By the creditor's reference (ISO 11649), which comes back on the statement as it is.
    Reference(CreditorReference),
}

impl Remittance {
    /// How many characters words may have.
    pub const MAX_CHARACTERS: usize = 140;

    /// As it is written.
    pub(super) fn written(&self) -> Result<Self, SepaError> {
        match self {
            Self::Text(text) => limited(text, Self::MAX_CHARACTERS).map(Self::Text),
            Self::Reference(reference) => Ok(Self::Reference(reference.clone())),
        }
    }
}

/// The most that one payment may be: 999,999,999.99 € (EPC130-08, AT-06).
pub(super) const MOST: Money = Money::from_minor(99_999_999_999, Currency::EUR);

/// Whether a payment may be of that amount.
pub(super) fn check_amount(amount: Money) -> Result<Money, SepaError> {
    match amount {
        amount if amount.currency() != Currency::EUR => {
            Err(SepaError::Currency { code: amount.currency().code() })
        }
        amount if amount.minor() <= 0 => Err(SepaError::NotPositive),
        amount if amount > MOST => Err(SepaError::TooMuch { limit: MOST }),
        amount => Ok(amount),
    }
}
