//! Billing periods: half-open stretches of time in a pole's time zone.
//!
//! Usage is counted between two instants, fees are prorated by calendar days; both come from the
//! same [`Days`]. The zones are those bundled with the crate, so that a price never depends on the
//! machine it is computed on.

use std::{fmt, str::FromStr};

use jiff::{
    Span, Timestamp, ToSpan,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Serialize, Serializer};

use crate::{Error, read::names};

/// Looks a time zone up by its IANA name, such as `Europe/Paris`.
///
/// # Errors
/// [`Error::Calendar`] if there is none of that name.
pub fn time_zone(name: &str) -> Result<TimeZone, Error> {
    Ok(TimeZoneDatabase::bundled().get(name)?)
}

/// A stretch of calendar days `[first, end)`, the last one excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Days {
    first: Date,
    end: Date,
}

impl Days {
    /// The days from `first` up to, not including, `end`.
    ///
    /// # Errors
    /// [`Error::Calendar`] if `end` is not after `first`.
    pub fn new(first: Date, end: Date) -> Result<Self, Error> {
        if end > first {
            return Ok(Self { first, end });
        }
        Err(Error::Calendar(format!("a period must end after it begins: {first} to {end}")))
    }

    /// The first day.
    pub const fn first(self) -> Date {
        self.first
    }

    /// The day after the last.
    pub const fn end(self) -> Date {
        self.end
    }

    /// How many there are.
    pub fn count(self) -> i64 {
        self.first.duration_until(self.end).as_hours() / 24
    }

    /// Whether `day` is one of them.
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day < self.end
    }

    /// Those that lie in `other` too, if any.
    pub fn overlap(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.end.min(other.end)).ok()
    }

    /// The instants they cover in a time zone.
    ///
    /// # Errors
    /// [`Error::Calendar`] at the ends of the representable time.
    pub fn period(self, zone: &TimeZone) -> Result<Period, Error> {
        Ok(Period {
            days: self,
            start: self.first.to_zoned(zone.clone())?.timestamp(),
            end: self.end.to_zoned(zone.clone())?.timestamp(),
        })
    }
}

/// Days, and the half-open stretch of time `[start, end)` they cover in one time zone.
///
/// A month with a change to summer time has an hour less, so `end − start` is not always a
/// multiple of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    days: Days,
    start: Timestamp,
    end: Timestamp,
}

impl Period {
    /// The calendar days.
    pub const fn days(&self) -> Days {
        self.days
    }

    /// The first instant.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    /// Whether an instant falls into it.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// How long it lasts, in microseconds.
    pub(crate) fn micros(&self) -> i128 {
        self.start.duration_until(self.end).as_micros()
    }

    /// How long it lasts, in whole hours: 743 for a March in Paris.
    pub fn hours(&self) -> i64 {
        self.start.duration_until(self.end).as_hours()
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View {
            first_day: Date,
            last_day: Date,
            start: Timestamp,
            end: Timestamp,
        }
        let last_day = self.days.end.yesterday().map_err(serde::ser::Error::custom)?;
        View { first_day: self.days.first, last_day, start: self.start, end: self.end }
            .serialize(serializer)
    }
}

/// A calendar month, written `2026-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The month in which a day falls.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// The month in which an instant falls in a time zone.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        Self::of(zone.to_datetime(instant).date())
    }

    /// Its days.
    ///
    /// # Errors
    /// [`Error::Calendar`] for the last month of the year 9999.
    pub fn days(self) -> Result<Days, Error> {
        Days::new(self.0, self.next()?.0)
    }

    /// The month after it.
    ///
    /// # Errors
    /// [`Error::Calendar`] after December 9999.
    pub fn next(self) -> Result<Self, Error> {
        Ok(Self(self.0.checked_add(1.month())?))
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Calendar(format!("expected a month such as 2026-07, not {text:?}"));
        let shaped = text.len() == 7 && text.as_bytes().get(4) == Some(&b'-');
        if !shaped {
            return Err(wrong());
        }
        format!("{text}-01").parse().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m"))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How often something recurs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interval {
    /// Every month.
    #[default]
    Month,
    /// Every three months.
    Quarter,
    /// Every year.
    Year,
}

names!(Interval { "month" => Month, "quarter" => Quarter, "year" => Year });

impl Interval {
    const fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// Intervals that follow one another from an anchor day: billing intervals, contract years.
///
/// Each begins a whole number of intervals after the anchor itself, never after its neighbour, so
/// that one anchored on the 31st comes back to the 31st after a February, and one anchored on a
/// 29 February falls on the 28th in common years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recurrence {
    /// The day the first interval begins.
    pub anchor: Date,
    /// How long one lasts.
    pub interval: Interval,
}

