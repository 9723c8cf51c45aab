//! Who collects, as the scheme knows it.

use std::{fmt, str::FromStr};

use super::SepaError;
use super::account::country;
use crate::party::text_form;
use crate::statement::remainder_97;

/// A creditor identifier (*identifiant créancier SEPA*, ICS): a country, two check digits, a business
/// code of the creditor's own choice (`ZZZ` if it uses none), and a national identifier (EPC262-08).
///
/// The check digits leave the business code out (ISO 7064, modulo 97-10), so that a creditor can give a
/// department another code and stay the same.
///
/// ```
/// # use palier_billing::sepa::{CreditorId, SepaError};
/// let creditor: CreditorId = "FR72 ZZZ 123456".parse()?;
/// assert_eq!(creditor.to_string(), "FR72ZZZ123456");
/// assert_eq!((creditor.business_code(), creditor.national()), ("ZZZ", "123456"));
/// assert!("FR73ZZZ123456".parse::<CreditorId>().is_err());
/// # Ok::<_, SepaError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditorId(String);

/// How many characters a national identifier may have.
const MAX_NATIONAL: usize = 28;

/// How many it has in France: the *numéro national d'émetteur*.
const FRENCH_NATIONAL: usize = 6;

impl CreditorId {
    /// As it is written, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the creditor distinguishes its business by.
    pub fn business_code(&self) -> &str {
        self.0.get(4..7).unwrap_or_default()
    }

    /// What its country knows it by.
    pub fn national(&self) -> &str {
        self.0.get(7..).unwrap_or_default()
    }
}

impl FromStr for CreditorId {
    type Err = SepaError;

    /// Reads it with spaces anywhere.
    ///
    /// # Errors
    /// [`SepaError::CreditorId`], [`SepaError::CreditorIdCheck`].
    fn from_str(text: &str) -> Result<Self, SepaError> {
        let written: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let id = written.to_ascii_uppercase();
        let (nation, rest) = id.split_at_checked(2).unwrap_or_default();
        let (check, rest) = rest.split_at_checked(2).unwrap_or_default();
        let (business, national) = rest.split_at_checked(3).unwrap_or_default();
        let lettered = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric());
        let length = national.len();
        let shaped = country(nation).is_some()
            && check.bytes().all(|it| it.is_ascii_digit())
            && lettered(business)
            && lettered(national)
            && if nation == "FR" {
                length == FRENCH_NATIONAL
            } else {
                (1..=MAX_NATIONAL).contains(&length)
            };
        if !shaped {
            return Err(SepaError::CreditorId);
        }
        let remainder =
            remainder_97(&format!("{nation}00{national}")).ok_or(SepaError::CreditorId)?;
        let right = format!("{:02}", 98_u32.saturating_sub(remainder));
        if check != right {
            return Err(SepaError::CreditorIdCheck { expected: right });
        }
        Ok(Self(id))
    }
}

impl fmt::Display for CreditorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for CreditorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditorId({self})")
    }
}

text_form!(CreditorId);

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples that central banks and bank guides publish.
    #[test]
    fn published_examples_hold() {
        for right in [
            "FR72ZZZ123456",
            "DE98ZZZ09999999999",
            "AT61ZZZ01234567890",
            "BE69ZZZ050D000000008",
            "ES23ZZZ47690558N",
            // Another business code is the same creditor.
            "fr72abc123456",
        ] {
            let read = right.parse::<CreditorId>().unwrap();
            assert_eq!(read.as_str(), right.to_ascii_uppercase());
            assert_eq!(serde_json::to_value(&read).unwrap(), right.to_ascii_uppercase());
        }
    }

    #[test]
    fn one_wrong_character_shows() {
        let check =
            |expected: &str| Err(SepaError::CreditorIdCheck { expected: expected.to_owned() });
        assert_eq!("FR71ZZZ123456".parse::<CreditorId>(), check("72"));
        assert_eq!("DE98ZZZ09999999989".parse::<CreditorId>(), check("77"));
        for wrong in [
            "",
            "FR72ZZZ12345",
            "FR72ZZZ1234567",
            "FRA2ZZZ123456",
            "US72ZZZ123456",
            "FR72ZZ-123456",
            "DE98ZZZ",
            "ÉR72ZZZ123456",
        ] {
            assert_eq!(wrong.parse::<CreditorId>(), Err(SepaError::CreditorId), "{wrong}");
        }
    }
}
