//! The lines of a document.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    CostFunction, Currency, Error, Line, LineKind, LineVat, Money, Price, PriceBase, Quantity,
    Tier, VatBasis, line_amount, read::names,
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
    /// Why, where that changes on days; left out where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_basis: Option<VatBasis>,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolNote {
    /// What all members used; left out where it would tell what another used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What the member would have paid alone on the same schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Price>,
    /// The tiers along which the price moves; left out where the line's price is not theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<PoolSchedule>,
}

/// The tiers of a pooled price, as they stood when the line was made.
///
/// A document keeps them, so that how its price came about can be shown for as long as it is kept,
/// whatever has become of the tariff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSchedule {
    /// Which units a tier's price is for.
    pub model: PoolModel,
    /// What a unit is called, in the document's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_name: Option<String>,
    /// The tiers, lowest first; the last is open.
    pub tiers: Vec<Tier>,
}

impl PoolSchedule {
    /// The tiers of a cost function; none where it has no tiers.
    pub fn of(cost: &CostFunction, unit_name: Option<&str>) -> Option<Self> {
        let (model, schedule) = match cost {
            CostFunction::Graduated(schedule) => (PoolModel::Graduated, schedule),
            CostFunction::Volume(schedule) => (PoolModel::Volume, schedule),
            _ => return None,
        };
        let (unit_name, tiers) = (unit_name.map(str::to_owned), schedule.tiers().to_vec());
        Some(Self { model, unit_name, tiers })
    }
}

/// Which units the price of a tier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolModel {
    /// Those within the tier.
    Graduated,
    /// All, once the tier is reached.
    Volume,
}

names!(PoolModel { "graduated" => Graduated, "volume" => Volume });

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
    /// Interest for late payment: no price of a supply.
    LateInterest,
    /// The indemnity for recovery costs of a late payment: no price of a supply.
    RecoveryIndemnity,
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
    "late_interest" => LateInterest,
    "recovery_indemnity" => RecoveryIndemnity,
});

impl DocumentLineKind {
    /// Whether it makes good the harm of a delay, and pays for no supply.
    pub const fn is_penalty(self) -> bool {
        matches!(self, Self::LateInterest | Self::RecoveryIndemnity)
    }
}

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
