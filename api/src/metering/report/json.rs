//! Events in JSON: read fast, and borrowed from the body as far as they can be.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use palier_billing::{DecimalError, Quantity};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Properties, Refusal, Reported};
use crate::clock::Time;

/// An event in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    member: Cow<'a, str>,
    #[serde(borrow)]
    meter: Cow<'a, str>,
    #[serde(borrow, default)]
    service: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    quantity: &'a RawValue,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    amends: Option<Reference<'a>>,
}

/// An event that is on record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
}

/// A field that is there: null is no way to leave it out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// The name of a field.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Reported<'a> {
    /// Reads an event of JSON.
    pub(crate) fn read(json: &'a str) -> Result<Self, Refusal> {
        let fields: Fields<'a> = serde_json::from_str(json).map_err(|_| Refusal::Malformed)?;
        let amends = fields.amends.map(|first| {
            Ok((time(&first.time).ok_or(Refusal::BadTime("/amends/time"))?, first.id.into_owned()))
        });
        Self {
            id: fields.id,
            member: fields.member,
            meter: fields.meter,
            service: fields.service,
            at: time(&fields.time).ok_or(Refusal::BadTime("/time"))?,
            quantity: quantity(fields.quantity.get())?,
            properties: fields.properties.map(properties).transpose()?.unwrap_or_default(),
            amends: amends.transpose()?,
        }
        .checked()
    }
}

fn time(text: &str) -> Option<Time> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.into())
}

/// A decimal in a text, or a number, which is never read as a binary fraction.
pub(crate) fn quantity(json: &str) -> Result<Quantity, Refusal> {
    let quoted = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(quoted) = quoted else { return json.parse().map_err(Refusal::BadQuantity) };
    let no_number = || Refusal::BadQuantity(DecimalError::NotANumber);
    let text: Cow<'_, str> = match quoted {
        // Whoever writes digits as \u0031 means digits.
        text if text.contains('\\') => serde_json::from_str(json).map_err(|_| no_number())?,
        text => Cow::Borrowed(text),
    };
    if !is_plain(&text) {
        return Err(no_number());
    }
    text.parse().map_err(Refusal::BadQuantity)
}

/// Whether a decimal is written as the document asks for, such as `-12.5`; numbers have more forms.
fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str, most| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole, 13) && digits(fraction, 6)
}

/// Texts, numbers and truth values, all as texts. None is named twice.
fn properties(json: &RawValue) -> Result<Properties<'_>, Refusal> {
    let Object(fields) = serde_json::from_str(json.get()).map_err(|_| Refusal::BadProperties)?;
    let read = |(name, value)| Ok((name, single(value)?.ok_or(Refusal::BadProperties)?));
    fields.into_iter().map(read).collect()
}

/// A text, a number or a truth value as a text: numbers as they are written. None of anything else.
pub(crate) fn single(value: &RawValue) -> Result<Option<Cow<'_, str>>, Refusal> {
    let json = value.get();
    match json.as_bytes().first() {
        Some(b'"') => match serde_json::from_str(json) {
            Ok(Name(text)) => Ok(Some(text)),
            Err(_) => Err(Refusal::BadProperties),
        },
        Some(b'{' | b'[' | b'n') | None => Ok(None),
        Some(_) => Ok(Some(Cow::Borrowed(json))),
    }
}

/// The fields of an object, none of which is named twice.
pub(crate) struct Object<'a>(pub(crate) BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fieldwise).map(Self)
    }
}

struct Fieldwise;

impl<'de> Visitor<'de> for Fieldwise {
    type Value = BTreeMap<Cow<'de, str>, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut read = BTreeMap::new();
        while let Some((Name(name), value)) = fields.next_entry()? {
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom("a field is named twice"));
            }
        }
        Ok(read)
    }
}
