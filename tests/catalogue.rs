//! `/v1/poles/{pole}/catalogue`.

use std::io::Read as _;
use std::time::{Duration, Instant};

use palier_tests::{Answer, Client, Engine, Pole, Server, on_both, wait_for};
use serde_json::{Value, json};

/// Somebody without a token, and the address of a pole.
fn visitor(pole: &Pole) -> (Client, String) {
    (pole.admin.without_header("authorization"), format!("/v1/poles/{}", pole.code))
}

fn provider(pole: &Pole, name: &str) -> String {
    let body = json!({ "name": name, "contact": { "email": "a@b.example" } });
    let made = pole.admin.post(&format!("/v1/poles/{}/providers", pole.code), body).expect(201);
    made.string("/id")
}

/// A draft with these fields and otherwise usual ones; its address.
fn draft(pole: &Pole, provider: &str, code: &str, more: &Value) -> String {
    let mut body = json!({
        "provider": provider, "code": code, "name": { "fr": code }, "category": "computing",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = pole.admin.post(&format!("/v1/poles/{}/services", pole.code), body).expect(201);
    made.header("location").to_owned()
}

/// Puts a service into the catalogue, at 15 € a month.
fn publish(pole: &Pole, service: &str) {
    pole.price(service);
    pole.publish(service);
}

fn codes(answer: &Answer) -> Vec<String> {
    let data = answer.json()["data"].as_array().cloned().unwrap();
    data.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

on_both!(what_is_published_is_there_at_once_and_no_longer_than_that);
fn what_is_published_is_there_at_once_and_no_longer_than_that(pole: &Pole) {
    let (anybody, base) = visitor(pole);
    let listed = || codes(&anybody.get(&format!("{base}/catalogue")).expect(200));
    let one = || anybody.get(&format!("{base}/catalogue/hpc"));
    assert_eq!(listed(), [""; 0]);
    let service = draft(pole, &provider(pole, "Centre"), "hpc", &json!({}));
    assert_eq!(listed(), [""; 0], "a draft");
    one().expect(404);

    publish(pole, &service);
    assert_eq!(listed(), ["hpc"]);
    assert_eq!(one().expect(200).json()["name"], json!({ "fr": "hpc", "en": "hpc" }));
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&service, json!({ "name": { "en": "Computing" } })).expect(200);
    assert_eq!(one().expect(200).json()["name"]["en"], "Computing");

    pole.admin.post(&format!("{service}/retire"), json!({})).expect(200);
    assert_eq!(listed(), [""; 0], "retired");
    one().expect(404);
}

on_both!(one_call_has_what_a_page_needs_and_nothing_else);
fn one_call_has_what_a_page_needs_and_nothing_else(pole: &Pole) {
    let (anybody, base) = visitor(pole);
    let center = provider(pole, "Centre de calcul");
    let more = json!({
        "name": { "fr": "Calcul intensif", "en": "High-performance computing" },
        "description": { "fr": "Des cœurs." }, "tags": ["cfd", "gpu"],
        "unit": { "fr": "cœur-heure", "en": "core-hour" }, "contract_anniversary": "2026-01-01",
        "terms": { "url": "https://hpc.example/terms", "text": { "fr": "Poli." } },
    });
    let service = draft(pole, &center, "hpc", &more);
    let meter = json!({ "code": "core-hours", "unit": "HUR", "dimensions": ["queue"] });
    pole.admin.post(&format!("{service}/meters"), meter).expect(201);
    publish(pole, &service);
    let id = service.rsplit('/').next().unwrap();
    let by_code = anybody.get(&format!("{base}/catalogue/hpc")).expect(200);
    let expected = json!({
        "id": id,
        "code": "hpc",
        "name": { "fr": "Calcul intensif", "en": "High-performance computing" },
        "description": { "fr": "Des cœurs.", "en": "Des cœurs." },
        "category": "computing",
        "tags": ["cfd", "gpu"],
        "provider": { "id": center, "name": "Centre de calcul" },
        "unit": { "fr": "cœur-heure", "en": "core-hour" },
        "terms": {
            "url": "https://hpc.example/terms", "text": { "fr": "Poli.", "en": "Poli." },
        },
        "meters": [{ "code": "core-hours", "unit": "HUR", "aggregation": "sum" }],
        "contract_anniversary": "2026-01-01",
        "published_at": by_code.json()["published_at"],
        "tariff": by_code.json()["tariff"],
    });
    assert_eq!(by_code.json(), expected);
    let by_id = anybody.get(&format!("{base}/catalogue/{id}")).expect(200);
    assert_eq!(by_id.json(), expected);
    let list = anybody.get(&format!("/v1/poles/{}/catalogue", pole.id)).expect(200).json();
    assert_eq!(list["data"], json!([expected]));
    anybody.get("/v1/poles/no-such-pole/catalogue").expect(404);
}

on_both!(prices_are_shown_as_figures_and_in_words);
fn prices_are_shown_as_figures_and_in_words(pole: &Pole) {
    let (anybody, base) = visitor(pole);
    let unit = json!({ "unit": { "fr": "cœur-heure", "en": "core-hour" } });
    let service = draft(pole, &provider(pole, "Centre"), "hpc", &unit);
    pole.admin.post(&format!("{service}/meters"), json!({ "code": "hours" })).expect(201);
    let tariff = json!({ "name": "2026", "effective_from": "2026-01-01", "document": { "charges": [
        { "kind": "recurring", "amount": "15", "interval": "month" },
        { "kind": "usage", "name": "Hours", "meter": "hours", "scope": "pool", "model": "graduated",
          "tiers": [{ "up_to": "10000", "unit_amount": "0.08" },
                    { "up_to": "50000", "unit_amount": "0.055" }, { "unit_amount": "0.03" }] },
    ] } });
    let tariff = pole.admin.post(&format!("{service}/tariffs"), tariff).expect(201);
    pole.publish(&service);
    let shown = anybody.get(&format!("{base}/catalogue/hpc")).expect(200).json();
    let price = &shown["tariff"]["price"];
    assert_eq!(shown["tariff"]["id"], tariff.string("/id"));
    assert_eq!(*price, tariff.json()["price"], "its author saw the same");
    assert_eq!(
        price["text"],
        json!({
            "en": "€15.00 a month; €0.08 to €0.03 per core-hour, by everyone’s volume",
            "fr": "15,00\u{a0}€ par mois ; de 0,08\u{a0}€ à 0,03\u{a0}€ par cœur-heure selon le volume de tous",
        })
    );
    let usage = &price["charges"][1];
    assert_eq!((&usage["model"], &usage["scope"]), (&json!("graduated"), &json!("pool")));
    assert_eq!(usage["price"]["first_unit_price"], "0.08");
    assert_eq!(usage["price"]["lowest_unit_price"], "0.03");
    assert_eq!(usage["price"]["lowest_above"], "50000");
    // 10,000 at 0.08 and 40,000 at 0.055: 3,000 € for 50,000 hours.
    let second = json!({ "tier": 2, "above": "10000", "up_to": "50000", "unit_price": "0.055", "average_unit_price": "0.06" });
    assert_eq!(usage["tiers"][1], second);
}

on_both!(an_announced_price_is_shown_and_takes_the_place_of_the_old_on_its_day);
fn an_announced_price_is_shown_and_takes_the_place_of_the_old_on_its_day(engine: Engine) {
    let server = Server::builder(engine).now("2026-11-20T12:00:00Z").start();
    let pole = Pole::new(&server);
    let service = draft(&pole, &provider(&pole, "Centre"), "hpc", &json!({}));
    publish(&pole, &service);
    let tariff = json!({
        "name": "2027", "effective_from": "2026-12-01",
        "document": { "charges": [{ "kind": "recurring", "amount": "12" }] },
    });
    pole.admin.post(&format!("{service}/tariffs"), tariff).expect(201);

    let names = |server: &Server| {
        let shown = server.client().get(&format!("/v1/poles/{}/catalogue/hpc", pole.code));
        let shown = shown.expect(200).json();
        [&shown["tariff"]["name"], &shown["next_tariff"]["name"]].map(Value::clone)
    };
    // In Paris, the month begins a quarter of a minute later; nobody writes anything meanwhile. Where it
    // has begun before anybody looked, the evening is lived through once more.
    let evening = || {
        let began = Instant::now();
        let eve = Server::builder(engine).database(server.database_url());
        let eve = eve.now("2026-11-30T22:59:45Z").start();
        let seen = names(&eve);
        (began.elapsed() < Duration::from_secs(15)).then_some((eve, seen))
    };
    let (eve, seen) = wait_for(Duration::from_mins(5), evening).expect("a look in time");
    assert_eq!(seen, [json!("2026"), json!("2027")]);
    let changed = wait_for(Duration::from_mins(2), || {
        (names(&eve) == [json!("2027"), Value::Null]).then_some(())
    });
    assert_eq!(changed, Some(()));
}

on_both!(what_has_no_price_is_not_published);
fn what_has_no_price_is_not_published(pole: &Pole) {
    let service = draft(pole, &provider(pole, "Centre"), "hpc", &json!({}));
    let publish = || pole.admin.post(&format!("{service}/publish"), json!({}));
    let refused = publish().expect(409).problem();
    assert_eq!(refused["detail"], "The catalogue shows what a service costs: it needs a tariff.");
    let scheduled = |day: &str| {
        let charges = json!([{ "kind": "recurring", "amount": "12" }]);
        let tariff =
            json!({ "name": "2099", "effective_from": day, "document": { "charges": charges } });
        let made = pole.admin.post(&format!("{service}/tariffs"), tariff).expect(201);
        made.header("location").to_owned()
    };
    let only = scheduled("2099-01-01");
    publish().expect(200);
    pole.admin.delete(&only).expect(409).problem();
    scheduled("2099-02-01");
    pole.admin.delete(&only).expect(204);
}

on_both!(the_catalogue_is_narrowed_down_and_paged);
fn the_catalogue_is_narrowed_down_and_paged(pole: &Pole) {
    let (anybody, base) = visitor(pole);
    let (center, studio) = (provider(pole, "Centre Étoile"), provider(pole, "Studio"));
    for (provider, code, name, category, tags) in [
        (&center, "wind", "Soufflerie d’été", "benches", json!(["cfd"])),
        (&center, "hpc", "Calcul intensif", "computing", json!(["cfd", "gpu"])),
        (&studio, "scan", "Étalonnage", "benches", json!(["scanner"])),
    ] {
        let more = json!({ "name": { "fr": name }, "category": category, "tags": tags });
        publish(pole, &draft(pole, provider, code, &more));
    }
    let get = |query: &str| anybody.get(&format!("{base}/catalogue?{query}")).expect(200);
    let found = |query: &str| codes(&get(query));
    assert_eq!(found(""), ["hpc", "scan", "wind"], "by name, accents aside");
    assert_eq!(found("q=INTENSIF%20calcul"), ["hpc"]);
    assert_eq!(found("q=etoile"), ["hpc", "wind"], "a provider’s name");
    assert_eq!(found("tag=cfd&category=benches"), ["wind"]);
    assert_eq!(found(&format!("provider={studio}")), ["scan"]);
    let first = get("limit=2");
    assert_eq!(codes(&first), ["hpc", "scan"]);
    assert_eq!(found(&format!("limit=2&cursor={}", first.string("/next_cursor"))), ["wind"]);

    let counted = |words: &[(&str, u64)]| -> Value {
        words.iter().map(|(word, count)| json!({ "value": word, "count": count })).collect()
    };
    let facets = get("category=benches").json()["facets"].clone();
    let expected = json!({
        "categories": counted(&[("benches", 2), ("computing", 1)]),
        "tags": counted(&[("cfd", 1), ("scanner", 1)]),
    });
    assert_eq!(facets, expected);
    let facets = get("tag=cfd").json()["facets"].clone();
    let expected = json!({
        "categories": counted(&[("benches", 1), ("computing", 1)]),
        "tags": counted(&[("cfd", 2), ("gpu", 1), ("scanner", 1)]),
    });
    assert_eq!(facets, expected);
    for (query, parameter) in
        [("colour=red", "colour"), ("limit=0", "limit"), ("cursor=x", "cursor")]
    {
        let refused = anybody.get(&format!("{base}/catalogue?{query}")).expect(400).problem();
        assert_eq!(refused["errors"][0]["parameter"], parameter);
    }
}

on_both!(an_answer_is_sent_once_and_compressed);
fn an_answer_is_sent_once_and_compressed(pole: &Pole) {
    let (anybody, base) = visitor(pole);
    let description = json!({ "description": { "fr": "Des cœurs de calcul. ".repeat(100) } });
    let service = draft(pole, &provider(pole, "Centre"), "hpc", &description);
    publish(pole, &service);
    for at in [format!("{base}/catalogue"), format!("{base}/catalogue/hpc")] {
        let plain = anybody.get(&at).expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        assert_eq!(plain.header("cache-control"), "public, no-cache");
        assert_eq!(plain.header("vary"), "accept-encoding");
        assert_eq!(plain.header("content-type"), "application/json");
        let etag = plain.header("etag");
        for known in [etag.to_owned(), format!("\"other\", {etag}"), "*".to_owned()] {
            let same = anybody.with_header("if-none-match", &known).get(&at).expect(304);
            assert_eq!((same.header("etag"), same.text()), (etag, ""));
        }
        anybody.with_header("if-none-match", "\"other\"").get(&at).expect(200);

        let zipped = anybody.with_header("accept-encoding", "gzip").get(&at).expect(200);
        assert_eq!((zipped.header("content-encoding"), zipped.header("etag")), ("gzip", etag));
        let mut text = String::new();
        flate2::read::GzDecoder::new(zipped.bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain.text());
        let shorter = anybody.with_header("accept-encoding", "gzip, br").get(&at).expect(200);
        assert_eq!((shorter.header("content-encoding"), shorter.header("etag")), ("br", etag));
        assert!(shorter.bytes.len() < plain.bytes.len() / 4);
    }
    let before = anybody.get(&format!("{base}/catalogue")).header("etag").to_owned();
    pole.admin.with_header("if-match", "*").patch(&service, json!({ "tags": ["new"] })).expect(200);
    let after = anybody.with_header("if-none-match", &before).get(&format!("{base}/catalogue"));
    assert_ne!(after.expect(200).header("etag"), before);
}

on_both!(another_process_sees_a_change_within_a_second);
fn another_process_sees_a_change_within_a_second(engine: Engine) {
    let one = Server::start(engine);
    let pole = Pole::new(&one);
    let other = Server::builder(engine).database(one.database_url()).start();
    let listed = |server: &Server| {
        codes(&server.client().get(&format!("/v1/poles/{}/catalogue", pole.code)).expect(200))
    };
    let service = draft(&pole, &provider(&pole, "Centre"), "hpc", &json!({}));
    assert_eq!(listed(&other), [""; 0]);
    publish(&pole, &service);
    assert_eq!(listed(&one), ["hpc"]);
    let seen = wait_for(Duration::from_secs(1), || (listed(&other) == ["hpc"]).then_some(()));
    assert_eq!(seen, Some(()), "a second later, the other process knows");
}
