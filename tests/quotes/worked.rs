//! The worked cases of the pricing rules, over HTTP.

use palier_tests::{Server, on_both};
use serde_json::{Map, Value, json};

use super::Office;
use crate::tariffs::{Schema, vectors};

on_both!(every_worked_case_comes_out_to_the_cent);
fn every_worked_case_comes_out_to_the_cent(server: &Server) {
    let (office, schema) = (Office::of(server), Schema::of(server, "Quote"));
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 56, "{} cases", cases.len());
    for case in cases {
        let members = case["usage"].as_object().unwrap().iter().map(|(member, quantity)| {
            let mut given = json!({ "member": member, "quantity": quantity });
            if let Some(weight) = case["weights"].get(member) {
                given["weight"] = weight.clone();
            }
            given
        });
        let pool = json!({ "members": members.collect::<Vec<_>>() });
        let tariff = json!({ "charges": [case["charge"]] });
        let quote = office.ask(json!({ "tariff": tariff, "pool": pool })).expect(200).json();
        let [period] = quote["periods"].as_array().unwrap().as_slice() else {
            panic!("one period: {quote}")
        };
        for (field, expected) in case["expect"].as_object().unwrap() {
            assert_eq!(period[field], *expected, "{}: {field}", case["id"]);
        }
        assert_eq!(quote["amounts"], case["expect"]["amounts"], "{}", case["id"]);
        schema.accepts(&quote);
    }
}

on_both!(every_contract_year_comes_out_month_by_month);
fn every_contract_year_comes_out_month_by_month(server: &Server) {
    let (office, schema) = (Office::of(server), Schema::of(server, "Quote"));
    for year in vectors()["contract_years"].as_array().unwrap() {
        let mut members: Map<String, Value> = Map::new();
        let mut months = Vec::new();
        for (number, usage) in (1..).zip(year["months"].as_array().unwrap()) {
            let month = format!("2026-{number:02}");
            for (member, quantity) in usage.as_object().unwrap() {
                let none = || json!({ "member": member, "usage": [] });
                let member = members.entry(member).or_insert_with(none);
                let usage = json!({ "quantity": quantity, "month": month });
                member["usage"].as_array_mut().unwrap().push(usage);
            }
            months.push(month);
        }
        let pool = json!({ "members": members.into_iter().map(|(_, it)| it).collect::<Vec<_>>() });
        let tariff = json!({ "charges": [year["charge"]] });
        let quote = office.ask(json!({ "tariff": tariff, "pool": pool })).expect(200).json();
        schema.accepts(&quote);

        let (periods, expected) = (&quote["periods"], year["expect"].as_array().unwrap());
        assert_eq!(periods.as_array().unwrap().len(), expected.len());
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(periods[at]["period"], months[at]);
            assert_eq!(periods[at]["unit_price"], expected["unit_price"]);
            for (member, lines) in expected["lines"].as_object().unwrap() {
                assert_eq!(periods[at]["amounts"][member], lines["total"], "{member}");
            }
        }
    }
}

/// Three tiers on the pool's volume.
fn tiers() -> Value {
    json!({ "charges": [
        { "kind": "recurring", "name": "Access", "amount": "15.00" },
        { "kind": "usage", "name": "Core-hours", "model": "graduated", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "unit_amount": "0.03" },
        ]},
    ]})
}

on_both!(one_company_sees_its_price_among_others_and_nothing_of_them);
fn one_company_sees_its_price_among_others_and_nothing_of_them(server: &Server) {
    let pool = json!({
        "members": [{ "member": "me", "quantity": "1200" }],
        "others": { "count": 7, "quantity": "28800" },
    });
    let office = Office::of(server);
    let quote = office.ask(json!({ "tariff": tiers(), "pool": pool })).expect(200).json();
    // 30,000 hours cost 10,000 × 0.08 + 20,000 × 0.055 = 1,900 €: 0.063333 € each.
    assert_eq!(quote["amounts"], json!({ "me": "91.00" }));
    assert_eq!(quote["savings"], json!({ "me": "20.00" }));
    assert_eq!(quote["total"], "2019.99");
    let charge = &quote["periods"][0]["charges"][1];
    assert_eq!(charge["pool"]["quantity"], "30000");
    assert_eq!(charge["pool"]["active_members"], 8);
    assert_eq!(charge["pool"]["unit_price"], "0.063333");
    assert_eq!(charge["tier"], 2);
    let next = json!({
        "tier": 3, "above": "50000", "missing": "20000", "unit_amount": "0.03",
    });
    assert_eq!(charge["next_tier"], next);
    let lines = charge["lines"].as_array().unwrap();
    assert!(lines.iter().all(|line| line["member"] == "me"), "{lines:?}");
    assert_eq!(lines[0]["saving"], "20.00");
    assert_eq!(charge["steps"].as_array().unwrap().len(), 2);
    Schema::of(server, "Quote").accepts(&quote);
}

