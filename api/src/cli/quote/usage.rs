//! What members used, as a file says it.

use std::{collections::BTreeSet, path::Path};

use palier_billing::UsageRecord;

use super::records::Records;
use crate::cli::failure::Failure;

mod events;
mod sheet;

pub(super) use events::EventFile;

/// A usage file.
pub(super) struct Usage {
    /// What to call it in messages.
    pub(super) file: String,
    /// Everyone who stands in it.
    pub(super) members: BTreeSet<String>,
    pub(super) form: Form,
}

/// The two forms it may have.
pub(super) enum Form {
    /// A quantity for each member: one period, without date.
    Sheet(Vec<UsageRecord>),
    /// What happened when.
    Events(EventFile),
}

impl Usage {
    /// Columns that only events have.
    const OF_EVENTS: [&str; 4] = ["id", "time", "amends", "voids"];

    /// Reads a file, row by row.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let known = &["id", "member", "meter", "time", "quantity", "amends", "voids"];
        let mut records = Records::open(path, known)?;
        let mut members = BTreeSet::new();
        let form = if Self::OF_EVENTS.iter().any(|name| records.has(name)) {
            records.require(&["id", "member", "meter", "time", "quantity"])?;
            Form::Events(EventFile::read(&mut records, &mut members)?)
        } else {
            records.require(&["member", "quantity"])?;
            Form::Sheet(sheet::read(&mut records, &mut members)?)
        };
        Ok(Self { file: records.file, members, form })
    }
}
