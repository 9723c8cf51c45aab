//! References that payers' software carries from an invoice to its payment.

use std::{fmt, str::FromStr};

use crate::party::text_form;

/// A creditor reference (ISO 11649): `RF`, two check digits, and what the creditor chose.
///
/// ```
/// # use palier_billing::statement::{CreditorReference, NotACreditorReference};
/// let reference = CreditorReference::of("FA-2026-000123")?;
/// assert_eq!(reference.to_string(), "RF31FA2026000123");
/// assert_eq!("rf31 fa20 2600 0123".parse::<CreditorReference>()?, reference);
/// assert_eq!(reference.content(), "FA2026000123");
/// assert!("RF32FA2026000123".parse::<CreditorReference>().is_err());
/// # Ok::<_, NotACreditorReference>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditorReference(String);

/// Not a creditor reference: another form, or check digits that contradict it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no creditor reference (ISO 11649)")]
pub struct NotACreditorReference {
    /// What was given.
    pub found: String,
}

impl CreditorReference {
    /// How many letters and digits the creditor may choose.
    pub const MAX_CHARACTERS: usize = 21;

    /// The reference of a document by its number, whose hyphens and slashes are left out.
    ///
    /// # Errors
    /// [`NotACreditorReference`] where nothing is left, or more than 21 characters.
    pub fn of(number: &str) -> Result<Self, NotACreditorReference> {
        let content: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
        let content = content.to_ascii_uppercase();
        let fits = (1..=Self::MAX_CHARACTERS).contains(&content.len());
        let remainder = remainder_97(&format!("RF00{content}")).filter(|_| fits);
        let check = remainder.map(|remainder| 98_u32.saturating_sub(remainder));
        let reference = check.map(|check| Self(format!("RF{check:02}{content}")));
        reference.ok_or_else(|| NotACreditorReference { found: number.to_owned() })
    }

    /// What the creditor chose.
    pub fn content(&self) -> &str {
        self.0.get(4..).unwrap_or_default()
    }
}

impl FromStr for CreditorReference {
    type Err = NotACreditorReference;

    /// Reads it with spaces anywhere.
    ///
    /// # Errors
    /// [`NotACreditorReference`].
    fn from_str(text: &str) -> Result<Self, NotACreditorReference> {
        let written: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let written = written.to_ascii_uppercase();
        let content = written.strip_prefix("RF").and_then(|it| it.get(2..)).unwrap_or_default();
        let reference = Self::of(content).ok().filter(|reference| reference.0 == written);
        reference.ok_or_else(|| NotACreditorReference { found: text.to_owned() })
    }
}

impl fmt::Display for CreditorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for CreditorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditorReference({self})")
    }
}

text_form!(CreditorReference);

/// The remainder by 97 that check digits of ISO 7064 are about: the first four characters behind
/// the others, each letter as a number from 10 (A) to 35 (Z). None if there are other characters.
pub(crate) fn remainder_97(text: &str) -> Option<u32> {
    let (head, tail) = text.split_at_checked(4)?;
    tail.chars().chain(head.chars()).try_fold(0_u32, |remainder, found| {
        let value = found.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some(remainder.saturating_mul(shift).saturating_add(value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published examples of the standard, and their reading back.
    #[test]
    fn check_digits_are_those_of_the_standard() {
        for (number, reference) in
            [("539007547034", "RF18539007547034"), ("2348231", "RF712348231")]
        {
            assert_eq!(CreditorReference::of(number).unwrap().to_string(), reference);
            assert_eq!(reference.parse(), CreditorReference::of(number));
        }
        let long = "A".repeat(22);
        for wrong in ["", "-", long.as_str()] {
            assert!(CreditorReference::of(wrong).is_err(), "{wrong}");
        }
        for wrong in ["RF", "RF18", "R", "é", "18539007547034", "RF18-539007547034"] {
            assert!(wrong.parse::<CreditorReference>().is_err(), "{wrong}");
        }
    }
}