on_both!(what_others_use_together_is_priced_whole_however_many_they_are);
fn what_others_use_together_is_priced_whole_however_many_they_are(server: &Server) {
    let office = Office::of(server);
    for count in [1, 3, 7, 400] {
        let pool = json!({
            "members": [{ "member": "me", "quantity": "0" }],
            "others": { "count": count, "quantity": "100.0001" },
        });
        let quote = office.ask(json!({ "tariff": tiers(), "pool": pool })).expect(200).json();
        let charge = &quote["periods"][0]["charges"][1];
        assert_eq!(charge["pool"]["quantity"], "100.0001", "{count}");
        assert_eq!(charge["pool"]["active_members"], count);
    }
}

on_both!(months_are_dated_and_fees_fall_due_in_them);
fn months_are_dated_and_fees_fall_due_in_them(server: &Server) {
    let tariff = json!({ "charges": [
        { "kind": "one_time", "amount": "40" },
        { "kind": "recurring", "amount": "31.00" },
        { "kind": "usage", "model": "standard", "unit_amount": "1" },
    ]});
    let member = json!({
        "member": "a", "first_day": "2026-01-17", "last_day": "2026-02-28",
        "usage": [{ "quantity": "2" }, { "quantity": "3", "month": "2026-02" }],
    });
    let body = json!({
        "tariff": tariff, "pool": { "members": [member] },
        "months": ["2026-01", "2026-02", "2026-03"],
    });
    let quote = Office::of(server).ask(body).expect(200).json();
    let amounts: Vec<_> = (0..3).map(|at| quote["periods"][at]["amounts"]["a"].clone()).collect();
    // 15 of 31 days of January; what is used in every month, and in February 3 more.
    assert_eq!(amounts, ["57.00", "36.00", "2.00"]);
    let fee = &quote["periods"][0]["charges"][1]["lines"][0];
    assert_eq!(fee["charged"], json!({ "first": "2026-01-17", "end": "2026-02-01" }));
    Schema::of(server, "Quote").accepts(&quote);
}

on_both!(meters_properties_and_events_reach_their_charges);
fn meters_properties_and_events_reach_their_charges(server: &Server) {
    let tariff = json!({
        "meters": [{ "code": "gb", "dimensions": ["region"] }, { "code": "cb" }],
        "charges": [
            { "kind": "usage", "meter": "gb", "filter": { "region": "eu" },
              "model": "standard", "unit_amount": "1" },
            { "kind": "usage", "meter": "gb", "model": "standard", "unit_amount": "2" },
            { "kind": "usage", "meter": "cb", "model": "percentage", "scope": "member",
              "rate_percent": "1", "fixed_per_event": "0.25" },
        ],
    });
    let usage = json!([
        { "meter": "gb", "quantity": "10", "properties": { "region": "eu" } },
        { "meter": "gb", "quantity": "3", "properties": { "region": "us" } },
        { "meter": "cb", "events": ["100", "50"] },
        { "meter": "phone", "quantity": "1" },
    ]);
    let pool = json!({ "members": [{ "member": "a", "usage": usage }] });
    let quote =
        Office::of(server).ask(json!({ "tariff": tariff, "pool": pool })).expect(200).json();
    let total = |at: usize| quote["periods"][0]["charges"][at]["total"].clone();
    assert_eq!([total(0), total(1), total(2)], ["10.00", "6.00", "2.00"]);
    assert_eq!(quote["unpriced"], json!(["phone"]));
    Schema::of(server, "Quote").accepts(&quote);
}

on_both!(a_tariff_that_may_surprise_says_so);
fn a_tariff_that_may_surprise_says_so(server: &Server) {
    let tariff = json!({ "charges": [{ "kind": "usage", "model": "volume", "tiers": [
        { "up_to": "100", "unit_amount": "1" }, { "unit_amount": "0.8" },
    ]}]});
    let pool = json!({ "members": [{ "member": "a", "quantity": "100" }] });
    let quote =
        Office::of(server).ask(json!({ "tariff": tariff, "pool": pool })).expect(200).json();
    let [warning] = quote["warnings"].as_array().unwrap().as_slice() else { panic!("{quote}") };
    assert_eq!(warning["warning"], "cliff");
    assert_eq!(warning["pointer"], "/charges/0/tiers/0");
    assert_eq!(warning["cliff"]["total_over_bound"], "80.00");
    assert!(
        warning["detail"]["fr"].as_str().unwrap().starts_with("Le total passe de 100.00 à 80.00")
    );
}
