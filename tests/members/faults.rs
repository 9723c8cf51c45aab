//! What is wrong with a member is told all at once, each fault where it is.

use palier_tests::{Answer, Pole, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::people::{at, faults};
use crate::seed::member;

/// A body in which everything is wrong that can be wrong by itself.
fn all_wrong() -> Value {
    json!({
        "code": "la forge",
        "name": "",
        "legal_form": " SAS",
        "siren": "732829321",
        "siret": "123",
        "vat_number": "FR00",
        "vat_regime": "none",
        "size_class": "huge",
        "address": {
            "lines": [], "postcode": "", "city": null, "country": "XX", "cedex": "07",
        },
        "billing_contact": { "email": "compta", "phone": "" },
        "language": "de",
        "payment_terms": "61_days",
        "status": "gone",
        "sirene": "732829320",
    })
}

/// Each fault of a body: where, which, and in words.
fn told(answer: &Answer) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problem = answer.problem();
    let errors = problem["errors"].as_array().unwrap().iter();
    let mut told: Vec<_> =
        errors.map(|it| [&it["pointer"], &it["code"], &it["detail"]].map(text)).collect();
    told.sort();
    told
}

on_both!(every_fault_is_told_at_once_in_both_languages);
fn every_fault_is_told_at_once_in_both_languages(pole: &Pole) {
    let expected = [
        ["/address/cedex", "unknown"],
        ["/address/city", "type"],
        ["/address/country", "format"],
        ["/address/lines", "min_items"],
        ["/address/postcode", "format"],
        ["/address/postcode", "min_length"],
        ["/billing_contact/email", "format"],
        ["/billing_contact/phone", "format"],
        ["/billing_contact/phone", "min_length"],
        ["/code", "pattern"],
        ["/language", "enum"],
        ["/legal_form", "format"],
        ["/name", "format"],
        ["/name", "min_length"],
        ["/payment_terms", "format"],
        ["/siren", "format"],
        ["/sirene", "unknown"],
        ["/siret", "format"],
        ["/size_class", "enum"],
        ["/status", "enum"],
        ["/vat_number", "format"],
        ["/vat_regime", "enum"],
    ];
    let members = at(pole, "/members");
    let in_language = |language: &str| {
        let client = pole.admin.with_header("accept-language", language);
        let answer = client.post(&members, all_wrong()).expect(422);
        assert_eq!(answer.header("content-language"), language);
        let problem = answer.problem();
        assert_eq!(problem["type"], "https://palier.dev/problems/invalid-body");
        let told = told(&answer);
        let places: Vec<_> = told.iter().map(|[at, code, _]| [at.as_str(), code]).collect();
        assert_eq!(places, expected);
        told
    };
    let (french, english) = (in_language("fr"), in_language("en"));
    for ([at, _, fr], [_, _, en]) in french.iter().zip(&english) {
        assert!(fr.len() > 3 && en.len() > 3 && fr != en, "{at}: {fr:?}, {en:?}");
    }
    let word = |told: &[[String; 3]], place: &str| {
        told.iter().find(|[at, ..]| at == place).map(|[_, _, detail]| detail.clone()).unwrap()
    };
    assert_eq!(
        word(&french, "/siren"),
        "Attendu : un SIREN, 9 chiffres dont le dernier est une clé."
    );
    assert_eq!(word(&english, "/siren"), "Expected a SIREN: 9 digits, the last a check digit.");
    let list = pole.admin.get(&members).expect(200).json();
    assert_eq!(list["data"], json!([]), "nothing was made");
}

on_both!(what_is_missing_is_told_at_once);
fn what_is_missing_is_told_at_once(pole: &Pole) {
    let empty = pole.admin.post(&at(pole, "/members"), json!({})).expect(422);
    let missing = ["/address", "/code", "/name"].map(|at| (at.to_owned(), "required".to_owned()));
    let mut told = faults(&empty);
    told.sort();
    assert_eq!(told, missing);
}

// What is right by itself and does not go together.
on_both!(what_contradicts_itself_is_told_at_once);
fn what_contradicts_itself_is_told_at_once(pole: &Pole) {
    let refused = |changes: Value| {
        let mut body = member("forge", "732829320");
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let mut told = faults(&pole.admin.post(&at(pole, "/members"), body).expect(422));
        told.sort();
        told.into_iter().map(|(at, code)| format!("{at} {code}")).collect::<Vec<_>>()
    };
    let contradictions = json!({
        "siret": "55210055400005", "vat_number": "FR83404833048", "vat_regime": "intra_eu",
        "address": { "lines": ["1 rue"], "postcode": "6900", "city": "Lyon", "country": "FR" },
    });
    let told = refused(contradictions);
    assert!(told.len() >= 3, "{told:?}");
    for at in ["/siret other_siren", "/vat_number other_siren", "/address/postcode"] {
        assert!(told.iter().any(|it| it.starts_with(at)), "{at}: {told:?}");
    }
}

on_both!(a_french_company_has_a_siren_and_a_belgian_one_need_not);
fn a_french_company_has_a_siren_and_a_belgian_one_need_not(pole: &Pole) {
    let mut body = member("forge", "732829320");
    body.as_object_mut().unwrap().remove("siren");
    let refused = pole.admin.post(&at(pole, "/members"), &body).expect(422);
    assert_eq!(faults(&refused), [("/siren".to_owned(), "required".to_owned())]);
    body["address"] = json!({
        "lines": ["Rue Neuve 1"], "postcode": "1000", "city": "Bruxelles", "country": "BE",
    });
    pole.admin.post(&at(pole, "/members"), &body).expect(201);
}

on_both!(a_body_that_cannot_be_read_is_refused_as_a_whole);
fn a_body_that_cannot_be_read_is_refused_as_a_whole(pole: &Pole) {
    let send = |kind: &str, body: &str| {
        let client = pole.admin.with_header("content-type", kind);
        client.send(Method::POST, &at(pole, "/members"), Some(body.as_bytes()))
    };
    let whole = member("forge", "732829320").to_string();
    for (kind, body, status, name) in [
        ("application/json", "", 400, "malformed-body"),
        ("application/json", "{\"code\": \"forge\",", 400, "malformed-body"),
        ("application/json", "{\"code\": \"a\", \"code\": \"b\"}", 400, "malformed-body"),
        ("application/json", "[]", 422, "invalid-body"),
        ("application/json", "null", 422, "invalid-body"),
        ("text/plain", &whole, 415, "unsupported-media-type"),
        ("application/merge-patch+json", &whole, 415, "unsupported-media-type"),
        ("application/json; charset=utf-8", &whole, 201, ""),
    ] {
        let answer = send(kind, body).expect(status);
        if status != 201 {
            let expected = format!("https://palier.dev/problems/{name}");
            assert_eq!(answer.problem()["type"], expected.as_str(), "{kind} {body}");
        }
    }
}
