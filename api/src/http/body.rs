//! Reading a JSON body.

use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web};
use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::permitted::{self, Reading};
use crate::app::App;
use crate::document::Document;
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;

/// What a handler takes as its body.
pub(crate) trait Input: DeserializeOwned + ToSchema + 'static {
    /// Fields that need not be given and are always there afterwards.
    const ALWAYS: &[&str] = &[];

    /// Notes what a schema cannot say: how fields go together.
    fn check(&self, _faults: &mut Vec<Fault>) {}
}

/// A body that has the schema of `T` in the OpenAPI document.
pub(crate) struct Body<T>(pub(crate) T);

/// The SHA-256 of a request's body, for its `Idempotency-Key`.
#[derive(Clone)]
pub(super) struct BodyDigest(pub(super) Vec<u8>);

impl<T: Input> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            expect_type(&asked, &["application/json"])?;
            let value = read_json(&asked, bytes.await)?;
            Ok(Self(typed(App::of(&asked), value)?))
        })
    }
}

/// Refuses a body that says it is something else.
pub(crate) fn expect_type(request: &HttpRequest, types: &[&str]) -> Result<(), Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default().trim();
    if types.iter().any(|one| essence.eq_ignore_ascii_case(one)) {
        return Ok(());
    }
    let types = types.join(", ");
    let detail = say!(
        en "Send it with Content-Type {types}.",
        fr "À envoyer avec Content-Type {types}."
    );
    Err(Problem::new(ProblemType::UnsupportedType, detail))
}

/// Reads bytes as JSON in which no field is named twice, and remembers their digest.
pub(super) fn read_json(
    request: &HttpRequest,
    bytes: Result<web::Bytes, actix_web::Error>,
) -> Result<Value, Problem> {
    let bytes = read_bytes(request, bytes)?;
    match serde_json::from_slice(&bytes) {
        Ok(Document(value)) => Ok(value),
        Err(error) => {
            let detail =
                say!(en "This is not JSON: {error}.", fr "Ceci n’est pas du JSON : {error}.");
            Err(Problem::new(ProblemType::MalformedBody, detail))
        }
    }
}

/// The bytes of a body, whose digest is remembered.
pub(crate) fn read_bytes(
    request: &HttpRequest,
    bytes: Result<web::Bytes, actix_web::Error>,
) -> Result<web::Bytes, Problem> {
    let bytes = bytes.map_err(|error| match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => {
            let detail = say!(
                en "The body is larger than this address takes.",
                fr "Le corps dépasse ce que cette adresse accepte."
            );
            Problem::new(ProblemType::TooLarge, detail)
        }
        _ => {
            let detail = say!(
                en "The body did not arrive whole.",
                fr "Le corps n’est pas arrivé en entier."
            );
            Problem::new(ProblemType::MalformedBody, detail)
        }
    })?;
    let sum = digest(&SHA256, &bytes).as_ref().to_vec();
    request.extensions_mut().insert(BodyDigest(sum));
    Ok(bytes)
}

/// Validates a value by the schema of a `T` and makes a `T` of it.
pub(crate) fn typed<T: Input>(app: &App, value: Value) -> Result<T, Problem> {
    let faults = app.schemas.faults::<T>(&value)?;
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    make(value)
}

/// Makes a `T` of a value that has its schema.
pub(super) fn make<T: Input>(value: Value) -> Result<T, Problem> {
    let input: T = serde_json::from_value(value).map_err(|error| {
        // The schema lets something pass that the type does not hold: our mistake, their body.
        tracing::warn!(%error, name = %T::name(), "a valid body does not fit its type");
        let detail = say!(en "Not valid: {error}.", fr "Non valide : {error}.");
        Problem::invalid(vec![Fault::body("", "invalid", detail)])
    })?;
    let mut faults = Vec::new();
    input.check(&mut faults);
    if faults.is_empty() { Ok(input) } else { Err(Problem::invalid(faults)) }
}
