//! VAT identification numbers.

use std::{fmt, str::FromStr};

use super::{CountryCode, PartyError, Siren, digits, text_form};

mod checks;
mod states;

/// A VAT identification number of a Member State of the Union, or of Northern Ireland (`XI`).
///
/// It is checked by form and check digits, without asking anyone; whether it is registered, only
/// VIES can say. The prefix of Greece is `EL` (directive 2006/112/CE, art. 215).
///
/// A French number is `FR`, a key and a SIREN. A key of two digits follows from the SIREN; a key
/// with a letter in it does not, and is accepted by its form.
///
/// ```
/// # use palier_billing::{PartyError, VatNumber};
/// let number = VatNumber::parse_lenient("fr 44 732 829 320")?;
/// assert_eq!(number.to_string(), "FR44732829320");
/// assert_eq!(number.siren().unwrap().to_string(), "732829320");
/// let right = PartyError::VatKey { expected: number };
/// assert_eq!("FR45732829320".parse::<VatNumber>(), Err(right));
/// # Ok::<_, PartyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatNumber(String);

impl VatNumber {
    /// Reads it as people write it: in small letters, with spaces, dots or hyphens, or with Greece
    /// as `GR`.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        let text = digits::without_spacing(text).to_uppercase();
        match text.strip_prefix("GR") {
            Some(greek) => format!("EL{greek}").parse(),
            None => text.parse(),
        }
    }

    /// The number of a French company, computed: its key is (12 + 3 × (SIREN mod 97)) mod 97.
    pub fn of_siren(siren: Siren) -> Self {
        Self(format!("FR{:02}{siren}", french_key(siren.number())))
    }

    /// Its first two letters: a country code, but `EL` for Greece, and `XI` for Northern Ireland.
    pub fn prefix(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SIREN in a French number; none in those of other States and of Monaco.
    pub fn siren(&self) -> Option<Siren> {
        self.0.strip_prefix("FR")?.get(2..)?.parse().ok()
    }

    /// The Member State that gave it; none for Northern Ireland, which is no country of its own.
    pub fn country(&self) -> Option<CountryCode> {
        match self.prefix() {
            "EL" => "GR",
            prefix => prefix,
        }
        .parse()
        .ok()
    }

    /// Whether it makes its holder a customer of another Member State for services.
    ///
    /// Northern Ireland follows the Union's rules for goods alone: a service to a number that
    /// begins with `XI` is one to the United Kingdom (withdrawal agreement, protocol, art. 8).
    pub fn is_other_member_state(&self) -> bool {
        !matches!(self.prefix(), "FR" | "XI")
    }

    /// Whether a French number belongs to that company. Others have no SIREN to compare.
    ///
    /// # Errors
    /// [`PartyError::OtherSiren`] if it is another company's.
    pub fn check_siren(&self, expected: Siren) -> Result<(), PartyError> {
        match self.siren() {
            Some(found) if found != expected => Err(PartyError::OtherSiren { expected, found }),
            _ => Ok(()),
        }
    }
}

impl FromStr for VatNumber {
    type Err = PartyError;

    /// Reads capital letters and digits, without anything between them.
    ///
    /// # Errors
    /// [`PartyError::Empty`], [`PartyError::VatCountry`], [`PartyError::VatForm`],
    /// [`PartyError::CheckDigit`], [`PartyError::VatKey`], and those of [`Siren`].
    fn from_str(text: &str) -> Result<Self, PartyError> {
        if text.is_empty() {
            return Err(PartyError::Empty);
        }
        let unknown = || PartyError::VatCountry { prefix: text.chars().take(2).collect() };
        let (prefix, rest) = text.split_at_checked(2).ok_or_else(unknown)?;
        let state = states::find(prefix).ok_or_else(unknown)?;
        state.check(rest)?;
        if prefix == "FR" {
            check_french(rest)?;
        }
        Ok(Self(text.to_owned()))
    }
}

/// Checks key and SIREN of a number that has the form of a French one.
fn check_french(rest: &str) -> Result<(), PartyError> {
    let (key, company) = rest.split_at_checked(2).unwrap_or_default();
    let number = digits::number(&digits::all(company)?);
    // Monaco is France for VAT, and numbers its companies 000 and six digits, without a SIREN.
    let monaco = company.starts_with("000") && number != 0;
    if !monaco {
        company.parse::<Siren>()?;
    }
    let Ok(key) = key.parse::<u64>() else {
        return Ok(());
    };
    let right = french_key(number);
    if key == right {
        return Ok(());
    }
    Err(PartyError::VatKey { expected: VatNumber(format!("FR{right:02}{company}")) })
}

fn french_key(company: u64) -> u64 {
    (company % 97).saturating_mul(3).saturating_add(12) % 97
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VatNumber({self})")
    }
}

text_form!(VatNumber);
