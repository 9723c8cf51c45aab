//! What came back.

use std::fmt;

use serde_json::Value;
use ureq::http::{HeaderMap, Request, Response};

/// An HTTP response that has arrived whole, and the request it answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it was sent, still compressed if it is.
    pub bytes: Vec<u8>,
    asked: String,
}

impl Answer {
    pub(super) fn read(asked: String, response: Response<ureq::Body>) -> Result<Self, String> {
        let (parts, mut body) = response.into_parts();
        let read = body.with_config().limit(u64::from(u32::MAX)).read_to_vec();
        let status = parts.status.as_u16();
        match read {
            Ok(bytes) => Ok(Self { status, headers: parts.headers, bytes, asked }),
            Err(error) => Err(format!("{asked}\n→ {status}, and its body breaks off: {error}")),
        }
    }

    /// Asserts the status.
    #[expect(clippy::return_self_not_must_use, reason = "often there is nothing else to see")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "\n{self}");
        self
    }

    /// A header's value, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_else(|_| panic!("the body is no text:\n{self}"))
    }

    /// The body of an answer that must be JSON, and say so.
    #[track_caller]
    pub fn json(&self) -> Value {
        let media = self.header("content-type").split(';').next().unwrap_or_default().trim();
        assert!(media == "application/json" || media.ends_with("+json"), "not JSON:\n{self}");
        serde_json::from_slice(&self.bytes).unwrap_or_else(|it| panic!("not JSON, {it}:\n{self}"))
    }

    /// The string at this JSON pointer.
    #[track_caller]
    pub fn string(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(Value::String(string)) => string.clone(),
            _ => panic!("no string at {pointer:?}:\n{self}"),
        }
    }

    /// The body of an error, which must be a whole RFC 9457 problem that repeats the status.
    #[track_caller]
    pub fn problem(&self) -> Value {
        assert!(self.status >= 400, "not an error:\n{self}");
        let media = self.header("content-type");
        assert_eq!(media, "application/problem+json", "\n{self}");
        let problem = self.json();
        for member in ["type", "title", "detail"] {
            let text = problem.get(member).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "a problem has a {member:?}:\n{self}");
        }
        assert_eq!(problem.get("status"), Some(&Value::from(self.status)), "\n{self}");
        problem
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n\n→ {}", self.asked, self.status)?;
        write!(f, "{}{}", Headers(&self.headers), shown(&self.bytes))
    }
}

/// The request as it will be shown.
pub(super) fn asked(request: &Request<()>, body: Option<&[u8]>) -> String {
    let (method, uri) = (request.method(), request.uri());
    let body = body.map(shown).unwrap_or_default();
    format!("{method} {uri}\n{}{body}", Headers(request.headers()))
}

struct Headers<'h>(&'h HeaderMap);

impl fmt::Display for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0 {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        writeln!(f)
    }
}

/// As much of a body as a reader of a failed test wants to see.
fn shown(body: &[u8]) -> String {
    const ENOUGH: usize = 8_000;
    match body.get(..ENOUGH) {
        Some(start) => format!("{}… ({} bytes)", String::from_utf8_lossy(start), body.len()),
        None => String::from_utf8_lossy(body).into_owned(),
    }
}
