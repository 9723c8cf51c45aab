//! What an import has done so far.

use std::time::Duration;

use serde_json::{Value, json};

use crate::metering::Outcome;
use crate::metering::intake::Told;
use crate::quote::words::{counted, grouped};

/// What became of how many events.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) accepted: u64,
    /// Of those accepted: how many happened in a month that was closed already.
    late: u64,
    duplicates: u64,
    conflicts: u64,
    rejected: u64,
    /// Kept, and not counted yet.
    unmatched: u64,
    /// Did not count where they were exported.
    voided: u64,
}

impl Tally {
    /// Counts an event.
    pub(super) fn count(&mut self, told: &Told) {
        let counter = match told {
            Told::Outcome(Outcome::Accepted { late }) => {
                self.late = self.late.saturating_add(u64::from(*late));
                &mut self.accepted
            }
            Told::Outcome(Outcome::Duplicate) => &mut self.duplicates,
            Told::Outcome(Outcome::Conflict) => &mut self.conflicts,
            Told::Unmatched(_) => &mut self.unmatched,
            // Nothing is held back where each event stands for itself.
            Told::Outcome(
                Outcome::UnknownAmended | Outcome::Dropped { .. } | Outcome::Withheld,
            )
            | Told::Refused(_) => &mut self.rejected,
        };
        *counter = counter.saturating_add(1);
    }

    /// Counts an event that did not count where it was exported.
    pub(super) fn pass_over(&mut self) {
        self.voided = self.voided.saturating_add(1);
    }

    /// Counts a line that is no event.
    pub(super) fn reject(&mut self) {
        self.rejected = self.rejected.saturating_add(1);
    }

    /// How many lines were refused.
    pub(super) const fn refused(&self) -> u64 {
        self.conflicts.saturating_add(self.rejected)
    }

    /// How many lines there were.
    pub(super) const fn all(&self) -> u64 {
        let stored = self.accepted.saturating_add(self.duplicates).saturating_add(self.unmatched);
        stored.saturating_add(self.voided).saturating_add(self.refused())
    }

    /// For people.
    pub(super) fn summary(&self, dry_run: bool) -> String {
        let Self { accepted, late, duplicates, unmatched, voided, .. } = self;
        let late = match late {
            0 => String::new(),
            late => format!(" ({} of a closed month)", grouped(late)),
        };
        let unmatched = match unmatched {
            0 => String::new(),
            unmatched => format!("{} kept that match nothing yet, ", grouped(unmatched)),
        };
        let voided = match voided {
            0 => String::new(),
            voided => format!("{} voided passed over, ", grouped(voided)),
        };
        let events = counted(*accepted, "event", "events");
        let [counted, refused] =
            if dry_run { ["would be counted", "would be refused"] } else { ["counted", "refused"] };
        let (there, wrong) = (grouped(duplicates), grouped(self.refused()));
        format!(
            "{events} {counted}{late}, {there} there already, {unmatched}{voided}{wrong} {refused}"
        )
    }

    /// For programs.
    pub(super) fn json(&self, dry_run: bool, elapsed: Duration) -> Value {
        let Self { accepted, late, duplicates, conflicts, rejected, unmatched, voided } = self;
        json!({
            "dry_run": dry_run,
            "accepted": accepted,
            "late": late,
            "duplicates": duplicates,
            "conflicts": conflicts,
            "rejected": rejected,
            "unmatched": unmatched,
            "voided": voided,
            "milliseconds": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        })
    }
}
