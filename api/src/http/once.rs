//! `Idempotency-Key`: a request that creates something may be sent again safely.

use std::future::ready;

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use aws_lc_rs::digest::{Context, SHA256};

use super::body::BodyDigest;
use super::permitted::{self, Reading};
use crate::problem::{Fault, Problem};
use crate::say;

/// The name of the header.
pub(super) const HEADER: &str = "Idempotency-Key";

/// The key a request came with, if any.
pub(crate) struct Once {
    key: Option<String>,
    request: HttpRequest,
}

/// A key, and what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct OnceKey {
    pub(crate) key: String,
    /// The SHA-256 of method, address and body.
    pub(crate) fingerprint: String,
}

impl Once {
    /// The key with the fingerprint of its request, whose body has been read by now.
    pub(crate) fn key(self) -> Option<OnceKey> {
        let key = self.key?;
        let mut sum = Context::new(&SHA256);
        sum.update(self.request.method().as_str().as_bytes());
        sum.update(b" ");
        sum.update(self.request.uri().to_string().as_bytes());
        sum.update(b"\n");
        if let Some(BodyDigest(body)) = self.request.extensions().get::<BodyDigest>() {
            sum.update(body);
        }
        Some(OnceKey { key, fingerprint: crate::hex(sum.finish().as_ref()) })
    }
}

impl FromRequest for Once {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        let read = match request.headers().get(HEADER) {
            None => Ok(Self { key: None, request: asked }),
            Some(value) => match value.to_str() {
                Ok(key) if (1..=255).contains(&key.len()) => {
                    Ok(Self { key: Some(key.to_owned()), request: asked })
                }
                _ => Err(Problem::bad_request(Fault::header(
                    HEADER,
                    "idempotency_key",
                    say!(
                        en "An Idempotency-Key has 1 to 255 printable ASCII characters.",
                        fr "Une Idempotency-Key compte 1 à 255 caractères ASCII imprimables."
                    ),
                ))),
            },
        };
        permitted::then(request, ready(read))
    }
}
