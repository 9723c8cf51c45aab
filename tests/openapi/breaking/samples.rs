//! The comparison itself, on small documents.

use serde_json::{Value, json};

use super::compare::breaks;

/// A document with an operation that reads and one that writes.
fn sample() -> Value {
    let thing = json!({ "$ref": "#/components/schemas/Thing" });
    json!({
        "paths": { "/things": {
            "get": {
                "operationId": "listThings",
                "security": [],
                "parameters": [
                    { "$ref": "#/components/parameters/Limit" },
                    { "name": "q", "in": "query", "schema": { "type": "string", "maxLength": 20 } },
                ],
                "responses": {
                    "200": {
                        "headers": { "ETag": { "schema": { "type": "string" } } },
                        "content": { "application/json": {
                            "schema": { "type": "array", "items": thing },
                        } },
                    },
                    "404": { "content": {} },
                },
            },
            "post": {
                "operationId": "createThing",
                "security": [{ "token": ["things:write"] }],
                "requestBody": { "content": { "application/json": { "schema": thing } } },
                "responses": { "201": { "content": { "application/json": { "schema": thing } } } },
            },
        } },
        "components": {
            "parameters": { "Limit": {
                "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 200 },
            } },
            "schemas": { "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "minLength": 1 },
                    "kind": { "type": "string", "enum": ["big", "small"] },
                    "size": { "type": ["integer", "null"] },
                    "old": { "type": "string", "deprecated": true },
                    "inner": { "$ref": "#/components/schemas/Thing" },
                    "price": { "oneOf": [
                        { "type": "object", "properties": { "flat": { "type": "string" } } },
                        { "type": "object", "properties": { "tiers": { "type": "array" } } },
                    ] },
                },
            } },
        },
    })
}

const GET: &str = "/paths/~1things/get";
const POST: &str = "/paths/~1things/post";
const LIMIT: &str = "/components/parameters/Limit";
const THING: &str = "/components/schemas/Thing";

/// Changes what stands at a place; `null` takes it away.
#[track_caller]
fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    match document.pointer_mut(parent) {
        Some(Value::Object(fields)) if value.is_null() => {
            fields.remove(&name).unwrap();
        }
        Some(Value::Object(fields)) => {
            fields.insert(name, value);
        }
        Some(Value::Array(entries)) if value.is_null() => {
            entries.remove(name.parse().unwrap());
        }
        Some(Value::Array(entries)) => entries.insert(name.parse().unwrap(), value),
        _ => panic!("{parent} has no fields"),
    }
}

/// What breaks when something else stands at a place.
#[track_caller]
fn with(at: &str, place: &str, value: Value) -> Vec<String> {
    let mut now = sample();
    set(&mut now, &format!("{at}{place}"), value);
    breaks(&sample(), &now)
}

const NOTHING: [&str; 0] = [];

#[test]
fn an_operation_that_goes_breaks() {
    assert_eq!(with(GET, "", Value::Null), ["GET /things: removed"]);
    let (mut announced, mut gone) = (sample(), sample());
    set(&mut announced, &format!("{GET}/deprecated"), json!(true));
    set(&mut gone, GET, Value::Null);
    assert_eq!(breaks(&announced, &gone), NOTHING);
    assert_eq!(breaks(&gone, &announced), NOTHING);
}

#[test]
fn an_operation_that_is_called_or_guarded_differently_breaks() {
    let renamed = ["GET /things: operationId listThings → allThings"];
    assert_eq!(with(GET, "/operationId", json!("allThings")), renamed);
    let guarded = with(GET, "/security", json!([{ "token": ["things:read"] }]));
    let expected =
        ["GET /things: asks for a token now", "GET /things: asks for the scope things:read now"];
    assert_eq!(guarded, expected);
    assert_eq!(with(POST, "/security", json!([])), NOTHING);
}

