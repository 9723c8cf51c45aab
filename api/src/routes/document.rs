//! The OpenAPI document: what handlers say of themselves, and what follows from it.
//!
//! Which errors an operation has follows from its shape: one with a body can refuse the body, one
//! with a path parameter may find nothing. Said once here, no operation can forget one.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::auth::Scope;
use crate::problem::{FaultBody, ProblemBody};

const ABOUT: &str = include_str!("document/about.md");

/// Completes what the handlers say.
pub(super) fn finish(openapi: OpenApi) -> Result<Value, String> {
    let mut document = serde_json::to_value(&openapi).map_err(|error| error.to_string())?;
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Palier",
        "summary": "Shared services, priced by what all members use together.",
        "description": ABOUT,
        "version": "1",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/", "description": "This deployment" }]);
    document["tags"] = tags();
    let scopes: Vec<_> = Scope::ALL.iter().map(Scope::as_str).collect();
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": format!("An access token or an API key. Scopes: {}.", scopes.join(", ")),
        },
    });
    let schemas = &mut document["components"]["schemas"];
    schemas[ProblemBody::name().as_ref()] = to_value(&ProblemBody::schema())?;
    schemas[FaultBody::name().as_ref()] = to_value(&FaultBody::schema())?;
    document["components"]["parameters"] = parameters();
    document["components"]["responses"] = responses();
    if let Some(paths) = document["paths"].as_object_mut() {
        for path in paths.values_mut().filter_map(Value::as_object_mut) {
            for (method, operation) in path.iter_mut() {
                complete(method, operation);
            }
        }
    }
    Ok(document)
}

fn to_value(schema: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(schema).map_err(|error| error.to_string())
}

fn tags() -> Value {
    let tags = [
        ("poles", "A pole: the association whose members share services."),
        ("sessions", "Signing in and out."),
        ("users", "People, and what they may do."),
        ("keys", "API keys for machines, and the keys that sign tokens."),
        ("members", "Member companies."),
        ("catalogue", "The public catalogue, for front ends."),
        ("services", "Services, as those see them who offer them."),
        ("tariffs", "What services cost."),
        ("providers", "Who provides services."),
        ("subscriptions", "Which member uses which service."),
        ("audit", "Who changed what."),
        ("health", "Whether the service is well."),
    ];
    tags.iter().map(|(name, about)| json!({ "name": name, "description": about })).collect()
}

fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Chosen by the caller, such as a UUID. The same request sent again with \
                the same key is answered as the first time and does nothing; another request with \
                it is refused. Remembered for at least 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            "example": "2f1c9d0e-6a52-4a9b-9a52-0c5a6f6f9e11",
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "The `ETag` of the version that is changed, or `*`.",
            "schema": { "type": "string" }, "example": "\"v3\"",
        },
    })
}

/// The problems that operations share: name, status, when.
const PROBLEMS: [(&str, &str, &str); 12] = [
    ("BadRequest", "400", "A parameter or a header is not valid, or the body cannot be read."),
    ("Unauthenticated", "401", "There is no valid token."),
    ("Forbidden", "403", "The role or the scopes do not allow it."),
    ("NotFound", "404", "There is nothing there that the caller may see."),
    ("Conflict", "409", "It contradicts what is there."),
    ("Changed", "412", "It has changed since it was read."),
    ("TooLarge", "413", "The body is too large."),
    ("UnsupportedType", "415", "The body is of another type."),
    ("Invalid", "422", "The body is not valid; every fault is told with its place."),
    ("PreconditionRequired", "428", "`If-Match` is missing."),
    ("TooMany", "429", "Too many requests; `Retry-After` says when to try again."),
    ("Unavailable", "503", "Overloaded, or the database is away."),
];

fn responses() -> Value {
    let named = PROBLEMS.iter().map(|(name, status, when)| {
        let mut response = json!({
            "description": when,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        if matches!(*status, "429" | "503") {
            response["headers"] = json!({
                "Retry-After": { "description": "Seconds.", "schema": { "type": "string", "pattern": "^[0-9]+$" } },
            });
        }
        ((*name).to_owned(), response)
    });
    Value::Object(named.collect())
}

/// Adds to an operation what follows from its shape.
fn complete(method: &str, operation: &mut Value) {
    let has = |operation: &Value, field: &str| operation.get(field).is_some_and(|it| !it.is_null());
    let secured = operation["security"].as_array().is_some_and(|list| {
        list.iter().any(|one| one.as_object().is_some_and(|one| !one.is_empty()))
    });
    let body = has(operation, "requestBody");
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let is_in = |place: &str| parameters.iter().any(|parameter| parameter["in"] == place);
    let (in_path, in_query) = (is_in("path"), is_in("query"));
    let makes = method == "post" && operation["responses"].get("201").is_some();
    let changes = method == "patch" || method == "put";
    let mut extra = Vec::new();
    if makes {
        extra.push("IdempotencyKey");
    }
    if changes {
        extra.push("IfMatch");
    }
    let mut all = parameters;
    all.extend(
        extra.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })),
    );
    if !all.is_empty() {
        operation["parameters"] = Value::Array(all);
    }
    let happens = |name: &str| match name {
        "BadRequest" => body || in_query || makes,
        "Unauthenticated" | "Forbidden" => secured,
        "NotFound" => in_path,
        "Conflict" => makes || (changes && secured),
        "Changed" | "PreconditionRequired" => changes,
        "TooLarge" | "UnsupportedType" | "Invalid" => body,
        "Unavailable" => true,
        _ => false,
    };
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (name, status, _) in PROBLEMS {
        if happens(name) && !responses.contains_key(status) {
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.insert(status.to_owned(), reference);
        }
    }
    for (status, response) in responses.iter_mut() {
        headers(status, response);
    }
    sort(responses);
}

/// The headers of an answer that has an object.
fn headers(status: &str, response: &mut Value) {
    let tagged = matches!(status, "200" | "201") && response.get("content").is_some();
    if !tagged {
        return;
    }
    let mut headers = Map::new();
    headers.insert(
        "ETag".to_owned(),
        json!({
            "description": "Which version this is: for `If-Match`, and for `If-None-Match`.",
            "schema": { "type": "string" },
        }),
    );
    if status == "201" {
        headers.insert(
            "Location".to_owned(),
            json!({
                "description": "The address of what was made.", "schema": { "type": "string" },
            }),
        );
    }
    response["headers"] = Value::Object(headers);
}

fn sort(responses: &mut Map<String, Value>) {
    let mut sorted: Vec<_> = std::mem::take(responses).into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    responses.extend(sorted);
}

/// Serves the document, and a page that shows it; all of it from the program itself.
pub(super) fn serve(server: &mut web::ServiceConfig, document: &Value) {
    let bytes = web::Bytes::from(document.to_string());
    server.route(
        "/openapi.json",
        web::get().to(move || {
            let bytes = bytes.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(bytes) }
        }),
    );
    server.service(web::redirect("/docs", "/docs/").permanent());
}
