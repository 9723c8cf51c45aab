//! Reading documents field by field, so that all their faults are found at once and each is
//! pointed at.
//!
//! A derived deserializer stops at the first fault and, behind a tag, forgets where it stood.
//! Here a form is read through [`Object`]: every field is asked for by name, what is wrong is
//! noted with its JSON pointer, and reading goes on.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::{Fault, FaultKind, Percent, Price, PriceBase, Quantity, error::DecimalError};

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
        Err(place.fault(FaultKind::WrongType { expected: "an object" }))
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

    /// A list, entry by entry. An absent one is empty.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        mut entry: impl FnMut(&'v Value, Place<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let mut place = self.place.at(name);
        let Value::Array(entries) = value else {
            return Err(place.fault(FaultKind::WrongType { expected: "a list" }));
        };
        // All entries are read before the first wrong one ends it.
        let read: Vec<_> =
            entries.iter().enumerate().map(|(at, value)| entry(value, place.at(at))).collect();
        read.into_iter().collect()
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
                let expected = "an object";
                Err(self.place.at(name).fault(FaultKind::WrongType { expected }))
            }
        }
    }

    /// The place of the object itself.
    pub(crate) fn here(&mut self) -> &mut Place<'f> {
        &mut self.place
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

impl Field for String {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let text = value.as_str().ok_or(FaultKind::WrongType { expected: "a string" })?;
        if text.trim().is_empty() { Err(FaultKind::Empty) } else { Ok(text.to_owned()) }
    }
}

impl Field for bool {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        value.as_bool().ok_or(FaultKind::WrongType { expected: "true or false" })
    }
}

impl Field for u16 {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let number = value.as_u64().and_then(|number| Self::try_from(number).ok());
        number.ok_or(FaultKind::WrongType { expected: "a whole number from 0 to 65535" })
    }
}

impl Field for Date {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let date = value.as_str().and_then(|text| text.parse().ok());
        date.ok_or(FaultKind::WrongType { expected: "a date such as \"2026-07-01\"" })
    }
}

/// A JSON number may have passed through binary floating point on its way; a string has not.
fn decimal<T: std::str::FromStr<Err = DecimalError>>(value: &Value) -> Result<T, FaultKind> {
    const EXPECTED: FaultKind =
        FaultKind::WrongType { expected: "a decimal in a string, such as \"0.055\"" };
    Ok(value.as_str().ok_or(EXPECTED)?.parse()?)
}

impl Field for Quantity {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for Price {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for Percent {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for PriceBase {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let number = value.as_u64().map(|number| number.to_string());
        match value.as_str().or(number.as_deref()) {
            Some("1") => Ok(Self::One),
            Some("1000") => Ok(Self::Thousand),
            Some("1000000") => Ok(Self::Million),
            _ => Err(FaultKind::NotOneOf { allowed: Self::ALLOWED }),
        }
    }
}

/// Gives a field-less enum the names it has in documents.
macro_rules! names {
    ($name:ident { $($text:literal => $variant:ident),+ $(,)? }) => {
        impl $name {
            /// As it is written in documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl $crate::read::Field for $name {
            fn read(value: &serde_json::Value) -> Result<Self, $crate::FaultKind> {
                match value.as_str() {
                    $(Some($text) => Ok(Self::$variant),)+
                    _ => Err($crate::FaultKind::NotOneOf { allowed: &[$($text),+] }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use names;
