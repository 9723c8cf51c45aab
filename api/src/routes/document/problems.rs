//! Which errors an operation has.
//!
//! It follows from its shape: one with a body can refuse the body, one with a path parameter may
//! find nothing. Said once here, no operation can forget one.

use serde_json::{Map, Value, json};

use super::{Operation, to_value};
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;
use crate::text::Language;

/// The problems that operations share: name, when, and which problem it is, for example.
const SHARED: [(&str, &str, ProblemType); 12] = [
    (
        "BadRequest",
        "A parameter or a header is not valid, or the body cannot be read.",
        ProblemType::BadRequest,
    ),
    ("Unauthenticated", "There is no valid token.", ProblemType::Unauthenticated),
    ("Forbidden", "The role or the scopes do not allow it.", ProblemType::Forbidden),
    ("NotFound", "There is nothing there that the caller may see.", ProblemType::NotFound),
    ("Conflict", "It contradicts what is there.", ProblemType::Conflict),
    ("Changed", "It has changed since it was read.", ProblemType::Changed),
    ("TooLarge", "The body is too large.", ProblemType::TooLarge),
    ("UnsupportedType", "The body is of another type.", ProblemType::UnsupportedType),
    (
        "Invalid",
        "The body is not valid; every fault is told with its place.",
        ProblemType::InvalidBody,
    ),
    ("PreconditionRequired", "`If-Match` is missing.", ProblemType::PreconditionRequired),
    ("TooMany", "Too many requests; `Retry-After` says when to try again.", ProblemType::TooMany),
    ("Unavailable", "Overloaded, or the database is away.", ProblemType::Unavailable),
];

/// Adds to an operation the errors that follow from its shape.
pub(super) fn add(operation: &mut Operation<'_>) {
    let is_in = |place: &str| operation.parameters().iter().any(|one| one["in"] == place);
    let (in_path, in_query) = (is_in("path"), is_in("query"));
    let (secured, body) = (operation.is_secured(), operation.has_body());
    let (makes, changes) = (operation.makes(), operation.changes());
    let happens = |kind| match kind {
        ProblemType::BadRequest => body || in_query || makes,
        ProblemType::Unauthenticated | ProblemType::Forbidden => secured,
        ProblemType::NotFound => in_path,
        ProblemType::Conflict => makes || (changes && secured),
        ProblemType::Changed | ProblemType::PreconditionRequired => changes,
        ProblemType::TooLarge | ProblemType::UnsupportedType | ProblemType::InvalidBody => body,
        ProblemType::Unavailable => true,
        _ => false,
    };
    let Some(responses) = operation.responses() else { return };
    for (name, _, kind) in SHARED {
        let status = kind.status().as_str().to_owned();
        // Where a handler says when it happens, that is kept; how it looks is the same everywhere.
        let when = responses.get(&status).and_then(|said| said.get("description")).cloned();
        if happens(kind) || when.is_some() {
            let mut response = Map::new();
            let place = format!("#/components/responses/{name}");
            response.insert("$ref".to_owned(), place.into());
            response.extend(when.map(|when| ("description".to_owned(), when)));
            responses.insert(status, Value::Object(response));
        }
    }
    let mut sorted: Vec<_> = std::mem::take(responses).into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    responses.extend(sorted);
}

/// The answers that operations share, each with an example.
pub(super) fn responses() -> Result<Map<String, Value>, String> {
    let mut all = Map::new();
    for (name, when, kind) in SHARED {
        let mut response = Map::new();
        response.insert("description".to_owned(), when.into());
        if matches!(kind, ProblemType::TooMany | ProblemType::Unavailable) {
            let seconds = json!({
                "description": "After how many seconds it is worth trying again.",
                "schema": { "type": "string", "pattern": "^[0-9]+$" }, "example": "1",
            });
            response.insert("headers".to_owned(), json!({ "Retry-After": seconds }));
        }
        let content = json!({ "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "example": to_value(&example(kind).body(Language::En))?,
        } });
        response.insert("content".to_owned(), content);
        all.insert(name.to_owned(), Value::Object(response));
    }
    Ok(all)
}

/// A problem as somebody may meet it.
fn example(kind: ProblemType) -> Problem {
    let plain = |detail| Problem::new(kind, detail);
    match kind {
        ProblemType::BadRequest => Problem::bad_request(Fault::query(
            "limit",
            "maximum",
            say!(en "At most 200.", fr "Au plus 200."),
        )),
        ProblemType::NotFound => Problem::not_found(),
        ProblemType::Forbidden => Problem::forbidden(),
        ProblemType::Changed => Problem::changed(),
        ProblemType::Conflict => Problem::conflict(Fault::body(
            "/code",
            "taken",
            say!(en "Another member has this code.", fr "Un autre membre porte ce code."),
        )),
        ProblemType::InvalidBody => Problem::invalid(vec![
            Fault::body(
                "/address/city",
                "required",
                say!(en "This field is missing.", fr "Ce champ manque."),
            ),
            Fault::body(
                "/siren",
                "format",
                say!(
                    en "Expected a SIREN: 9 digits, the last a check digit.",
                    fr "Attendu : un SIREN, 9 chiffres dont le dernier est une clé."
                ),
            ),
        ]),
        ProblemType::TooMany => plain(say!(
            en "Too many attempts; try again in 60 seconds.",
            fr "Trop de tentatives ; réessayez dans 60 secondes."
        )),
        _ => plain(kind.title()),
    }
}
