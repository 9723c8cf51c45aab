//! The schema of a tariff and its reader say the same: what one refuses and the other takes is a
//! difference that is known and explained.

use palier_tests::{Server, on_both};
use serde_json::{Value, json};

use super::{Schema, vectors};
use crate::quotes::Office;

const SCHEMA: &str = "TariffWithMeters";

/// What only the reader can say, because it looks at several fields at once.
const BEYOND_SCHEMAS: [&str; 13] = [
    "bounds_do_not_rise",
    "last_tier_closed",
    "open_tier_inside",
    "limits_cross",
    "meaningless",
    "finer_than_currency",
    "unknown_meter",
    "unknown_dimension",
    "overlap",
    "duplicate",
    "exclusive_minimum",
    "decimal_places",
    "currency",
];

/// What is required only beside something else: which meter of several, whose values are counted,
/// who pays for what nobody used.
const REQUIRED_BESIDE: [&str; 3] = ["/meter", "/property", "/idle_cost"];

/// Whether a fault is one that no schema could tell.
fn is_beyond_schemas((pointer, code): &(String, String)) -> bool {
    let beside = REQUIRED_BESIDE.iter().any(|field| pointer.ends_with(field));
    BEYOND_SCHEMAS.contains(&code.as_str()) || (code == "required" && beside)
}

/// Every charge of the worked cases, once.
fn charges() -> Vec<Value> {
    let vectors = vectors();
    let cases = ["cases", "contract_years"].map(|list| vectors[list].as_array().unwrap().clone());
    let mut charges: Vec<Value> = Vec::new();
    for case in cases.iter().flatten() {
        if !charges.contains(&case["charge"]) {
            charges.push(case["charge"].clone());
        }
    }
    assert!(charges.len() > 20, "{} charges", charges.len());
    charges
}

/// A tariff that uses everything a tariff has.
fn everything() -> Value {
    json!({
        "currency": "EUR", "late_usage": "rerate",
        "meters": [
            { "code": "gb", "unit": "E34", "aggregation": "time_weighted_average",
              "property": "disk", "dimensions": ["region"] },
            { "code": "cb", "aggregation": "sum" },
        ],
        "charges": [
            { "kind": "recurring", "name": "Access", "amount": "15.00", "interval": "quarter",
              "timing": "advance", "proration": "none", "trial_days": 30 },
            { "kind": "one_time", "amount": "100" },
            { "kind": "usage", "model": "graduated", "meter": "gb", "scope": "pool",
              "filter": { "region": ["eu", "uk"] }, "basis": "contract_year", "true_up": "year_end",
              "price_base": "1000", "unit_amount_cap": "80", "minimum_amount": "5.00",
              "maximum_amount": "500.00", "free_units": "2.5", "flat_at_zero": true,
              "tiers": [{ "up_to": "10", "unit_amount": "0.08", "flat_amount": "1" },
                        { "up_to": null, "unit_amount": "0.05" }] },
            { "kind": "usage", "model": "percentage", "meter": "cb", "scope": "member",
              "rate_percent": "2.9", "fixed_per_event": "0.25", "minimum_per_event": "0.5",
              "maximum_per_event": "10" },
            { "kind": "shared_cost", "meter": "gb", "filter": { "region": "eu" }, "fixed": "600",
              "variable": { "model": "package", "amount": "12", "package_size": "100" },
              "allocation": "two_part", "markup_percent": "10", "capacity": "1000",
              "idle_cost": "pole" },
        ],
    })
}

on_both!(what_the_worked_cases_price_is_what_the_schema_describes);
fn what_the_worked_cases_price_is_what_the_schema_describes(server: &Server) {
    let schema = Schema::of(server, SCHEMA);
    let tariffs = charges().into_iter().map(|charge| json!({ "charges": [charge] }));
    for tariff in tariffs.chain([everything()]) {
        schema.accepts(&tariff);
    }
    Office::of(server).verdict(&everything()).unwrap();
}

/// Every way to spoil one field of a value, wherever it stands.
fn spoiled(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let mut replace = |pointer: &str, with: Option<Value>| {
        let mut copy = value.clone();
        match with {
            Some(with) => *copy.pointer_mut(pointer).unwrap() = with,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                match copy.pointer_mut(parent).unwrap() {
                    Value::Object(fields) => fields.remove(name),
                    Value::Array(entries) => Some(entries.remove(name.parse().unwrap())),
                    _ => unreachable!("{pointer}"),
                };
            }
        }
        all.push(copy);
    };
    for pointer in pointers(value) {
        replace(&pointer, None);
        for with in [
            json!(null),
            json!(7),
            json!("x"),
            json!(""),
            json!("-1"),
            json!("0"),
            json!("1.2345678"),
            json!(true),
            json!([]),
            json!({}),
            json!({ "extra": 1 }),
            json!(["a", "a"]),
        ] {
            replace(&pointer, Some(with));
        }
    }
    all
}

/// Where everything within a value stands.
fn pointers(value: &Value) -> Vec<String> {
    let inside = |name: String, value: &Value| {
        let here = format!("/{name}");
        let below = pointers(value).into_iter().map(|it| format!("{here}{it}"));
        [here.clone()].into_iter().chain(below).collect::<Vec<_>>()
    };
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| inside(name.clone(), value)).collect()
        }
        Value::Array(entries) => {
            let entries = entries.iter().enumerate();
            entries.flat_map(|(at, value)| inside(at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// The schema and the reader agree on a tariff, or the difference is one that is explained.
#[track_caller]
fn agree(schema: &Schema, office: &Office, tariff: &Value) -> bool {
    let of_schema = schema.faults(tariff);
    match office.verdict(tariff) {
        Ok(_) => {
            assert!(of_schema.is_empty(), "accepted against its schema: {tariff}\n{of_schema:?}");
            true
        }
        Err(faults) => {
            let explained = faults.iter().all(is_beyond_schemas);
            let refused = !of_schema.is_empty();
            assert!(refused || explained, "refused, the schema says nothing: {tariff}\n{faults:?}");
            false
        }
    }
}

on_both!(whatever_is_spoiled_both_say_so);
fn whatever_is_spoiled_both_say_so(server: &Server) {
    let (schema, office) = (Schema::of(server, SCHEMA), Office::of(server));
    let spoiled = spoiled(&everything());
    let taken = spoiled.iter().filter(|tariff| agree(&schema, &office, tariff)).count();
    assert!(spoiled.len() > 900, "{}", spoiled.len());
    // Leaving out what may be left out is no fault.
    assert!((30..200).contains(&taken), "{taken} of {}", spoiled.len());
}
