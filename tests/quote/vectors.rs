//! The worked cases of the pricing rules, through the command.

use std::fmt::Write as _;

use palier_tests::workspace;
use serde_json::Value;

use super::Desk;

fn vectors() -> Value {
    let path = workspace().join("billing/tests/vectors/pricing.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_worked_case_comes_out_to_the_cent() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 56, "{} cases", cases.len());
    for case in cases {
        let usage = case["usage"].as_object().unwrap().iter();
        let usage = usage.fold("member,quantity\n".to_owned(), |mut sheet, (member, quantity)| {
            writeln!(sheet, "{member},{}", quantity.as_str().unwrap()).unwrap();
            sheet
        });
        let desk = Desk::with(case["charge"].to_string(), usage);
        let weights = case["weights"].as_object().map(|weights| {
            let pairs =
                weights.iter().map(|(it, weight)| format!("{it}={}", weight.as_str().unwrap()));
            format!("--weights {}", pairs.collect::<Vec<_>>().join(","))
        });
        let quote = desk.json(&weights.unwrap_or_default());
        for (field, expected) in case["expect"].as_object().unwrap() {
            assert_eq!(quote[field], *expected, "{}: {field}", case["id"]);
        }
    }
}

#[test]
fn every_contract_year_comes_out_month_by_month() {
    let vectors = vectors();
    let years = vectors["contract_years"].as_array().unwrap();
    assert!(!years.is_empty());
    for year in years {
        let mut events = "id,member,meter,time,quantity\n".to_owned();
        for (number, month) in (1..).zip(year["months"].as_array().unwrap()) {
            for (member, quantity) in month.as_object().unwrap() {
                let quantity = quantity.as_str().unwrap();
                let time = format!("2026-{number:02}-15T12:00:00Z");
                writeln!(events, "{number}{member},{member},any,{time},{quantity}").unwrap();
            }
        }
        let quote = Desk::with(year["charge"].to_string(), events).json("");
        let expected = year["expect"].as_array().unwrap();
        let periods = quote["periods"].as_array().unwrap();
        assert_eq!(periods.len(), expected.len());
        for (period, expected) in periods.iter().zip(expected) {
            compare(period, expected);
        }
    }
}

fn compare(period: &Value, expected: &Value) {
    assert_eq!(period["unit_price"], expected["unit_price"]);
    for (member, lines) in expected["lines"].as_object().unwrap() {
        let amount = |kind: &str| {
            let all = period["charges"][0]["lines"].as_array().unwrap();
            let line = all.iter().find(|it| it["member"] == **member && it["kind"] == kind);
            line.map_or_else(|| "0.00".into(), |line| line["amount"].clone())
        };
        assert_eq!(amount("usage"), lines["usage_line"], "{member}");
        assert_eq!(amount("price_adjustment"), lines["adjustment"], "{member}");
        assert_eq!(period["amounts"][member], lines["total"], "{member}");
    }
}
