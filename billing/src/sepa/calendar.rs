//! The days on which banks settle payments in euros.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use crate::Error;

/// Whether TARGET is open: not at weekends, on New Year's Day, Good Friday, Easter Monday, the first of
/// May, Christmas Day and the day after it (the ECB's long-term calendar of
/// closing days, in force since 2002). National holidays do not count.
pub fn is_business_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let fixed = matches!((day.month(), day.day()), (1 | 5, 1) | (12, 25 | 26));
    !weekend && !fixed && !is_easter(day)
}

/// Good Friday or Easter Monday.
fn is_easter(day: Date) -> bool {
    let from_sunday = |days: i64| {
        let sunday = easter(day.year())?;
        sunday.checked_add(days.days()).ok()
    };
    [-2, 1].into_iter().any(|days| from_sunday(days) == Some(day))
}

/// Easter Sunday of a year of the Gregorian calendar, by the computus of Meeus, Jones and Butcher.
#[expect(clippy::arithmetic_side_effects, reason = "years have four digits")]
fn easter(year: i16) -> Option<Date> {
    let wide = i32::from(year);
    let golden = wide % 19;
    let (century, within) = (wide / 100, wide % 100);
    // How far the moon has moved against the calendar in so many centuries.
    let drift = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - drift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (within / 4) - moon - within % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let days = moon + weekday - 7 * late + 114;
    let (month, day) = (i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?);
    Date::new(year, month, day).ok()
}

/// The first business day that is not before `day`.
///
/// # Errors
/// [`Error::Calendar`] at the end of the calendar.
pub fn next_business_day(day: Date) -> Result<Date, Error> {
    let mut next = day;
    while !is_business_day(next) {
        next = next.tomorrow()?;
    }
    Ok(next)
}

/// The first business day after `day`.
///
/// # Errors
/// As [`next_business_day`].
pub fn business_day_after(day: Date) -> Result<Date, Error> {
    next_business_day(day.tomorrow()?)
}

/// The first day on which what falls due can be collected by direct debit, if the file goes to the bank
/// on `sent_on` and the debtor is told on `notified_on`, `notice_days` ahead: a business day, not before
/// the day it is due, and not before the next business day after the file is sent, which banks need since
/// November 2016 (EPC016-06 and EPC222-07: D-1).
///
/// ```
/// # use jiff::civil::date;
/// # use palier_billing::sepa::{DirectDebits, earliest_collection};
/// // Told on 2 April, 14 days ahead; the 16th is a Thursday.
/// let told = date(2026, 4, 2);
/// let earliest = earliest_collection(told, told, told, DirectDebits::NOTICE_DAYS)?;
/// assert_eq!(earliest, date(2026, 4, 16));
/// // On the Thursday before Easter the banks have four days off ahead of them.
/// assert_eq!(earliest_collection(told, told, told, 1)?, date(2026, 4, 7));
/// # Ok::<_, palier_billing::Error>(())
/// ```
///
/// # Errors
/// [`Error::Calendar`] at the end of the calendar.
pub fn earliest_collection(
    due_on: Date,
    sent_on: Date,
    notified_on: Date,
    notice_days: u16,
) -> Result<Date, Error> {
    let noticed = notice_ends(notified_on, notice_days)?;
    next_business_day(due_on.max(noticed).max(business_day_after(sent_on)?))
}

/// The first day on which a debtor who is told so many days ahead may be debited.
pub(super) fn notice_ends(notified_on: Date, notice_days: u16) -> Result<Date, Error> {
    Ok(notified_on.checked_add(i64::from(notice_days).days())?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// From published tables; the earliest and the latest day there are, and centuries that differ.
    #[test]
    fn easter_is_where_tables_have_it() {
        for sunday in [
            date(1818, 3, 22),
            date(1900, 4, 15),
            date(1943, 4, 25),
            date(2000, 4, 23),
            date(2024, 3, 31),
            date(2025, 4, 20),
            date(2026, 4, 5),
            date(2027, 3, 28),
            date(2038, 4, 25),
            date(2049, 4, 18),
            date(2100, 3, 28),
        ] {
            assert_eq!(easter(sunday.year()), Some(sunday));
        }
        for year in 1583..=9999 {
            let sunday = easter(year).unwrap();
            assert_eq!(sunday.weekday(), Weekday::Sunday);
            assert!((date(year, 3, 22)..=date(year, 4, 25)).contains(&sunday), "{sunday}");
        }
    }

    #[test]
    fn banks_close_on_six_days_and_at_weekends() {
        let closed: Vec<_> = date(2026, 1, 1)
            .series(1.day())
            .take_while(|day| day.year() == 2026)
            .filter(|day| !is_business_day(*day))
            .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
            .map(|day| day.strftime("%d/%m").to_string())
            .collect();
        // Boxing Day is a Saturday. The 14th of July is no holiday here.
        assert_eq!(closed, ["01/01", "03/04", "06/04", "01/05", "25/12"]);
        assert_eq!(next_business_day(date(2026, 12, 25)), Ok(date(2026, 12, 28)));
        assert_eq!(business_day_after(date(2026, 4, 2)), Ok(date(2026, 4, 7)));
        assert!(next_business_day(Date::MAX).and_then(business_day_after).is_err());
    }

    #[test]
    fn the_latest_of_what_must_pass_decides() {
        let sent = date(2026, 7, 1);
        assert_eq!(earliest_collection(date(2026, 8, 1), sent, sent, 14), Ok(date(2026, 8, 3)));
        assert_eq!(earliest_collection(date(2026, 7, 2), sent, sent, 14), Ok(date(2026, 7, 15)));
        assert_eq!(earliest_collection(sent, sent, date(2026, 6, 1), 14), Ok(date(2026, 7, 2)));
    }
}
