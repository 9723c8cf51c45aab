//! Usage events: one thing that happened, once, however often it is reported.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, Quantity};

/// Something a member used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The reporter's name for it. The same id again is the same event.
    pub id: String,
    /// Who used it.
    pub member: String,
    /// Code of the meter.
    pub meter: String,
    /// When.
    pub time: Timestamp,
    /// How much, in the meter's unit.
    pub quantity: Quantity,
    /// What charges may filter by, and what unique values are counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
    /// The id of the event it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<String>,
}

/// What recording an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is new and counts.
    Accepted,
    /// It was on record already, with the same content; it goes on counting once.
    Duplicate,
}

/// Events on record, of which those that were voided or amended no longer count.
///
/// What counts does not depend on the order in which events, voids and amendments came in. An
/// amended event is withdrawn for good: voiding its amendment leaves neither.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    events: BTreeMap<String, Event>,
    /// Ids whose place an amendment took.
    withdrawn: BTreeSet<String>,
    voided: BTreeSet<String>,
}

impl EventLog {
    /// Puts an event on record.
    ///
    /// # Errors
    /// [`Error::ConflictingEvent`] if its id is taken by an event with other content, or if it
    /// amends itself or what another event amends already. Nothing is recorded then.
    pub fn record(&mut self, event: Event) -> Result<Recorded, Error> {
        if let Some(known) = self.events.get(&event.id) {
            if *known == event {
                return Ok(Recorded::Duplicate);
            }
            return Err(Error::ConflictingEvent { id: event.id });
        }
        if let Some(first) = &event.amends {
            if *first == event.id || self.withdrawn.contains(first) {
                return Err(Error::ConflictingEvent { id: event.id });
            }
            self.withdrawn.insert(first.clone());
        }
        self.events.insert(event.id.clone(), event);
        Ok(Recorded::Accepted)
    }

    /// Voids an event, on record already or still to come.
    pub fn void(&mut self, id: impl Into<String>) {
        self.voided.insert(id.into());
    }

    /// The events that count, by id.
    pub fn effective(&self) -> impl Iterator<Item = &Event> {
        self.events
            .values()
            .filter(|event| !self.voided.contains(&event.id) && !self.withdrawn.contains(&event.id))
    }

    /// All events on record, by id, whether or not they count.
    pub fn all(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, quantity: &str, amends: Option<&str>) -> Event {
        Event {
            id: id.into(),
            member: "forge".into(),
            meter: "core-hours".into(),
            time: "2026-07-01T00:00:00Z".parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            properties: BTreeMap::new(),
            amends: amends.map(str::to_owned),
        }
    }

    fn counted(log: &EventLog) -> Vec<&str> {
        log.effective().map(|event| event.id.as_str()).collect()
    }

    #[test]
    fn an_event_counts_once() {
        let mut log = EventLog::default();
        assert_eq!(log.record(event("a", "1", None)), Ok(Recorded::Accepted));
        assert_eq!(log.record(event("a", "1", None)), Ok(Recorded::Duplicate));
        let conflict = Err(Error::ConflictingEvent { id: "a".into() });
        assert_eq!(log.record(event("a", "2", None)), conflict);
        assert_eq!(counted(&log), ["a"]);
    }

    #[test]
    fn what_counts_does_not_depend_on_the_order() {
        let mut log = EventLog::default();
        log.void("c");
        log.record(event("b", "2", Some("a"))).unwrap();
        log.record(event("c", "3", None)).unwrap();
        log.record(event("a", "1", None)).unwrap();
        assert_eq!(counted(&log), ["b"]);
        assert_eq!(log.all().count(), 3);
        assert!(log.record(event("d", "4", Some("a"))).is_err());
        assert!(log.record(event("e", "5", Some("e"))).is_err());
        log.void("b");
        assert!(counted(&log).is_empty());
    }
}
