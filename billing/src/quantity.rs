//! Exact quantities, unit prices and rates.

use crate::{
    Error,
    decimal::{div_round, fixed_point},
};

fixed_point!(
    /// A metered or billable quantity, to six decimal places, in the unit of its meter.
    ///
    /// Events carry at most six places; what is billed is rounded once, per member and period, to
    /// the four places an electronic invoice may show ([`Quantity::billable`]).
    Quantity, 6, "quantity"
);

fixed_point!(
    /// A price, to six decimal places of the currency's major unit: per unit, per package, flat.
    ///
    /// Six is what an electronic invoice may show for a unit price.
    Price, 6, "price"
);

fixed_point!(
    /// A percentage, to four decimal places: a rate of charge, a markup, a rate of VAT.
    Percent, 4, "percentage"
);

impl Quantity {
    /// Decimal places of a billed quantity (French e-invoicing rule BR-FR-DEC-02).
    pub const BILLABLE_PLACES: u8 = 4;

    /// One unit.
    pub const ONE: Self = Self::from_units(1_000_000);

    /// Rounds to the places an invoice may show, half away from zero.
    ///
    /// ```
    /// # use palier_billing::Quantity;
    /// let metered: Quantity = "51.591150".parse()?;
    /// assert_eq!(metered.billable()?.to_string(), "51.5912");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Overflow`] at the very edge of the range.
    pub fn billable(self) -> Result<Self, Error> {
        const STEP: i128 = 100;
        Self::from_wide(div_round(self.wide(), STEP)?.saturating_mul(STEP))
    }

    /// Whether there is none.
    pub const fn is_zero(self) -> bool {
        self.units() == 0
    }
}

impl Price {
    /// Prints all six places, as a pool's unit price is shown: `0.055000`.
    pub fn exact(self) -> impl std::fmt::Display {
        Exact(self)
    }

    /// Serializes as [`Price::exact`] prints.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(crate) fn serialize_exact<S: serde::Serializer>(
        price: &Self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&price.exact())
    }
}

struct Exact(Price);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::decimal::write(f, self.0.wide(), Price::PLACES, Price::PLACES)
    }
}

/// How many units a price is quoted for (EN 16931 item price base quantity, BT-149).
///
/// A unit price keeps six places; quoting it per thousand or per million units keeps the cents of
/// cheap units from being lost to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PriceBase {
    /// Per unit.
    #[default]
    One,
    /// Per 1,000 units.
    Thousand,
    /// Per 1,000,000 units.
    Million,
}

impl PriceBase {
    /// The forms it is written in.
    pub(crate) const ALLOWED: &'static [&'static str] = &["1", "1000", "1000000"];

    /// As a number of units.
    pub const fn units(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Thousand => 1_000,
            Self::Million => 1_000_000,
        }
    }

    pub(crate) fn wide(self) -> i128 {
        self.units().into()
    }
}

impl serde::Serialize for PriceBase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.units())
    }
}

impl<'de> serde::Deserialize<'de> for PriceBase {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let expected = || serde::de::Error::custom(format!("none of {:?}", Self::ALLOWED));
        crate::read::Field::read(&value).map_err(|_| expected())
    }
}
