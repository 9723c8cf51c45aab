//! `/v1/poles/{pole}/providers`.

use palier_tests::{Answer, Pole, on_both};
use serde_json::{Value, json};

fn provider() -> Value {
    json!({
        "name": "Centre de calcul du Rhône",
        "siren": "732829320",
        "vat_number": "FR44732829320",
        "contact": { "email": "contact@calcul.example", "name": "Accueil" },
    })
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.problem()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|it| it["pointer"].as_str().unwrap_or_default().to_owned()).collect()
}

fn names(answer: &Answer) -> Vec<String> {
    let data = answer.json()["data"].as_array().cloned().unwrap_or_default();
    data.iter().map(|it| it["name"].as_str().unwrap_or_default().to_owned()).collect()
}

on_both!(a_provider_is_made_read_and_changed);
fn a_provider_is_made_read_and_changed(pole: &Pole) {
    let providers = format!("/v1/poles/{}/providers", pole.code);
    let made = pole.admin.post(&providers, provider()).expect(201);
    let at = made.header("location").to_owned();
    let mut expected = provider();
    for (name, value) in made.json().as_object().unwrap() {
        if ["id", "created_at", "updated_at", "status"].contains(&name.as_str()) {
            expected[name] = value.clone();
        }
    }
    assert_eq!(made.json(), expected);
    assert_eq!(made.json()["status"], "active");
    assert_eq!(pole.admin.get(&at).expect(200).json(), expected);

    let change = json!({ "contact": { "email": "neuf@calcul.example" }, "vat_number": null });
    let changed = pole.admin.with_header("if-match", made.header("etag"));
    let changed = changed.patch(&at, &change).expect(200).json();
    assert_eq!(changed["contact"], json!({ "email": "neuf@calcul.example", "name": "Accueil" }));
    assert_eq!(changed.get("vat_number"), None);
    let late = pole.admin.with_header("if-match", made.header("etag"));
    late.patch(&at, &change).expect(412);
}

on_both!(a_member_may_be_a_provider);
fn a_member_may_be_a_provider(pole: &Pole) {
    let (providers, members) =
        (format!("/v1/poles/{}/providers", pole.code), format!("/v1/poles/{}/members", pole.code));
    let member = json!({
        "code": "calcul", "name": "Calcul SAS", "siren": "732829320",
        "address": { "lines": ["1 rue X"], "postcode": "69007", "city": "Lyon", "country": "FR" },
    });
    let member = pole.admin.post(&members, member).expect(201).string("/id");
    let mut wanted = provider();
    wanted["member"] = json!(member);
    let made = pole.admin.post(&providers, &wanted).expect(201);
    assert_eq!(made.string("/member"), member);
    let found = pole.admin.get(&format!("{providers}?member={member}")).expect(200).json();
    assert_eq!(found["data"], json!([made.json()]));

    // Another pole's member is none here.
    wanted["member"] = json!("mbr_01k9gz7v3hf8mv3r0x2p6d9qae");
    assert_eq!(pointers(&pole.admin.post(&providers, &wanted).expect(422)), ["/member"]);
    let any = pole.admin.with_header("if-match", "*");
    let refused = any.patch(made.header("location"), json!({ "member": wanted["member"] }));
    assert_eq!(pointers(&refused.expect(422)), ["/member"]);
}

on_both!(all_faults_of_a_provider_are_told_at_once);
fn all_faults_of_a_provider_are_told_at_once(pole: &Pole) {
    let providers = format!("/v1/poles/{}/providers", pole.code);
    let wrong = json!({
        "name": " ", "siren": "732829321", "contact": { "email": "nobody" }, "status": "gone",
        "color": "red",
    });
    let refused = pole.admin.post(&providers, wrong).expect(422);
    assert_eq!(pointers(&refused), ["/color", "/contact/email", "/name", "/siren", "/status"]);
    let mut at_odds = provider();
    at_odds["siren"] = json!("542051180");
    assert_eq!(pointers(&pole.admin.post(&providers, at_odds).expect(422)), ["/vat_number"]);
}

on_both!(providers_are_found_by_words);
fn providers_are_found_by_words(pole: &Pole) {
    let providers = format!("/v1/poles/{}/providers", pole.code);
    for name in ["Métrologie Étoile", "Calcul du Rhône", "Étoile Services"] {
        let body = json!({ "name": name, "contact": { "email": "a@b.example" } });
        pole.admin.post(&providers, body).expect(201);
    }
    let found = |query: &str| names(&pole.admin.get(&format!("{providers}?{query}")).expect(200));
    assert_eq!(found("q=etoile"), ["Métrologie Étoile", "Étoile Services"]);
    assert_eq!(found("q=%C3%89TOILE+metro"), ["Métrologie Étoile"]);
    assert_eq!(found("status=retired"), [""; 0]);
    let first = pole.admin.get(&format!("{providers}?limit=2")).expect(200);
    assert_eq!(names(&first).len(), 2);
    let rest = found(&format!("limit=2&cursor={}", first.string("/next_cursor")));
    assert_eq!(rest, ["Étoile Services"]);
}
