//! The document is OpenAPI 3.1.
//!
//! `oas-3.1.json` is the schema that the OpenAPI Initiative publishes as
//! <https://spec.openapis.org/oas/3.1/schema/2022-10-07> (Apache-2.0). It leaves the schemas in a
//! document to JSON Schema, which has one of its own.

use serde_json::Value;

use super::document::{document, operations, schemas};

#[test]
fn the_document_is_valid() {
    let official: Value = serde_json::from_str(include_str!("oas-3.1.json")).unwrap();
    let official = jsonschema::validator_for(&official).unwrap();
    let faults = official.iter_errors(document());
    let faults: Vec<_> = faults.map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut broken = document().clone();
    broken["info"]["title"] = 3.into();
    assert!(!official.is_valid(&broken), "a validator that takes everything");
}

#[test]
fn every_schema_in_it_is_valid() {
    let meta = jsonschema::draft202012::meta::validator();
    for (at, schema) in schemas(document()) {
        let faults: Vec<_> = meta.iter_errors(schema).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{at}: {faults:#?}");
    }
}

#[test]
fn an_address_names_the_parameters_it_has_a_place_for() {
    for operation in operations(document()) {
        let places = operation.path.split(['{', '}']).skip(1).step_by(2);
        let mut places: Vec<_> = places.map(str::to_owned).collect();
        let declared = operation.parameters(document()).into_iter();
        let declared = declared.filter(|it| it["in"] == "path" && it["required"] == true);
        let mut declared: Vec<_> = declared.filter_map(|it| it["name"].as_str()).collect();
        places.sort_unstable();
        declared.sort_unstable();
        assert_eq!(places, declared, "{operation}");
    }
}
