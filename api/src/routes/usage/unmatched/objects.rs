//! What usage that matches nothing looks like.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::db::usage::unmatched::{Key, UnmatchedReason, UnmatchedRow, UnmatchedState};
use crate::http::{Input, List};
use crate::metering::unmatched::Resolution;
use crate::problem::{Fault, FaultBody, Problem};
use crate::routes::usage::events::Reference;
use crate::routes::usage::objects::EventReference;
use crate::tariff::QuantityText;
use crate::text::Language;

/// An event that matches nothing, in the words of who reported it.
#[derive(Serialize, ToSchema)]
pub(super) struct UnmatchedEvent {
    /// The reporter's name for it.
    #[schema(example = "job-4711")]
    id: String,
    /// Who used it, as it was reported.
    #[schema(example = "forge")]
    member: String,
    /// What was used, as it was reported.
    #[schema(example = "core-hours")]
    meter: String,
    /// The service whose meter it is, if one was named.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "compute")]
    service: String,
    /// When it happened.
    time: Time,
    /// How much, in the meter's unit.
    #[schema(value_type = QuantityText)]
    quantity: String,
    /// What charges may filter by, and what different values are counted of.
    #[schema(value_type = BTreeMap<String, String>)]
    properties: Box<RawValue>,
    /// The event it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amends: Option<Reference>,
    reason: UnmatchedReason,
    state: UnmatchedState,
    /// Who reported it: the id of a user or of a key; `operator` for the command line.
    #[schema(example = "key_01k9gz7v3hf8mv3r0x2p6d9qae")]
    reporter: String,
    received_at: Time,
    /// Since when it counts, or never will.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    settled_at: Option<Time>,
    /// Why it was discarded.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "A test of the scheduler.")]
    discarded: String,
}

/// A page of events that match nothing.
pub(super) type UnmatchedEventList = List<UnmatchedEvent>;

/// How much usage waits for its cause to be mended.
#[derive(Serialize, ToSchema)]
pub(super) struct UnmatchedCount {
    /// How many events wait.
    #[schema(minimum = 0, example = 3)]
    pub(super) waiting: i64,
    /// How many for which reason; a reason for which none does is left out.
    pub(super) reasons: Vec<UnmatchedReasonCount>,
}

/// How many events match nothing for one reason.
#[derive(Serialize, ToSchema)]
pub(super) struct UnmatchedReasonCount {
    pub(super) reason: UnmatchedReason,
    /// How many.
    #[schema(minimum = 1, example = 3)]
    pub(super) waiting: i64,
}

/// Which events are to count, now that something was mended.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "members": [{ "called": "forge-du-rhone", "is": "forge" }] }))]
pub(super) struct UnmatchedResolveInput {
    /// These, also if they were discarded. If left out, those of `members`; if these are too, all
    /// that wait.
    #[schema(min_items = 1, max_items = 1000, required = false, nullable = false)]
    pub(super) events: Option<Vec<EventReference>>,
    /// Members that were called otherwise than the pole calls them.
    #[serde(default)]
    #[schema(required = false, max_items = 1000)]
    pub(super) members: Vec<CalledMember>,
}

/// Who is meant by a name.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CalledMember {
    /// What it was called.
    #[schema(max_length = 256, example = "forge-du-rhone")]
    pub(super) called: String,
    /// Who that is: the id or the code of a member.
    #[schema(min_length = 1, max_length = 64, example = "forge")]
    pub(super) is: String,
}

impl Input for UnmatchedResolveInput {}

/// What became of events that matched nothing.
#[derive(Serialize, ToSchema)]
pub(super) struct UnmatchedResolution {
    /// How many count now.
    #[schema(minimum = 0, example = 12)]
    resolved: usize,
    /// How many of these happened in a month that was closed already.
    #[schema(minimum = 0, example = 0)]
    late: usize,
    /// How many of those that were to count wait still.
    #[schema(minimum = 0, example = 1)]
    waiting: usize,
    /// What keeps them, at most 1,000 of them.
    #[schema(max_items = 1000)]
    events: Vec<UnmatchedStill>,
}

/// An event that still waits.
#[derive(Serialize, ToSchema)]
struct UnmatchedStill {
    /// The reporter's name for it.
    id: String,
    /// When it happened.
    time: Time,
    /// What keeps it; pointers are into the event.
    errors: Vec<FaultBody>,
}

/// Which events will not count.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "events": [{ "id": "job-4711", "time": "2026-11-25T08:30:00Z" }],
    "reason": "A test of the scheduler.",
}))]
pub(super) struct UnmatchedDiscardInput {
    /// Which ones.
    #[schema(min_items = 1, max_items = 1000)]
    pub(super) events: Vec<EventReference>,
    /// Why.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    pub(super) reason: String,
}

impl Input for UnmatchedDiscardInput {}

/// What was discarded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct UnmatchedDiscarded {
    /// How many will not count that waited.
    #[schema(minimum = 0, example = 1)]
    pub(super) discarded: usize,
    /// How many were discarded already.
    #[schema(minimum = 0, example = 0)]
    pub(super) unchanged: usize,
}

impl UnmatchedEvent {
    pub(super) fn read(row: UnmatchedRow) -> Result<Self, Problem> {
        let properties = if row.properties.is_empty() { "{}".to_owned() } else { row.properties };
        let quantity = palier_billing::Quantity::from_units(row.quantity_micros);
        let amends = row.amends_at.zip(row.amends_id).map(|(time, id)| Reference { id, time });
        Ok(Self {
            id: row.event_id,
            member: row.member,
            meter: row.meter,
            service: row.service,
            time: row.happened_at,
            quantity: quantity.to_string(),
            properties: RawValue::from_string(properties)
                .map_err(|error| Problem::internal(&error))?,
            amends,
            reason: row.reason,
            state: row.state,
            reporter: row.reporter,
            received_at: row.received_at,
            settled_at: row.settled_at,
            discarded: row.note,
        })
    }
}

impl UnmatchedResolution {
    pub(super) fn read(resolution: Resolution, language: Language) -> Self {
        let Resolution { resolved, late, waiting, told } = resolution;
        let still = |((time, id), faults): (Key, Vec<Fault>)| UnmatchedStill {
            id,
            time,
            errors: faults.iter().map(|fault| fault.said(language)).collect(),
        };
        Self { resolved, late, waiting, events: told.into_iter().map(still).collect() }
    }
}
