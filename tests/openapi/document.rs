//! The document, and ways through it.

use std::sync::OnceLock;

use palier_tests::run;
use serde_json::Value;

/// What `palier openapi` prints.
pub(crate) fn printed() -> &'static str {
    static PRINTED: OnceLock<String> = OnceLock::new();
    PRINTED.get_or_init(|| run(["openapi"]).success())
}

/// The same, read.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(printed()).unwrap())
}

/// An operation, and where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation<'d> {
    /// Upper case.
    pub(crate) method: &'static str,
    pub(crate) path: &'d str,
    pub(crate) said: &'d Value,
}

/// Every operation of a document.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, said) in item.as_object().unwrap() {
            let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
            let method = methods.into_iter().find(|it| it.eq_ignore_ascii_case(method)).unwrap();
            all.push(Operation { method, path, said });
        }
    }
    all
}

impl<'d> Operation<'d> {
    pub(crate) fn id(&self) -> &'d str {
        self.said["operationId"].as_str().unwrap_or_default()
    }

    /// Its parameters, those it shares with others included.
    pub(crate) fn parameters(&self, document: &'d Value) -> Vec<&'d Value> {
        entries(&self.said["parameters"]).map(|one| resolve(document, one)).collect()
    }

    /// Its answers, by status.
    pub(crate) fn responses(
        &self,
        document: &'d Value,
    ) -> impl Iterator<Item = (&'d str, &'d Value)> {
        let responses = self.said["responses"].as_object().into_iter().flatten();
        responses.map(|(status, one)| (status.as_str(), resolve(document, one)))
    }

    /// What it may be sent and what it answers, each with what it is called in a message.
    pub(crate) fn bodies(&self, document: &'d Value) -> Vec<(String, &'d Value)> {
        let mut bodies = Vec::new();
        let mut add = |name: &str, body: &'d Value| {
            for (kind, content) in body["content"].as_object().into_iter().flatten() {
                bodies.push((format!("{self}: {name} {kind}"), content));
            }
        };
        add("request", &self.said["requestBody"]);
        self.responses(document).for_each(|(status, response)| add(status, response));
        bodies
    }

    /// The scopes it asks for; none, if it is public.
    pub(crate) fn scopes(&self) -> Option<Vec<&'d str>> {
        let way = entries(&self.said["security"]).next()?;
        Some(entries(&way["token"]).map(|scope| scope.as_str().unwrap()).collect())
    }
}

impl std::fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The entries of an array; none, if there is no array.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What is meant, where a reference stands for it.
pub(crate) fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let found = document.pointer(reference.trim_start_matches('#'));
    found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// Every schema in a schema, itself first, with the pointer of each.
pub(crate) fn schemas_in<'d>(at: &str, schema: &'d Value, all: &mut Vec<(String, &'d Value)>) {
    all.push((at.to_owned(), schema));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        schemas_in(&format!("{at}/properties/{name}"), property, all);
    }
    for name in ["items", "additionalProperties", "propertyNames", "not"] {
        if schema[name].is_object() {
            schemas_in(&format!("{at}/{name}"), &schema[name], all);
        }
    }
    for name in ["oneOf", "anyOf", "allOf", "prefixItems"] {
        for (place, one) in entries(&schema[name]).enumerate() {
            schemas_in(&format!("{at}/{name}/{place}"), one, all);
        }
    }
}

/// Every schema of a document, with its place.
pub(crate) fn schemas(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        schemas_in(&format!("#/components/schemas/{name}"), schema, &mut all);
    }
    for operation in operations(document) {
        for (name, content) in operation.bodies(document) {
            schemas_in(&name, &content["schema"], &mut all);
        }
        for parameter in operation.parameters(document) {
            let name = format!("{operation}: parameter {}", parameter["name"]);
            schemas_in(&name, &parameter["schema"], &mut all);
        }
    }
    all
}
