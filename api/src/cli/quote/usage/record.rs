//! Rows by the names of their columns.

use std::{collections::BTreeMap, str::FromStr};

use palier_billing::{DecimalError, Quantity};

use super::super::rows::{Cell, Row, Rows};
use crate::cli::{
    failure::{Failure, Place, quoted},
    quote::words::listed,
};

/// The names of a file's columns.
pub(in super::super) struct Header {
    line: u64,
    names: Vec<String>,
    known: Vec<&'static str>,
}

impl Header {
    /// Reads them. Names that mean something here are known in any case; the others stand for
    /// themselves.
    pub(in super::super) fn read(
        rows: &Rows,
        row: Row,
        known: &[&'static str],
    ) -> Result<Self, Failure> {
        let mut names: Vec<String> = Vec::with_capacity(row.cells.len());
        for cell in row.cells {
            let same = known.iter().find(|name| name.eq_ignore_ascii_case(&cell.text));
            let name = same.map_or_else(|| cell.text.clone(), |&name| name.to_owned());
            if !name.is_empty() && names.contains(&name) {
                let found = format!("a second {}", quoted(&cell.text));
                return Err(cell.place(rows.file(), "").fault("each column once", found));
            }
            names.push(name);
        }
        let (line, known) = (row.line, known.to_vec());
        Ok(Self { line, names, known })
    }

    /// Whether there is such a column.
    pub(in super::super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|it| it == name)
    }

    /// Insists on columns.
    pub(in super::super) fn require(&self, file: &str, columns: &[&str]) -> Result<(), Failure> {
        let missing: Vec<_> = columns.iter().filter(|name| !self.has(name)).collect();
        let are = match missing.as_slice() {
            [] => return Ok(()),
            [_] => "is",
            _ => "are",
        };
        let (line, column, name) = (self.line, 0, "");
        let named = self.names.iter().filter(|name| !name.is_empty());
        let found = format!("{} ({} {are} missing)", listed(named), listed(missing));
        let expected = format!("the columns {}", listed(columns));
        Err(Place { file, line, column, name }.fault(expected, found))
    }
}

/// A row whose cells are found by name.
pub(in super::super) struct Record<'r> {
    file: &'r str,
    header: &'r Header,
    row: &'r Row,
    decimal_comma: bool,
}

impl<'r> Record<'r> {
    /// Checks that every cell has a name and every name a cell. Spreadsheets leave empty cells
    /// behind at the ends of rows; those say nothing.
    pub(in super::super) fn new(
        rows: &'r Rows,
        header: &'r Header,
        row: &'r Row,
    ) -> Result<Self, Failure> {
        let file = rows.file();
        let named = header.names.iter().filter(|name| !name.is_empty()).count();
        let nameless = |(at, cell): &(usize, &Cell)| {
            !cell.text.is_empty() && header.names.get(*at).is_none_or(String::is_empty)
        };
        if let Some((_, cell)) = row.cells.iter().enumerate().find(nameless) {
            let expected = format!("nothing outside the {named} columns of the header");
            return Err(cell.place(file, "").fault(expected, quoted(&cell.text)));
        }
        if row.cells.len() < header.names.len() {
            let (line, column, name) = (row.line, 0, "");
            let place = Place { file, line, column, name };
            return Err(place.fault(format_args!("{named} columns"), row.cells.len()));
        }
        let decimal_comma = rows.has_decimal_comma();
        Ok(Self { file, header, row, decimal_comma })
    }

    /// The line it begins in.
    pub(in super::super) const fn line(&self) -> u64 {
        self.row.line
    }

    /// Where a column stands in it.
    pub(in super::super) fn place(&self, name: &'r str) -> Place<'r> {
        let (file, line, column) = (self.file, self.row.line, 0);
        let whole = Place { file, line, column, name };
        self.find(name).map_or(whole, |cell| cell.place(file, name))
    }

    /// What stands in a column, if there is such a column and anything in it.
    pub(in super::super) fn optional(&self, name: &str) -> Option<&'r str> {
        let cell = self.find(name)?;
        Some(cell.text.as_str()).filter(|text| !text.is_empty())
    }

    /// What stands in a column where something must.
    pub(in super::super) fn text(&self, name: &'r str) -> Result<&'r str, Failure> {
        let place = self.place(name);
        let text = self.optional(name).ok_or_else(|| {
            let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            place.fault(format_args!("{article} {name}"), "nothing")
        })?;
        if text.chars().any(char::is_control) {
            return Err(place.fault("plain text", quoted(text)));
        }
        Ok(text)
    }

    /// What a text stands for.
    pub(in super::super) fn parsed<T: FromStr>(
        &self,
        name: &'r str,
        expected: &str,
    ) -> Result<T, Failure> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.place(name).fault(expected, quoted(text)))
    }

    /// A quantity, which cannot be less than nothing: what was wrong is voided or amended.
    pub(in super::super) fn quantity(&self, name: &'r str) -> Result<Quantity, Failure> {
        let found = self.optional(name).unwrap_or_default();
        let place = self.place(name);
        let text = if self.decimal_comma { french(found) } else { found.to_owned() };
        match text.parse::<Quantity>() {
            Ok(quantity) if quantity >= Quantity::ZERO => Ok(quantity),
            Ok(_) => Err(place.fault("a quantity of at least 0", quoted(found))),
            Err(DecimalError::TooManyPlaces { places }) => {
                let expected = format!("at most {places} decimal places");
                Err(place.fault(expected, quoted(found)))
            }
            Err(DecimalError::OutOfRange) => Err(place.fault("a smaller number", quoted(found))),
            Err(DecimalError::NotANumber) => Err(place.fault("a decimal", quoted(found))),
        }
    }

    /// The columns that mean something only to filters and meters, as far as they hold anything.
    pub(in super::super) fn properties(&self) -> BTreeMap<String, String> {
        let cells = self.header.names.iter().zip(&self.row.cells);
        let properties = cells.filter(|(name, cell)| {
            !cell.text.is_empty() && !self.header.known.contains(&name.as_str())
        });
        properties.map(|(name, cell)| (name.clone(), cell.text.clone())).collect()
    }

    fn find(&self, name: &str) -> Option<&'r Cell> {
        let at = self.header.names.iter().position(|it| it == name)?;
        self.row.cells.get(at)
    }
}

/// A number as French spreadsheets write it, `1 200,5`, the way it is read here.
fn french(number: &str) -> String {
    let mut groups = number.split(',').next().unwrap_or_default().split(char::is_whitespace);
    let first = groups.next().unwrap_or_default().trim_start_matches('-').len();
    let in_groups = (1..=3).contains(&first) && groups.all(|group| group.len() == 3);
    let digits = number.chars().filter(|it| !(in_groups && it.is_whitespace()));
    digits.map(|it| if it == ',' { '.' } else { it }).collect()
}
