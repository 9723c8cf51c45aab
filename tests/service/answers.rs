//! What every answer has, whatever was asked.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use palier_tests::{Answer, Client, Engine, Pole, Server, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::people::at;
use crate::seed::member;

const MIB: usize = 1024 * 1024;

on_both!(an_answer_has_the_id_of_its_request_and_so_has_the_audit_log);
fn an_answer_has_the_id_of_its_request_and_so_has_the_audit_log(pole: &Pole) {
    let members = at(pole, "/members");
    let id_of = |answer: &Answer| answer.header("x-request-id").to_owned();
    let given = "proxy-0123_ABC";
    let client = pole.admin.with_header("x-request-id", given);
    let made = client.post(&members, member("forge", "732829320")).expect(201);
    assert_eq!(id_of(&made), given);
    let entries = at(pole, &format!("/audit-log?object={}", made.string("/id")));
    assert_eq!(pole.admin.get(&entries).expect(200).string("/data/0/request"), given);

    // What could not stand in a log line, or is too short or too long to find again, is not kept.
    let (short, long) = ("x".repeat(7), "x".repeat(65));
    let mut ids = BTreeSet::new();
    for odd in ["", &short, &long, "with blanks in it", "semi;colon", "quoted\"quoted"] {
        let answer = pole.admin.with_header("x-request-id", odd).get(&members).expect(200);
        ids.insert(id_of(&answer));
    }
    for path in [&*members, "/livez", "/nothing/here"] {
        ids.insert(id_of(&pole.admin.get(path)));
    }
    assert_eq!(ids.len(), 9, "each is another one: {ids:?}");
    assert!(ids.iter().all(|id| id.starts_with("req_") && id.len() == 30), "{ids:?}");
}

#[test]
fn every_kind_of_answer_keeps_browsers_from_doing_more_with_it() {
    let server = Server::shared(Engine::Sqlite);
    let pole = Pole::new(server);
    let (anybody, admin) = (server.client(), &pole.admin);
    let members = at(&pole, "/members");
    let made = admin.post(&members, member("forge", "732829320")).expect(201);
    let one = made.header("location").to_owned();
    let any = admin.with_header("if-match", "*");
    let raw = |client: &Client, kind: &str, body: &[u8]| {
        client.with_header("content-type", kind).send(Method::POST, &members, Some(body))
    };
    let known = admin.with_header("if-none-match", made.header("etag"));
    let json_type = "application/json";
    let answers = [
        made.clone(),
        admin.get(&one).expect(200),
        known.get(&one).expect(304),
        admin.get(&members).expect(200),
        raw(admin, json_type, b"{").expect(400),
        anybody.get(&members).expect(401),
        anybody.get("/nothing/here").expect(404),
        admin.delete("/livez"),
        admin.post(&members, member("forge", "732829320")).expect(409),
        admin.with_header("if-match", "\"v9\"").patch(&one, json!({})).expect(412),
        raw(admin, json_type, &vec![b' '; MIB + 1]).expect(413),
        raw(admin, "text/plain", b"{}").expect(415),
        any.patch(&one, json!({ "name": "" })).expect(422),
        admin.patch(&one, json!({})).expect(428),
        anybody.get("/metrics").expect(200),
        anybody.get("/openapi.json").expect(200),
        anybody.get("/").expect(302),
    ];
    for answer in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            assert_eq!(answer.header(name), value, "{name}\n{answer}");
        }
        assert!(!answer.header("cache-control").is_empty(), "{answer}");
        assert!(!answer.header("x-request-id").is_empty(), "{answer}");
        if answer.status >= 400 {
            answer.problem();
            assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
        }
    }
    // The page of the reference has scripts of its own, and nobody else's.
    let page = anybody.get("/docs").expect(200);
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
}

#[test]
fn a_body_has_at_most_a_mebibyte_also_unpacked() {
    let pole = Pole::new(Server::shared(Engine::Sqlite));
    let client = pole.admin.with_header("content-type", "application/json");
    let send = |client: &Client, body: &[u8]| {
        client.with_header("accept-language", "fr").send(
            Method::POST,
            &at(&pole, "/members"),
            Some(body),
        )
    };
    // Valid but for its blanks, so that nothing else is wrong with it.
    let mut body = member("forge", "732829320").to_string().into_bytes();
    body.resize(MIB + 1, b' ');
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&body).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < MIB / 100);
    let zipped = client.with_header("content-encoding", "gzip");
    for refused in [send(&client, &body), send(&zipped, &packed)] {
        let problem = refused.expect(413).problem();
        assert_eq!(problem["type"], "https://palier.dev/problems/body-too-large");
        assert_eq!(problem["detail"], "Le corps dépasse ce que cette adresse accepte.");
    }
    send(&client, &body[..MIB]).expect(201);
}

on_both!(who_has_an_answer_is_not_sent_it_again);
fn who_has_an_answer_is_not_sent_it_again(pole: &Pole) {
    let members = at(pole, "/members");
    let made = pole.admin.post(&members, member("forge", "732829320")).expect(201);
    let one = made.header("location");
    for path in [one, &*members, &*at(pole, "/audit-log"), &*at(pole, "")] {
        let first = pole.admin.get(path).expect(200);
        let tag = first.header("etag");
        assert!(tag.trim_start_matches("W/").starts_with('"'), "{path}: {tag}");
        for known in [tag.to_owned(), format!("\"x\", {tag}"), "*".to_owned()] {
            let same = pole.admin.with_header("if-none-match", &known).get(path).expect(304);
            assert_eq!((same.text(), same.header("etag")), ("", tag), "{path}");
        }
        let other = pole.admin.with_header("if-none-match", "\"x\"").get(path).expect(200);
        assert_eq!(other.bytes, first.bytes);
    }
    let known = pole.admin.with_header("if-none-match", made.header("etag"));
    let any = pole.admin.with_header("if-match", "*");
    any.patch(one, json!({ "name": "Forge neuve" })).expect(200);
    assert_eq!(known.get(one).expect(200).string("/name"), "Forge neuve");
    // Who may not see it does not learn that it is still the same.
    known.without_header("authorization").get(one).expect(401);
}

#[test]
fn what_is_wrong_is_said_in_the_language_that_was_asked_for() {
    let client = Server::shared(Engine::Sqlite).client();
    for (asked, language, title) in [
        ("fr-FR, en;q=0.5", "fr", "Introuvable"),
        ("en, fr;q=0.5", "en", "Not found"),
        ("de", "en", "Not found"),
    ] {
        let answer = client.with_header("accept-language", asked).get("/nothing").expect(404);
        assert_eq!(answer.header("content-language"), language);
        assert_eq!(answer.problem()["title"], Value::from(title));
    }
}
