//! A table of events: which column is which field, and what a line of it says.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::mem;

use super::cells;
use super::mapping::{FIELDS, Mapping};
use crate::cli::failure::{Failure, Place, quoted};
use crate::metering::{Refusal, Reported};
use crate::quote::words::{french, listed};

/// The columns of a table.
pub(super) struct Table {
    separator: char,
    /// As the header calls them, without empty ones at the end.
    names: Vec<String>,
    /// Where each of [`FIELDS`] stands.
    fields: [Source; FIELDS.len()],
    /// Where properties stand, by their names.
    properties: Vec<(String, Source)>,
}

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    Nowhere,
    Column(usize),
    /// On the command line.
    Constant(String),
}

/// What was expected of a header, and what was found.
type Wrong = (String, String);

/// Why a line is no event.
pub(super) enum Unfit {
    /// It is no row of the table.
    Row(String),
    /// What it says makes no event.
    Event(Refusal),
}

impl Table {
    /// Reads a header.
    pub(super) fn new(header: &str, mapping: &Mapping, place: Place<'_>) -> Result<Self, Failure> {
        let separator = [';', '\t'].into_iter().find(|it| header.contains(*it)).unwrap_or(',');
        let names = cells::split(header, separator)
            .map_err(|fault| Failure::input(format!("{place}: {fault}")))?;
        let mut names: Vec<_> = names.into_iter().map(Cow::into_owned).collect();
        // Spreadsheets leave empty cells behind at the ends of rows; those say nothing.
        while names.pop_if(|name| name.is_empty()).is_some() {}
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !name.is_empty() && !seen.insert(*name)) {
            return Err(place.fault("each column once", format!("a second {}", quoted(twice))));
        }
        let mut table =
            Self { separator, names, fields: Default::default(), properties: Vec::new() };
        table.assign(mapping).map_err(|(expected, found)| place.fault(expected, found))?;
        Ok(table)
    }

    /// Gives every column its meaning.
    fn assign(&mut self, mapping: &Mapping) -> Result<(), Wrong> {
        let mut taken = BTreeSet::new();
        for (field, column) in &mapping.columns {
            let found = self.find(column).filter(|at| taken.insert(*at));
            let at = found.ok_or_else(|| {
                let expected = format!("a column {} for {field} alone", quoted(column));
                (expected, listed(self.names.iter().filter(|name| !name.is_empty())))
            })?;
            self.put(field, Source::Column(at))?;
        }
        for (field, value) in &mapping.constants {
            if field == "id" {
                return Err(("an id for each event".to_owned(), "--set id".to_owned()));
            }
            if self.find(field).is_some_and(|at| !taken.contains(&at)) {
                let expected = format!("no column {} beside --set", quoted(field));
                return Err((expected, "one".to_owned()));
            }
            self.put(field, Source::Constant(value.clone()))?;
        }
        for (nth, field) in FIELDS.into_iter().enumerate() {
            if self.fields.get(nth) == Some(&Source::Nowhere)
                && let Some(at) = self.find(field).filter(|at| taken.insert(*at))
            {
                self.put(field, Source::Column(at))?;
            }
        }
        self.require(&["id", "member", "meter", "time", "quantity"])?;
        let names = self.names.clone();
        let others = names.iter().enumerate().filter(|(at, _)| !taken.contains(at));
        for (at, name) in others.filter(|(_, name)| !name.is_empty()) {
            if name.eq_ignore_ascii_case("voids") {
                let expected = "events only (they are taken back over the HTTP API)".to_owned();
                return Err((expected, "a column \"voids\"".to_owned()));
            }
            if !mapping.ignore_others {
                self.put(name, Source::Column(at))?;
            }
        }
        Ok(())
    }

    /// The place of a column, by its name; better the same than one that differs in case.
    fn find(&self, wanted: &str) -> Option<usize> {
        let exact = self.names.iter().position(|name| name == wanted);
        exact.or_else(|| self.names.iter().position(|name| name.eq_ignore_ascii_case(wanted)))
    }

    fn put(&mut self, name: &str, source: Source) -> Result<(), Wrong> {
        let field = FIELDS.iter().position(|field| *field == name);
        let field = field.and_then(|at| self.fields.get_mut(at));
        let known = self.properties.iter().any(|(it, _)| it == name);
        match field {
            Some(place) if *place == Source::Nowhere => *place = source,
            None if !known => self.properties.push((name.to_owned(), source)),
            _ => return Err((format!("{name} from one place"), "several".to_owned())),
        }
        Ok(())
    }

    /// Insists on fields.
    fn require(&self, wanted: &[&str]) -> Result<(), Wrong> {
        let fields = FIELDS.iter().zip(&self.fields);
        let missing: Vec<_> = fields
            .filter(|(field, source)| **source == Source::Nowhere && wanted.contains(field))
            .map(|(field, _)| field)
            .collect();
        let are = match missing.as_slice() {
            [] => return Ok(()),
            [_] => "is",
            _ => "are",
        };
        let found = listed(self.names.iter().filter(|name| !name.is_empty()));
        let found = format!("{found} ({} {are} missing; see --map and --set)", listed(&missing));
        Err((format!("the columns {}", listed(wanted)), found))
    }

    /// What the column of a field is called here.
    pub(super) fn called<'n>(&'n self, field: &'n str) -> &'n str {
        let nth = FIELDS.iter().position(|it| *it == field);
        match nth.and_then(|nth| self.fields.get(nth)) {
            Some(Source::Column(at)) => self.names.get(*at).map_or(field, String::as_str),
            _ => field,
        }
    }

    /// Whether all cells of a line are empty.
    pub(super) fn is_blank(&self, line: &str) -> bool {
        line.chars().all(|it| it == self.separator || it.is_whitespace())
    }

    /// The event that a line tells of.
    pub(super) fn event<'l>(&'l self, line: &'l str) -> Result<Reported<'l>, Unfit> {
        let cells = cells::split(line, self.separator);
        let mut cells = cells.map_err(|fault| Unfit::Row(fault.to_owned()))?;
        self.check(&cells).map_err(Unfit::Row)?;
        let mut take = |source: &'l Source| match source {
            Source::Nowhere => Cow::Borrowed(""),
            Source::Column(at) => cells.get_mut(*at).map(mem::take).unwrap_or_default(),
            Source::Constant(value) => Cow::Borrowed(value.as_str()),
        };
        let [id, member, meter, service, at, quantity, amends, amends_at] =
            self.fields.each_ref().map(&mut take);
        let named = self.properties.iter().map(|(name, source)| (name, take(source)));
        let properties = named.filter(|(_, value)| !value.is_empty());
        let properties = properties.map(|(name, value)| (Cow::Borrowed(name.as_str()), value));
        let time =
            |text: &str, field| text.parse().map_err(|_| Unfit::Event(Refusal::BadTime(field)));
        let quantity = if self.separator == ';' { french(&quantity).into() } else { quantity };
        let amends = match (amends.is_empty(), amends_at.is_empty()) {
            (true, true) => None,
            _ => Some((time(&amends_at, "/amends_time")?, amends.into_owned())),
        };
        let event = Reported {
            id,
            member,
            meter,
            service: (!service.is_empty()).then_some(service),
            at: time(&at, "/time")?,
            quantity: quantity
                .parse()
                .map_err(|error| Unfit::Event(Refusal::BadQuantity(error)))?,
            properties: properties.collect(),
            amends,
        };
        event.checked().map_err(Unfit::Event)
    }

    /// Every cell has a name and every name a cell.
    fn check(&self, cells: &[Cow<'_, str>]) -> Result<(), String> {
        let (count, names) = (cells.len(), self.names.len());
        if count < names {
            return Err(format!("expected {names} columns, found {count}"));
        }
        let nameless = cells.iter().enumerate().find(|(at, cell)| {
            !cell.is_empty() && self.names.get(*at).is_none_or(String::is_empty)
        });
        nameless.map_or(Ok(()), |(_, cell)| {
            let expected = format!("nothing outside the {names} columns of the header");
            Err(format!("expected {expected}, found {}", quoted(cell)))
        })
    }
}
