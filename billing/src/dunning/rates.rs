//! The rates that penalties are made of, by half-year.

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

use super::DunningError;
use crate::{Error, Percent, read::names};

/// The rates of a half-year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SemesterRates {
    /// Rate of the European Central Bank's main refinancing operations on the first day of the
    /// half-year, 1 January or 1 July.
    pub central: Percent,
    /// *Taux de l'intérêt légal* for creditors that are no private persons, as a decree fixes it
    /// each half-year (code monétaire et financier, L313-2).
    pub legal: Percent,
}

/// The rates known, by the first day of their half-year: those that were published when this was
/// written, and those that were entered since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenaltyRates(BTreeMap<Date, SemesterRates>);

/// First day, central and legal rate in hundredths of a per cent. Sources: the ECB's key interest
/// rates; the decrees on the *taux de l'intérêt légal*, the last of 15 December 2025.
const PUBLISHED: [(Date, i64, i64); 11] = [
    (date(2021, 1, 1), 0, 79),
    (date(2021, 7, 1), 0, 76),
    (date(2022, 1, 1), 0, 76),
    (date(2022, 7, 1), 0, 77),
    (date(2023, 1, 1), 250, 206),
    (date(2023, 7, 1), 400, 422),
    (date(2024, 1, 1), 450, 507),
    (date(2024, 7, 1), 425, 492),
    (date(2025, 1, 1), 315, 371),
    (date(2025, 7, 1), 215, 276),
    (date(2026, 1, 1), 215, 262),
];

/// How many units of a [`Percent`] a hundredth has.
const HUNDREDTH: i64 = 100;
/// The points that the law adds to the central bank's rate.
const POINTS: Percent = Percent::from_units(100_000);

impl PenaltyRates {
    /// The rates that are built in, from 2021 on. Later half-years must be [entered](Self::enter).
    pub fn published() -> Self {
        let percent = |hundredths: i64| Percent::from_units(hundredths.saturating_mul(HUNDREDTH));
        let rates = PUBLISHED.into_iter().map(|(first, central, legal)| {
            (first, SemesterRates { central: percent(central), legal: percent(legal) })
        });
        Self(rates.collect())
    }

    /// Enters the rates of a half-year, or others than those known of it.
    ///
    /// # Errors
    /// [`DunningError::NotAHalfYear`], [`DunningError::NegativeRate`].
    pub fn enter(&mut self, first: Date, rates: SemesterRates) -> Result<(), DunningError> {
        if first != half_year(first) {
            return Err(DunningError::NotAHalfYear { found: first });
        }
        // The central bank's rate was never below zero; with the ten points it could be.
        if rates.legal < Percent::ZERO || rates.central.checked_add(POINTS)? < Percent::ZERO {
            return Err(DunningError::NegativeRate);
        }
        self.0.insert(first, rates);
        Ok(())
    }

    /// The rates of the half-year that a day falls in.
    ///
    /// # Errors
    /// [`DunningError::RatesUnknown`]: nothing is guessed from the half-year before.
    pub fn of(&self, day: Date) -> Result<SemesterRates, DunningError> {
        let first = half_year(day);
        self.0.get(&first).copied().ok_or(DunningError::RatesUnknown { first })
    }
}

/// The first day of the half-year that a day falls in.
fn half_year(day: Date) -> Date {
    date(day.year(), if day.month() < 7 { 1 } else { 7 }, 1)
}

/// The first day of the half-year after it.
pub(super) fn next_half_year(day: Date) -> Result<Date, Error> {
    Ok(half_year(day).checked_add(6.months())?)
}

/// The rate of penalties that the parties agreed on, as the invoice states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreedRate {
    /// The central bank's rate and ten points: what holds where nothing else was agreed.
    #[default]
    Central,
    /// Three times the legal rate.
    ThreeTimesLegal,
    /// A fixed rate.
    Fixed(Percent),
}

/// What a rate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateGround {
    /// The central bank's rate and ten points.
    Central,
    /// Three times the legal rate: as agreed, or because the agreed rate is less.
    ThreeTimesLegal,
    /// A fixed rate.
    Fixed,
}

names!(RateGround {
    "central" => Central,
    "three_times_legal" => ThreeTimesLegal,
    "fixed" => Fixed,
});

impl AgreedRate {
    /// The yearly rate that applies on a day, and what it rests on.
    ///
    /// Whatever was agreed, it is not less than three times the legal rate (L441-10 II). That
    /// floor holds for the central bank's rate as well: an invoice must state its rate (L441-9), so
    /// this too is a clause; in the second half of 2024 it would have been below the floor.
    ///
    /// ```
    /// # use jiff::civil::date;
    /// # use palier_billing::dunning::{AgreedRate, DunningError, PenaltyRates, RateGround};
    /// let rates = PenaltyRates::published();
    /// let on = |day| AgreedRate::Central.on(day, &rates);
    /// assert_eq!(on(date(2024, 6, 30))?, ("15.21".parse().unwrap(), RateGround::ThreeTimesLegal));
    /// assert_eq!(on(date(2026, 1, 1))?, ("12.15".parse().unwrap(), RateGround::Central));
    /// assert!(on(date(2027, 1, 1)).is_err());
    /// # Ok::<_, DunningError>(())
    /// ```
    ///
    /// # Errors
    /// [`DunningError::RatesUnknown`], [`DunningError::NegativeRate`], [`DunningError::Figures`].
    pub fn on(
        self,
        day: Date,
        rates: &PenaltyRates,
    ) -> Result<(Percent, RateGround), DunningError> {
        let SemesterRates { central, legal } = rates.of(day)?;
        let floor = legal.checked_add(legal)?.checked_add(legal)?;
        let (agreed, ground) = match self {
            Self::Central => (central.checked_add(POINTS)?, RateGround::Central),
            Self::ThreeTimesLegal => (floor, RateGround::ThreeTimesLegal),
            Self::Fixed(rate) if rate < Percent::ZERO => return Err(DunningError::NegativeRate),
            Self::Fixed(rate) => (rate, RateGround::Fixed),
        };
        Ok(if agreed < floor { (floor, RateGround::ThreeTimesLegal) } else { (agreed, ground) })
    }
}
