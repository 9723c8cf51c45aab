//! What every operation and every schema has.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::document::{Operation, document, entries, operations, resolve, schemas};

/// Fails with all that is wrong at once.
#[track_caller]
fn nothing_in(faults: impl IntoIterator<Item = String>) {
    let faults: BTreeSet<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n  {}\n", Vec::from_iter(faults).join("\n  "));
}

/// Fails with every operation of which something is not so.
#[track_caller]
fn every_operation(is_so: impl Fn(&Operation<'_>) -> bool) {
    let all = operations(document());
    nothing_in(all.iter().filter(|one| !is_so(one)).map(ToString::to_string));
}

#[test]
fn an_operation_has_a_name_of_its_own_that_says_what_is_done_to_what() {
    let verb_noun = |id: &str| {
        id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric())
            && id.contains(|c: char| c.is_ascii_uppercase())
    };
    every_operation(|operation| verb_noun(operation.id()));
    let all = operations(document());
    let mut seen = BTreeSet::new();
    nothing_in(all.iter().filter(|one| !seen.insert(one.id())).map(ToString::to_string));
}

#[test]
fn an_operation_is_summed_up_in_a_sentence() {
    every_operation(|operation| {
        let summary = operation.said["summary"].as_str().unwrap_or_default();
        summary.ends_with('.') && summary.len() <= 120 && !summary.contains('\n')
    });
}

