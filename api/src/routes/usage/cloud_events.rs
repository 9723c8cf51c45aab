//! `CloudEvents` 1.0 (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>) as
//! usage: the meter in `type`, the member in `subject`, how much in `data`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::HttpRequest;
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::objects::{PropertyInput, QuantityInput};
use crate::metering::{Refusal, Reported, quantity};
use crate::problem::Fault;
use crate::say;

/// An event as `CloudEvents` 1.0 has it. Attributes that are not named here are let pass.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "specversion": "1.0", "id": "4711", "source": "//hpc.example/slurm", "type": "core-hours",
    "subject": "forge", "time": "2026-11-25T08:30:00Z",
    "data": { "quantity": "51.591111", "queue": "gpu" },
}))]
pub(super) struct CloudEvent<'a> {
    /// The version of the specification.
    #[schema(example = "1.0")]
    specversion: Cow<'a, str>,
    /// Its name at the source.
    #[schema(min_length = 1)]
    id: Cow<'a, str>,
    /// Who tells: id and source together name the event, as `source#id`.
    #[schema(min_length = 1, example = "//hpc.example/slurm")]
    source: Cow<'a, str>,
    /// What was used: a meter's id or code.
    #[schema(min_length = 1, example = "core-hours")]
    r#type: Cow<'a, str>,
    /// Who used it: a member's id or code.
    #[schema(min_length = 1, example = "forge")]
    subject: Cow<'a, str>,
    /// When.
    #[schema(format = "date-time")]
    time: Cow<'a, str>,
    /// `quantity`, and properties.
    #[serde(borrow)]
    #[schema(value_type = CloudEventData)]
    data: &'a RawValue,
}

/// How much was used, and by what charges may filter.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct CloudEventData {
    /// How much, in the meter's unit: a text, or a number.
    quantity: QuantityInput,
    #[serde(flatten)]
    properties: BTreeMap<String, PropertyInput>,
}

/// Reads a structured event.
pub(super) fn read(json: &str) -> Result<Reported<'_>, Vec<Fault>> {
    let event: CloudEvent<'_> = serde_json::from_str(json).map_err(|error| {
        let detail = say!(
            en "This is not a CloudEvent 1.0 with type, subject, time and data: {error}.",
            fr "Ceci n’est pas un CloudEvent 1.0 avec type, subject, time et data : {error}."
        );
        vec![Fault::body("", "invalid", detail)]
    })?;
    event.reported().map_err(|fault| vec![fault])
}

/// Reads a binary event: its attributes are headers, in which what is not printable ASCII stands as
/// percent signs and digits.
pub(super) fn read_data<'b>(
    request: &HttpRequest,
    data: &'b str,
) -> Result<Reported<'b>, Vec<Fault>> {
    let header = |name: &'static str| {
        let value = request.headers().get(name).map(|value| percent_decode(value.as_bytes()));
        let value = value.and_then(|value| value.decode_utf8().ok());
        value.map(|value| Cow::Owned(value.into_owned())).ok_or_else(|| {
            let detail = say!(en "This header is missing.", fr "Cet en-tête manque.");
            vec![Fault::header(name, "required", detail)]
        })
    };
    let event = CloudEvent {
        specversion: header("ce-specversion")?,
        id: header("ce-id")?,
        source: header("ce-source")?,
        r#type: header("ce-type")?,
        subject: header("ce-subject")?,
        time: header("ce-time")?,
        data: serde_json::from_str(data).map_err(|_| vec![no_data()])?,
    };
    event.reported().map_err(|fault| vec![fault])
}

impl<'a> CloudEvent<'a> {
    fn reported(self) -> Result<Reported<'a>, Fault> {
        if self.specversion != "1.0" {
            let detail = say!(
                en "Only version 1.0 is understood.", fr "Seule la version 1.0 est comprise."
            );
            return Err(Fault::body("/specversion", "unsupported", detail));
        }
        let fields: BTreeMap<Cow<'a, str>, &'a RawValue> =
            serde_json::from_str(self.data.get()).map_err(|_| no_data())?;
        let (mut amount, mut properties) = (None, BTreeMap::new());
        for (name, value) in fields {
            if name == "quantity" {
                let read = quantity(value.get());
                amount = Some(read.map_err(|refusal| Fault::from(refusal).within("/data"))?);
                continue;
            }
            // What is no single value is the collector's business.
            let text = match serde_json::from_str(value.get()) {
                Ok(Value::String(text)) => text,
                Ok(Value::Number(number)) => number.to_string(),
                Ok(Value::Bool(truth)) => truth.to_string(),
                _ => continue,
            };
            properties.insert(name, Cow::Owned(text));
        }
        let event = Reported {
            id: Cow::Owned(format!("{}#{}", self.source, self.id)),
            member: self.subject,
            meter: self.r#type,
            service: None,
            at: self.time.parse().map_err(|_| Fault::from(Refusal::BadTime("/time")))?,
            quantity: amount.ok_or_else(|| {
                let detail = say!(en "This field is missing.", fr "Ce champ manque.");
                Fault::body("/data/quantity", "required", detail)
            })?,
            properties,
            amends: None,
        };
        event.checked().map_err(Fault::from)
    }
}

fn no_data() -> Fault {
    let detail = say!(
        en "Expected an object with a quantity.", fr "Attendu : un objet avec une quantité."
    );
    Fault::body("/data", "invalid", detail)
}
