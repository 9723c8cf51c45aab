//! What usage looks like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::db::words;
use crate::http::Input;
use crate::metering::Outcome;
use crate::metering::intake::Told;
use crate::problem::FaultBody;
use crate::tariff::QuantityText;
use crate::text::Language;

/// Something a member used.
///
/// The same event (same `id`, same `time`) counts once, however often and by whomever it is sent.
/// The same `id` with another time or other content is a conflict.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    example = json!({
        "id": "job-4711", "member": "forge", "meter": "core-hours",
        "time": "2026-11-25T08:30:00Z", "quantity": "51.591111",
        "properties": { "queue": "gpu" },
    })
)]
#[expect(dead_code, reason = "says in the document what a body is; read by `metering`")]
pub(crate) struct UsageEventInput {
    /// The reporter's name for it, at most 256 bytes.
    #[schema(min_length = 1, max_length = 256, format = "line", example = "job-4711")]
    id: String,
    /// Who used it: a member's id or code.
    #[schema(min_length = 1, max_length = 256, example = "forge")]
    member: String,
    /// What was used: a meter's id or code.
    #[schema(min_length = 1, max_length = 256, example = "core-hours")]
    meter: String,
    /// The service whose meter it is, by id or code; needed where several services have a meter of
    /// that code.
    #[schema(min_length = 1, max_length = 256, required = false)]
    service: Option<String>,
    /// When (RFC 3339); at most ten minutes ahead of the server's clock.
    #[schema(format = "date-time", example = "2026-11-25T08:30:00Z")]
    time: String,
    /// How much, in the meter's unit, at most 100,000,000. A text, or a number, which is read
    /// exactly as it is written.
    quantity: QuantityInput,
    /// What charges may filter by, and what different values are counted of: at most 20, texts,
    /// numbers and truth values, of at most 256 bytes.
    #[schema(required = false)]
    properties: Option<BTreeMap<String, PropertyInput>>,
    /// The event it takes the place of, which counts no longer.
    #[schema(required = false, nullable = false)]
    amends: Option<EventReference>,
}

/// One event, or a list of at most 10,000.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "says in the document what a body is; read by `metering`")]
pub(super) enum UsageEventsInput {
    One(UsageEventInput),
    Many(Vec<UsageEventInput>),
}

/// A quantity: a text, or a number.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "says in the document what a body is; read by `metering`")]
pub(super) enum QuantityInput {
    #[schema(value_type = QuantityText)]
    Text(String),
    Number(f64),
}

/// The value of a property.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "says in the document what a body is; read by `metering`")]
pub(super) enum PropertyInput {
    Text(String),
    Number(f64),
    Truth(bool),
}

/// An event that is on record, by what tells it from others.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventReference {
    /// The reporter's name for it.
    #[schema(min_length = 1, max_length = 256, format = "line", example = "job-4711")]
    pub(super) id: String,
    /// When it happened.
    pub(super) time: Time,
}

/// Events to take back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "events": [{ "id": "job-4711", "time": "2026-11-25T08:30:00Z" }],
    "reason": "The job was a test of the scheduler.",
}))]
pub(super) struct UsageVoidInput {
    /// Which ones.
    #[schema(min_items = 1, max_items = 1000)]
    pub(super) events: Vec<EventReference>,
    /// Why.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    pub(super) reason: String,
}

impl Input for UsageVoidInput {}

/// What was taken back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct UsageVoidReport {
    /// How many events no longer count that did.
    #[schema(minimum = 0, example = 1)]
    pub(super) voided: usize,
    /// How many did not count already.
    #[schema(minimum = 0, example = 0)]
    pub(super) unchanged: usize,
}

words! {
    /// What became of an event.
    pub(super) enum EventOutcome {
        /// It is on disk and counts.
        Accepted = "accepted",
        /// The same event was there already; it goes on counting once.
        Duplicate = "duplicate",
        /// Another event has its id; this one was not kept.
        Conflict = "conflict",
        /// Something is wrong with it; it was not kept.
        Rejected = "rejected",
        /// It is on disk, and does not count before its cause is mended, which is told.
        Unmatched = "unmatched",
        /// Nothing is wrong with it; others kept it from being taken.
        Withheld = "withheld",
    }
}

