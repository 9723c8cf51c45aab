//! The OpenAPI document: what handlers say of themselves, and what follows from it.

mod examples;
mod page;
mod problems;
mod words;

pub(super) use page::{asset, home, json, page};

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::auth::Scope;
use crate::problem::{FaultBody, ProblemBody};
use crate::webhooks::{WebhookEvent, WebhookTest};

/// How a handler says that its operation makes several objects.
const MAKES_MANY: &str = "x-makes-many";
const ABOUT: &str = include_str!("document/about.md");

/// Completes what the handlers say.
pub(super) fn finish(openapi: OpenApi) -> Result<Value, String> {
    let mut schemas = openapi.components.unwrap_or_default().schemas;
    schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    schemas.insert(FaultBody::name().into_owned(), FaultBody::schema());
    let mut of_webhooks = vec![(WebhookTest::name().into_owned(), WebhookTest::schema())];
    WebhookTest::schemas(&mut of_webhooks);
    schemas.extend(of_webhooks);
    let mut schemas = to_value(&schemas)?;
    words::describe(&mut schemas);
    let mut paths = to_value(&openapi.paths)?;
    let mut responses = problems::responses()?;
    let mut used = BTreeSet::new();
    for mut operation in operations(&mut paths) {
        // Said aloud: it is public, and not forgotten.
        operation.said.entry("security").or_insert_with(|| json!([]));
        headers(&mut operation);
        problems::add(&mut operation);
        examples::add(&mut operation, &schemas);
        operation.said.remove(MAKES_MANY);
        used.extend(operation.uses());
    }
    responses.retain(|name, _| used.contains(&format!("#/components/responses/{name}")));
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Palier",
            "summary": "Shared services, priced by what all members use together.",
            "description": ABOUT,
            "version": "1",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This deployment" }],
        "tags": tags(&used),
        "paths": paths,
        "webhooks": webhooks(),
        "components": {
            "schemas": schemas,
            "parameters": parameters(),
            "responses": responses,
            "securitySchemes": security_schemes(),
        },
    }))
}

fn to_value(said: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(said).map_err(|error| error.to_string())
}

/// An operation, with the method it has.
struct Operation<'d> {
    method: &'d str,
    said: &'d mut Map<String, Value>,
}

fn operations(paths: &mut Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
    let methods = paths.filter_map(Value::as_object_mut).flat_map(Map::iter_mut);
    methods.filter_map(|(method, said)| Some(Operation { method, said: said.as_object_mut()? }))
}

impl Operation<'_> {
    fn parameters(&self) -> &[Value] {
        self.said.get("parameters").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn responses(&mut self) -> Option<&mut Map<String, Value>> {
        self.said.get_mut("responses").and_then(Value::as_object_mut)
    }

    /// The tags that it has, and the answers that it shares with others.
    fn uses(&self) -> impl Iterator<Item = String> {
        let tags = self.said.get("tags").and_then(Value::as_array).into_iter().flatten();
        let responses = self.said.get("responses").and_then(Value::as_object);
        let shared = responses.into_iter().flat_map(Map::values).map(|it| &it["$ref"]);
        tags.chain(shared).filter_map(Value::as_str).map(str::to_owned)
    }

    fn has_body(&self) -> bool {
        self.said.contains_key("requestBody")
    }

    fn is_secured(&self) -> bool {
        let ways = self.said.get("security").and_then(Value::as_array);
        let some = |way: &Value| way.as_object().is_some_and(|way| !way.is_empty());
        ways.is_some_and(|ways| ways.iter().any(some))
    }

    /// Whether it makes something, once for each `Idempotency-Key`. Who signs in twice has two
    /// sessions: only what is made by somebody is made once. One that makes many objects has no
    /// 201, and says that it makes them.
    fn makes(&self) -> bool {
        let made = self.said.get("responses").and_then(|responses| responses.get("201"));
        let many = self.said.get(MAKES_MANY);
        self.method == "post" && self.is_secured() && made.or(many).is_some()
    }

    /// Whether it changes an object of which the caller must know the version.
    fn changes(&self) -> bool {
        matches!(self.method, "patch" | "put")
    }
}

