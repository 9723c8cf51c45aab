//! What documents say of VAT, and which documents there are.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee};
use crate::seed::member;

fn abroad(code: &str, country: &str, regime: &str, vat_number: Option<&str>) -> Value {
    let mut member = json!({
        "code": code, "name": "Werkstatt GmbH", "vat_regime": regime,
        "address": { "lines": ["Hauptstraße 1"], "postcode": "10115", "city": "Berlin",
            "country": country },
    });
    if let Some(number) = vat_number {
        member["vat_number"] = number.into();
    }
    member
}

/// A member in a postcode of France.
fn at_home(code: &str, siren: &str, postcode: &str) -> Value {
    let mut member = member(code, siren);
    member["address"]["postcode"] = postcode.into();
    member
}

/// The VAT of each document of a member: part, category, rate, tax, and code of the reason.
fn vat(small: &Small, period: &str, member: &str) -> Vec<String> {
    let mut found: Vec<_> = small
        .documents(period)
        .iter()
        .filter(|it| it["document"]["buyer"]["code"] == member)
        .map(|it| {
            let vat = &it["document"]["totals"]["vat"][0];
            let reason = &it["document"]["lines"][0]["vat"]["exemption"]["code"];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            [&it["part"], &vat["category"], &vat["rate_percent"], &vat["vat"], reason]
                .map(text)
                .join(" ")
        })
        .collect();
    found.sort();
    found
}

on_both!(each_document_has_the_vat_of_its_customer);
fn each_document_has_the_vat_of_its_customer(engine: Engine) {
    let mut small = Small::new(engine, &[fee()]);
    small.join(at_home("reunion", "552100554", "97400"));
    small.join(at_home("guyane", "542051180", "97300"));
    small.join(abroad("berlin", "DE", "intra_eu", Some("DE136695976")));
    small.join(abroad("zurich", "CH", "outside_eu", None));
    small.close("2026-07");
    let expected = [
        ("forge", "services S 20 3.00 -"),
        ("reunion", "services S 8.5 1.28 -"),
        ("guyane", "services E 0 0.00 VATEX-FR-CGI295"),
        ("berlin", "services AE 0 0.00 VATEX-EU-AE"),
        ("zurich", "services G 0 0.00 VATEX-EU-G"),
    ];
    for (member, expected) in expected {
        assert_eq!(vat(&small, "2026-07", member), [expected], "{member}");
    }
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_is_outside_the_scope_of_vat_has_a_document_of_its_own);
fn what_is_outside_the_scope_of_vat_has_a_document_of_its_own(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let provider = json!({ "name": "Pôle", "contact": { "email": "pole@pole.example" } });
    let provider = small.made("providers", provider);
    for (code, vat) in
        [("membership", "out_of_scope"), ("training", "members_exempt"), ("books", "reduced")]
    {
        let charge = json!({ "kind": "recurring", "amount": "100" });
        let tariff = json!({ "charges": [charge] });
        let service = small.service(code, &provider, json!({ "vat": vat }), &tariff);
        small.subscribe("forge", &service, json!({}));
    }
    assert_eq!(small.close("2026-07").len(), 3);
    let fees = "fees O 0 0.00 VATEX-EU-O";
    // The first category of the other one, in the order of the lines.
    let of = vat(&small, "2026-07", "forge");
    assert_eq!(of[0], fees);
    let documents = small.documents("2026-07");
    let of_forge =
        |it: &&Value| it["part"] == "services" && it["document"]["buyer"]["code"] == "forge";
    let services = &documents.iter().find(of_forge).unwrap()["document"];
    let mut rates: Vec<_> = services["totals"]["vat"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {} {}", it["category"], it["rate_percent"], it["base"], it["vat"]))
        .map(|it| it.replace('"', ""))
        .collect();
    rates.sort();
    assert_eq!(rates, ["E 0 100.00 0.00", "S 20 15.00 3.00", "S 5.5 100.00 5.50"]);
    assert_eq!(services["totals"]["gross"], "223.50");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_document_that_would_break_a_rule_is_named_and_nothing_is_written);
fn a_document_that_would_break_a_rule_is_named_and_nothing_is_written(engine: Engine) {
    let mut small = Small::new(engine, &[fee()]);
    small.join(abroad("berlin", "DE", "intra_eu", Some("DE136695976")));
    // A reverse charge needs the numbers of both (BR-AE-02). No caller can take one away, so that
    // somebody does who owns the database.
    let mut sql = small.sql();
    sql.run("UPDATE members SET vat_number = NULL WHERE code = 'berlin'");
    let refused = small.try_invoices(&["run"], "2026-07").failure(2);
    assert!(refused.contains("berlin") && refused.contains("VAT numbers"), "{refused}");
    assert_eq!(small.documents("2026-07").len(), 0);
    // Once it is mended, the same command goes on.
    sql.run("UPDATE members SET vat_number = 'DE136695976' WHERE code = 'berlin'");
    assert_eq!(small.close("2026-07").len(), 3);
}
