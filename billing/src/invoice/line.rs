//! The lines of a document.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, Error, Line, LineKind, LineVat, Money, Price, PriceBase, Quantity, line_amount,
    read::names,
};

/// One line: a quantity at a price.
///
/// Its amount is `round(quantity × unit price / price base, 2)` and nothing else, so that whoever
/// reads it can check it. What is given back has a negative quantity; prices are never negative
/// (EN 16931, BR-27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// What it is for.
    pub kind: DocumentLineKind,
    /// Id of the service, by which revenue is told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What is sold (BT-153).
    pub name: String,
    /// More about it (BT-154).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How much (BT-129).
    pub quantity: Quantity,
    /// In which unit (UN/ECE recommendation 20, BT-130).
    pub unit: String,
    /// At which price (BT-146).
    pub unit_price: Price,
    /// For how many units the price is quoted (BT-149).
    pub price_base: PriceBase,
    /// The days it is for (BG-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<LinePeriod>,
    /// What VAT makes of it (BG-30).
    pub vat: LineVat,
    /// How the pool made the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolNote>,
}

/// Days, the last one included, as documents write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePeriod {
    /// The first day.
    pub first_day: Date,
    /// The last day.
    pub last_day: Date,
}

/// How the volume of all members made a line's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolNote {
    /// What all members used; left out where it would tell what another used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What the member would have paid alone on the same schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Price>,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentLineKind {
    /// Usage of the period.
    Usage,
    /// A share of a cost.
    Share,
    /// The price moved since earlier months were billed.
    PriceAdjustment,
    /// A contract year at its final price, less what its months were billed.
    YearEndAdjustment,
    /// What is missing to the least that was agreed.
    Minimum,
    /// What exceeds the most that was agreed.
    Maximum,
    /// A recurring fee.
    Recurring,
    /// A fee at the start of a subscription.
    OneTime,
    /// A closed month was rated again.
    Correction,
    /// Someone added it.
    Manual,
    /// Someone took it off.
    Discount,
    /// A credit that was granted pays for it.
    Credit,
}

names!(DocumentLineKind {
    "usage" => Usage,
    "share" => Share,
    "price_adjustment" => PriceAdjustment,
    "year_end_adjustment" => YearEndAdjustment,
    "minimum" => Minimum,
    "maximum" => Maximum,
    "recurring" => Recurring,
    "one_time" => OneTime,
    "correction" => Correction,
    "manual" => Manual,
    "discount" => Discount,
    "credit" => Credit,
});

impl From<LineKind> for DocumentLineKind {
    fn from(kind: LineKind) -> Self {
        match kind {
            LineKind::Usage => Self::Usage,
            LineKind::Share => Self::Share,
            LineKind::PriceAdjustment => Self::PriceAdjustment,
            LineKind::YearEndAdjustment => Self::YearEndAdjustment,
            LineKind::Minimum => Self::Minimum,
            LineKind::Maximum => Self::Maximum,
            LineKind::Recurring(_) => Self::Recurring,
            LineKind::OneTime => Self::OneTime,
        }
    }
}

/// A quantity at a price that make an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// How much.
    pub quantity: Quantity,
    /// At which price; none if it is the amount as a whole, once.
    pub unit_price: Price,
    /// For how many units the price is quoted.
    pub price_base: PriceBase,
    /// Whether the line is one sum and no count of units.
    pub lump: bool,
}

impl Figures {
    /// An amount as one sum: once its absolute value, or minus once.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn lump(amount: Money) -> Result<Self, Error> {
        let negative = amount.minor() < 0;
        let positive =
            if negative { Money::zero(amount.currency()).checked_sub(amount)? } else { amount };
        let quantity =
            if negative { Quantity::ZERO.checked_sub(Quantity::ONE)? } else { Quantity::ONE };
        let unit_price = positive.as_price()?;
        Ok(Self { quantity, unit_price, price_base: PriceBase::One, lump: true })
    }

    /// How a rated line stands on a document: as quantity times price where these make the amount
    /// to the cent, and as one sum where a schedule or an allocation does.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn of(line: &Line<'_>, price_base: PriceBase) -> Result<Self, Error> {
        if let Some(unit_price) = line.unit_price {
            let quantity = line.quantity;
            let made = line_amount(quantity, unit_price, price_base, line.amount.currency())?;
            if made == line.amount {
                return Ok(Self { quantity, unit_price, price_base, lump: false });
            }
        }
        Self::lump(line.amount)
    }
}

impl DocumentLine {
    /// What it comes to.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn amount(&self, currency: Currency) -> Result<Money, Error> {
        line_amount(self.quantity, self.unit_price, self.price_base, currency)
    }

    /// The same with the other sign.
    pub(super) fn turned(&self) -> Result<Self, Error> {
        let quantity = Quantity::ZERO.checked_sub(self.quantity)?;
        Ok(Self { quantity, ..self.clone() })
    }
}
