//! `/v1/poles/{pole}/services`.

use palier_tests::{Answer, Pole, on_both};
use serde_json::{Value, json};

fn provider(pole: &Pole, name: &str) -> Answer {
    let providers = format!("/v1/poles/{}/providers", pole.code);
    let body = json!({ "name": name, "contact": { "email": "a@b.example" } });
    pole.admin.post(&providers, body).expect(201)
}

fn service(provider: &str) -> Value {
    json!({
        "provider": provider,
        "code": "hpc",
        "name": { "fr": "Calcul intensif", "en": "High-performance computing" },
        "description": { "fr": "Des cœurs de calcul,\nà l’heure." },
        "category": "computing",
        "tags": ["cfd", "éléments-finis"],
        "unit": { "fr": "cœur-heure", "en": "core-hour" },
        "terms": { "url": "https://hpc.example/terms" },
        "contract_anniversary": "2026-01-01",
    })
}

fn services(pole: &Pole) -> String {
    format!("/v1/poles/{}/services", pole.code)
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.problem()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|it| it["pointer"].as_str().unwrap_or_default().to_owned()).collect()
}

on_both!(a_service_is_made_read_and_changed);
fn a_service_is_made_read_and_changed(pole: &Pole) {
    let provider = provider(pole, "Centre").string("/id");
    let made = pole.admin.post(&services(pole), service(&provider)).expect(201);
    let mut expected = service(&provider);
    for name in ["id", "created_at", "updated_at"] {
        expected[name] = made.json()[name].clone();
    }
    expected["vat"] = json!("standard");
    expected["status"] = json!("draft");
    assert_eq!(made.json(), expected);
    let at = made.header("location");
    assert_eq!(pole.admin.get(at).expect(200).json(), expected);
    let taken = pole.admin.post(&services(pole), service(&provider)).expect(409);
    assert_eq!(pointers(&taken), ["/code"]);

    let change = json!({ "name": { "en": null }, "terms": null, "tags": [], "unit": null });
    let changed = pole.admin.with_header("if-match", made.header("etag")).patch(at, &change);
    let changed = changed.expect(200).json();
    assert_eq!(changed["name"], json!({ "fr": "Calcul intensif" }));
    assert_eq!((changed.get("terms"), &changed["tags"]), (None, &json!([])));
    pole.admin.with_header("if-match", made.header("etag")).patch(at, &change).expect(412);
}

on_both!(all_faults_of_a_service_are_told_at_once);
fn all_faults_of_a_service_are_told_at_once(pole: &Pole) {
    let provider = provider(pole, "Centre").string("/id");
    let wrong = |change: Value| {
        let mut body = service(&provider);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        pointers(&pole.admin.post(&services(pole), body).expect(422))
    };
    let many = json!({
        "code": "H P C", "name": { "en": "x" }, "category": "", "tags": ["CFD", "a b"],
        "description": { "fr": "nul \u{0}" }, "terms": { "url": "javascript:alert(1)" },
        "contract_anniversary": "2026-02-30", "status": "published",
    });
    let expected = [
        "/category",
        "/code",
        "/contract_anniversary",
        "/description/fr",
        "/name/fr",
        "/status",
        "/tags/0",
        "/tags/1",
        "/terms/url",
    ];
    assert_eq!(wrong(many), expected);
    assert_eq!(wrong(json!({ "tags": ["a", "b", "a"], "terms": {} })), ["/tags/2", "/terms"]);
    assert_eq!(wrong(json!({ "provider": "prv_01k9gz7v3hf8mv3r0x2p6d9qae" })), ["/provider"]);
}

on_both!(what_the_books_need_of_a_service_is_the_pole_s_to_say);
fn what_the_books_need_of_a_service_is_the_pole_s_to_say(pole: &Pole) {
    let provider = provider(pole, "Centre").string("/id");
    let key = json!({ "name": "Centre", "provider": provider, "scopes": ["catalogue:write"] });
    let key = pole.admin.post(&format!("/v1/poles/{}/api-keys", pole.code), key).expect(201);
    let theirs = pole.admin.with_token(&key.string("/key")).with_header("if-match", "*");
    let mut wanted = service(&provider);
    wanted["vat"] = json!("reduced");
    wanted["revenue_account"] = json!("706200");
    let refused = theirs.post(&services(pole), &wanted).expect(403);
    assert_eq!(pointers(&refused), ["/vat", "/revenue_account"]);
    let made = pole.admin.post(&services(pole), &wanted).expect(201);
    let at = made.header("location");
    // What the pole said may come back as it is, and not otherwise.
    theirs.patch(at, json!({ "vat": "reduced", "tags": [] })).expect(200);
    let refused = theirs.patch(at, json!({ "vat": "standard" })).expect(403);
    assert_eq!(pointers(&refused), ["/vat"]);
    let refused = theirs.patch(at, json!({ "revenue_account": null })).expect(403);
    assert_eq!(pointers(&refused), ["/revenue_account"]);
    let changes = json!([{ "effective_from": "2027-03-01", "value": "standard" }]);
    let refused = theirs.patch(at, json!({ "vat_changes": changes })).expect(403);
    assert_eq!(pointers(&refused), ["/vat_changes"]);
    let kept = pole.admin.get(at).expect(200).json();
    assert_eq!((&kept["vat"], &kept["revenue_account"]), (&json!("reduced"), &json!("706200")));
}

