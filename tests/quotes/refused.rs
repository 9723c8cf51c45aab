//! What is not priced, and why.

use palier_tests::{Engine, Server, on_both};
use serde_json::{Value, json};

use super::Office;

fn standard() -> Value {
    json!({ "charges": [{ "kind": "usage", "model": "standard", "unit_amount": "1" }] })
}

/// Pointers and codes of the faults.
#[track_caller]
fn faults(office: &Office, body: Value) -> Vec<(String, String)> {
    let problem = office.ask(body).expect(422).problem();
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let faults = problem["errors"].as_array().unwrap().iter();
    faults.map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

on_both!(all_faults_of_tariff_and_pool_are_told_at_once);
fn all_faults_of_tariff_and_pool_are_told_at_once(server: &Server) {
    let body = json!({
        "tariff": { "charges": [{ "kind": "usage", "model": "graduated", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": 5000, "unit_amount": "-0.03" },
        ]}]},
        "pool": { "members": [{ "member": "a", "quantity": 5 }, { "quantity": "1", "colour": "red" }] },
        "moths": [],
    });
    let mut found = faults(&Office::of(server), body);
    found.sort();
    let expected = [
        ("/moths", "unknown"),
        ("/pool/members/0/quantity", "type"),
        ("/pool/members/1/colour", "unknown"),
        ("/pool/members/1/member", "required"),
        ("/tariff/charges/0/tiers/1/unit_amount", "minimum"),
        ("/tariff/charges/0/tiers/1/up_to", "type"),
    ];
    assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
}

