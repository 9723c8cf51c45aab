//! An example of every body, made of the examples of its fields.

use serde_json::{Map, Value, json};

use super::Operation;

/// How deep a schema may lead into others before an example ends: one may contain itself.
const DEEPEST: u8 = 8;

/// How many fields an example of a change has.
const CHANGED: usize = 2;

/// Gives every body of an operation that has no example one.
pub(super) fn add(operation: &mut Operation<'_>, schemas: &Value) {
    let schemas = Schemas(schemas);
    let responses = operation.responses().into_iter().flat_map(Map::values_mut);
    responses.for_each(|response| schemas.add_to(response));
    operation.said.get_mut("requestBody").into_iter().for_each(|body| schemas.add_to(body));
}

struct Schemas<'d>(&'d Value);

impl Schemas<'_> {
    fn add_to(&self, body: &mut Value) {
        let kinds = body.get_mut("content").and_then(Value::as_object_mut);
        for (kind, content) in kinds.into_iter().flatten() {
            let Some(content) = content.as_object_mut() else { continue };
            if content.contains_key("example") || content.contains_key("examples") {
                continue;
            }
            let mut example = content.get("schema").and_then(|schema| self.example(schema, 0));
            if kind == "application/merge-patch+json"
                && let Some(Value::Object(fields)) = &mut example
            {
                *fields = std::mem::take(fields).into_iter().take(CHANGED).collect();
            }
            content.extend(example.map(|example| ("example".to_owned(), example)));
        }
    }

    /// A value that a schema describes; none, if nothing says what it might be.
    fn example(&self, schema: &Value, depth: u8) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let given = [schema.get("example"), schema.pointer("/examples/0"), schema.get("const")];
        if let Some(given) = given.into_iter().flatten().next() {
            return Some(given.clone());
        }
        if let Some(name) = schema["$ref"].as_str() {
            let named = name.rsplit('/').next().unwrap_or_default();
            return self.example(self.0.get(named)?, depth.saturating_add(1));
        }
        if let Some(usual) = schema.get("default").or_else(|| schema.pointer("/enum/0")) {
            return Some(usual.clone());
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.example(part, depth));
            let fields = parts.map(|part| Some(part?.as_object()?.clone()));
            return fields
                .collect::<Option<Vec<_>>>()
                .map(|all| all.into_iter().flatten().collect());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(variants) = schema[choice].as_array() {
                return variants.iter().find_map(|one| self.example(one, depth));
            }
        }
        self.of_type(schema, depth.saturating_add(1))
    }

    fn of_type(&self, schema: &Value, depth: u8) -> Option<Value> {
        let kinds = match &schema["type"] {
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            one => vec![one.as_str()?],
        };
        match *kinds.iter().find(|kind| **kind != "null")? {
            "object" => self.object(schema, depth),
            "array" => Some(
                self.example(&schema["items"], depth).map_or(json!([]), |entry| json!([entry])),
            ),
            "integer" => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
            "boolean" => Some(json!(true)),
            "string" => match schema["format"].as_str() {
                Some(format) => text(format).map(Value::from),
                // Any text will do, and says that it stands for another.
                None if schema.get("pattern").is_none() => Some("…".into()),
                None => None,
            },
            _ => None,
        }
    }

    fn object(&self, schema: &Value, depth: u8) -> Option<Value> {
        let mut fields = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let required = schema["required"].as_array();
            match self.example(property, depth) {
                Some(value) => {
                    fields.insert(name.clone(), value);
                }
                None if required.is_some_and(|names| names.iter().any(|one| one == name)) => {
                    return None;
                }
                None => {}
            }
        }
        Some(Value::Object(fields))
    }
}

/// A text of a format that every field of that format can have.
fn text(format: &str) -> Option<&'static str> {
    match format {
        "date-time" => Some("2026-11-01T08:30:00Z"),
        "date" => Some("2026-11-01"),
        "uri" => Some("https://example.fr/"),
        "email" => Some("compta@forge.example"),
        _ => None,
    }
}