impl Recurrence {
    /// Contract years from the day the contract began.
    pub const fn contract_years(anchor: Date) -> Self {
        Self { anchor, interval: Interval::Year }
    }

    /// The `n`th interval, counted from 0; negative ones lie before the anchor.
    ///
    /// # Errors
    /// [`Error::Calendar`] outside the representable years.
    pub fn nth(self, n: i32) -> Result<Days, Error> {
        Days::new(self.start(n)?, self.start(n.saturating_add(1))?)
    }

    /// The number of the interval that holds a day.
    ///
    /// # Errors
    /// [`Error::Calendar`] outside the representable years.
    pub fn index_of(self, day: Date) -> Result<i32, Error> {
        let months = |date: Date| {
            i32::from(date.year()).saturating_mul(12).saturating_add(date.month().into())
        };
        let apart = months(day).saturating_sub(months(self.anchor));
        let n = apart.div_euclid(self.interval.months());
        // Within the month it begins in, the interval may not have begun yet.
        if self.start(n)? > day { Ok(n.saturating_sub(1)) } else { Ok(n) }
    }

    /// The interval that holds a day.
    ///
    /// # Errors
    /// [`Error::Calendar`] outside the representable years.
    pub fn containing(self, day: Date) -> Result<Days, Error> {
        self.nth(self.index_of(day)?)
    }

    fn start(self, n: i32) -> Result<Date, Error> {
        let span = Span::new().try_months(n.saturating_mul(self.interval.months()))?;
        Ok(self.anchor.checked_add(span)?)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn month(text: &str) -> Period {
        let zone = time_zone("Europe/Paris").unwrap();
        text.parse::<Month>().unwrap().days().unwrap().period(&zone).unwrap()
    }

    #[test]
    fn months_are_half_open_and_know_summer_time() {
        assert_eq!(month("2026-03").hours(), 743);
        assert_eq!(month("2026-10").hours(), 745);
        assert_eq!(month("2026-07").hours(), 744);
        let july = month("2026-07");
        assert_eq!(july.start().to_string(), "2026-06-30T22:00:00Z");
        assert_eq!(july.end(), month("2026-08").start());
        assert!(july.contains(july.start()) && !july.contains(july.end()));
        assert_eq!(july.days().count(), 31);
        let zone = time_zone("Europe/Paris").unwrap();
        let last = july.end().checked_sub(1.microsecond()).unwrap();
        assert_eq!(Month::at(last, &zone).to_string(), "2026-07");
    }

    #[test]
    fn months_are_read_strictly() {
        for text in ["2026-7", "2026-13", "2026-00", "26-07", "2026/07", "2026-07-01", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        assert!(time_zone("Europe/Lutetia").is_err());
    }

    #[test]
    fn anniversaries_come_back_to_the_31st() {
        let monthly = Recurrence { anchor: date(2026, 1, 31), interval: Interval::Month };
        let starts: Vec<_> = (0..4).map(|n| monthly.nth(n).unwrap().first().to_string()).collect();
        assert_eq!(starts, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]);
        assert_eq!(monthly.index_of(date(2026, 2, 27)).unwrap(), 0);
        assert_eq!(monthly.index_of(date(2026, 2, 28)).unwrap(), 1);
        assert_eq!(monthly.index_of(date(2026, 3, 30)).unwrap(), 1);
        assert_eq!(monthly.index_of(date(2026, 1, 30)).unwrap(), -1);
    }

    #[test]
    fn a_contract_from_29_february_renews_on_the_28th() {
        let years = Recurrence::contract_years(date(2024, 2, 29));
        assert_eq!(years.nth(1).unwrap().first(), date(2025, 2, 28));
        assert_eq!(years.nth(4).unwrap().first(), date(2028, 2, 29));
        assert_eq!(years.containing(date(2025, 2, 27)).unwrap().first(), date(2024, 2, 29));
        assert_eq!(years.containing(date(2025, 2, 28)).unwrap().first(), date(2025, 2, 28));
    }

    #[test]
    fn every_day_falls_into_exactly_the_interval_that_holds_it() {
        for interval in [Interval::Month, Interval::Quarter, Interval::Year] {
            for anchor in [date(2024, 2, 29), date(2025, 1, 31), date(2025, 6, 15)] {
                let recurrence = Recurrence { anchor, interval };
                for day in date(2023, 1, 1).series(1.day()).take(1500) {
                    assert!(recurrence.containing(day).unwrap().contains(day), "{anchor} {day}");
                }
            }
        }
    }
}
