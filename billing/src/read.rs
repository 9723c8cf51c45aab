//! Reading documents field by field, so that all their faults are found at once and each is
//! pointed at.
//!
//! A derived deserializer stops at the first fault and, behind a tag, forgets where it stood.
//! Here a form is read through [`Object`]: every field is asked for by name, what is wrong is
//! noted with its JSON pointer, and reading goes on.

use serde_json::{Map, Value};

mod field;

pub(crate) use field::names;

use crate::{Expected, Fault, FaultKind, Price};

/// A fault was noted; there is nothing to go on with here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted;

/// What reading a part of a document gives.
pub(crate) type Read<T> = Result<T, Noted>;

/// A value that one field can hold.
pub(crate) trait Field: Sized {
    /// Reads it, or says what was expected.
    fn read(value: &Value) -> Result<Self, FaultKind>;
}

/// A field that is a number.
pub(crate) trait Number: Field + Default + PartialOrd + Copy {}
impl<T: Field + Default + PartialOrd + Copy> Number for T {}

/// Where reading stands in a document, and what was found wrong so far.
pub(crate) struct Place<'f> {
    pointer: String,
    faults: &'f mut Vec<Fault>,
}

impl<'f> Place<'f> {
    /// The document's root.
    pub(crate) const fn root(faults: &'f mut Vec<Fault>) -> Self {
        Self { pointer: String::new(), faults }
    }

    /// A field or an entry within it (escaped as RFC 6901 wants).
    pub(crate) fn at(&mut self, name: impl std::fmt::Display) -> Place<'_> {
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        Place { pointer: format!("{}/{name}", self.pointer), faults: self.faults }
    }

    /// How many faults were noted so far, here and elsewhere.
    pub(crate) const fn count(&self) -> usize {
        self.faults.len()
    }

    /// Notes what is wrong here.
    pub(crate) fn fault(&mut self, kind: FaultKind) -> Noted {
        self.faults.push(Fault { pointer: self.pointer.clone(), kind });
        Noted
    }

    /// Notes what is wrong here, unless all is well.
    pub(crate) fn check(&mut self, ok: bool, kind: FaultKind) {
        if !ok {
            self.fault(kind);
        }
    }
}

/// A JSON object being read.
pub(crate) struct Object<'v, 'f> {
    fields: &'v Map<String, Value>,
    known: Vec<&'static str>,
    any: bool,
    place: Place<'f>,
}

impl<'v, 'f> Object<'v, 'f> {
    /// Starts reading, if it is an object at all.
    pub(crate) fn open(value: &'v Value, mut place: Place<'f>) -> Read<Self> {
        if let Value::Object(fields) = value {
            return Ok(Self { fields, known: Vec::new(), any: false, place });
        }
        Err(place.fault(FaultKind::WrongType { expected: Expected::Object }))
    }

    /// The value of a field; absent and `null` are the same.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// A field that may be left out.
    pub(crate) fn optional<T: Field>(&mut self, name: &'static str) -> Read<Option<T>> {
        let value = self.value(name).map(T::read);
        value.transpose().map_err(|kind| self.place.at(name).fault(kind))
    }

    /// A field with a default.
    pub(crate) fn or<T: Field>(&mut self, name: &'static str, default: T) -> Read<T> {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// A field that must be there.
    pub(crate) fn required<T: Field>(&mut self, name: &'static str) -> Read<T> {
        self.optional(name)?.ok_or_else(|| self.place.at(name).fault(FaultKind::Required))
    }

    /// A number that must be there and must not be below nothing.
    pub(crate) fn not_negative<T: Number>(&mut self, name: &'static str) -> Read<T> {
        let number = self.required(name)?;
        self.refuse(name, number < T::default(), FaultKind::Negative).map(|()| number)
    }

    /// A number that must not be below nothing, if it is there.
    pub(crate) fn maybe_not_negative<T: Number>(&mut self, name: &'static str) -> Read<Option<T>> {
        let number: Option<T> = self.optional(name)?;
        let below = number.is_some_and(|number| number < T::default());
        self.refuse(name, below, FaultKind::Negative).map(|()| number)
    }

    /// A number that must be there and must be more than nothing.
    pub(crate) fn positive<T: Number>(&mut self, name: &'static str) -> Read<T> {
        let number = self.required(name)?;
        self.refuse(name, number <= T::default(), FaultKind::NotPositive).map(|()| number)
    }

    /// A least and a most amount, neither negative, which must not cross.
    pub(crate) fn limits(
        &mut self,
        least: &'static str,
        most: &'static str,
    ) -> Read<(Option<Price>, Option<Price>)> {
        let lower = self.maybe_not_negative(least);
        let upper = self.maybe_not_negative(most);
        let (lower, upper) = (lower?, upper?);
        let cross = lower.zip(upper).is_some_and(|(lower, upper)| upper < lower);
        self.refuse(most, cross, FaultKind::LimitsCross { other: least })?;
        Ok((lower, upper))
    }

    fn refuse(&mut self, name: &'static str, wrong: bool, kind: FaultKind) -> Read<()> {
        if wrong { Err(self.place.at(name).fault(kind)) } else { Ok(()) }
    }

    /// A list, entry by entry. An absent one is empty.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        mut entry: impl FnMut(&'v Value, Place<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let mut place = self.place.at(name);
        let Value::Array(entries) = value else {
            return Err(place.fault(FaultKind::WrongType { expected: Expected::List }));
        };
        // All entries are read before the first wrong one ends it.
        let read: Vec<_> =
            entries.iter().enumerate().map(|(at, value)| entry(value, place.at(at))).collect();
        read.into_iter().collect()
    }

    /// How long a list is, if it is one.
    pub(crate) fn length(&self, name: &str) -> usize {
        self.fields.get(name).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// A list that must be there.
    pub(crate) fn required_list<T>(
        &mut self,
        name: &'static str,
        entry: impl FnMut(&'v Value, Place<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        if self.value(name).is_none() {
            return Err(self.place.at(name).fault(FaultKind::Required));
        }
        self.list(name, entry)
    }

    /// A map from names the author chose to values. An absent one is empty.
    pub(crate) fn entries(&mut self, name: &'static str) -> Read<Vec<(&'v String, &'v Value)>> {
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::Object(fields)) => Ok(fields.iter().collect()),
            Some(_) => {
                let expected = Expected::Object;
                Err(self.place.at(name).fault(FaultKind::WrongType { expected }))
            }
        }
    }

    /// The place of a field.
    pub(crate) fn at(&mut self, name: &'static str) -> Place<'_> {
        self.place.at(name)
    }

    /// Lets every other field pass: which ones belong here depends on one that is wrong.
    pub(crate) const fn pass_others(&mut self) {
        self.any = true;
    }

    /// Ends reading: fields nobody asked for are faults.
    pub(crate) fn close(mut self) {
        if self.any {
            return;
        }
        for name in self.fields.keys().filter(|name| !self.known.contains(&name.as_str())) {
            self.place.at(name).fault(FaultKind::Unknown);
        }
    }
}
