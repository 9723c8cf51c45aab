//! A line of an export.

use std::io;

use palier_billing::Quantity;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::db::DbError;
use crate::db::usage::{EventRow, VoidRow};
use crate::metering::verify::Names;

/// An event as it was received, and what became of it. `palier usage import` reads such lines.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventLine)]
pub(crate) struct ExportedEvent {
    /// The reporter's name for it.
    #[schema(example = "job-4711")]
    pub(crate) id: String,
    /// The member's code.
    #[schema(example = "forge")]
    pub(crate) member: String,
    /// The service's code.
    #[schema(example = "compute")]
    pub(crate) service: String,
    /// The meter's code.
    #[schema(example = "core-hours")]
    pub(crate) meter: String,
    /// When it happened.
    pub(crate) time: Time,
    /// How much, in the meter's unit.
    #[schema(value_type = crate::tariff::QuantityText)]
    pub(crate) quantity: Quantity,
    /// What charges may filter by, and what different values are counted of; absent if there are
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = std::collections::BTreeMap<String, String>, nullable = false)]
    pub(crate) properties: Option<Box<RawValue>>,
    /// The event it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) amends: Option<ExportedKey>,
    pub(crate) record: ExportedRecord,
}

/// An event, by what tells it from others.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventLineKey)]
pub(crate) struct ExportedKey {
    /// The reporter's name for it.
    pub(crate) id: String,
    /// When it happened.
    pub(crate) time: Time,
}

/// What became of an event.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventLineRecord)]
pub(crate) struct ExportedRecord {
    /// When it came in.
    pub(crate) received_at: Time,
    /// Whether its month was closed when it came in.
    pub(crate) late: bool,
    /// Since when it no longer counts, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) voided: Option<ExportedVoid>,
}

/// Why an event no longer counts.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventLineVoid)]
pub(crate) struct ExportedVoid {
    /// Since when.
    pub(crate) at: Time,
    /// Who said so: the id of a user or of a key.
    pub(crate) actor: String,
    /// Why.
    pub(crate) reason: String,
    /// The event that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) amended_by: Option<String>,
}

impl ExportedEvent {
    /// An event on record.
    pub(super) fn of(row: EventRow, void: Option<VoidRow>, names: &Names) -> Result<Self, DbError> {
        let unreadable = |what: String| DbError::Unreadable {
            table: "usage_events",
            id: row.event_id.clone(),
            what,
        };
        let name = names.get(row.series_id);
        let name =
            name.ok_or_else(|| unreadable(format!("there is no series {}", row.series_id)))?;
        let properties = Some(row.properties.clone()).filter(|json| !json.is_empty());
        let properties = properties.map(RawValue::from_string).transpose();
        let properties = properties.map_err(|error| unreadable(error.to_string()))?;
        Ok(Self {
            member: name.member.clone(),
            service: name.service.clone(),
            meter: name.meter.clone(),
            time: row.happened_at,
            quantity: Quantity::from_units(row.quantity_micros),
            properties,
            amends: row.amends_at.zip(row.amends_id).map(|(time, id)| ExportedKey { id, time }),
            record: ExportedRecord {
                received_at: row.received_at,
                late: row.late,
                voided: void.map(|void| ExportedVoid {
                    at: void.voided_at,
                    actor: void.actor,
                    reason: void.reason,
                    amended_by: void.amended_by,
                }),
            },
            id: row.event_id,
        })
    }

    /// Writes it as a line.
    pub(crate) fn write(&self, mut to: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut to, self)?;
        to.write_all(b"\n")
    }
}
