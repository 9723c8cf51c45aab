//! Countries.

use std::{fmt, str::FromStr};

use iso3166_static::{Alpha2, Numeric};

use super::{PartyError, text_form};

/// A country by its two letters (ISO 3166-1 alpha-2), as EN 16931 names countries (BT-40, BT-55).
///
/// Only codes given to a country count, not those left to users such as `XK` or `ZZ`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(Alpha2);

impl CountryCode {
    /// France.
    pub const FR: Self = Self(Alpha2::France);

    /// Reads it in small or capital letters, spaces around it left aside.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        text.trim().to_ascii_uppercase().parse()
    }

    /// Its two letters.
    pub const fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// Whether it is a Member State of the European Union.
    pub fn is_eu(self) -> bool {
        const STATES: &str =
            "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
        STATES.split(' ').any(|state| state == self.as_str())
    }
}

impl FromStr for CountryCode {
    type Err = PartyError;

    /// Reads two capital letters.
    ///
    /// # Errors
    /// [`PartyError::Empty`], [`PartyError::Country`].
    fn from_str(text: &str) -> Result<Self, PartyError> {
        if text.is_empty() {
            return Err(PartyError::Empty);
        }
        let code = text.parse::<Alpha2>().map_err(|_| PartyError::Country)?;
        // Only codes of countries have a number as well.
        Numeric::try_from(code).map_err(|_| PartyError::Country)?;
        Ok(Self(code))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CountryCode({self})")
    }
}

text_form!(CountryCode);
