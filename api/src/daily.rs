//! What happens by itself once a day, in poles that have chosen it.

use std::collections::BTreeMap;

use palier_billing::time_zone;

use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::id::PoleId;

/// From which hour on: nobody likes to be written to at midnight.
const HOUR: i8 = 8;

/// The day on which each pole was last looked at by this process. Another process that looks as well finds
/// all done.
#[derive(Default)]
pub(crate) struct Daily(BTreeMap<PoleId, Day>);

impl Daily {
    /// Whether a pole is looked at for the first time by day.
    pub(crate) fn is_first_look(&mut self, pole: &PoleRow, now: Time) -> bool {
        let today = Day::today(pole, now);
        if !is_day(pole, now) || self.0.get(&pole.pole_id) == Some(&today) {
            return false;
        }
        self.0.insert(pole.pole_id.clone(), today);
        true
    }
}

fn is_day(pole: &PoleRow, now: Time) -> bool {
    let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(now.timestamp()).hour() >= HOUR
}
