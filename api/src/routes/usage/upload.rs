//! The body of a report, in the forms it may come in.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, dev, web};
use futures_util::StreamExt as _;

use crate::http::expect_type;
use crate::http::permitted::{self, Reading};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// The largest body that is read as a whole, and the longest line of one that is not.
const WHOLE_BYTES: usize = 8_000_000;
const LINE_BYTES: usize = 64_000;

pub(super) const JSON: &str = "application/json";
pub(super) const LINES: &str = "application/x-ndjson";
pub(super) const CLOUD_EVENT: &str = "application/cloudevents+json";
pub(super) const CLOUD_EVENTS: &str = "application/cloudevents-batch+json";

/// A body, not read yet.
pub(super) struct Upload {
    pub(super) form: Form,
    payload: web::Payload,
}

/// In which form usage comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One event, or a list of events.
    Json,
    /// An event a line.
    Lines,
    /// `CloudEvents`, structured: one, or a list.
    CloudEvent,
    CloudEvents,
    /// `CloudEvents`, binary: the event is in the headers, its data in the body.
    CloudEventData,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            // A binary CloudEvent need not say what its data is, which is then JSON.
            let is_data = asked.headers().contains_key("ce-specversion");
            if !is_data || asked.headers().contains_key(CONTENT_TYPE) {
                expect_type(&asked, &[JSON, LINES, CLOUD_EVENT, CLOUD_EVENTS])?;
            }
            let given = asked.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default();
            let form = match essence.trim().to_ascii_lowercase().as_str() {
                LINES => Form::Lines,
                CLOUD_EVENT => Form::CloudEvent,
                CLOUD_EVENTS => Form::CloudEvents,
                _ if is_data => Form::CloudEventData,
                _ => Form::Json,
            };
            let payload = payload.await.map_err(|_| broken())?;
            Ok(Self { form, payload })
        })
    }
}

impl Upload {
    /// The body as a whole.
    pub(super) async fn whole(self) -> Result<web::Bytes, Problem> {
        match self.payload.to_bytes_limited(WHOLE_BYTES).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(_)) => Err(broken()),
            Err(_) => Err(too_large()),
        }
    }

    /// The body line by line.
    pub(super) fn lines(self) -> Lines {
        Lines { payload: self.payload, read: Vec::new(), at_end: false }
    }
}

/// Lines of a body, read as they arrive.
pub(super) struct Lines {
    payload: web::Payload,
    read: Vec<u8>,
    at_end: bool,
}

impl Lines {
    /// The next lines, as many as arrive together, up to about this many bytes; nothing at the end.
    pub(super) async fn next(&mut self, bytes: usize) -> Result<Option<Vec<u8>>, Problem> {
        while !self.at_end && self.read.len() < bytes {
            match self.payload.next().await {
                None => self.at_end = true,
                Some(Ok(chunk)) => self.read.extend_from_slice(&chunk),
                Some(Err(_)) => return Err(broken()),
            }
        }
        if self.at_end {
            let rest = std::mem::take(&mut self.read);
            return Ok((!rest.is_empty()).then_some(rest));
        }
        let end = self.read.iter().rposition(|byte| *byte == b'\n');
        let end = end.ok_or_else(too_large)?.saturating_add(1);
        if self.read.len().saturating_sub(end) > LINE_BYTES {
            return Err(too_large());
        }
        let rest = self.read.split_off(end);
        Ok(Some(std::mem::replace(&mut self.read, rest)))
    }
}

fn too_large() -> Problem {
    let detail = say!(
        en "At most 8 MB at once; as {LINES} as much as you like, in lines of at most 64 kB.",
        fr "Au plus 8 Mo à la fois ; en {LINES}, autant que voulu, par lignes d’au plus 64 ko."
    );
    Problem::new(ProblemType::TooLarge, detail)
}

fn broken() -> Problem {
    let detail =
        say!(en "The body did not arrive whole.", fr "Le corps n’est pas arrivé en entier.");
    Problem::new(ProblemType::MalformedBody, detail)
}
