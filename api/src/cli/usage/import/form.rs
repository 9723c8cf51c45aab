//! The two forms in which events stand in files.

use super::mapping::Mapping;
use super::table::{Table, Unfit};
use crate::cli::failure::{Failure, Place};
use crate::http::Schemas;
use crate::metering::Reported;
use crate::metering::intake::Explainer;
use crate::problem::{Fault, FaultPlace};

/// How a line tells of an event.
pub(super) enum Form {
    /// In JSON, as the HTTP API takes it.
    Json,
    /// As a row of a table.
    Table(Box<Table>),
}

impl Form {
    /// The form of a file, by the first line with anything in it.
    pub(super) fn of(line: &[u8], mapping: &Mapping, place: Place<'_>) -> Result<Self, Failure> {
        match line.trim_ascii_start().first() {
            Some(b'{') if mapping.is_empty() => Ok(Self::Json),
            Some(b'{') => Err(place.fault("CSV for --map and --set", "JSON")),
            Some(b'[') => Err(place.fault("CSV, or a JSON event a line", "a JSON list")),
            _ => {
                let header = str::from_utf8(line).map_err(|error| {
                    place.not_utf8(line.get(error.valid_up_to()).copied().unwrap_or_default())
                })?;
                Table::new(header.trim_end_matches(['\r', '\n']), mapping, place)
                    .map(Box::new)
                    .map(Self::Table)
            }
        }
    }

    /// Whether the first line is no event.
    pub(super) const fn has_header(&self) -> bool {
        matches!(self, Self::Table(_))
    }

    /// Whether a line says nothing: spreadsheets leave rows of empty cells behind.
    pub(super) fn is_blank(&self, line: &str) -> bool {
        match self {
            Self::Json => line.is_empty(),
            Self::Table(table) => table.is_blank(line),
        }
    }

    /// The event that a line tells of, or why there is none.
    pub(super) fn event<'l>(
        &'l self,
        schemas: &Schemas,
        line: &'l str,
    ) -> Result<Reported<'l>, String> {
        match self {
            Self::Json => {
                let read = Explainer::new(schemas, 1).read(line);
                read.map_err(|faults| self.reason(&faults))
            }
            Self::Table(table) => table.event(line).map_err(|unfit| match unfit {
                Unfit::Row(reason) => reason,
                Unfit::Event(refusal) => self.reason(&[refusal.into()]),
            }),
        }
    }

    /// What is wrong with an event, in the words of its file.
    pub(super) fn reason(&self, faults: &[Fault]) -> String {
        let told = faults.iter().map(|fault| {
            let said = &fault.detail.en;
            let FaultPlace::Body(pointer) = &fault.place else { return said.clone() };
            let field = pointer.trim_start_matches('/');
            let field = match self {
                Self::Json => field,
                Self::Table(table) => table.called(field),
            };
            if field.is_empty() { said.clone() } else { format!("{field}: {said}") }
        });
        told.collect::<Vec<_>>().join(" ")
    }
}
