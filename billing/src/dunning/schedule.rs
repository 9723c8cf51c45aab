//! Which letter goes out when.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::DunningError;
use crate::{PartyError, party::from_names, read::names};

/// A letter to a member that is late, each graver than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DunningLevel {
    /// *Relance*.
    Reminder,
    /// *Seconde relance*.
    SecondReminder,
    /// *Mise en demeure*, from which on the debtor is formally in default (code civil, 1344).
    FormalNotice,
}

names!(DunningLevel {
    "reminder" => Reminder,
    "second_reminder" => SecondReminder,
    "formal_notice" => FormalNotice,
});
from_names!(DunningLevel { Reminder, SecondReminder, FormalNotice });

/// After how many days past the due date each letter goes out; a pole may leave some out.
///
/// ```
/// # use palier_billing::dunning::{DunningLevel, DunningSchedule};
/// # use jiff::civil::date;
/// let schedule: DunningSchedule =
///     serde_json::from_str(r#"{ "reminder": 7, "formal_notice": 30 }"#)?;
/// let due_on = date(2026, 8, 30);
/// let first = schedule.next(due_on, None).unwrap();
/// assert_eq!((first.level, first.on), (DunningLevel::Reminder, date(2026, 9, 6)));
/// // It went out ten days late: so does the next, which leaves as much time to pay.
/// let second = schedule.next(due_on, Some((DunningLevel::Reminder, date(2026, 9, 16)))).unwrap();
/// assert_eq!((second.level, second.on), (DunningLevel::FormalNotice, date(2026, 10, 9)));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct DunningSchedule {
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_reminder: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    formal_notice: Option<u16>,
}

/// A letter that is to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DunningStep {
    /// Which.
    pub level: DunningLevel,
    /// The first day on which it may go out.
    pub on: Date,
}

impl Default for DunningSchedule {
    /// A week, three weeks, six weeks and a half.
    fn default() -> Self {
        Self { reminder: Some(7), second_reminder: Some(21), formal_notice: Some(45) }
    }
}

impl DunningSchedule {
    /// A schedule of days after the due date.
    ///
    /// # Errors
    /// [`DunningError::StepsCross`] unless each letter comes after the one before.
    pub fn new(
        reminder: Option<u16>,
        second_reminder: Option<u16>,
        formal_notice: Option<u16>,
    ) -> Result<Self, DunningError> {
        let schedule = Self { reminder, second_reminder, formal_notice };
        let steps: Vec<_> = schedule.steps().collect();
        for ((earlier, before), (later, after)) in steps.iter().zip(steps.iter().skip(1)) {
            if after <= before {
                return Err(DunningError::StepsCross { earlier: *earlier, later: *later });
            }
        }
        Ok(schedule)
    }

    /// The letters it has, with their days after the due date.
    pub fn steps(self) -> impl Iterator<Item = (DunningLevel, u16)> {
        let all = [
            (DunningLevel::Reminder, self.reminder),
            (DunningLevel::SecondReminder, self.second_reminder),
            (DunningLevel::FormalNotice, self.formal_notice),
        ];
        all.into_iter().filter_map(|(level, days)| days.map(|days| (level, days)))
    }

    /// The letter that follows the last one that went out, and from which day on; none after the
    /// last.
    ///
    /// Letters are not skipped, and none follows another sooner than the schedule says: who hears
    /// of the matter late still has the time to pay that others have.
    pub fn next(self, due_on: Date, sent: Option<(DunningLevel, Date)>) -> Option<DunningStep> {
        let (level, days) =
            self.steps().find(|(level, _)| sent.is_none_or(|(sent, _)| *level > sent))?;
        let planned = due_on.saturating_add(i64::from(days).days());
        let Some((before, sent_on)) = sent else { return Some(DunningStep { level, on: planned }) };
        // A letter that the schedule no longer has left no time of its own.
        let passed = self.steps().find(|(level, _)| *level == before).map_or(days, |(_, it)| it);
        let gap = i64::from(days.saturating_sub(passed)).days();
        Some(DunningStep { level, on: planned.max(sent_on.saturating_add(gap)) })
    }
}

/// As it is written, before it is known to be one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    reminder: Option<u16>,
    second_reminder: Option<u16>,
    formal_notice: Option<u16>,
}

impl TryFrom<Written> for DunningSchedule {
    type Error = DunningError;

    fn try_from(written: Written) -> Result<Self, DunningError> {
        Self::new(written.reminder, written.second_reminder, written.formal_notice)
    }
}
