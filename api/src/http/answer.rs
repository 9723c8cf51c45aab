//! What handlers answer with.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::precondition::etag;
use crate::problem::Problem;

/// An object of the API, as it is answered.
pub(crate) trait Resource: Serialize {
    /// Its id, the last part of its address.
    fn id(&self) -> &str;
    /// Its version, which is its entity tag.
    fn version(&self) -> i64;
}

/// An answer with JSON, as it is sent and as it is kept for an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Any JSON.
    pub(crate) fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::with(StatusCode::OK, value)
    }

    /// Any JSON, with a status.
    pub(crate) fn with(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
        Ok(Self { status, location: None, etag: None, body })
    }

    /// An object.
    pub(crate) fn object(object: &impl Resource) -> Result<Self, Problem> {
        Ok(Self { etag: Some(etag(object.version())), ..Self::ok(object)? })
    }

    /// An object that is new, under the address it was posted to.
    pub(crate) fn created(collection: &str, object: &impl Resource) -> Result<Self, Problem> {
        let collection = collection.trim_end_matches('/');
        Ok(Self {
            status: StatusCode::CREATED,
            location: Some(format!("{collection}/{}", object.id())),
            ..Self::object(object)?
        })
    }

    /// Done, and nothing to say.
    pub(crate) const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, location: None, etag: None, body: Vec::new() }
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        let mut put = |name, value: Option<String>| {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.insert_header((name, value));
            }
        };
        put(header::LOCATION, self.location);
        put(header::ETAG, self.etag);
        if self.body.is_empty() {
            return response.finish();
        }
        response.content_type("application/json").body(self.body)
    }
}
