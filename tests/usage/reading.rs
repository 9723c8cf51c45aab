//! Bodies as an enemy would write them, or a broken collector: what is wrong is told with its place,
//! and nothing of it is stored by half.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{FIRST, Setting, counts, event, faults, send};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// An event with some fields in place of `"quantity":"1"`.
fn with(id: &str, fields: &str) -> String {
    format!(r#"{{"id":"{id}","member":"forge","meter":"hours","time":"{FIRST}",{fields}}}"#)
}

fn told(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

on_both!(what_an_event_may_not_hold_is_told_with_its_place);
fn what_an_event_may_not_hold_is_told_with_its_place(engine: Engine) {
    let setting = Setting::of(engine);
    let post = |body: &str| send(&setting.pole.admin, &setting.usage, JSON, body);
    let deep =
        format!(r#""quantity":1,"properties":{{"a":{}1{}}}"#, "[".repeat(400), "]".repeat(400));
    let long = format!(r#""quantity":1,"properties":{{"a":"{}"}}"#, "x".repeat(70_000));
    let amends =
        |more: &str| format!(r#""quantity":1,"amends":{{"id":"b","time":"{FIRST}"{more}}}"#);
    for (fields, pointer, code) in [
        (r#""quantity":1,"quantity":2"#, "/quantity", "twice"),
        (r#""quantity":1,"properties":{"a":1,"a":2}"#, "/properties/a", "twice"),
        (r#""quantity":1,"properties":{"a":1,"\u0061":2}"#, "/properties/a", "twice"),
        (&amends(r#","id":"c""#), "/amends/id", "twice"),
        (r#""quantity":1,"properties":{"a":"\ud800"}"#, "", "not_json"),
        (r#""quantity":1,"properties":{"\udc00":1}"#, "", "not_json"),
        (r#""quantity":1,"id":"a""#, "/id", "twice"),
        (&deep, "", "not_json"),
        (&long, "", "too_long"),
        (r#""quantity":1e400"#, "/quantity", "decimal"),
        (r#""quantity":1e99999999999999999999"#, "/quantity", "decimal"),
        (r#""quantity":1e-7"#, "/quantity", "decimal"),
        (r#""quantity":100000000.000001"#, "/quantity", "decimal"),
        (r#""quantity":-0.0000001"#, "/quantity", "decimal"),
        (r#""quantity":"NaN""#, "/quantity", "format"),
        (r#""quantity":" 1""#, "/quantity", "format"),
        (r#""quantity":".15""#, "/quantity", "pattern"),
        (r#""quantity":"1.""#, "/quantity", "pattern"),
        (r#""quantity":"+1""#, "/quantity", "pattern"),
        (r#""quantity":"1e3""#, "/quantity", "pattern"),
        (r#""quantity":"1.0000000""#, "/quantity", "pattern"),
        (r#""quantity":"00000000000001""#, "/quantity", "pattern"),
        (r#""quantity":1,"amends":null"#, "/amends", "type"),
        (r#""quantity":null"#, "/quantity", "type"),
        (
            r#""quantity":1,"amends":{"id":"b\u0000","time":"2026-09-01T10:00:00Z"}"#,
            "/amends/id",
            "format",
        ),
        (r#""quantity":1,"service":"a\u0000""#, "/service", "nul"),
        (r#""quantity":1,"properties":{"a":"\u0000"}"#, "/properties/a", "nul"),
    ] {
        let found = faults(&post(&with("x", fields)).expect(422));
        assert_eq!(found, told(pointer, code), "{fields:.200}");
        // The same in a list does not keep others from being taken.
        let batch = format!("[{},{}]", with("good", r#""quantity":1"#), with("x", fields));
        let answer = post(&batch).expect(207);
        assert_eq!(answer.json()["rejected"], 1, "{answer}");
        let report = &answer.json()["events"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(report["index"], 1);
        assert_eq!(report["errors"][0]["pointer"], pointer, "{answer}");
        assert_eq!(report["errors"][0]["code"], code, "{answer}");
    }
    for id in [" x", "x\\n", "x\\u0000", "", &"x".repeat(257)] {
        let found = faults(&post(&with(id, r#""quantity":1"#)).expect(422));
        assert_eq!(found.first().map(|(pointer, _)| pointer.as_str()), Some("/id"), "{id}");
    }
    assert_eq!(setting.events().len(), 1);
}

on_both!(quantities_are_read_as_they_are_written);
fn quantities_are_read_as_they_are_written(engine: Engine) {
    let setting = Setting::of(engine);
    let written = [
        ("0.1", "0.1"),
        ("1e-6", "0.000001"),
        ("99999999.999999", "99999999.999999"),
        ("100000000", "100000000"),
        ("0.30000000000000000000", "0.3"),
        ("-0.5e1", "-5"),
        ("1e2", "100"),
        (r#""\u0031\u002e5""#, "1.5"),
    ];
    let events = written.iter().enumerate();
    let events: Vec<_> = events
        .map(|(nth, (it, _))| with(&nth.to_string(), &format!(r#""quantity":{it}"#)))
        .collect();
    let body = format!("[{}]", events.join(","));
    let answer = send(&setting.pole.admin, &setting.usage, JSON, &body).expect(200);
    assert_eq!(answer.json()["accepted"], written.len());
    let stored: Vec<_> = setting.events().into_iter().map(|(_, quantity, _)| quantity).collect();
    assert_eq!(stored, written.map(|(_, stored)| stored));
    let cloud = json!({
        "specversion": "1.0", "id": "1", "source": "s", "type": "hours", "subject": "forge",
        "time": FIRST, "data": {},
    });
    let data = r#""data":{"quantity":0.1,"big":12345678901234567890123,"one":1.0}"#;
    let cloud = cloud.to_string().replace(r#""data":{}"#, data);
    send(&setting.pole.admin, &setting.usage, CLOUD_EVENT, &cloud).expect(200);
    let listed = setting.pole.admin.get(&format!("{}/events?limit=200", setting.usage)).expect(200);
    let last = listed.json()["data"].as_array().unwrap().last().cloned().unwrap();
    assert_eq!(last["properties"], json!({ "big": "12345678901234567890123", "one": "1.0" }));
}

on_both!(each_line_is_read_by_itself_and_told_by_its_number);
fn each_line_is_read_by_itself_and_told_by_its_number(engine: Engine) {
    let setting = Setting::of(engine);
    let good = |id: &str| with(id, r#""quantity":1"#);
    let long =
        with("long", &format!(r#""quantity":1,"properties":{{"a":"{}"}}"#, "x".repeat(600_000)));
    let cut = good("cut");
    let mut body = Vec::new();
    for line in [
        format!("{}\r", good("crlf")),
        " \t\r".to_owned(),
        format!("{} {}", good("two"), good("on one line")),
        format!("{}x", good("behind")),
        format!("\t{} ", good("blanks")),
        long,
        good("after"),
        format!("{}\u{a0}", good("no blank of JSON")),
        with("twice", r#""quantity":1,"quantity":1"#),
        "[]".to_owned(),
    ] {
        body.extend_from_slice(line.as_bytes());
        body.push(b'\n');
    }
    body.extend_from_slice(b"{\"id\":\"\xff\"}\n\0\n");
    body.extend_from_slice(&cut.as_bytes()[..cut.len() - 5]);
    let client = setting.pole.admin.with_header("content-type", LINES);
    let answer = client.send(ureq::http::Method::POST, &setting.usage, Some(&body)).expect(207);
    assert_eq!(counts(&answer), [3, 0, 0, 9, 0]);
    let found: Vec<_> = answer.json()["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let code = it["errors"][0]["code"].as_str().unwrap().to_owned();
            (it["line"].as_u64().unwrap(), it["index"].as_u64().unwrap(), code)
        })
        .collect();
    let expected = [
        (3, 1, "not_json"),
        (4, 2, "not_json"),
        (6, 4, "too_long"),
        (8, 6, "not_json"),
        (9, 7, "twice"),
        (10, 8, "type"),
        (11, 9, "not_utf8"),
        (12, 10, "not_json"),
        (13, 11, "not_json"),
    ];
    assert_eq!(found, expected.map(|(line, index, code)| (line, index, code.to_owned())));
    let ids: Vec<_> = setting.events().into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["after", "blanks", "crlf"]);

    let marked = format!("\u{feff}{}\n{}\n", good("marked"), good("second"));
    let answer = send(&setting.pole.admin, &setting.usage, LINES, &marked).expect(207);
    assert_eq!(counts(&answer), [1, 0, 0, 1, 0]);
    assert_eq!(answer.json()["events"][0]["errors"][0]["code"], "byte_order_mark");
    assert_eq!(counts(&send(&setting.pole.admin, &setting.usage, LINES, "").expect(200)), [0; 5]);
}

on_both!(a_body_that_is_no_report_is_refused_before_anything_is_stored);
fn a_body_that_is_no_report_is_refused_before_anything_is_stored(engine: Engine) {
    let setting = Setting::of(engine);
    let admin = &setting.pole.admin;
    let good = with("x", r#""quantity":1"#);
    for body in [
        String::new(),
        format!("\u{feff}{good}"),
        format!("{good}{good}"),
        format!("[{good},]"),
        format!("[{good}"),
        format!("[{good}]\0"),
        format!("\u{a0}[{good}]"),
        good.replace("forge", "\n"),
    ] {
        send(admin, &setting.usage, JSON, &body).expect(400).problem();
        send(admin, &setting.usage, "application/cloudevents-batch+json", &body).expect(400);
    }
    let broken = admin.with_header("content-type", JSON);
    broken
        .send(ureq::http::Method::POST, &setting.usage, Some(b"[\"\xff\"]"))
        .expect(400)
        .problem();
    // As many nothings as fit: refused by their number.
    let many = format!("[1{}]", ",1".repeat(3_900_000));
    let found = faults(&send(admin, &setting.usage, JSON, &many).expect(422));
    assert_eq!(found, told("", "max_items"));
    // An event of nothing but faults is told of, and not at any length.
    let fields: Vec<_> = (0..5_000).map(|nth| format!(r#""f{nth}":1"#)).collect();
    let found = faults(
        &send(admin, &setting.usage, JSON, &format!("{{{}}}", fields.join(","))).expect(422),
    );
    assert!(found.len() <= 20, "{}", found.len());

    let refuse = |name: &str, value: &str, kind: &str| {
        let client = admin.with_header(name, value).with_header("content-type", kind);
        client.send(ureq::http::Method::POST, &setting.usage, Some(good.as_bytes()))
    };
    refuse("content-encoding", "gzip", JSON).expect(415).problem();
    refuse("x-none", "", "application/json; charset=iso-8859-1").expect(415).problem();
    refuse("x-none", "", "application/json;charset=\"UTF-8\"; q=1").expect(200);
    for kind in ["", "text/plain", "application/jsonx", "application/*"] {
        refuse("x-none", "", kind).expect(415).problem();
    }
    assert_eq!(setting.events().len(), 1);
}

on_both!(cloud_events_are_told_of_in_their_own_words);
fn cloud_events_are_told_of_in_their_own_words(engine: Engine) {
    let setting = Setting::of(engine);
    let cloud = |changes: &[(&str, Value)]| {
        let mut event = json!({
            "specversion": "1.0", "id": "1", "source": "s", "type": "hours", "subject": "forge",
            "time": FIRST, "data": { "quantity": 1 },
        });
        for (name, value) in changes {
            event[*name] = value.clone();
        }
        event.to_string()
    };
    let post = |kind: &str, body: &str| send(&setting.pole.admin, &setting.usage, kind, body);
    for (body, pointer, code) in [
        (cloud(&[("subject", json!("nobody"))]), "/subject", "unknown_member"),
        (cloud(&[("subject", Value::Null)]), "/subject", "type"),
        (cloud(&[("type", json!("days"))]), "/type", "unknown_meter"),
        (cloud(&[("time", json!("today"))]), "/time", "format"),
        (cloud(&[("time", json!("2099-01-01T00:00:00Z"))]), "/time", "future"),
        (cloud(&[("specversion", json!("0.3"))]), "/specversion", "unsupported"),
        (cloud(&[("data", json!([1]))]), "/data", "type"),
        (cloud(&[("data", json!({ "quantity": "much" }))]), "/data/quantity", "format"),
        (cloud(&[("data", json!({ "quantity": 1, "a": "\u{0}" }))]), "/data/a", "nul"),
        (cloud(&[("id", json!("a\nb"))]), "/id", "format"),
        (cloud(&[]).replace("\"data\":{", "\"data\":{\"quantity\":2,"), "/data/quantity", "twice"),
        (cloud(&[]).replace("\"data\":{", "\"data\":{\"a\":1,\"a\":2,"), "/data/a", "twice"),
        (cloud(&[]).replace("\"data\":{", "\"data\":{\"a\":\"\\ud800\","), "", "not_json"),
        (cloud(&[]).replace("{\"specversion\"", "{\"id\":\"2\",\"specversion\""), "/id", "twice"),
    ] {
        let found = faults(&post(CLOUD_EVENT, &body).expect(422));
        assert_eq!(found, told(pointer, code), "{body}");
    }
    post(CLOUD_EVENT, "{").expect(400);
    post(CLOUD_EVENT, &format!("[{}]", cloud(&[]))).expect(422);

    let mut binary = setting.pole.admin.clone();
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "\"3\\\"\""),
        ("ce-source", "caf%C3%A9"),
        ("ce-type", "hours"),
        ("ce-subject", "forge"),
        ("ce-time", FIRST),
    ] {
        binary = binary.with_header(name, value);
    }
    let headers = |client: &palier_tests::Client, status: u16| {
        let answer = client.post(&setting.usage, json!({ "quantity": "1" })).expect(status);
        let error = answer.problem()["errors"][0].clone();
        (error["header"].as_str().unwrap_or_default().to_owned(), error["code"].clone())
    };
    let wrong = binary.with_header("ce-subject", "nobody");
    assert_eq!(headers(&wrong, 422), ("ce-subject".to_owned(), json!("unknown_member")));
    let wrong = binary.with_header("ce-source", "caf%E9");
    assert_eq!(headers(&wrong, 422), ("ce-source".to_owned(), json!("not_utf8")));
    let wrong = binary.without_header("ce-time");
    assert_eq!(headers(&wrong, 422), ("ce-time".to_owned(), json!("required")));
    send(&binary, &setting.usage, LINES, "{}").expect(415);
    binary.post(&setting.usage, json!({ "quantity": "1" })).expect(200);
    let ids: Vec<_> = setting.events().into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["café#3\""]);
}

on_both!(a_body_that_is_not_as_long_as_it_says_is_not_stored);
fn a_body_that_is_not_as_long_as_it_says_is_not_stored(engine: Engine) {
    let setting = Setting::of(engine);
    let key = json!({ "name": "Meter", "scopes": ["usage:write"] });
    let keys = format!("/v1/poles/{}/api-keys", setting.pole.code);
    let key = setting.pole.admin.post(&keys, key).expect(201).string("/key");
    let one = with("x", r#""quantity":1"#);
    let raw = |kind: &str, length: &str, body: &str| {
        let address = setting.server.url();
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: palier\r\nauthorization: Bearer {key}\r\n\
             content-type: {kind}\r\n{length}\r\nconnection: close\r\n\r\n",
            setting.usage
        );
        // A server may hang up on nonsense before all of it is sent, or the answer read.
        let sent = stream.write_all(format!("{head}{body}").as_bytes());
        let _reset = sent.and_then(|()| stream.shutdown(Shutdown::Write));
        let mut answer = String::new();
        let _reset = stream.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    };
    let longer = format!("content-length: {}", one.len() + 50);
    let shorter = format!("content-length: {}", one.len() - 5);
    let two = format!("content-length: 5\r\ncontent-length: {}", one.len());
    for (kind, length, body) in [
        (JSON, longer.as_str(), one.as_str()),
        (LINES, &longer, &one),
        (JSON, &shorter, &one),
        (JSON, &two, &one),
        (JSON, "transfer-encoding: chunked", "zz\r\n"),
        (JSON, "transfer-encoding: chunked", &format!("{:x}\r\n{one}\r\n", one.len())),
        (LINES, "transfer-encoding: chunked", &format!("{:x}\r\n{one}\r\n", one.len())),
    ] {
        let status = raw(kind, length, body);
        assert!(!status.contains(" 2"), "{kind} {length}: {status}");
    }
    let length = "content-length: 9000000";
    assert_eq!(raw(JSON, length, ""), "HTTP/1.1 413 Payload Too Large", "before it is read");
    assert!(setting.events().is_empty(), "nothing by half");
    // Of a stream of lines that breaks off, whole lines may count, and count once.
    let lines: String =
        (0..3_000).map(|nth| with(&nth.to_string(), r#""quantity":1"#) + "\n").collect();
    raw(LINES, &format!("content-length: {}", lines.len() + 10), &lines);
    let whole = send(&setting.pole.admin, &setting.usage, LINES, &lines).expect(200);
    let [accepted, duplicates, ..] = counts(&whole);
    assert_eq!(accepted + duplicates, 3_000);
    let events = event("2999", FIRST, "1");
    assert_eq!(counts(&setting.report(&events).expect(200)), [0, 1, 0, 0, 0]);
}
