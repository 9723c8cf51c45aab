//! Answers that are ready to be sent.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use aws_lc_rs::digest::{SHA256, digest};
use flate2::{Compression, write::GzEncoder};

use crate::problem::Problem;

/// An answer as bytes, with its entity tag, and compressed for who takes it so.
pub(crate) struct Ready {
    etag: HeaderValue,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Ready {
    /// An answer of JSON.
    pub(crate) fn json(answer: &impl serde::Serialize) -> Result<Self, Problem> {
        let bytes = serde_json::to_vec(answer).map_err(|error| Problem::internal(&error))?;
        let sum = digest(&SHA256, &bytes);
        let tag = sum.as_ref().get(..12).map(crate::hex).unwrap_or_default();
        // Weak: the same tag stands for the compressed forms.
        let etag = HeaderValue::from_str(&format!("W/\"{tag}\""));
        Ok(Self {
            etag: etag.map_err(|error| Problem::internal(&error))?,
            plain: bytes.into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        })
    }

    /// The answer to a request: nothing new, if it is what the caller has already.
    pub(crate) fn response(self: &Arc<Self>, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().get(IF_NONE_MATCH);
        if known.is_some_and(|known| self.is_among(known)) {
            let mut response = HttpResponse::NotModified().finish();
            self.head(&mut response);
            return response;
        }
        let accepted = request.headers().get(ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        // Small ones too: what leaves here plain is compressed further out, each time it is sent.
        let (body, encoding) = match best(accepted) {
            Some(Encoding::Brotli) => (self.brotli(), Some("br")),
            Some(Encoding::Gzip) => (self.gzip(), Some("gzip")),
            None => (&self.plain, None),
        };
        let mut response = HttpResponse::Ok().body(body.clone());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        self.head(&mut response);
        response
    }

    fn head(&self, response: &mut HttpResponse) {
        let headers = response.headers_mut();
        headers.insert(ETAG, self.etag.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        // Anybody may keep it and must ask whether it is still right.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    }

    fn is_among(&self, known: &HeaderValue) -> bool {
        let (known, etag) = (known.to_str().unwrap_or_default(), self.etag.to_str());
        let etag = etag.unwrap_or_default().trim_start_matches("W/");
        known
            .split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.trim_start_matches("W/") == etag)
    }

    fn gzip(&self) -> &Bytes {
        self.gzip.get_or_init(|| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            let written = gzip.write_all(&self.plain).and_then(|()| gzip.finish());
            written.unwrap_or_default().into()
        })
    }

    fn brotli(&self) -> &Bytes {
        self.brotli.get_or_init(|| {
            let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 6, 22);
            // Writing into memory cannot fail.
            brotli.write_all(&self.plain).unwrap_or_default();
            brotli.into_inner().into()
        })
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Brotli,
    Gzip,
}

/// The shortest form that an `Accept-Encoding` allows, unless it refuses it by `q=0`.
fn best(accepted: &str) -> Option<Encoding> {
    let allows = |name: &str| {
        accepted.split(',').any(|one| {
            let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
            let refused = weight
                .trim()
                .strip_prefix("q=0")
                .is_some_and(|rest| rest.trim_start_matches('.').chars().all(|digit| digit == '0'));
            coding.trim().eq_ignore_ascii_case(name) && !refused
        })
    };
    match () {
        () if accepted.is_empty() => None,
        () if allows("br") => Some(Encoding::Brotli),
        () if allows("gzip") => Some(Encoding::Gzip),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form_that_is_allowed_is_sent() {
        for (accepted, expected) in [
            ("", "plain"),
            ("identity", "plain"),
            ("gzip", "gzip"),
            ("gzip, deflate, br", "br"),
            ("gzip;q=1.0, br;q=0", "gzip"),
            ("GZIP;q=0.5,br;q=0.000", "gzip"),
            ("gzip;q=0", "plain"),
        ] {
            let found = match best(accepted) {
                Some(Encoding::Brotli) => "br",
                Some(Encoding::Gzip) => "gzip",
                None => "plain",
            };
            assert_eq!(found, expected, "{accepted}");
        }
    }
}
