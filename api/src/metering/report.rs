//! Usage events as they are reported: read fast, and all at once explained where that fails.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use palier_billing::{Aggregation, DecimalError, Quantity};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::Time;
use crate::db::meters::MeterRow;
use crate::problem::Fault;
use crate::say;
use crate::text::Text;

/// The largest quantity of one event, in units: ten thousand of them still add up.
const LARGEST: i64 = 100_000_000;
/// How many bytes an event's id has at most.
const ID_BYTES: usize = 256;
/// How many properties an event has, and how long their names and values may be.
const PROPERTIES: usize = 20;
const NAME_BYTES: usize = 64;
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
    #[serde(borrow, default)]
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

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not what an event looks like, in a way that the schema tells better.
    Malformed,
    BadTime(&'static str),
    Future,
    BadQuantity(DecimalError),
    BadId,
    BadProperties,
    MissingProperty(String),
    UnknownMember,
    UnknownMeter,
    AmbiguousMeter,
    NotSubscribed,
    TooManyDimensions,
    UnknownAmended,
}

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

    /// The event, if it is within bounds.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let line = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && !text.contains(char::is_control)
        };
        if !line(&self.id, ID_BYTES) {
            return Err(Refusal::BadId);
        }
        let fits = |(name, value): (&Cow<'_, str>, &Cow<'_, str>)| {
            line(name, NAME_BYTES) && value.len() <= VALUE_BYTES && !value.contains('\0')
        };
        if self.properties.len() > PROPERTIES || !self.properties.iter().all(fits) {
            return Err(Refusal::BadProperties);
        }
        if self.quantity.units().unsigned_abs() / 1_000_000 > LARGEST.unsigned_abs() {
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

/// Properties as they are written down: JSON, by name; nothing if there are none.
pub(crate) fn written<'p>(
    properties: impl Iterator<Item = (&'p Cow<'p, str>, &'p Cow<'p, str>)>,
) -> String {
    let properties: BTreeMap<_, _> = properties.collect();
    if properties.is_empty() {
        return String::new();
    }
    // Texts by texts: there is nothing that could not be written.
    serde_json::to_string(&properties).unwrap_or_default()
}

fn time(text: &str) -> Option<Time> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.into())
}

/// A decimal in a text, or a number, which is never read as a binary fraction.
pub(crate) fn quantity(json: &str) -> Result<Quantity, Refusal> {
    let text = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json);
    text.parse().map_err(Refusal::BadQuantity)
}

/// Texts, numbers and truth values, all as texts.
fn properties<'a>(json: &'a RawValue) -> Result<Properties<'a>, Refusal> {
    let fields: BTreeMap<Cow<'a, str>, &'a RawValue> =
        serde_json::from_str(json.get()).map_err(|_| Refusal::BadProperties)?;
    let read = |(name, value): (Cow<'a, str>, &'a RawValue)| {
        let json = value.get();
        let text = match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str(json).map(Cow::Owned),
            Some(b'{' | b'[' | b'n') | None => return Err(Refusal::BadProperties),
            Some(_) => Ok(Cow::Borrowed(json)),
        };
        Ok((name, text.map_err(|_| Refusal::BadProperties)?))
    };
    fields.into_iter().map(read).collect()
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let (pointer, code, detail): (_, _, Text) = match &refusal {
            Refusal::Malformed => (
                "",
                "invalid",
                say!(en "This is not a usage event.", fr "Ceci n’est pas un événement d’usage."),
            ),
            Refusal::BadTime(pointer) => (
                *pointer,
                "format",
                say!(
                    en "Expected an instant, such as 2026-11-25T09:30:00Z.",
                    fr "Attendu : un instant, tel que 2026-11-25T09:30:00Z."
                ),
            ),
            Refusal::Future => (
                "/time",
                "future",
                say!(en "This has not happened yet.", fr "Ceci n’a pas encore eu lieu."),
            ),
            Refusal::BadQuantity(error) => ("/quantity", "decimal", error.into()),
            Refusal::BadId => (
                "/id",
                "format",
                say!(
                    en "Expected a line of at most {ID_BYTES} bytes.",
                    fr "Attendu : une ligne d’au plus {ID_BYTES} octets."
                ),
            ),
            Refusal::BadProperties => (
                "/properties",
                "invalid",
                say!(
                    en "Expected at most {PROPERTIES} texts, numbers or truth values, of at most {VALUE_BYTES} bytes each.",
                    fr "Attendu : au plus {PROPERTIES} textes, nombres ou booléens, d’au plus {VALUE_BYTES} octets chacun."
                ),
            ),
            Refusal::MissingProperty(name) => (
                "/properties",
                "required",
                say!(
                    en "The meter counts the values of “{name}”, which is missing.",
                    fr "Le compteur dénombre les valeurs de « {name} », qui manque."
                ),
            ),
            Refusal::UnknownMember => (
                "/member",
                "unknown_member",
                say!(
                    en "There is no member of this id or code.",
                    fr "Aucun adhérent n’a cet identifiant ou ce code."
                ),
            ),
            Refusal::UnknownMeter => (
                "/meter",
                "unknown_meter",
                say!(
                    en "There is no meter of this id or code.",
                    fr "Aucun compteur n’a cet identifiant ou ce code."
                ),
            ),
            Refusal::AmbiguousMeter => (
                "/meter",
                "ambiguous_meter",
                say!(
                    en "Several services have a meter of this code: say which service.",
                    fr "Plusieurs services ont un compteur de ce code : précisez le service."
                ),
            ),
            Refusal::NotSubscribed => (
                "/time",
                "not_subscribed",
                say!(
                    en "The member was not subscribed to the service then.",
                    fr "L’adhérent n’était alors pas abonné au service."
                ),
            ),
            Refusal::TooManyDimensions => (
                "/properties",
                "too_many_combinations",
                say!(
                    en "The member has used the meter’s dimensions in too many combinations.",
                    fr "L’adhérent a utilisé trop de combinaisons des dimensions du compteur."
                ),
            ),
            Refusal::UnknownAmended => (
                "/amends",
                "unknown_event",
                say!(
                    en "There is no such event to amend, or it no longer counts.",
                    fr "Aucun événement de ce nom n’est à corriger, ou il ne compte plus."
                ),
            ),
        };
        Self::body(pointer, code, detail)
    }
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
        assert_eq!(with("id", r#""""#), Refusal::BadId);
        assert_eq!(with("properties", r#"{"a":[1]}"#), Refusal::BadProperties);
        assert_eq!(with("properties", r#"{"a":null}"#), Refusal::BadProperties);
        assert_eq!(with("amends", r#"{"id":"b","time":"x"}"#), Refusal::BadTime("/amends/time"));
    }
}
