//! A file of events.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use palier_billing::{Error, Event, EventLog, Recorded};

use super::super::records::{Record, Records};
use crate::cli::failure::{Failure, quoted};
use crate::quote::words::counted;

/// The events of a file, and where each stands in it.
#[derive(Default)]
pub(in super::super) struct EventFile {
    pub(in super::super) log: EventLog,
    /// What its sender should know.
    pub(in super::super) warnings: Vec<String>,
    lines: HashMap<String, u64>,
    /// The line of the event that amends another.
    amendments: HashMap<String, u64>,
    /// Ids that a row voids or amends, and where.
    named: Vec<(String, String)>,
    repeated: u64,
}

impl EventFile {
    /// Reads the rows below a header.
    pub(super) fn read(
        records: &mut Records,
        members: &mut BTreeSet<String>,
    ) -> Result<Self, Failure> {
        let mut events = Self::default();
        while let Some(record) = records.read()? {
            if let Some(id) = record.optional("voids") {
                events.void(id, &record)?;
                continue;
            }
            let event = event(&record)?;
            members.insert(event.member.clone());
            events.record(event, &record)?;
        }
        events.warn(&records.file);
        Ok(events)
    }

    /// The line of an event.
    pub(in super::super) fn line(&self, id: &str) -> u64 {
        self.lines.get(id).copied().unwrap_or_default()
    }

    fn void(&mut self, id: &str, record: &Record<'_>) -> Result<(), Failure> {
        if let Some(quantity) = record.optional("quantity") {
            let expected = "nothing in a row that voids (to change an event, amend it)";
            return Err(record.place("quantity").fault(expected, quoted(quantity)));
        }
        self.named.push((id.to_owned(), record.place("voids").to_string()));
        self.log.void(id);
        Ok(())
    }

    fn record(&mut self, event: Event, record: &Record<'_>) -> Result<(), Failure> {
        let (id, amends) = (event.id.clone(), event.amends.clone());
        match self.log.record(event) {
            Ok(Recorded::Duplicate) => self.repeated = self.repeated.saturating_add(1),
            Ok(Recorded::Accepted) => {
                if let Some(amended) = amends {
                    let place = record.place("amends").to_string();
                    self.amendments.insert(amended.clone(), record.line());
                    self.named.push((amended, place));
                }
                self.lines.insert(id, record.line());
            }
            Err(Error::ConflictingEvent { .. }) => return Err(self.conflict(&id, amends, record)),
            Err(error) => return Err(Failure::input(format!("{}: {error}", record.place("")))),
        }
        Ok(())
    }

    fn conflict(&self, id: &str, amends: Option<String>, record: &Record<'_>) -> Failure {
        if let Some(line) = self.lines.get(id) {
            let found = format!("{} with other content than in line {line}", quoted(id));
            return record.place("id").fault("a new id", found);
        }
        let amended = amends.unwrap_or_default();
        let line = self.amendments.get(&amended).copied().unwrap_or_default();
        let found = format!("{}, which line {line} amends already", quoted(&amended));
        record.place("amends").fault("an event that stands", found)
    }

    /// An id that is not there may be a slip of the pen, or stand in another file.
    fn warn(&mut self, file: &str) {
        if self.repeated > 0 {
            let rows = counted(self.repeated, "row repeats an event", "rows repeat an event");
            self.warnings.push(format!("{file}: {rows}, which counts once"));
        }
        for (id, place) in &self.named {
            if !self.lines.contains_key(id) {
                let id = quoted(id);
                self.warnings.push(format!("{place}: there is no event {id} in this file"));
            }
        }
    }
}

fn event(record: &Record<'_>) -> Result<Event, Failure> {
    let time = "a time such as 2026-07-01T08:30:00+02:00";
    Ok(Event {
        id: record.text("id")?.to_owned(),
        member: record.text("member")?.to_owned(),
        meter: record.text("meter")?.to_owned(),
        time: record.parsed::<Timestamp>("time", time)?,
        quantity: record.quantity("quantity")?,
        properties: record.properties(),
        amends: record.optional("amends").map(str::to_owned),
    })
}
