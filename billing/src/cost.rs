//! Exact costs, from which amounts are rounded.

use std::fmt;

use crate::{
    Currency, Error, Money, Percent, Price, PriceBase, Quantity,
    decimal::{self, div_round, mul_div_round, narrow, pow10},
    minor_digits,
};

/// An exact cost before its one rounding, to twelve places: a [`Price`] times a [`Quantity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(i128);

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// How many decimal places are kept.
    pub const PLACES: u8 = Price::PLACES + Quantity::PLACES;

    /// `price × quantity`, exactly. Two 64-bit numbers cannot overflow 128.
    pub fn of(price: Price, quantity: Quantity) -> Self {
        Self(price.wide().wrapping_mul(quantity.wide()))
    }

    /// A percentage of a quantity of money, exactly.
    pub fn percentage(rate: Percent, money: Quantity) -> Self {
        Self(rate.wide().wrapping_mul(money.wide()))
    }

    /// A price that is due once.
    pub fn flat(price: Price) -> Self {
        const WHOLE: i128 = 1_000_000;
        Self(price.wide().wrapping_mul(WHOLE))
    }

    /// A price per unit as a price per `base` units, exactly.
    pub(crate) fn of_base(price: Price, base: PriceBase) -> Result<Price, Error> {
        Price::from_wide(price.wide().wrapping_mul(base.wide()))
    }

    /// `quantity` units at `price` per `base` units, to the twelve places of a cost.
    pub(crate) fn of_quoted(
        price: Price,
        quantity: Quantity,
        base: PriceBase,
    ) -> Result<Self, Error> {
        div_round(Self::of(price, quantity).0, base.wide()).map(Self)
    }

    /// Whether it makes a unit dearer than `price` per `base` units.
    pub(crate) fn exceeds(
        self,
        price: Price,
        quantity: Quantity,
        base: PriceBase,
    ) -> Result<bool, Error> {
        let cost = self.0.checked_mul(base.wide()).ok_or_else(Error::overflow("cost"))?;
        let limit = Self::of(price, quantity).0;
        // Units given back are given back at the same price: then both sides are negative.
        Ok(if quantity < Quantity::ZERO { cost < limit } else { cost > limit })
    }

    /// From a count of its smallest step.
    pub(crate) const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// As a count of its smallest step.
    pub(crate) const fn units(self) -> i128 {
        self.0
    }

    /// How many of its smallest steps make one of the currency's minor unit.
    pub(crate) fn per_minor(currency: Currency) -> Result<i128, Error> {
        pow10(u32::from(Self::PLACES).saturating_sub(minor_digits(currency)?.into()))
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).map(Self).ok_or_else(Error::overflow("cost"))
    }

    /// The same the other way round.
    pub(crate) fn negated(self) -> Result<Self, Error> {
        self.0.checked_neg().map(Self).ok_or_else(Error::overflow("cost"))
    }

    /// `count` times this.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn checked_mul(self, count: i64) -> Result<Self, Error> {
        self.0.checked_mul(count.into()).map(Self).ok_or_else(Error::overflow("cost"))
    }

    /// Rounds to the currency's minor unit, half away from zero.
    ///
    /// # Errors
    /// [`Error::NotBillable`], [`Error::Overflow`].
    pub fn round(self, currency: Currency) -> Result<Money, Error> {
        let minor = narrow(div_round(self.0, Self::per_minor(currency)?)?, "amount")?;
        Ok(Money::from_minor(minor, currency))
    }

    /// Rounds `part / whole` of it to the currency's minor unit, half away from zero.
    pub(crate) fn round_part(
        self,
        part: Quantity,
        whole: Quantity,
        currency: Currency,
    ) -> Result<Money, Error> {
        let divisor = Self::per_minor(currency)?.saturating_mul(whole.wide());
        let minor = mul_div_round(self.0, part.wide(), divisor)?;
        Ok(Money::from_minor(narrow(minor, "amount")?, currency))
    }

    /// Rounds to the six places of a [`Price`], half away from zero.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn round_price(self) -> Result<Price, Error> {
        Price::from_wide(div_round(self.0, pow10(Quantity::PLACES.into())?)?)
    }

    /// `round(self / quantity × base, 6)`: the average price of `quantity` units, per `base`.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] if there are no units, [`Error::Overflow`].
    pub fn average(self, quantity: Quantity, base: PriceBase) -> Result<Price, Error> {
        let per_base = self.0.checked_mul(base.wide()).ok_or_else(Error::overflow("cost"))?;
        Price::from_wide(div_round(per_base, quantity.wide())?)
    }
}

impl fmt::Display for Cost {
    /// With at least two decimals and no needless zero beyond them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, Self::PLACES, 2)
    }
}

impl serde::Serialize for Cost {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `round(quantity × price / base, minor unit)`: the amount of one line.
///
/// # Errors
/// [`Error::Overflow`].
pub fn line_amount(
    quantity: Quantity,
    price: Price,
    base: PriceBase,
    currency: Currency,
) -> Result<Money, Error> {
    let divisor = Cost::per_minor(currency)?.saturating_mul(base.wide());
    let minor = div_round(Cost::of(price, quantity).units(), divisor)?;
    Ok(Money::from_minor(narrow(minor, "amount")?, currency))
}
