//! Banks.

use std::{fmt, str::FromStr};

use super::SepaError;
use crate::CountryCode;
use crate::party::text_form;

/// A business identifier code (ISO 9362): four letters of the bank, its country, two characters of its
/// place, and three of a branch if there is one.
///
/// Codes are read as the schemas of 2009 have them, which those of 2019 take as well.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bic(String);

impl Bic {
    /// As it is written, with 8 or 11 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bic {
    type Err = SepaError;

    /// Reads it in small or capital letters, with spaces anywhere.
    ///
    /// # Errors
    /// [`SepaError::Bic`].
    fn from_str(text: &str) -> Result<Self, SepaError> {
        let written: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let bic = written.to_ascii_uppercase();
        let (bank, rest) = bic.split_at_checked(4).unwrap_or_default();
        let (country, rest) = rest.split_at_checked(2).unwrap_or_default();
        let place_is_right = match rest.as_bytes() {
            [first, second, branch @ ..] => {
                matches!(first, b'A'..=b'Z' | b'2'..=b'9')
                    && matches!(second, b'A'..=b'N' | b'P'..=b'Z' | b'0'..=b'9')
                    && matches!(branch.len(), 0 | 3)
                    && branch.iter().all(u8::is_ascii_alphanumeric)
            }
            _ => false,
        };
        let bank_is_right = bank.bytes().all(|it| it.is_ascii_uppercase());
        if bank_is_right && place_is_right && country.parse::<CountryCode>().is_ok() {
            return Ok(Self(bic));
        }
        Err(SepaError::Bic)
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bic({self})")
    }
}

text_form!(Bic);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_eight_or_eleven_characters_of_their_kinds() {
        for right in ["PSSTFRPPPAR", "bnpafrpp", "DEUT DE FF 500"] {
            let plain = right.replace(' ', "").to_ascii_uppercase();
            assert_eq!(right.parse::<Bic>().unwrap().as_str(), plain);
        }
        for wrong in [
            "",
            "PSSTFRPP1",
            "PSST1RPP",
            "PSSTZZPP",
            "PSSTFR0P",
            "PSSTFRPO",
            "1SSTFRPP",
            "PSSTFRPPPÀ",
        ] {
            assert_eq!(wrong.parse::<Bic>(), Err(SepaError::Bic), "{wrong}");
        }
    }
}
