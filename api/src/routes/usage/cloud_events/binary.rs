//! `CloudEvents` in binary mode
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>):
//! attributes are headers, the body is the data.

use std::borrow::Cow;

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use super::{CloudEvent, CloudEventData, no_data};
use crate::metering::Reported;
use crate::metering::intake::{EVENT_BYTES, Explainer, too_long};
use crate::problem::{Fault, FaultPlace};
use crate::say;

/// Reads a binary event.
pub(in crate::routes::usage) fn read_data<'b>(
    explainer: &mut Explainer<'_>,
    request: &HttpRequest,
    data: &'b str,
) -> Result<Reported<'b>, Vec<Fault>> {
    if data.len() > EVENT_BYTES {
        return Err(vec![too_long()]);
    }
    let header = |name| header(request, name).map_err(|fault| vec![fault]);
    let event = CloudEvent {
        specversion: header("ce-specversion")?,
        id: header("ce-id")?,
        source: header("ce-source")?,
        r#type: header("ce-type")?,
        subject: header("ce-subject")?,
        time: header("ce-time")?,
        data: serde_json::from_str(data).map_err(|_| inside(explainer, data, no_data()))?,
    };
    event.reported().map_err(|fault| match in_header(fault.clone()) {
        Some(fault) => vec![fault],
        None => inside(explainer, data, fault),
    })
}

/// All that is wrong with the data.
fn inside(explainer: &mut Explainer<'_>, data: &str, fault: Fault) -> Vec<Fault> {
    let faults = explainer.explain::<CloudEventData>(data, in_body(fault));
    faults.into_iter().map(in_body).collect()
}

/// The value of an attribute: a text that may stand in quotes (RFC 9110), in which what is not
/// printable ASCII stands as percent signs and digits.
fn header(request: &HttpRequest, name: &'static str) -> Result<Cow<'static, str>, Fault> {
    let mut values = request.headers().get_all(name);
    let Some(value) = values.next() else {
        let detail = say!(en "This header is missing.", fr "Cet en-tête manque.");
        return Err(Fault::header(name, "required", detail));
    };
    if values.next().is_some() {
        let detail = say!(en "This header is there twice.", fr "Cet en-tête y figure deux fois.");
        return Err(Fault::header(name, "twice", detail));
    }
    let decoded = std::str::from_utf8(value.as_bytes()).ok().and_then(|text| {
        let text = unquoted(text);
        percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
    });
    decoded.map(Cow::Owned).ok_or_else(|| {
        let detail = say!(en "This header is not UTF-8.", fr "Cet en-tête n’est pas de l’UTF-8.");
        Fault::header(name, "not_utf8", detail)
    })
}

/// What stands between quotes, of which a backslash lets some be part of the text.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner.filter(|_| text.len() > 1) else { return Cow::Borrowed(text) };
    let (mut plain, mut letters) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    Cow::Owned(plain)
}

/// A fault of an event, if it is one of a header.
pub(in crate::routes::usage) fn in_header(fault: Fault) -> Option<Fault> {
    let FaultPlace::Body(pointer) = &fault.place else { return Some(fault) };
    let name = match pointer.as_str() {
        "/specversion" => "ce-specversion",
        "/id" => "ce-id",
        "/type" => "ce-type",
        "/subject" => "ce-subject",
        "/time" => "ce-time",
        _ => return None,
    };
    Some(Fault { place: FaultPlace::Header(name), ..fault })
}

/// A fault of the data, where it is in the body.
fn in_body(mut fault: Fault) -> Fault {
    if let FaultPlace::Body(pointer) = &mut fault.place
        && let Some(inside) = pointer.strip_prefix("/data")
    {
        *pointer = inside.to_owned();
    }
    fault
}

/// A fault that was found when the event was taken in, where it is in the request.
pub(in crate::routes::usage) fn located(fault: Fault) -> Fault {
    in_header(fault.clone()).unwrap_or_else(|| in_body(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_around_a_text_are_no_part_of_it() {
        for (text, plain) in [
            ("a", "a"),
            ("\"a\"", "a"),
            ("\"a \\\"b\\\" \\\\\"", "a \"b\" \\"),
            ("\"", "\""),
            ("\"\"", ""),
            ("a\"b\"", "a\"b\""),
        ] {
            assert_eq!(unquoted(text), plain, "{text}");
        }
    }
}
