//! Days and months of a pole's calendar, fast: events of a batch mostly happen on the same day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::PoleRow;

/// The first day that is counted from.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The calendar of a pole.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
    /// The day that was found last: from when, to when, and which.
    last: (Time, Time, i32),
}

impl Calendar {
    /// The calendar of a pole.
    pub(crate) fn of(pole: &PoleRow) -> Self {
        // A pole has a time zone that exists; without one, days would begin in London.
        let zone = palier_billing::time_zone(&pole.time_zone).unwrap_or(TimeZone::UTC);
        let never = Timestamp::UNIX_EPOCH.into();
        Self { zone, last: (never, never, 0) }
    }

    /// The day of an instant, counted from 1970.
    pub(crate) fn day(&mut self, at: Time) -> i32 {
        let (from, to, day) = self.last;
        if from <= at && at < to {
            return day;
        }
        let date = self.zone.to_datetime(at.timestamp()).date();
        let next = date.tomorrow().unwrap_or(Date::MAX);
        let day = number(date);
        self.last = (self.begin(date), self.begin(next), day);
        day
    }

    /// When a day begins.
    pub(crate) fn begin(&self, date: Date) -> Time {
        let begin = date.to_zoned(self.zone.clone()).map(|begin| begin.timestamp());
        begin.unwrap_or(Timestamp::MAX).into()
    }

    /// When a day begins.
    pub(crate) fn beginning(&self, day: &Day) -> Time {
        self.begin(day.date())
    }

    /// The time zone.
    pub(crate) const fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// A day, counted from 1970.
pub(crate) fn number(date: Date) -> i32 {
    let since = date.duration_since(EPOCH);
    i32::try_from(since.as_hours() / 24).unwrap_or(i32::MAX)
}

/// The day of a number.
pub(crate) fn date(number: i32) -> Date {
    let since = SignedDuration::from_hours(i64::from(number).saturating_mul(24));
    EPOCH.checked_add(since).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_pole_also_when_the_clocks_change() {
        let zone = palier_billing::time_zone("Europe/Paris").unwrap();
        let never = Timestamp::UNIX_EPOCH.into();
        let mut calendar = Calendar { zone, last: (never, never, 0) };
        for (at, day) in [
            ("2026-10-24T21:59:59.999999Z", "2026-10-24"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            // This day has 25 hours.
            ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"),
            ("2026-10-25T22:30:00Z", "2026-10-25"),
            ("1969-12-30T23:00:00Z", "1969-12-31"),
        ] {
            let number = calendar.day(at.parse().unwrap());
            assert_eq!(date(number).to_string(), day, "{at}");
        }
        assert_eq!(number(jiff::civil::date(1969, 12, 31)), -1);
    }
}
