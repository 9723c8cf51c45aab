//! What members used, as a file says it.

use std::{collections::BTreeSet, path::Path};

use super::{input::Input, rows::Rows};
use crate::cli::failure::Failure;

mod events;
mod record;
mod sheet;

pub(super) use events::EventFile;
pub(super) use record::{Header, Record};
pub(super) use sheet::{Sheet, SheetRow};

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
    Sheet(Sheet),
    /// What happened when.
    Events(EventFile),
}

impl Usage {
    /// Columns that only events have.
    const OF_EVENTS: [&str; 4] = ["id", "time", "amends", "voids"];

    /// Reads a file, row by row.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let (mut rows, header) = Rows::open(Input::open(path)?)?;
        let known = ["id", "member", "meter", "time", "quantity", "amends", "voids"];
        let header = Header::read(&rows, header, &known)?;
        let mut members = BTreeSet::new();
        let form = if Self::OF_EVENTS.iter().any(|name| header.has(name)) {
            header.require(rows.file(), &["id", "member", "meter", "time", "quantity"])?;
            Form::Events(EventFile::read(&mut rows, &header, &mut members)?)
        } else {
            header.require(rows.file(), &["member", "quantity"])?;
            Form::Sheet(Sheet::read(&mut rows, &header, &mut members)?)
        };
        let file = rows.file().to_owned();
        Ok(Self { file, members, form })
    }
}
