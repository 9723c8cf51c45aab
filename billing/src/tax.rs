//! Value-added tax: what a line bears, and one amount per category and rate over a whole document.

use std::collections::BTreeMap;

use serde::Serialize;

mod basis;
mod dated;
mod rates;
mod supply;

pub use basis::{VatBasis, VatFacts};
pub use dated::{Change, Dated, Held, OutOfOrder, out_of_order};
pub use rates::VatClass;
pub use supply::{LineVat, SellerVat, VatExemption, VatSupply};

use crate::{Currency, Error, Money, Percent, read::names};

/// VAT category (UNTDID 5305, as EN 16931 uses it in BT-118 and BT-151).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatCategory {
    /// Standard and reduced rates.
    Standard,
    /// Zero rated.
    ZeroRated,
    /// Exempt.
    Exempt,
    /// Reverse charge: the customer owes the tax.
    ReverseCharge,
    /// Supply of goods within the Union.
    IntraCommunity,
    /// Export outside the Union.
    Export,
    /// Outside the scope of VAT.
    OutOfScope,
}

names!(VatCategory {
    "S" => Standard,
    "Z" => ZeroRated,
    "E" => Exempt,
    "AE" => ReverseCharge,
    "K" => IntraCommunity,
    "G" => Export,
    "O" => OutOfScope,
});

/// VAT of one category and rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VatTotal {
    /// The category.
    pub category: VatCategory,
    /// The rate.
    pub rate_percent: Percent,
    /// The sum of the lines.
    pub base: Money,
    /// `base × rate`, rounded once.
    pub vat: Money,
}

/// The VAT of a document's lines, by category and rate.
///
/// The rate applies to the sum of the lines and is rounded once (EN 16931, BR-CO-17); adding up
/// VAT line by line gives other cents.
///
/// ```
/// # use palier_billing::{Currency, Money, VatCategory, vat_totals};
/// let lines = [33, 33, 33, 108].map(|cents| {
///     let rate = "20".parse().unwrap();
///     (VatCategory::Standard, rate, Money::from_minor(cents, Currency::EUR))
/// });
/// assert_eq!(vat_totals(Currency::EUR, lines)?[0].vat.to_string(), "0.41");
/// # Ok::<_, palier_billing::Error>(())
/// ```
///
/// # Errors
/// [`Error::CurrencyMismatch`], [`Error::Overflow`].
pub fn vat_totals(
    currency: Currency,
    lines: impl IntoIterator<Item = (VatCategory, Percent, Money)>,
) -> Result<Vec<VatTotal>, Error> {
    let mut bases = BTreeMap::new();
    for (category, rate_percent, amount) in lines {
        let base = bases.entry((category, rate_percent)).or_insert(Money::zero(currency));
        *base = base.checked_add(amount)?;
    }
    let totals = bases.into_iter().map(|((category, rate_percent), base)| {
        Ok(VatTotal { category, rate_percent, base, vat: base.percent(rate_percent)? })
    });
    totals.collect()
}
