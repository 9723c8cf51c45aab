//! What services cost.

mod schema;
mod versions;

use palier_tests::{Server, workspace};
use serde_json::{Value, json};

/// The worked cases of the pricing rules.
pub(crate) fn vectors() -> Value {
    let path = workspace().join("billing/tests/vectors/pricing.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A schema of the OpenAPI document, to hold bodies against.
pub(crate) struct Schema(jsonschema::Validator);

impl Schema {
    pub(crate) fn of(server: &Server, name: &str) -> Self {
        let document = server.client().get("/openapi.json").expect(200).json();
        assert!(document["components"]["schemas"][name].is_object(), "no schema {name}");
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/components/schemas/{name}"),
            "components": document["components"],
        });
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    /// All that it finds wrong.
    pub(crate) fn faults(&self, value: &Value) -> Vec<String> {
        let faults = self.0.iter_errors(value);
        faults.map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    /// Insists that it finds nothing wrong.
    #[track_caller]
    pub(crate) fn accepts(&self, value: &Value) {
        let faults = self.faults(value);
        assert!(faults.is_empty(), "{value}\n{faults:?}");
    }
}
