//! What is wrong with an event that could not be read, all at once and in its place.

use std::fmt::Display;

use serde_json::Value;
use utoipa::ToSchema;

use crate::document::twice;
use crate::http::Schemas;
use crate::metering::Reported;
use crate::problem::Fault;
use crate::routes::UsageEventInput;
use crate::say;

/// How many bytes an event has at most, in whichever form it comes.
pub(crate) const EVENT_BYTES: usize = 64_000;
/// How many faults of one event are told: who sends nonsense gets no more of it back.
const FAULTS: usize = 20;

/// Tells what is wrong with events, all of it as long as somebody is going to read it: looking
/// closer costs far more than reading what is right.
pub(crate) struct Explainer<'s> {
    schemas: &'s Schemas,
    /// Of how many events it still tells all.
    left: usize,
}

impl<'s> Explainer<'s> {
    /// One that tells all of so many events, and of each that follows what came up first.
    pub(crate) const fn new(schemas: &'s Schemas, events: usize) -> Self {
        Self { schemas, left: events }
    }

    /// Reads an event of JSON; where that fails, all that the document has against it is told.
    pub(crate) fn read<'a>(&mut self, json: &'a str) -> Result<Reported<'a>, Vec<Fault>> {
        if json.len() > EVENT_BYTES {
            return Err(vec![too_long()]);
        }
        let read = Reported::read(json);
        read.map_err(|refusal| self.explain::<UsageEventInput>(json, refusal.into()))
    }

    /// What is wrong with a JSON text that should be a `T`; `otherwise`, if its schema lets it pass.
    pub(crate) fn explain<T: ToSchema>(&mut self, json: &str, otherwise: Fault) -> Vec<Fault> {
        let Some(left) = self.left.checked_sub(1) else { return vec![otherwise] };
        self.left = left;
        let mut faults = match twice(json) {
            // A quantity beyond all numbers that programs hold is read here, and not by who looks on.
            Err(_) if otherwise.code == "decimal" => Vec::new(),
            Err(error) => vec![unreadable(json, &error)],
            Ok(places) if !places.is_empty() => places.into_iter().map(named_twice).collect(),
            Ok(_) => {
                let value: Value = serde_json::from_str(json).unwrap_or_default();
                self.schemas.faults::<T>(&value).unwrap_or_default()
            }
        };
        faults.truncate(FAULTS);
        if faults.is_empty() { vec![otherwise] } else { faults }
    }
}

/// Why a text is no JSON.
pub(crate) fn unreadable(text: &str, error: &dyn Display) -> Fault {
    if text.starts_with('\u{feff}') {
        let detail = say!(
            en "It begins with a byte order mark, which JSON has not.",
            fr "Il commence par un indicateur d’ordre des octets (BOM), que JSON n’admet pas."
        );
        return Fault::body("", "byte_order_mark", detail);
    }
    let detail = say!(en "This is not JSON: {error}.", fr "Ceci n’est pas du JSON : {error}.");
    Fault::body("", "not_json", detail)
}

/// Why bytes are no text.
pub(crate) fn not_text(error: &dyn Display) -> Fault {
    let detail = say!(en "This is not UTF-8: {error}.", fr "Ceci n’est pas de l’UTF-8 : {error}.");
    Fault::body("", "not_utf8", detail)
}

/// Why an event is not even read.
pub(crate) fn too_long() -> Fault {
    let detail = say!(
        en "An event has at most {EVENT_BYTES} bytes.",
        fr "Un événement compte au plus {EVENT_BYTES} octets."
    );
    Fault::body("", "too_long", detail)
}

fn named_twice(pointer: String) -> Fault {
    let detail = say!(en "This field is named twice.", fr "Ce champ est nommé deux fois.");
    Fault::body(pointer, "twice", detail)
}
