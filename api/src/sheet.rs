//! Tables as files: for programs as CSV, for people as a spreadsheet.
//!
//! CSV has the field names that JSON has, commas, a decimal point, days as `2026-07-31` and no
//! totals: what reads it adds up itself. A spreadsheet has titles in the reader's language, numbers
//! and dates that can be reckoned with, and its totals in the last row.

use jiff::civil::Date;
use palier_billing::{Money, Percent};

use crate::text::{Language, Text};

mod csv;
mod xlsx;

/// A table with what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// As part of a file's name: `trial-balance-2026-07`.
    pub(crate) name: String,
    /// What stands on the tab of a spreadsheet.
    pub(crate) title: Text,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What the rows come to, if that says anything.
    pub(crate) total: Option<Vec<Cell>>,
}

/// A column: the name of its field, and what people call it.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) field: &'static str,
    pub(crate) title: Text,
}

/// What stands in a place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Money(Money),
    Count(u64),
    Percent(Percent),
    Day(Date),
}

impl Cell {
    /// A text, if there is one.
    pub(crate) fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.into()))
    }

    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether it is something that is reckoned with.
    pub(crate) const fn is_number(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Count(_) | Self::Percent(_))
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Money(money) => write!(f, "{money}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

/// What a table becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    Csv,
    Xlsx,
}

impl FileFormat {
    /// Its media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How the names of its files end.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// A table that cannot be written: more rows than a spreadsheet has.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SheetError(String);

impl Sheet {
    /// Writes it.
    ///
    /// # Errors
    /// [`SheetError`] for more than 1,048,575 rows of a spreadsheet.
    pub(crate) fn write(
        &self,
        format: FileFormat,
        language: Language,
    ) -> Result<Vec<u8>, SheetError> {
        match format {
            FileFormat::Csv => csv::write(self).map_err(|error| SheetError(error.to_string())),
            FileFormat::Xlsx => {
                xlsx::write(self, language).map_err(|error| SheetError(error.to_string()))
            }
        }
    }

    /// What its file is called.
    pub(crate) fn file_name(&self, format: FileFormat) -> String {
        format!("{}.{}", self.name, format.extension())
    }
}

/// Columns by their fields and titles in English and French.
macro_rules! columns {
    ($($field:literal $en:literal $fr:literal),+ $(,)?) => {
        vec![$($crate::sheet::Column { field: $field, title: $crate::say!(en $en, fr $fr) }),+]
    };
}

pub(crate) use columns;