/// What became of reported usage. What is accepted, a duplicate or unmatched is on disk.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageReport {
    /// How many events are new and count.
    #[schema(example = 998)]
    pub(super) accepted: usize,
    /// How many of these happened in a month that was closed already.
    #[schema(example = 0)]
    pub(super) late: usize,
    /// How many were there already.
    #[schema(example = 1)]
    pub(super) duplicates: usize,
    /// How many have the id of another event.
    #[schema(example = 0)]
    pub(super) conflicts: usize,
    /// How many are not valid.
    #[schema(example = 1)]
    pub(super) rejected: usize,
    /// How many are on disk and do not count yet, since they match nothing.
    #[schema(example = 0)]
    pub(super) unmatched: usize,
    /// How many were held back by others.
    #[schema(example = 0)]
    pub(super) withheld: usize,
    /// Those that were not simply accepted, at most 1,000 of them.
    #[schema(max_items = 1000)]
    pub(super) events: Vec<EventReport>,
}

/// What became of one event.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventReport)]
pub(super) struct EventReport {
    /// Its place among those that were sent, from 0.
    index: usize,
    /// Its line, from 1, where lines were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, minimum = 1)]
    line: Option<u64>,
    outcome: EventOutcome,
    /// What is wrong with it; pointers are into the event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultBody>,
}

impl UsageReport {
    /// How many events are listed at most.
    pub(super) const LISTED: usize = 1_000;

    /// Nothing so far.
    pub(super) const fn new() -> Self {
        Self {
            accepted: 0,
            late: 0,
            duplicates: 0,
            conflicts: 0,
            rejected: 0,
            unmatched: 0,
            withheld: 0,
            events: Vec::new(),
        }
    }

    /// Whether all is on disk.
    pub(super) const fn is_whole(&self) -> bool {
        self.conflicts == 0 && self.rejected == 0 && self.withheld == 0
    }

    /// Adds what became of further events, of which the first has this place.
    pub(super) fn add(&mut self, first: usize, told: Vec<Told>, language: Language) {
        self.add_all((first..).zip(told).map(|(index, told)| (index, None, told)), language);
    }

    /// The same, of events that stand in these lines.
    pub(super) fn add_lines(
        &mut self,
        first: usize,
        lines: &[u64],
        told: Vec<Told>,
        language: Language,
    ) {
        let lines = lines.iter().copied().map(Some);
        let told = (first..).zip(lines).zip(told);
        self.add_all(told.map(|((index, line), told)| (index, line, told)), language);
    }

    fn add_all(
        &mut self,
        told: impl Iterator<Item = (usize, Option<u64>, Told)>,
        language: Language,
    ) {
        for (index, line, told) in told {
            let (outcome, errors) = match told {
                Told::Outcome(Outcome::Accepted { late }) => {
                    count(&mut self.accepted);
                    self.late = self.late.saturating_add(usize::from(late));
                    continue;
                }
                Told::Outcome(Outcome::Duplicate) => {
                    count(&mut self.duplicates);
                    (EventOutcome::Duplicate, Vec::new())
                }
                Told::Outcome(Outcome::Conflict) => {
                    count(&mut self.conflicts);
                    (EventOutcome::Conflict, Vec::new())
                }
                Told::Outcome(
                    Outcome::Withheld | Outcome::UnknownAmended | Outcome::Dropped { .. },
                ) => {
                    count(&mut self.withheld);
                    (EventOutcome::Withheld, Vec::new())
                }
                Told::Unmatched(fault) => {
                    count(&mut self.unmatched);
                    (EventOutcome::Unmatched, vec![fault])
                }
                Told::Refused(faults) => {
                    count(&mut self.rejected);
                    (EventOutcome::Rejected, faults)
                }
            };
            if self.events.len() < Self::LISTED {
                let errors = errors.iter().map(|fault| fault.said(language)).collect();
                self.events.push(EventReport { index, line, outcome, errors });
            }
        }
    }
}

fn count(so_far: &mut usize) {
    *so_far = so_far.saturating_add(1);
}
