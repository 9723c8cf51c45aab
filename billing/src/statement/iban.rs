//! Account numbers.

use std::{fmt, str::FromStr};

use super::reference::remainder_97;
use crate::party::text_form;

/// An international bank account number (ISO 13616) with check digits that hold.
///
/// ```
/// # use palier_billing::statement::{Iban, NotAnIban};
/// let iban: Iban = "fr14 2004 1010 0505 0001 3m02 606".parse()?;
/// assert_eq!(iban.to_string(), "FR1420041010050500013M02606");
/// assert!("FR1520041010050500013M02606".parse::<Iban>().is_err());
/// # Ok::<_, NotAnIban>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iban(String);

/// Not an IBAN: another form, or check digits that contradict it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no IBAN")]
pub struct NotAnIban {
    /// What was given.
    pub found: String,
}

impl Iban {
    /// As it is written, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Iban {
    type Err = NotAnIban;

    /// Reads two letters, two digits and 11 to 30 letters or digits, with spaces anywhere.
    ///
    /// # Errors
    /// [`NotAnIban`].
    fn from_str(text: &str) -> Result<Self, NotAnIban> {
        let written: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let iban = written.to_ascii_uppercase();
        let (country, rest) = iban.split_at_checked(2).unwrap_or_default();
        let (check, account) = rest.split_at_checked(2).unwrap_or_default();
        let shaped = country.bytes().all(|it| it.is_ascii_uppercase())
            && check.bytes().all(|it| it.is_ascii_digit())
            && account.bytes().all(|it| it.is_ascii_alphanumeric())
            && (11..=30).contains(&account.len());
        if shaped && remainder_97(&iban) == Some(1) {
            return Ok(Self(iban));
        }
        Err(NotAnIban { found: text.to_owned() })
    }
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iban({self})")
    }
}

text_form!(Iban);
