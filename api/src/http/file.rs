//! Files as answers: under their names, whole or in part (RFC 9110, 14).

use actix_web::http::header::{
    self, ByteRangeSpec, CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, Header as _, IF_RANGE, Range,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// What it is called where it is kept.
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    /// Whether it is for people to look at, and not only to be kept.
    pub(crate) is_shown: bool,
    pub(crate) bytes: Bytes,
    /// What tells it from what it was: a hash of its bytes.
    pub(crate) tag: String,
}

impl File {
    /// The answer to a request for it, or for a part of it. It is whoever asked for it that may see it.
    pub(crate) fn answer(self, request: &HttpRequest) -> HttpResponse {
        let tag = format!("\"{}\"", self.tag);
        let length = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let part = wanted(request, &tag).and_then(|part| part.to_satisfiable_range(length));
        let (mut answer, bytes) = match part {
            None => (HttpResponse::Ok(), self.bytes),
            Some((first, last)) => {
                let mut answer = HttpResponse::PartialContent();
                answer.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{length}")));
                (answer, slice(&self.bytes, first, last))
            }
        };
        let how = if self.is_shown { "inline" } else { "attachment" };
        answer
            .content_type(self.media_type)
            .insert_header((ETAG, tag))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((CONTENT_DISPOSITION, format!("{how}; filename=\"{}\"", self.name)))
            .body(bytes)
    }
}

/// The part that is asked for. Of several at once, of one that is not there and of a file that has changed
/// since, the whole is given, as whoever serves may.
fn wanted(request: &HttpRequest, tag: &str) -> Option<ByteRangeSpec> {
    let since = request.headers().get(IF_RANGE).and_then(|since| since.to_str().ok());
    if since.is_some_and(|since| since != tag) {
        return None;
    }
    match Range::parse(request).ok()? {
        Range::Bytes(parts) => match parts.as_slice() {
            [part] => Some(part.clone()),
            _ => None,
        },
        Range::Unregistered(..) => None,
    }
}

fn slice(bytes: &Bytes, first: u64, last: u64) -> Bytes {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(place(first)..place(last.saturating_add(1)))
}
