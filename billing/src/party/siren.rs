//! The numbers that INSEE gives to companies and to their establishments (code de commerce,
//! R123-220 and following).

use std::{fmt, str::FromStr};

use super::{PartyError, VatNumber, digits, text_form};

/// A French company: nine digits, the last of which is Luhn's check digit.
///
/// ```
/// # use palier_billing::{PartyError, Siren};
/// let siren = Siren::parse_lenient("732 829 320")?;
/// assert_eq!(siren.to_string(), "732829320");
/// assert_eq!(siren.vat_number().to_string(), "FR44732829320");
/// assert_eq!("732829321".parse::<Siren>(), Err(PartyError::CheckDigit));
/// # Ok::<_, PartyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren(u64);

impl Siren {
    /// La Poste, whose establishments outnumber what Luhn's check digit leaves room for.
    const LA_POSTE: Self = Self(356_000_000);

    /// Reads it as people write it, with spaces, dots or hyphens between the digits.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        digits::without_spacing(text).parse()
    }

    /// The company's French VAT number, computed.
    pub fn vat_number(self) -> VatNumber {
        VatNumber::of_siren(self)
    }

    /// As a number below 1,000,000,000.
    pub const fn number(self) -> u64 {
        self.0
    }

    fn from_digits(digits: &[u8]) -> Result<Self, PartyError> {
        match digits::number(digits) {
            0 => Err(PartyError::Placeholder),
            number if digits::luhn_holds(digits) => Ok(Self(number)),
            _ => Err(PartyError::CheckDigit),
        }
    }
}

impl FromStr for Siren {
    type Err = PartyError;

    /// Reads nine digits and nothing else.
    ///
    /// # Errors
    /// [`PartyError::Empty`], [`PartyError::WrongCharacter`], [`PartyError::WrongLength`],
    /// [`PartyError::CheckDigit`], [`PartyError::Placeholder`].
    fn from_str(text: &str) -> Result<Self, PartyError> {
        Self::from_digits(&digits::exactly::<9>(text)?)
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

impl fmt::Debug for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siren({self})")
    }
}

text_form!(Siren);

/// An establishment of a French company: its SIREN and five more digits, again with Luhn's check
/// digit at the end.
///
/// The post offices of La Poste, but for its head office, have numbers whose digits sum to a
/// multiple of 5 instead.
///
/// ```
/// # use palier_billing::{PartyError, Siret};
/// let siret: Siret = "73282932000074".parse()?;
/// assert_eq!(siret.siren().to_string(), "732829320");
/// # Ok::<_, PartyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret {
    siren: Siren,
    establishment: u64,
}

impl Siret {
    /// 356 000 000 00048, the one establishment of La Poste whose number follows the common rule.
    const LA_POSTE_HEAD_OFFICE: u64 = 48;

    /// Reads it as people write it, with spaces, dots or hyphens between the digits.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        digits::without_spacing(text).parse()
    }

    /// The company it is an establishment of.
    pub const fn siren(self) -> Siren {
        self.siren
    }

    /// Whether it is an establishment of that company.
    ///
    /// # Errors
    /// [`PartyError::OtherSiren`] if it is another's.
    pub fn check_siren(self, expected: Siren) -> Result<(), PartyError> {
        let found = self.siren;
        if found == expected { Ok(()) } else { Err(PartyError::OtherSiren { expected, found }) }
    }
}

impl FromStr for Siret {
    type Err = PartyError;

    /// Reads fourteen digits and nothing else.
    ///
    /// # Errors
    /// As for [`Siren`].
    fn from_str(text: &str) -> Result<Self, PartyError> {
        let digits = digits::exactly::<14>(text)?;
        let (company, establishment) = digits.split_at(9);
        let establishment = digits::number(establishment);
        let siren = Siren::from_digits(company)?;
        let head_office = establishment == Self::LA_POSTE_HEAD_OFFICE;
        let holds = if siren == Siren::LA_POSTE && !head_office {
            digits.iter().map(|digit| u32::from(*digit)).sum::<u32>() % 5 == 0
        } else {
            digits::luhn_holds(&digits)
        };
        if holds { Ok(Self { siren, establishment }) } else { Err(PartyError::CheckDigit) }
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:05}", self.siren, self.establishment)
    }
}

impl fmt::Debug for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siret({self})")
    }
}

text_form!(Siret);
