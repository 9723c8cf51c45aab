//! Usage events as they are reported: read fast, and all at once explained where that fails.

use std::borrow::Cow;
use std::collections::BTreeMap;

use palier_billing::{Aggregation, DecimalError, Quantity};
use serde::Serializer as _;

use crate::clock::Time;
use crate::db::meters::MeterRow;

mod json;
mod refusal;

pub(crate) use json::{Object, quantity, single};
pub(crate) use refusal::Refusal;

/// The largest quantity of one event, in millionths: ten thousand of them still add up.
const LARGEST: i64 = 100_000_000_000_000;
/// How many bytes an event's id has at most, and each name in it.
const NAME_BYTES: usize = 256;
/// How many properties an event has, and how long their names and values may be.
const PROPERTIES: usize = 20;
const PROPERTY_BYTES: usize = 64;
const VALUE_BYTES: usize = 256;

/// Values of an event by which charges filter, and which meters count.
pub(crate) type Properties<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// An event as somebody reports it.
#[derive(Clone, Debug)]
pub(crate) struct Reported<'a> {
    pub(crate) id: Cow<'a, str>,
    /// A member's id or code.
    pub(crate) member: Cow<'a, str>,
    /// A meter's id or code.
    pub(crate) meter: Cow<'a, str>,
    /// The service, where several have a meter of that code.
    pub(crate) service: Option<Cow<'a, str>>,
    pub(crate) at: Time,
    pub(crate) quantity: Quantity,
    pub(crate) properties: Properties<'a>,
    /// The event it takes the place of.
    pub(crate) amends: Option<(Time, String)>,
}

impl Reported<'_> {
    /// The event, if it is within bounds.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let names = [
            ("/id", Some(self.id.as_ref())),
            ("/member", Some(self.member.as_ref())),
            ("/meter", Some(self.meter.as_ref())),
            ("/service", self.service.as_deref()),
            ("/amends/id", self.amends.as_ref().map(|(_, id)| id.as_str())),
        ];
        for (pointer, name) in names {
            if name.is_some_and(|name| !is_line(name, NAME_BYTES) || name.trim() != name) {
                return Err(Refusal::BadName(pointer));
            }
        }
        let fits = |(name, value): (&Cow<'_, str>, &Cow<'_, str>)| {
            is_line(name, PROPERTY_BYTES) && value.len() <= VALUE_BYTES && !value.contains('\0')
        };
        if self.properties.len() > PROPERTIES || !self.properties.iter().all(fits) {
            return Err(Refusal::BadProperties);
        }
        if self.quantity.units().unsigned_abs() > LARGEST.unsigned_abs() {
            return Err(Refusal::BadQuantity(DecimalError::OutOfRange));
        }
        Ok(self)
    }

    /// The values of a meter's dimensions, by name, as they are written down.
    pub(crate) fn dimensions(&self, meter: &MeterRow) -> Result<String, Refusal> {
        let wants_value = meter.aggregation.aggregation() == Aggregation::UniqueCount;
        if let Some(name) = meter.property.as_ref().filter(|_| wants_value)
            && !self.properties.contains_key(name.as_str())
        {
            return Err(Refusal::MissingProperty(name.clone()));
        }
        if meter.dimensions.is_empty() || self.properties.is_empty() {
            return Ok(String::new());
        }
        let has = |(name, _): &(&Cow<'_, str>, _)| meter.dimensions.lines().any(|it| it == *name);
        Ok(written(self.properties.iter().filter(has)))
    }
}

/// Whether a text is a line of so many bytes at most. Nearly all are of plain letters.
fn is_line(text: &str, most: usize) -> bool {
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte);
    (1..=most).contains(&text.len())
        && (text.as_bytes().iter().all(is_plain) || !text.contains(char::is_control))
}

/// Properties as they are written down: JSON, by name; nothing if there are none.
pub(crate) fn written<'p>(
    properties: impl Iterator<Item = (&'p Cow<'p, str>, &'p Cow<'p, str>)>,
) -> String {
    let mut properties = properties.peekable();
    if properties.peek().is_none() {
        return String::new();
    }
    let mut json = Vec::with_capacity(64);
    // Texts by texts into memory: there is nothing that could not be written.
    let _written = serde_json::Serializer::new(&mut json).collect_map(properties);
    String::from_utf8(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Reported<'_>, Refusal> {
        Reported::read(json)
    }

    #[test]
    fn numbers_are_kept_exact_and_properties_are_texts() {
        let event = read(
            r#"{"id":"a","member":"forge","meter":"hours","time":"2026-07-01T02:00:00+02:00",
                "quantity":0.1e1,"properties":{"gpu":true,"nodes":12,"queue":"d\u00e9bug"}}"#,
        )
        .unwrap();
        assert_eq!(event.quantity, Quantity::ONE);
        assert_eq!(event.at, "2026-07-01T00:00:00Z".parse().unwrap());
        let expected = r#"{"gpu":"true","nodes":"12","queue":"débug"}"#;
        assert_eq!(written(event.properties.iter()), expected);
    }

    #[test]
    fn what_is_no_event_is_refused_by_name() {
        let with = |field: &str, value: &str| {
            let mut event = serde_json::json!({
                "id": "a", "member": "forge", "meter": "hours",
                "time": "2026-07-01T00:00:00Z", "quantity": "1",
            });
            event[field] = serde_json::from_str(value).unwrap();
            read(&event.to_string()).map(|_| ()).unwrap_err()
        };
        assert_eq!(with("time", r#""yesterday""#), Refusal::BadTime("/time"));
        assert_eq!(with("time", "5"), Refusal::Malformed);
        assert_eq!(with("colour", "5"), Refusal::Malformed);
        let places = Refusal::BadQuantity(DecimalError::TooManyPlaces { places: 6 });
        assert_eq!(with("quantity", "0.0000001"), places);
        let range = Refusal::BadQuantity(DecimalError::OutOfRange);
        assert_eq!(with("quantity", r#""100000001""#), range);
        assert_eq!(with("quantity", "1e300"), range);
        assert_eq!(with("id", r#""""#), Refusal::BadName("/id"));
        assert_eq!(with("properties", r#"{"a":[1]}"#), Refusal::BadProperties);
        assert_eq!(with("properties", r#"{"a":null}"#), Refusal::BadProperties);
        assert_eq!(with("amends", r#"{"id":"b","time":"x"}"#), Refusal::BadTime("/amends/time"));
    }
}
