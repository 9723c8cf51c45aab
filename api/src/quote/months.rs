//! Which months are priced, and which come before them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::civil::Date;
use palier_billing::{Error, Month, Pool, Recurrence};

/// A month, `2026-07`, or several in a row, `2026-07..2026-09`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Months {
    first: Month,
    last: Month,
}

impl FromStr for Months {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let months = first.parse().ok().zip(last.parse().ok());
        months
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| Self { first, last })
            .ok_or("expected a month such as 2026-07, or months such as 2026-07..2026-09")
    }
}

impl Months {
    /// Those from the first to the last of some, and all in between: fees fall due and stocks
    /// stand in a month without events too.
    pub(crate) fn spanning(months: impl Iterator<Item = Month> + Clone) -> Option<Self> {
        let (first, last) = (months.clone().min()?, months.max()?);
        Some(Self { first, last })
    }

    /// Each of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = Month> {
        let next = |month: &Month| month.next().ok();
        std::iter::successors(Some(self.first), next).take_while(move |&month| month <= self.last)
    }

    /// Each month that stands in any of these, once.
    pub(crate) fn all(given: &[Self]) -> BTreeSet<Month> {
        given.iter().flat_map(|months| months.iter()).collect()
    }
}

/// The contract years of a service, in whole months: the month that holds the anniversary is the
/// first of its year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContractYears(Recurrence);

impl ContractYears {
    /// Those of a contract that began on a day.
    pub(crate) const fn since(day: Date) -> Self {
        Self(Recurrence::contract_years(day))
    }

    /// The day the contract began.
    pub(crate) const fn start(self) -> Date {
        self.0.anchor
    }

    /// The number of the year a month belongs to, from 0.
    pub(crate) fn number(self, month: Month) -> Result<i32, Error> {
        self.0.index_of(month.days()?.end().yesterday()?)
    }

    /// The first day of the months of the year that a month belongs to.
    pub(crate) fn first_day(self, month: Month) -> Result<Date, Error> {
        Ok(self.0.nth(self.number(month)?)?.first().first_of_month())
    }

    /// Sets the month of a pool, by which fees fall due and years end.
    pub(crate) fn date(self, pool: Pool, month: Month) -> Result<Pool, Error> {
        let closes = self.ends_with(month)?;
        Ok(pool.in_month(month).with_contract_start(self.start()).closing_year(closes))
    }

    /// Whether a month is the last of its year.
    fn ends_with(self, month: Month) -> Result<bool, Error> {
        Ok(self.number(month.next()?)? != self.number(month)?)
    }
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}
