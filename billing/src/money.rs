//! Amounts in a currency.

use std::{cmp::Ordering, fmt};

pub use iso_currency::Currency;

use crate::{
    Error, Percent, Price,
    decimal::{self, div_round, narrow, pow10},
    error::DecimalError,
};

/// Decimal places of the currency's minor unit: 2 for the euro, 0 for the yen.
///
/// # Errors
/// [`Error::NotBillable`] for the codes of ISO 4217 that have none, such as gold.
pub fn minor_digits(currency: Currency) -> Result<u8, Error> {
    currency
        .exponent()
        .and_then(|digits| u8::try_from(digits).ok())
        .ok_or_else(|| Error::NotBillable { code: currency.code() })
}

/// An amount in a currency's minor unit: what stands on a line, in a total, on an account.
///
/// It prints, and serializes, as a decimal in the major unit with all its places: `1980.00`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `minor` cents (or whatever the currency's minor unit is).
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self::from_minor(0, currency)
    }

    /// Reads a decimal in the major unit.
    ///
    /// # Errors
    /// [`DecimalError`] if it is no decimal, or finer than the minor unit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, DecimalError> {
        let digits = minor_digits(currency).map_err(|_| DecimalError::NotANumber)?;
        decimal::parse(text, digits).map(|minor| Self::from_minor(minor, currency))
    }

    /// Count of the minor unit.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        let minor = i128::from(self.minor).saturating_add(other.minor.into());
        Ok(Self { minor: narrow(minor, "amount")?, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        let minor = i128::from(self.minor).saturating_sub(other.minor.into());
        Ok(Self { minor: narrow(minor, "amount")?, ..self })
    }

    /// Adds up amounts of one currency.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// A fraction of it, rounded half away from zero.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`], [`Error::Overflow`].
    pub fn fraction(self, part: i64, whole: i64) -> Result<Self, Error> {
        let product = i128::from(self.minor).saturating_mul(part.into());
        Ok(Self { minor: narrow(div_round(product, whole.into())?, "amount")?, ..self })
    }

    /// A percentage of it, rounded half away from zero: VAT on a base, for one.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn percent(self, rate: Percent) -> Result<Self, Error> {
        let whole = pow10(u32::from(Percent::PLACES).saturating_add(2))?;
        self.fraction(rate.units(), narrow(whole, "percentage")?)
    }

    /// The price of one thing that costs as much: every amount is one, to six places.
    pub(crate) fn as_price(self) -> Result<Price, Error> {
        let places = u32::from(Price::PLACES).saturating_sub(minor_digits(self.currency)?.into());
        Price::from_wide(i128::from(self.minor).saturating_mul(pow10(places)?))
    }

    fn same_currency(self, other: Self) -> Result<(), Error> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(Error::CurrencyMismatch { left: self.currency.code(), right: other.currency.code() })
    }
}

impl PartialOrd for Money {
    /// Amounts in different currencies have no order.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = minor_digits(self.currency).map_err(|_| fmt::Error)?;
        decimal::write(f, self.minor.into(), digits, digits)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {}", self.currency.code())
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Money {
        Money::parse(text, Currency::EUR).unwrap()
    }

    #[test]
    fn amounts_know_their_minor_unit() {
        assert_eq!(eur("-0.05").to_string(), "-0.05");
        assert_eq!(Money::from_minor(1500, Currency::JPY).to_string(), "1500");
        assert_eq!(Money::from_minor(1500, Currency::KWD).to_string(), "1.500");
        assert!(Money::parse("0.5", Currency::JPY).is_err());
        assert!(minor_digits(Currency::XAU).is_err());
        assert!(eur("1").checked_add(Money::zero(Currency::JPY)).is_err());
        assert_eq!(eur("1").partial_cmp(&Money::zero(Currency::JPY)), None);
        assert!(Money::from_minor(i64::MAX, Currency::EUR).checked_add(eur("0.01")).is_err());
    }
}
