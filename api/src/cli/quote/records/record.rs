//! A row whose cells are found by the names of their columns.

use std::{collections::BTreeMap, str::FromStr};

use palier_billing::{DecimalError, Quantity};

use super::{Records, row::Row};
use crate::cli::failure::{Failure, Place, quoted};
use crate::quote::words::french;

/// A row below a header.
pub(in super::super) struct Record<'r> {
    records: &'r Records,
    row: Row,
}

impl<'r> Record<'r> {
    /// Checks that every cell has a name and every name a cell.
    pub(super) fn new(records: &'r Records, row: Row) -> Result<Self, Failure> {
        let names = &records.names;
        let nameless = |(at, cell): &(usize, &str)| {
            !cell.is_empty() && names.get(*at).is_none_or(String::is_empty)
        };
        if let Some((at, cell)) = row.cells.iter().enumerate().find(nameless) {
            let count = names.iter().filter(|name| !name.is_empty()).count();
            let expected = format!("nothing outside the {count} columns of the header");
            return Err(records.place(row.line, Some(at)).fault(expected, quoted(cell)));
        }
        if row.cells.len() < names.len() {
            let expected = format!("{} columns", names.len());
            return Err(records.place(row.line, None).fault(expected, row.cells.len()));
        }
        Ok(Self { records, row })
    }

    /// The line it stands in.
    pub(in super::super) const fn line(&self) -> u64 {
        self.row.line
    }

    /// Where a column stands in it.
    pub(in super::super) fn place(&self, name: &str) -> Place<'r> {
        self.records.place(self.row.line, self.find(name))
    }

    /// What stands in a column, if there is such a column and anything in it.
    pub(in super::super) fn optional(&self, name: &str) -> Option<&str> {
        let cell = self.row.cells.get(self.find(name)?)?;
        Some(cell).filter(|text| !text.is_empty())
    }

    /// What stands in a column where something must.
    pub(in super::super) fn text(&self, name: &str) -> Result<&str, Failure> {
        let text = self.optional(name).ok_or_else(|| {
            let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            self.place(name).fault(format_args!("{article} {name}"), "nothing")
        })?;
        if text.chars().any(char::is_control) {
            return Err(self.place(name).fault("plain text", quoted(text)));
        }
        Ok(text)
    }

    /// What a text stands for.
    pub(in super::super) fn parsed<T: FromStr>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<T, Failure> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.place(name).fault(expected, quoted(text)))
    }

    /// A quantity, which cannot be less than nothing: what was wrong is voided or amended.
    pub(in super::super) fn quantity(&self, name: &str) -> Result<Quantity, Failure> {
        let found = self.optional(name).unwrap_or_default();
        let text = if self.records.decimal_comma { french(found) } else { found.to_owned() };
        let expected = match text.parse::<Quantity>() {
            Ok(quantity) if quantity >= Quantity::ZERO => return Ok(quantity),
            Ok(_) => "a quantity of at least 0",
            Err(DecimalError::TooManyPlaces { places }) => {
                &format!("at most {places} decimal places")
            }
            Err(DecimalError::OutOfRange) => "a smaller number",
            Err(DecimalError::NotANumber) => "a decimal",
        };
        Err(self.place(name).fault(expected, quoted(found)))
    }

    /// The columns that mean something only to filters and meters, as far as they hold anything.
    pub(in super::super) fn properties(&self) -> BTreeMap<String, String> {
        let cells = self.records.names.iter().zip(&self.row.cells);
        let properties = cells.filter(|(name, cell)| {
            !cell.is_empty() && !self.records.known.contains(&name.as_str())
        });
        properties.map(|(name, cell)| (name.clone(), cell.to_owned())).collect()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.records.names.iter().position(|it| it == name)
    }
}