on_both!(a_service_goes_from_draft_to_published_to_retired);
fn a_service_goes_from_draft_to_published_to_retired(pole: &Pole) {
    let provider = provider(pole, "Centre");
    let made = pole.admin.post(&services(pole), service(&provider.string("/id"))).expect(201);
    let at = made.header("location");
    let go = |verb: &str| pole.admin.post(&format!("{at}/{verb}"), json!({}));
    pole.price(at);
    let published = go("publish").expect(200);
    assert_eq!(published.string("/status"), "published");
    let again = go("publish").expect(200);
    assert_eq!((again.json(), again.header("etag")), (published.json(), published.header("etag")));

    let any = pole.admin.with_header("if-match", "*");
    let moved = any.patch(at, json!({ "contract_anniversary": "2026-02-01" })).expect(409);
    assert_eq!(pointers(&moved), ["/contract_anniversary"]);
    let in_use = any.patch(provider.header("location"), json!({ "status": "retired" })).expect(409);
    assert_eq!(pointers(&in_use), ["/status"]);

    let retired = go("retire").expect(200);
    assert_eq!(retired.string("/status"), "retired");
    assert_eq!(retired.string("/published_at"), published.string("/published_at"));
    go("retire").expect(200);
    go("publish").expect(409);
    any.patch(provider.header("location"), json!({ "status": "retired" })).expect(200);

    let mut other = service(&provider.string("/id"));
    other["code"] = json!("other");
    let other = pole.admin.post(&services(pole), other).expect(201);
    let other = format!("{}/publish", other.header("location"));
    let refused = pole.admin.post(&other, json!({})).expect(409).problem();
    assert_eq!(refused["detail"], "Its provider is retired.");
}

on_both!(services_are_found_by_words_and_filters);
fn services_are_found_by_words_and_filters(pole: &Pole) {
    let (center, studio) = (provider(pole, "Centre Étoile"), provider(pole, "Studio"));
    for (provider, code, name, category, tags) in [
        (&center, "hpc", "Calcul intensif", "computing", json!(["cfd", "gpu"])),
        (&center, "scan", "Numérisation 3D", "test-benches", json!(["scanner"])),
        (&studio, "wind", "Soufflerie d’été", "test-benches", json!(["cfd"])),
    ] {
        let mut body = service(&provider.string("/id"));
        (body["code"], body["category"], body["tags"]) = (json!(code), json!(category), tags);
        body["name"] = json!({ "fr": name });
        pole.admin.post(&services(pole), body).expect(201);
    }
    let list = |query: &str| pole.admin.get(&format!("{}?{query}", services(pole))).expect(200);
    let found = |query: &str| {
        let data = list(query).json()["data"].as_array().cloned().unwrap();
        data.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q=INTENSIF+calcul"), ["hpc"]);
    assert_eq!(found("q=ete"), ["wind"]);
    assert_eq!(found("q=etoile+test"), ["scan"], "a provider’s name and the category");
    assert_eq!(found("tag=cfd"), ["hpc", "wind"]);
    assert_eq!(found("tag=cf"), [""; 0], "a tag is a whole word");
    assert_eq!(found("category=test-benches&tag=cfd"), ["wind"]);
    assert_eq!(found(&format!("provider={}", center.string("/id"))), ["hpc", "scan"]);
    assert_eq!(found("status=published"), [""; 0]);
    assert_eq!(found("code=scan"), ["scan"]);
    let first = list("limit=2&status=draft");
    let cursor = first.string("/next_cursor");
    assert_eq!(found(&format!("limit=2&status=draft&cursor={cursor}")), ["wind"]);
    let refused = pole.admin.get(&format!("{}?statut=draft", services(pole))).expect(400);
    assert_eq!(refused.problem()["errors"][0]["parameter"], "statut");
}