/// What operations are about; only where there are some.
fn tags(used: &BTreeSet<String>) -> Value {
    let tags = [
        ("poles", "A pole: the association whose members share services."),
        ("sessions", "Signing in and out."),
        ("users", "People, and what they may do."),
        ("keys", "API keys for machines, and the keys that sign tokens."),
        ("members", "Member companies."),
        ("catalogue", "The public catalogue, for front ends."),
        ("services", "Services, as those see them who offer them."),
        ("tariffs", "What services cost."),
        ("quotes", "What usage would cost, before anybody is billed."),
        ("providers", "Who provides services."),
        ("subscriptions", "Which member uses which service."),
        ("usage", "What members use."),
        ("invoices", "What members pay: months closed, reviewed and made final."),
        ("payments", "What they have paid, and what is open."),
        ("books", "Reports of the books, and closing them."),
        ("dunning", "What is not paid in time: letters, interest, indemnity, suspended services."),
        ("mails", "Mails to members, and what became of each."),
        ("audit", "Who changed what."),
        ("health", "Whether the service is well."),
    ];
    let used = tags.iter().filter(|(name, _)| used.contains(*name));
    used.map(|(name, about)| json!({ "name": name, "description": about })).collect()
}

/// What providers are told, at the address that they give.
fn webhooks() -> Value {
    let header = |name: &str, about: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": about,
            "schema": { "type": "string" },
        })
    };
    let told = |summary: &str, body: &str| {
        json!({
            "post": {
                "summary": summary,
                "parameters": [
                    header("webhook-id", "The same however often it comes."),
                    header("webhook-timestamp", "When it was sent, in seconds since 1970."),
                    header("webhook-signature", "`v1,` and the base64 of HMAC-SHA256 over \
                        `id.timestamp.body`; one for each secret, between spaces."),
                ],
                "requestBody": {
                    "required": true,
                    "content": { "application/json": {
                        "schema": { "$ref": format!("#/components/schemas/{body}") },
                    } },
                },
                "responses": { "2XX": { "description": "It is taken. Otherwise it comes again." } },
            },
        })
    };
    let (event, test) = (WebhookEvent::name(), WebhookTest::name());
    json!({
        "member.suspended":
            told("A member may not use services for now, since it has not paid.", &event),
        "member.reinstated": told("A member may use services again.", &event),
        "endpoint.test": told("Somebody tries the endpoint out. Nothing has happened.", &test),
    })
}

fn security_schemes() -> Value {
    let scopes: Vec<_> = Scope::ALL.iter().map(Scope::as_str).collect();
    json!({
        "token": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": format!("An access token or an API key. Scopes: {}.", scopes.join(", ")),
        },
    })
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

/// Adds the headers that an operation takes and answers with: they follow from its shape.
fn headers(operation: &mut Operation<'_>) {
    let mut taken = operation.parameters().to_vec();
    for (name, is_taken) in
        [("IdempotencyKey", operation.makes()), ("IfMatch", operation.changes())]
    {
        if is_taken {
            taken.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
        }
    }
    if !taken.is_empty() {
        operation.said.insert("parameters".to_owned(), Value::Array(taken));
    }
    for (status, response) in operation.responses().into_iter().flatten() {
        if let Some(response) = response.as_object_mut()
            && response.contains_key("content")
            && let Some(headers) = answered(status)
        {
            response.insert("headers".to_owned(), headers);
        }
    }
}

/// The headers of an answer with a body.
fn answered(status: &str) -> Option<Value> {
    let tag = json!({
        "description": "Which version this is: for `If-Match`, and for `If-None-Match`.",
        "schema": { "type": "string" }, "example": "\"v3\"",
    });
    let place = json!({
        "description": "The address of what was made.",
        "schema": { "type": "string" },
        "example": "/v1/poles/aero/members/mbr_01k9gz7v3hf8mv3r0x2p6d9qae",
    });
    match status {
        "200" => Some(json!({ "ETag": tag })),
        "201" => Some(json!({ "ETag": tag, "Location": place })),
        _ => None,
    }
}
