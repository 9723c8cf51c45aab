//! The events of a body that has been received.

use std::fmt;

use actix_web::HttpRequest;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::cloud_events;
use super::lines::Chunk;
use super::objects::UsageReport;
use super::upload::{self, Form, malformed};
use crate::http::Schemas;
use crate::metering::Reported;
use crate::metering::intake::{Explainer, unreadable};
use crate::problem::{Fault, Problem};
use crate::say;

/// How many events one body has at most.
const EVENTS: usize = 10_000;

/// Events, or what is wrong with each that is none.
pub(super) type Events<'b> = Vec<Result<Reported<'b>, Vec<Fault>>>;

/// The events of a body, and whether it is a lone one.
pub(super) fn events<'b>(
    form: Form,
    schemas: &Schemas,
    request: &HttpRequest,
    text: &'b str,
) -> Result<(bool, Events<'b>), Problem> {
    let mut explainer = Explainer::new(schemas, UsageReport::LISTED);
    let one = |event| (true, vec![event]);
    Ok(match form {
        Form::CloudEventData => one(cloud_events::read_data(&mut explainer, request, text)),
        Form::CloudEvent => one(cloud_events::read(&mut explainer, lone(text)?)),
        Form::CloudEvents => (false, list(text, |json| cloud_events::read(&mut explainer, json))?),
        Form::Json | Form::Lines => plain(&mut explainer, text)?,
    })
}

/// The same of what is no `CloudEvent`.
fn plain<'b>(explainer: &mut Explainer<'_>, text: &'b str) -> Result<(bool, Events<'b>), Problem> {
    Ok(if text.trim_ascii_start().starts_with('[') {
        (false, list(text, |json| explainer.read(json))?)
    } else {
        (true, vec![explainer.read(lone(text)?)])
    })
}

/// A JSON text, which must be one.
fn lone(text: &str) -> Result<&str, Problem> {
    let one: Result<&RawValue, _> = serde_json::from_str(text);
    one.map(RawValue::get).map_err(|error| malformed(unreadable(text, &error)))
}

/// The events of a JSON list.
fn list<'b>(
    text: &'b str,
    read: impl FnMut(&'b str) -> Result<Reported<'b>, Vec<Fault>>,
) -> Result<Events<'b>, Problem> {
    let list: Result<List<'_>, _> = serde_json::from_str(text);
    let List(events) = list.map_err(|error| malformed(unreadable(text, &error)))?;
    if events.len() > EVENTS {
        let detail = say!(
            en "At most {EVENTS} events at once.",
            fr "Au plus {EVENTS} événements à la fois."
        );
        return Err(Problem::invalid(vec![Fault::body("", "max_items", detail)]));
    }
    Ok(events.into_iter().map(RawValue::get).map(read).collect())
}

/// The entries of a JSON list, not read yet: one more than may be in it at most, since there is room
/// for millions of nothings in a body.
struct List<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries).map(Self)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
            if list.len() > EVENTS {
                while entries.next_element::<IgnoredAny>()?.is_some() {}
            }
        }
        Ok(list)
    }
}

/// Reads a body in any of its forms but that of headers, for no request at all. What each event was
/// read from is told where that is the body itself, or a line of it.
pub(crate) fn read_alone(
    form: usize,
    schemas: &Schemas,
    body: &[u8],
    mut each: impl FnMut(Option<&str>, Result<Reported<'_>, Vec<Fault>>),
) {
    let mut explainer = Explainer::new(schemas, UsageReport::LISTED);
    if form == 0 {
        for (_, line) in Chunk::of(body).lines() {
            match line {
                Ok(json) => each(Some(json), explainer.read(json)),
                Err(fault) => each(None, Err(vec![fault])),
            }
        }
        return;
    }
    let Ok(text) = upload::text(body) else { return };
    let read = match form % 3 {
        0 => plain(&mut explainer, text),
        1 => lone(text).map(|json| (true, vec![cloud_events::read(&mut explainer, json)])),
        _ => list(text, |json| cloud_events::read(&mut explainer, json)).map(|it| (false, it)),
    };
    let Ok((alone, events)) = read else { return };
    let whole = Some(text).filter(|_| alone && form.is_multiple_of(3));
    for event in events {
        each(whole, event);
    }
}
