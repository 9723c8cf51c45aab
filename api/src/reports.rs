//! What finance asks of the books: who owes what, what every account stands at, the VAT to declare,
//! what was earned, and the entries themselves.
//!
//! Figures are made by `palier_billing::reports` of what is stored, in one snapshot. Whatever
//! settles a document counts from the day on which it was booked, so that every report fits the
//! journal: what members owe is what their accounts stand at, VAT to declare is what moved on its
//! accounts. `ties` holds them to that.

use std::str::FromStr;

use jiff::civil::{Date, date};
use palier_billing::{Currency, Days, Error, Month};
use serde::Serialize;

use crate::day::Day;
use crate::db::DbError;
use crate::sheet::Sheet;

pub(crate) mod aged;
pub(crate) mod balance;
pub(crate) mod entries;
mod facts;
pub(crate) mod journal;
pub(crate) mod registers;
pub(crate) mod revenue;
pub(crate) mod ties;
pub(crate) mod vat;

/// A report: JSON as it is, and as a table.
pub(crate) trait Report: Serialize {
    /// As a table, a row for each line of the report.
    fn sheet(&self) -> Sheet;
}

/// A month, a quarter or a year: `2026-07`, `2026-Q3`, `2026`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    name: String,
    days: Days,
}

impl Period {
    /// Its days.
    pub(crate) const fn days(&self) -> Days {
        self.days
    }

    /// The last of them.
    pub(crate) fn last(&self) -> Date {
        self.days.end().yesterday().unwrap_or(Date::MIN)
    }

    /// The financial year it lies in.
    pub(crate) fn year(&self) -> i16 {
        self.days.first().year()
    }

    /// As it is written.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let days = match (text.len(), text.split_once("-Q")) {
            (4, None) => {
                let year: i16 = text.parse().map_err(|_| wrong(text))?;
                Days::new(first(year, 1)?, first(year.saturating_add(1), 1)?)
            }
            (7, Some((year, quarter))) => {
                let year: i16 = year.parse().map_err(|_| wrong(text))?;
                let quarter: i8 = quarter.parse().map_err(|_| wrong(text))?;
                let begins = quarter.checked_sub(1).and_then(|before| before.checked_mul(3));
                let begins = begins.filter(|months| (0..12).contains(months));
                let begins = first(year, begins.ok_or_else(|| wrong(text))?.saturating_add(1))?;
                let last = Month::of(begins).next()?.next()?;
                Days::new(begins, last.days()?.end())
            }
            _ => text.parse::<Month>()?.days(),
        };
        Ok(Self { name: text.to_owned(), days: days? })
    }
}

fn first(year: i16, month: i8) -> Result<Date, Error> {
    if !(2000..=9998).contains(&year) {
        return Err(wrong(&year.to_string()));
    }
    Ok(date(year, month, 1))
}

fn wrong(text: &str) -> Error {
    Error::Calendar(format!(
        "expected a month, a quarter or a year, such as 2026-07, 2026-Q3 or 2026, not {text:?}"
    ))
}

/// The days of a report, and the currency of its amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct Span {
    /// As it was asked for: a month, a quarter or a year.
    #[schema(example = "2026-07")]
    pub(crate) period: String,
    /// The first day.
    pub(crate) first_day: Day,
    /// The last day.
    pub(crate) last_day: Day,
    /// ISO 4217 code of all amounts.
    #[schema(example = "EUR")]
    pub(crate) currency: &'static str,
}

impl Span {
    fn of(period: &Period, currency: Currency) -> Self {
        Self {
            period: period.name.clone(),
            first_day: period.days.first().into(),
            last_day: period.last().into(),
            currency: currency.code(),
        }
    }
}

/// What is stored does not add up: nothing that a caller could mend.
fn unreadable(what: &dyn std::fmt::Display) -> DbError {
    DbError::Unreadable { table: "journal_entries", id: String::new(), what: what.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_month_a_quarter_or_a_year() {
        for (text, first, last) in [
            ("2026", date(2026, 1, 1), date(2026, 12, 31)),
            ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
            ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
            ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.days().first(), period.last()), (first, last), "{text}");
            assert_eq!(period.name(), text);
        }
        for text in ["", "26", "2026-Q0", "2026-Q5", "2026-Qx", "2026-13", "1999", "9999", "2026-7"]
        {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
