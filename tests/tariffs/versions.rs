//! `/v1/poles/{pole}/services/{service}/tariffs`

use palier_tests::{Engine, Pole, on_both, postgres};
use serde_json::{Value, json};

/// A service with a meter, and where its tariffs are.
fn service(pole: &Pole) -> String {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let provider = json!({ "name": "Mésocentre", "contact": { "email": "a@b.example" } });
    let provider = pole.admin.post(&at("providers"), provider).expect(201).string("/id");
    let service = json!({
        "code": "compute", "provider": provider, "name": { "fr": "Calcul" },
        "description": { "fr": "Des heures." }, "category": "calcul", "unit": { "fr": "heure" },
    });
    let service = pole.admin.post(&at("services"), service).expect(201).string("/id");
    let service = at(&format!("services/{service}"));
    let meter = json!({ "code": "hours", "unit": "HUR", "aggregation": "sum" });
    pole.admin.post(&format!("{service}/meters"), meter).expect(201);
    format!("{service}/tariffs")
}

fn version(effective_from: &str) -> Value {
    json!({
        "name": "2026",
        "effective_from": effective_from,
        "document": { "charges": [{
            "kind": "usage", "meter": "hours", "model": "volume", "scope": "pool",
            "tiers": [{ "up_to": "300", "unit_amount": "0.8" }, { "unit_amount": "0.5" }],
        }] },
    })
}

on_both!(versions_follow_each_other);
fn versions_follow_each_other(pole: &Pole) {
    let path = service(pole);
    let first = pole.admin.post(&path, version("2020-01-15")).expect(201);
    assert_eq!(first.string("/status"), "in_force");
    assert_eq!(first.string("/document/meters/0/code"), "hours");
    assert_eq!(first.string("/document/currency"), "EUR");
    // More can cost less: it is allowed, and said.
    assert_eq!(first.string("/warnings/0/warning"), "cliff");

    for (wrong, code) in [("2020-02-01", "not_a_month_start"), ("2099-01-02", "not_a_month_start")]
    {
        let problem = pole.admin.post(&path, version(wrong)).expect(422).problem();
        assert_eq!(problem["errors"][0]["code"], code, "{wrong}");
    }
    let next = pole.admin.post(&path, version("2099-01-01")).expect(201);
    assert_eq!(next.string("/status"), "scheduled");
    pole.admin.post(&path, version("2099-01-01")).expect(409).problem();

    let all = pole.admin.get(&path).expect(200).json();
    let statuses: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(statuses, ["scheduled", "in_force"]);

    pole.admin.delete(&format!("{path}/{}", next.string("/id"))).expect(204);
    pole.admin.get(&format!("{path}/{}", next.string("/id"))).expect(404).problem();
    pole.admin.delete(&format!("{path}/{}", first.string("/id"))).expect(409).problem();
    assert_eq!(
        pole.admin.get(&format!("{path}/{}", first.string("/id"))).expect(200).json(),
        first.json()
    );
}

on_both!(all_faults_are_told_at_once_with_their_places);
fn all_faults_are_told_at_once_with_their_places(pole: &Pole) {
    let path = service(pole);
    let wrong = json!({
        "effective_from": "soon",
        "document": { "currency": "USD", "charges": [{
            "kind": "usage", "meter": "days", "model": "graduated",
            "tiers": [{ "up_to": "10", "unit_amount": "-1" }, { "up_to": "5", "unit_amount": "1" }],
        }] },
        "extra": 1,
    });
    let french = pole.admin.with_header("accept-language", "fr");
    let problem = french.post(&path, wrong).expect(422).problem();
    let errors = problem["errors"].as_array().unwrap();
    let has = |pointer: &str| errors.iter().any(|error| error["pointer"] == pointer);
    for pointer in ["/name", "/effective_from", "/extra", "/document/charges/0/tiers/0/unit_amount"]
    {
        assert!(has(pointer), "{pointer}: {problem}");
    }
    assert_eq!(problem["title"], "Le corps de la requête n’est pas valide");
}

on_both!(followers_are_told_of_a_change);
fn followers_are_told_of_a_change(server: &palier_tests::Server) {
    let pole = Pole::new(server);
    let path = service(&pole);
    let service = path.trim_end_matches("/tariffs").rsplit('/').next().unwrap();
    pole.admin.post(&path, version("2020-01-01")).expect(201);
    pole.admin
        .post(&format!("/v1/poles/{}/services/{service}/publish", pole.code), json!({}))
        .expect(200);
    let address = format!("compta@{}.example", pole.code);
    let member = json!({
        "code": "forge", "name": "Forge SAS", "siren": "732829320",
        "address": { "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR" },
        "billing_contact": { "email": address }, "language": "fr",
    });
    let members = format!("/v1/poles/{}/members", pole.code);
    let member = pole.admin.post(&members, member).expect(201).string("/id");
    let subscriptions = format!("{members}/{member}/subscriptions");
    pole.admin.post(&subscriptions, json!({ "service": service })).expect(201);
    pole.admin.post(&path, version("2099-01-01")).expect(201);
    let mail = server.mail_to(&address);
    let text = &mail.text;
    assert!(text.contains("Les tarifs de Calcul changent le 1er janvier 2099."), "{text}");
}

/// Not even by SQL.
#[test]
fn the_database_refuses_to_change_a_tariff() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let server = palier_tests::Server::start(Engine::Postgres);
    let pole = Pole::new(&server);
    let path = service(&pole);
    pole.admin.post(&path, version("2020-01-01")).expect(201);
    let cluster = postgres::cluster().unwrap();
    for sql in ["UPDATE tariffs SET name = 'x'", "DELETE FROM tariffs"] {
        let attempt = std::panic::catch_unwind(|| cluster.sql(server.database_url(), sql));
        assert!(attempt.is_err(), "{sql}");
    }
    assert_eq!(pole.admin.get(&path).expect(200).json()["data"].as_array().unwrap().len(), 1);
}
