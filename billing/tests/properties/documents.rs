//! Tariffs as documents: what is valid comes back as it was, and whatever is broken in one place
//! is one fault, pointed at.

use palier_billing::Tariff;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generate::{Costs, cases, shared, usage};

const ALL: &[&str] = &["proportional", "equal", "two_part", "weighted", "serial"];

/// A document of four charges, so that a pointer has somewhere to go wrong.
fn tariffs() -> impl Strategy<Value = Value> {
    (usage(Costs::Any, &["member", "pool"]), shared(Costs::Any, ALL)).prop_map(|(usage, shared)| {
        let mut document = usage.document();
        document["late_usage"] = "rerate".into();
        document["meters"] = json!([
            { "code": "core-hours", "unit": "HUR", "dimensions": ["queue"] },
            { "code": "users", "aggregation": "unique_count", "property": "user" },
        ]);
        let (mut usage, mut shared) = (usage.json, shared.json);
        usage["name"] = "Core hours".into();
        usage["meter"] = "core-hours".into();
        usage["filter"] = json!({ "queue": ["batch", "gpu"] });
        shared["meter"] = "users".into();
        document["charges"] = json!([
            { "kind": "recurring", "amount": "12", "interval": "quarter", "timing": "advance",
              "proration": "none", "trial_days": 30 },
            usage,
            { "kind": "one_time", "amount": "500" },
            shared,
        ]);
        document
    })
}

/// What the broken places of a document look like: a pointer, and the document broken there.
struct Breaker {
    document: Value,
    broken: Vec<(String, Value)>,
}

impl Breaker {
    fn all(document: &Value) -> Vec<(String, Value)> {
        let mut breaker = Self { document: document.clone(), broken: Vec::new() };
        breaker.walk("", "", document);
        breaker.broken
    }

    /// Puts another value somewhere, or none.
    fn put(&mut self, parent: &str, field: &str, value: Option<Value>) {
        let mut document = self.document.clone();
        match document.pointer_mut(parent) {
            Some(Value::Object(fields)) => match value {
                Some(value) => drop(fields.insert(field.to_owned(), value)),
                None => drop(fields.remove(field)),
            },
            Some(Value::Array(entries)) => {
                entries[field.parse::<usize>().unwrap()] = value.unwrap_or(Value::Null);
            }
            _ => unreachable!("{parent} holds {field}"),
        }
        let field = field.replace('~', "~0").replace('/', "~1");
        self.broken.push((format!("{parent}/{field}"), document));
    }

    fn walk(&mut self, parent: &str, field: &str, value: &Value) {
        const REQUIRED: &str = "charges kind model tiers unit_amount amount package_size \
            rate_percent allocation code idle_cost";
        if REQUIRED.split_whitespace().any(|required| required == field) {
            self.put(parent, field, None);
        }
        let here = if field.is_empty() { String::new() } else { format!("{parent}/{field}") };
        match value {
            Value::Object(fields) => {
                self.put(&here, "un/known~", Some("x".into()));
                for (name, value) in fields {
                    self.walk(&here, name, value);
                }
            }
            Value::Array(entries) => {
                // A filter may name a single value instead, but not none.
                let wrong = if parent.ends_with("/filter") { json!([]) } else { json!("no list") };
                self.put(parent, field, Some(wrong));
                for (at, value) in entries.iter().enumerate() {
                    self.walk(&here, &at.to_string(), value);
                }
                if field == "tiers" {
                    self.walk_bounds(&here, entries);
                }
            }
            Value::String(text) if text.parse::<f64>().is_ok() => {
                let decimals = ["-1", "0.00000001", "1,5", "", "1e40", "NaN"];
                for wrong in decimals.into_iter().map(Value::from).chain([json!(1.5), json!({})]) {
                    self.put(parent, field, Some(wrong));
                }
            }
            Value::String(_) => {
                let free_text = ["code", "name", "unit"].contains(&field);
                let wrong = if free_text { json!(" ") } else { json!("elsewhere") };
                let in_list = parent.ends_with("dimensions") || parent.ends_with("queue");
                self.put(parent, field, Some(if in_list { json!("") } else { wrong }));
            }
            Value::Bool(_) => self.put(parent, field, Some("true".into())),
            Value::Number(_) => self.put(parent, field, Some(json!(-1))),
            Value::Null => {}
        }
    }

    /// Bounds that do not rise, an open tier inside, a closed one at the end.
    fn walk_bounds(&mut self, list: &str, tiers: &[Value]) {
        let mut below = json!("0");
        for (at, tier) in tiers.iter().enumerate() {
            let place = format!("{list}/{at}");
            if at + 1 < tiers.len() {
                self.put(&place, "up_to", Some(below));
                self.put(&place, "up_to", None);
                self.put(&place, "up_to", Some(Value::Null));
            } else {
                self.put(&place, "up_to", Some(json!("9000000000")));
            }
            self.put(&place, "flat_amount", Some(json!("-0.01")));
            below = tier["up_to"].clone();
        }
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn one_broken_place_is_one_fault_at_its_pointer(document in tariffs()) {
        prop_assert!(Tariff::from_json(&document).is_ok(), "{:?}", Tariff::from_json(&document));
        for (pointer, broken) in Breaker::all(&document) {
            // A property's name is anyone's choice, and so is whose values are priced.
            if pointer.ends_with("/property") {
                continue;
            }
            let Err(faults) = Tariff::from_json(&broken) else {
                return Err(TestCaseError::fail(format!("{pointer} passes in {broken}")));
            };
            let found: Vec<_> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
            prop_assert_eq!(found, [&pointer], "{} in {}", faults, broken);
        }
    }

    /// What is written is read again as the same tariff, and written again as the same bytes.
    #[test]
    fn a_tariff_survives_its_json(document in tariffs()) {
        let tariff = Tariff::from_json(&document).unwrap();
        let written = serde_json::to_string(&tariff).unwrap();
        let again: Tariff = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&again, &tariff, "{}", written);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), written);
    }

    /// A lone charge is the tariff that has just that charge, and its faults are pointed at from
    /// its own root.
    #[test]
    fn a_lone_charge_is_a_tariff(charge in shared(Costs::Any, ALL)) {
        let listed = json!({ "charges": [charge.json] });
        prop_assert_eq!(Tariff::from_json(&charge.json), Tariff::from_json(&listed));
        for (pointer, broken) in Breaker::all(&charge.json) {
            if pointer == "/kind" {
                continue;
            }
            let faults = Tariff::from_json(&broken).unwrap_err();
            prop_assert_eq!(&faults.0[0].pointer, &pointer);
            prop_assert_eq!(faults.0.len(), 1, "{}", faults);
        }
    }
}