#[test]
fn a_parameter_that_goes_or_must_be_given_breaks() {
    let gone = ["GET /things: parameter q: removed"];
    assert_eq!(with(GET, "/parameters/1", Value::Null), gone);
    let new = |required: bool| json!({ "name": "of", "in": "query", "required": required, "schema": { "type": "string" } });
    assert_eq!(with(GET, "/parameters/0", new(false)), NOTHING);
    let must = ["GET /things: parameter of: required now"];
    assert_eq!(with(GET, "/parameters/0", new(true)), must);
    let limit =
        |maximum: i64| with(LIMIT, "/schema", json!({ "type": "integer", "maximum": maximum }));
    assert_eq!(limit(100), ["GET /things: parameter limit: maximum 200 → 100"]);
    assert_eq!(limit(500), NOTHING);
    let must = ["GET /things: parameter limit: required now"];
    assert_eq!(with(LIMIT, "/required", json!(true)), must);
}

#[test]
fn an_answer_or_a_body_that_goes_breaks() {
    let gone = ["GET /things: answer 200: removed"];
    assert_eq!(with(GET, "/responses/200", Value::Null), gone);
    assert_eq!(with(GET, "/responses/404", Value::Null), NOTHING);
    assert_eq!(with(GET, "/responses/503", json!({})), NOTHING);
    let header = ["GET /things: answer 200: header ETag removed"];
    assert_eq!(with(GET, "/responses/200/headers/ETag", Value::Null), header);
    let kind = ["POST /things: request: application/json removed"];
    assert_eq!(with(POST, "/requestBody/content/application~1json", Value::Null), kind);
    let must = ["POST /things: wants a body now"];
    assert_eq!(with(POST, "/requestBody/required", json!(true)), must);
}

/// What is both sent and received may neither lose nor demand anything.
#[test]
fn a_field_that_goes_or_must_be_given_breaks() {
    let gone = with(THING, "/properties/kind", Value::Null);
    let places = ["GET /things: answer 200/*", "POST /things: request", "POST /things: answer 201"];
    assert_eq!(gone, places.map(|place| format!("{place}/kind: removed")));
    assert_eq!(with(THING, "/properties/old", Value::Null), NOTHING);
    assert_eq!(with(THING, "/properties/new", json!({ "type": "string" })), NOTHING);
    let must = ["POST /things: request/size: required now"];
    assert_eq!(with(THING, "/required", json!(["name", "size"])), must);
    let may = [
        "GET /things: answer 200/*/name: may be absent now",
        "POST /things: answer 201/name: may be absent now",
    ];
    assert_eq!(with(THING, "/required", json!([])), may);
    let closed = ["POST /things: request: other fields are refused now"];
    assert_eq!(with(THING, "/additionalProperties", json!(false)), closed);
}

#[test]
fn a_field_of_another_kind_breaks() {
    let size = |kind: Value| with(THING, "/properties/size/type", kind);
    let narrower = ["POST /things: request/size: type integer|null → integer"];
    assert_eq!(size(json!("integer")), narrower);
    let wider = [
        "GET /things: answer 200/*/size: type integer|null → integer|null|string",
        "POST /things: answer 201/size: type integer|null → integer|null|string",
    ];
    assert_eq!(size(json!(["integer", "null", "string"])), wider);
    let name = |rule: &str, value: Value| with(THING, &format!("/properties/name/{rule}"), value);
    assert_eq!(name("minLength", json!(2)), ["POST /things: request/name: minLength 1 → 2"]);
    assert_eq!(name("minLength", json!(0)), NOTHING);
    assert_eq!(name("maxLength", json!(9)), ["POST /things: request/name: maxLength null → 9"]);
    let pattern = ["POST /things: request/name: pattern null → \"^a\""];
    assert_eq!(name("pattern", json!("^a")), pattern);
    assert_eq!(name("format", json!("email")).len(), 3);
}

#[test]
fn a_word_or_a_variant_that_goes_breaks() {
    let words = |words: Value| with(THING, "/properties/kind/enum", words);
    assert_eq!(words(json!(["big", "small", "huge"])), NOTHING);
    assert_eq!(words(json!(["big"]))[1], "POST /things: request/kind: \"small\" removed");
    let only = with(THING, "/properties/name/enum", json!(["a"]));
    assert_eq!(only[1], "POST /things: request/name: takes only certain words now");
    let price =
        |place: &str, value: Value| with(THING, &format!("/properties/price/oneOf{place}"), value);
    assert_eq!(price("/1", Value::Null)[1], "POST /things: request/price/(1)/tiers: removed");
    assert_eq!(price("/0", json!({ "type": "string" })), NOTHING);
    assert_eq!(price("", json!([]))[2], "POST /things: request/price: oneOf removed");
}