#[test]
fn an_operation_has_a_tag_and_a_tag_has_operations() {
    let tag = |operation: &Operation<'_>| match operation.said["tags"].as_array().map(Vec::as_slice)
    {
        Some([tag]) => tag.as_str().map(str::to_owned),
        _ => None,
    };
    every_operation(|operation| tag(operation).is_some());
    let used: BTreeSet<_> = operations(document()).iter().filter_map(tag).collect();
    let tags = entries(&document()["tags"]);
    let described: BTreeSet<_> = tags.map(|tag| tag["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(used, described);
}

#[test]
fn an_operation_says_who_may_call_it() {
    let scheme = document()["components"]["securitySchemes"]["token"]["description"].as_str();
    every_operation(|operation| {
        let known = |scope: &&str| scheme.unwrap().contains(*scope) && scope.contains(':');
        operation.said["security"].is_array()
            && operation.scopes().is_none_or(|scopes| scopes.iter().all(known))
    });
}

#[test]
fn an_operation_says_which_errors_it_has() {
    every_operation(|operation| {
        let has = |status: &str| operation.responses(document()).any(|(it, _)| it == status);
        let all = |statuses: &[&str]| statuses.iter().all(|status| has(status));
        let body = operation.said["requestBody"].is_object();
        let secured = operation.scopes().is_some();
        all(&["503"])
            && (!secured || all(&["401", "403"]))
            && (!operation.path.contains('{') || has("404"))
            && (!body || all(&["400", "413", "415", "422"]))
            && (!["PATCH", "PUT"].contains(&operation.method) || all(&["412", "428"]))
    });
    // An error is a problem, whichever operation it comes from.
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    every_operation(|operation| {
        let errors = operation.responses(document()).filter(|(status, _)| *status >= "400");
        let schema = |body: &Value| body["content"]["application/problem+json"]["schema"].clone();
        errors.map(|(_, body)| schema(body)).all(|schema| schema == problem)
    });
}

#[test]
fn an_operation_has_a_good_end() {
    every_operation(|operation| {
        operation.responses(document()).any(|(status, _)| status.starts_with(['2', '3']))
    });
}

#[test]
fn a_parameter_is_described() {
    let mut faults = Vec::new();
    for operation in operations(document()) {
        for parameter in operation.parameters(document()) {
            let described = parameter["description"].as_str().is_some_and(|it| it.ends_with('.'));
            if !described || !parameter["schema"].is_object() {
                faults.push(format!("{operation}: {}", parameter["name"]));
            }
        }
    }
    nothing_in(faults);
}

/// A front end reads it like any other, page by page.
#[test]
fn a_list_is_a_page() {
    every_operation(|operation| {
        let success = &operation.said["responses"]["200"]["content"]["application/json"]["schema"];
        let fields = &resolve(document(), success)["properties"];
        let parameters = operation.parameters(document());
        let takes = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        let paged = fields["data"]["type"] == "array" && fields["next_cursor"].is_object();
        let asked = takes("limit") && takes("cursor");
        paged == asked && paged == operation.id().starts_with("list")
    });
}

#[test]
fn a_body_has_an_example_that_is_valid() {
    let components = &document()["components"];
    let mut faults = Vec::new();
    for operation in operations(document()) {
        for (name, content) in operation.bodies(document()) {
            let named = content["examples"].as_object().into_iter().flatten();
            let examples = content.get("example").into_iter();
            let examples: Vec<_> = examples.chain(named.map(|(_, one)| &one["value"])).collect();
            if examples.is_empty() {
                faults.push(format!("{name}: no example; give one to each of its fields"));
            }
            if !name.ends_with("json") {
                continue;
            }
            let validator = validator(&content["schema"], components);
            for error in examples.iter().flat_map(|example| validator.iter_errors(example)) {
                faults.push(format!("{name}: example {}: {error}", error.instance_path()));
            }
        }
    }
    nothing_in(faults);
}

fn validator(schema: &Value, components: &Value) -> Validator {
    let mut root = schema.clone();
    root["components"] = components.clone();
    let options = jsonschema::options().should_validate_formats(true);
    options.with_draft(jsonschema::Draft::Draft202012).build(&root).unwrap()
}

#[test]
fn a_schema_says_what_it_is() {
    let typed = |schema: &Value| {
        let is =
            |word: &str| schema["type"] == word || entries(&schema["type"]).any(|one| one == word);
        let says = ["$ref", "type", "enum", "const", "oneOf", "anyOf", "allOf"];
        let fields = ["properties", "additionalProperties"];
        says.iter().any(|key| schema.get(key).is_some())
            && (!is("object") || fields.iter().any(|key| schema.get(key).is_some()))
            && (!is("array") || schema["items"].is_object())
    };
    let all = schemas(document()).into_iter();
    nothing_in(all.filter(|(_, schema)| !typed(schema)).map(|(at, _)| at));
}

#[test]
fn a_schema_and_a_field_are_described() {
    let described = |schema: &Value| {
        let text = |schema: &Value| schema["description"].as_str().is_some_and(|it| !it.is_empty());
        text(schema) || text(resolve(document(), schema))
    };
    let of_interest = |at: &str| {
        let segments: Vec<_> = at.split('/').collect();
        let is_field = segments.iter().rev().nth(1) == Some(&"properties");
        is_field || (segments.len() == 4 && segments[0] == "#")
    };
    let all = schemas(document()).into_iter();
    nothing_in(all.filter(|(at, one)| of_interest(at) && !described(one)).map(|(at, _)| at));
}

#[test]
fn a_field_is_in_snake_case() {
    let snake =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let fields = schemas(document()).into_iter().flat_map(|(at, schema)| {
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(move |(name, _)| (at.clone(), name))
    });
    nothing_in(fields.filter(|(_, name)| !snake(name)).map(|(at, name)| format!("{at}: {name}")));
}

/// Money and quantities are decimals in strings: a JSON number may pass through binary floating
/// point. Only what an object had, in the audit log, may be anything; and usage is taken as meters
/// send it, in numbers too, which are read digit by digit.
#[test]
fn a_number_is_whole() {
    let all = schemas(document()).into_iter();
    let free = ["Json", "QuantityInput", "PropertyInput"]
        .map(|name| format!("#/components/schemas/{name}/"));
    let others = all.filter(|(at, _)| !free.iter().any(|free| at.starts_with(free)));
    nothing_in(others.filter(|(_, schema)| schema["type"] == "number").map(|(at, _)| at));
}

#[test]
fn every_component_is_used() {
    let mut used = BTreeSet::new();
    references(&document()["paths"], &mut used);
    references(&document()["webhooks"], &mut used);
    loop {
        let before = used.len();
        for reference in used.clone() {
            references(document().pointer(&reference[1..]).expect(&reference), &mut used);
        }
        if used.len() == before {
            break;
        }
    }
    let kinds = ["schemas", "parameters", "responses"];
    nothing_in(kinds.iter().flat_map(|kind| {
        let components = document()["components"][kind].as_object().unwrap().keys();
        let places = components.map(move |name| format!("#/components/{kind}/{name}"));
        places.filter(|place| !used.contains(place)).collect::<Vec<_>>()
    }));
}

fn references(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                used.insert(reference.clone());
            }
            fields.values().for_each(|value| references(value, used));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, used)),
        _ => {}
    }
}