on_both!(faults_are_told_in_the_callers_language);
fn faults_are_told_in_the_callers_language(server: &Server) {
    let office = Office::of(server);
    let tariff = json!({ "charges": [{ "kind": "usage", "model": "graduated", "tiers": [
        { "up_to": "10", "unit_amount": "1" }, { "up_to": "5", "unit_amount": "1" }, { "unit_amount": "1" },
    ]}]});
    let body = json!({ "tariff": tariff, "pool": { "members": [{ "member": "a" }] } });
    let detail = |language: &str| {
        let problem =
            office.with_header("accept-language", language).ask(body.clone()).expect(422).problem();
        problem["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(detail("en"), "This must be more than the bound of the tier before, 10.");
    assert_eq!(detail("fr"), "Cette borne doit dépasser celle du palier précédent, 10.");
}

on_both!(a_tariff_is_not_missing_nor_something_else);
fn a_tariff_is_not_missing_nor_something_else(server: &Server) {
    let office = Office::of(server);
    let pool = json!({ "members": [{ "member": "a" }] });
    assert_eq!(faults(&office, json!({ "pool": pool })), one("/tariff", "required"));
    let body = json!({ "pool": pool, "tariff": "cheap" });
    assert_eq!(faults(&office, body), one("/tariff", "type"));
    // A lone charge is a tariff to the command line only: the API has one form.
    let body = json!({ "pool": pool, "tariff": standard()["charges"][0] });
    assert!(faults(&office, body).contains(&("/tariff/charges".to_owned(), "required".to_owned())));
    let twice = br#"{"pool":{"members":[{"member":"a"}]},"tariff":{},"tariff":{}}"#;
    let answer = office.client.with_header("content-type", "application/json");
    let answer = answer.send("POST".parse().unwrap(), &office.path, Some(twice)).expect(400);
    assert!(answer.problem()["type"].as_str().unwrap().ends_with("malformed-body"));
}

on_both!(usage_is_said_once_and_in_one_way);
fn usage_is_said_once_and_in_one_way(server: &Server) {
    let office = Office::of(server);
    let ask = |members: Value| {
        faults(&office, json!({ "tariff": standard(), "pool": { "members": members } }))
    };
    let usage = |usage: Value| ask(json!([{ "member": "a", "usage": usage }]));
    let twice = ask(json!([{ "member": "a" }, { "member": "b" }, { "member": "a" }]));
    assert_eq!(twice, one("/pool/members/2/member", "duplicate"));
    let both = ask(json!([{ "member": "a", "quantity": "1", "usage": [{ "quantity": "1" }] }]));
    assert_eq!(both, one("/pool/members/0/usage", "meaningless"));
    assert_eq!(
        usage(json!([{ "meter": "h" }])),
        one("/pool/members/0/usage/0/quantity", "required")
    );
    let both = usage(json!([{ "quantity": "1", "events": ["1"] }]));
    assert_eq!(both, one("/pool/members/0/usage/0/events", "meaningless"));
    let mixed = usage(json!([{ "events": ["1"] }, { "quantity": "1" }]));
    assert_eq!(mixed, one("/pool/members/0/usage/1/events", "required"));
    let backwards = ask(json!([{
        "member": "a", "first_day": "2026-02-01", "last_day": "2026-01-31",
    }]));
    assert_eq!(backwards, one("/pool/members/0/last_day", "minimum"));
    let others = json!({ "count": 2, "quantity": "-1", "usage": [] });
    let pool = json!({ "members": [{ "member": "a" }], "others": others });
    let negative = faults(&office, json!({ "tariff": standard(), "pool": pool }));
    assert_eq!(negative, one("/pool/others/quantity", "minimum"));
}

on_both!(what_cannot_be_priced_is_pointed_at);
fn what_cannot_be_priced_is_pointed_at(server: &Server) {
    let office = Office::of(server);
    let ask = |charge: Value, members: Value| {
        let tariff = json!({ "charges": [charge] });
        faults(&office, json!({ "tariff": tariff, "pool": { "members": members } }))
    };
    let weighted = json!({ "kind": "shared_cost", "fixed": "10", "allocation": "weighted" });
    let found = ask(weighted.clone(), json!([{ "member": "a", "weight": "1" }, { "member": "b" }]));
    assert_eq!(found, one("/pool/members/1/weight", "required"));
    let found = ask(weighted, json!([{ "member": "a", "weight": "0" }]));
    assert_eq!(found, one("/pool", "unpriceable"));
    let package =
        json!({ "kind": "usage", "model": "package", "amount": "1", "package_size": "1" });
    let found = ask(
        package,
        json!([{ "member": "a", "quantity": "1" }, { "member": "b", "quantity": "-1" }]),
    );
    assert_eq!(found, one("/pool/members/1", "unpriceable"));
    let event = json!({
        "kind": "usage", "model": "percentage", "scope": "member", "rate_percent": "1",
        "fixed_per_event": "1",
    });
    let found = ask(event, json!([{ "member": "a", "quantity": "1" }]));
    assert_eq!(found, one("/tariff/charges/0", "unpriceable"));
    let standard = json!({ "kind": "usage", "model": "standard", "unit_amount": "9000000000000" });
    let found = ask(standard, json!([{ "member": "a", "quantity": "9000000000000" }]));
    assert_eq!(found, one("/pool", "unpriceable"));
}

on_both!(only_so_much_is_priced_at_once);
fn only_so_much_is_priced_at_once(server: &Server) {
    let office = Office::of(server);
    let usage = |month: &str| json!({ "quantity": "1", "month": month });
    let members = |usage: Value| json!({ "members": [{ "member": "a", "usage": usage }] });
    let ask = |pool: Value, months: Value| {
        faults(&office, json!({ "tariff": standard(), "pool": pool, "months": months }))
    };
    let far = ask(members(json!([usage("2026-01"), usage("2029-01")])), json!([]));
    assert_eq!(far, one("/months", "too_large"));
    let late = ask(members(json!([usage("2026-03")])), json!(["2026-02"]));
    assert_eq!(late, one("/pool/members/0/usage/0/month", "maximum"));

    let many = (0..401).map(|number| json!({ "member": format!("m{number}"), "quantity": "1" }));
    let many = json!({ "members": many.collect::<Vec<_>>() });
    let year: Vec<_> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
    let years = json!([year, vec!["2027-01".to_owned(), "2027-02".to_owned()]].concat());
    let tiers = json!({ "charges": [{ "kind": "usage", "scope": "member", "model": "graduated",
        "tiers": [{ "up_to": "1", "unit_amount": "1" }, { "up_to": "2", "unit_amount": "1" },
                  { "unit_amount": "1" }] }] });
    let body = json!({ "tariff": tiers, "pool": many, "months": years });
    assert_eq!(faults(&office, body), one("/pool", "too_large"));

    let charges = json!({ "charges": vec![standard()["charges"][0].clone(); 51] });
    let pool = json!({ "members": [{ "member": "a" }] });
    let found = faults(&office, json!({ "tariff": charges, "pool": pool }));
    assert!(found.iter().any(|(pointer, _)| pointer.starts_with("/tariff/charges")), "{found:?}");
    let charges = json!({ "charges": vec![json!({}); 5_000] });
    let found = faults(&office, json!({ "tariff": charges, "pool": pool }));
    assert_eq!(found, one("/tariff/charges", "max_items"));

    let name = "x".repeat(200_000);
    let body = json!({ "tariff": standard(), "pool": { "members": [{ "member": name }] } });
    office.ask(body).expect(413).problem();
}

on_both!(an_address_has_so_many_quotes);
fn an_address_has_so_many_quotes(engine: Engine) {
    let server = Server::builder(engine).args("--trusted-proxies 127.0.0.1").start();
    let office = Office::of(&server);
    let from = |address: &str| {
        let body = json!({ "tariff": standard(), "pool": { "members": [{ "member": "a" }] } });
        office.with_header("x-forwarded-for", address).ask(body)
    };
    // Each half second one more is granted: the slower they come, the more it takes to be refused.
    let mut answers = (0..1_000).map(|_| from("203.0.113.7"));
    assert!(answers.by_ref().take(60).all(|answer| answer.status == 200));
    let refused = answers.find(|answer| answer.status != 200).unwrap().expect(429);
    assert!(!refused.header("retry-after").is_empty(), "{refused}");
    refused.problem();
    from("198.51.100.1").expect(200);
}
