//! `CloudEvents` 1.0 (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>) as
//! usage: the meter in `type`, the member in `subject`, how much in `data`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::objects::QuantityInput;
use crate::metering::intake::{EVENT_BYTES, Explainer, too_long};
use crate::metering::{Object, Properties, Refusal, Reported, quantity, single};
use crate::problem::{Fault, FaultPlace};
use crate::say;

mod binary;

pub(super) use binary::{located as located_in_request, read_data};

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

/// How much was used. Fields beside it that are texts, numbers or truth values are properties, by which
/// charges may filter; others are let pass.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "says in the document what a body is")]
struct CloudEventData {
    /// How much, in the meter's unit: a text, or a number.
    quantity: QuantityInput,
}

/// Reads a structured event.
pub(super) fn read<'a>(
    explainer: &mut Explainer<'_>,
    json: &'a str,
) -> Result<Reported<'a>, Vec<Fault>> {
    if json.len() > EVENT_BYTES {
        return Err(vec![too_long()]);
    }
    let event: Result<CloudEvent<'_>, _> = serde_json::from_str(json);
    let reported = match event {
        Ok(event) => event.reported(),
        Err(_) => Err(not_one()),
    };
    reported.map_err(|fault| explainer.explain::<CloudEvent<'_>>(json, fault))
}

impl<'a> CloudEvent<'a> {
    fn reported(self) -> Result<Reported<'a>, Fault> {
        if self.specversion != "1.0" {
            let detail = say!(
                en "Only version 1.0 is understood.", fr "Seule la version 1.0 est comprise."
            );
            return Err(Fault::body("/specversion", "unsupported", detail));
        }
        let Object(mut fields) = serde_json::from_str(self.data.get()).map_err(|_| no_data())?;
        let amount = fields.remove("quantity").map(|it| quantity(it.get())).transpose();
        let mut properties = Properties::new();
        for (name, value) in fields {
            // What is no single value is the collector's business.
            if let Some(text) = single(value).map_err(refused)? {
                properties.insert(name, text);
            }
        }
        let event = Reported {
            id: Cow::Owned(format!("{}#{}", self.source, self.id)),
            member: self.subject,
            meter: self.r#type,
            service: None,
            at: self.time.parse().map_err(|_| refused(Refusal::BadTime("/time")))?,
            quantity: amount.map_err(refused)?.ok_or_else(|| {
                let detail = say!(en "This field is missing.", fr "Ce champ manque.");
                Fault::body("/data/quantity", "required", detail)
            })?,
            properties,
            amends: None,
        };
        event.checked().map_err(refused)
    }
}

fn refused(refusal: Refusal) -> Fault {
    located(refusal.into())
}

/// A fault of a usage event, where it is in a `CloudEvent`.
pub(super) fn located(mut fault: Fault) -> Fault {
    if let FaultPlace::Body(pointer) = &mut fault.place {
        let moved = match pointer.as_str() {
            "/member" => "/subject",
            "/meter" => "/type",
            "/quantity" => "/data/quantity",
            "/properties" => "/data",
            _ => return fault,
        };
        moved.clone_into(pointer);
    }
    fault
}

fn not_one() -> Fault {
    let detail = say!(en "This is not a CloudEvent 1.0.", fr "Ceci n’est pas un CloudEvent 1.0.");
    Fault::body("", "invalid", detail)
}

fn no_data() -> Fault {
    let detail = say!(
        en "Expected an object with a quantity.", fr "Attendu : un objet avec une quantité."
    );
    Fault::body("/data", "type", detail)
}
