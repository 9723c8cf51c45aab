//! The body of a report, in the forms it may come in.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::rt::time::timeout;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest, dev, web};
use futures_util::StreamExt as _;

use super::lines::{CHUNK_BYTES, Lines};
use crate::http::expect_type;
use crate::http::permitted::{self, Reading};
use crate::metering::intake::{EVENT_BYTES, not_text};
use crate::metering::{Room, Rooms};
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;

/// The largest body that is read as a whole.
const WHOLE_BYTES: usize = 8_000_000;
/// What is read of a connection at once, about.
const SHORT_BYTES: usize = 64_000;
/// How long a body may stand still that has room: others want it.
const STALL: Duration = Duration::from_secs(10);

const JSON: &str = "application/json";
pub(super) const LINES: &str = "application/x-ndjson";
const CLOUD_EVENT: &str = "application/cloudevents+json";
const CLOUD_EVENTS: &str = "application/cloudevents-batch+json";

/// A body, not read yet.
pub(super) struct Upload {
    pub(super) form: Form,
    /// How long it says it is.
    length: Option<usize>,
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
            let form = Form::of(&asked)?;
            expect_plain_text(&asked)?;
            let length = asked.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok());
            let length = length.and_then(|length| length.parse().ok());
            let payload = payload.await.map_err(|_| broken())?;
            Ok(Self { form, length, payload })
        })
    }
}

impl Form {
    /// The form that the headers of a request say.
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let headers = request.headers();
        // A binary CloudEvent need not say what its data is, which is then JSON.
        let is_data = headers.contains_key("ce-specversion");
        if is_data && !headers.contains_key(CONTENT_TYPE) {
            return Ok(Self::CloudEventData);
        }
        let types: &[&str] = if is_data {
            &[JSON, CLOUD_EVENT, CLOUD_EVENTS]
        } else {
            &[JSON, LINES, CLOUD_EVENT, CLOUD_EVENTS]
        };
        expect_type(request, types)?;
        let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default();
        Ok(match essence.trim().to_ascii_lowercase().as_str() {
            LINES => Self::Lines,
            CLOUD_EVENT => Self::CloudEvent,
            CLOUD_EVENTS => Self::CloudEvents,
            _ if is_data => Self::CloudEventData,
            _ => Self::Json,
        })
    }
}

/// Refuses what is packed, or says that it is written in anything but UTF-8.
fn expect_plain_text(request: &HttpRequest) -> Result<(), Problem> {
    let headers = request.headers();
    let refuse = |detail| Err(Problem::new(ProblemType::UnsupportedType, detail));
    if headers.get_all(CONTENT_ENCODING).any(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return refuse(say!(
            en "Send it as it is, without a Content-Encoding.",
            fr "À envoyer tel quel, sans Content-Encoding."
        ));
    }
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parameters = given.split(';').skip(1).filter_map(|it| it.split_once('='));
    let other = parameters.any(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    });
    if other {
        return refuse(say!(en "Send it in UTF-8.", fr "À envoyer en UTF-8."));
    }
    Ok(())
}

impl Upload {
    /// The body as a whole, and room for what is in it: none is read that there is no room for.
    pub(super) async fn whole(self, rooms: &Rooms) -> Result<(BytesMut, Room), Problem> {
        // What does not say how long it is may be as long as any.
        let most = self.length.unwrap_or(WHOLE_BYTES);
        if most > WHOLE_BYTES {
            return Err(too_large());
        }
        let (mut arriving, mut room) = self.enter(rooms, most).await?;
        let mut body = BytesMut::with_capacity(if arriving.says_length { most } else { 0 });
        while let Some(more) = arriving.next().await? {
            if body.len().saturating_add(more.len()) > WHOLE_BYTES {
                return Err(too_large());
            }
            body.extend_from_slice(&more);
        }
        room.measured(body.len());
        Ok((body, room))
    }

    /// The body line by line, and room for the first of them.
    pub(super) async fn lines(self, rooms: &Rooms) -> Result<(Lines, Room), Problem> {
        let first = self.length.unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let (arriving, room) = self.enter(rooms, first).await?;
        Ok((Lines::of(arriving), room))
    }

    /// Takes room for so many bytes. A short body there is no room for is read all the same and
    /// forgotten, since that costs less than the new connection its sender would need; before a
    /// longer one the connection is closed, after a while in which the sender can read why.
    async fn enter(self, rooms: &Rooms, bytes: usize) -> Result<(Arriving, Room), Problem> {
        let says_length = self.length.is_some();
        let mut arriving = Arriving { payload: self.payload, says_length };
        match rooms.take(bytes) {
            Ok(room) => Ok((arriving, room)),
            Err(full) => {
                if self.length.is_some_and(|length| length <= SHORT_BYTES) {
                    while let Ok(Some(_forgotten)) = arriving.next().await {}
                }
                Err(full)
            }
        }
    }
}

/// A body on its way.
pub(super) struct Arriving {
    payload: web::Payload,
    says_length: bool,
}

impl Arriving {
    /// What arrives next; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<web::Bytes>, Problem> {
        match timeout(STALL, self.payload.next()).await {
            Ok(next) => next.transpose().map_err(|_| broken()),
            Err(_stalled) => Err(broken()),
        }
    }
}

fn too_large() -> Problem {
    let detail = say!(
        en "At most 8 MB at once; as {LINES} as much as you like, in lines of at most {EVENT_BYTES} bytes.",
        fr "Au plus 8 Mo à la fois ; en {LINES}, autant que voulu, par lignes d’au plus {EVENT_BYTES} octets."
    );
    Problem::new(ProblemType::TooLarge, detail)
}

pub(super) fn broken() -> Problem {
    let detail =
        say!(en "The body did not arrive whole.", fr "Le corps n’est pas arrivé en entier.");
    Problem::new(ProblemType::MalformedBody, detail)
}

/// The body as text.
pub(super) fn text(body: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(body).map_err(|error| malformed(not_text(&error)))
}

/// A body of which nothing can be read.
pub(super) fn malformed(fault: Fault) -> Problem {
    let detail = fault.detail.clone();
    Problem { errors: vec![fault], ..Problem::new(ProblemType::MalformedBody, detail) }
}
