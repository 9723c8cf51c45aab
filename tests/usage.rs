//! `/v1/poles/{pole}/usage`.

mod cloud_events;
mod crash;
mod export;
mod history;
mod model;
mod pressure;
mod reading;
mod retention;
mod servers;
mod trouble;
mod unmatched;

use palier_tests::{Answer, Builder, Client, Engine, Pole, Server, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::seed::member;

/// A pole with a member, `forge`, that is subscribed to a service which counts `hours` and `users`.
struct Setting {
    server: Server,
    pole: Pole,
    usage: String,
    member: String,
    provider: String,
    service: String,
}

impl Setting {
    fn of(engine: Engine) -> Self {
        Self::on(Server::builder(engine))
    }

    fn on(server: Builder) -> Self {
        let server = server.now("2026-09-30T12:00:00Z").start();
        let pole = Pole::new(&server);
        let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
        let made = |what: &str, body: Value| pole.admin.post(&at(what), body).expect(201);
        let member_id = made("members", member("forge", "732829320")).string("/id");
        let contact = json!({ "email": "hpc@meso.example" });
        let provider = made("providers", json!({ "name": "Méso", "contact": contact }));
        let provider = provider.string("/id");
        let service = made(
            "services",
            json!({
                "code": "compute", "provider": provider, "name": { "fr": "Calcul" },
                "category": "calcul",
            }),
        );
        let service = service.string("/id");
        let meters = format!("services/{service}/meters");
        made(&meters, json!({ "code": "hours", "dimensions": ["queue"] }));
        let users = json!({ "code": "users", "aggregation": "unique_count", "property": "user" });
        made(&meters, users);
        pole.price(&at(&format!("services/{service}")));
        pole.publish(&at(&format!("services/{service}")));
        let subscription = json!({ "service": service, "first_day": "2026-09-01" });
        made(&format!("members/{member_id}/subscriptions"), subscription);
        Self { usage: at("usage"), pole, member: member_id, provider, service, server }
    }

    fn report(&self, body: &Value) -> Answer {
        self.pole.admin.post(&self.usage, body)
    }

    /// The events on record, and whether each counts.
    fn events(&self) -> Vec<(String, String, bool)> {
        let listed = self.pole.admin.get(&format!("{}/events?limit=200", self.usage)).expect(200);
        let data = listed.json()["data"].as_array().cloned().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        data.iter()
            .map(|it| (text(&it["id"]), text(&it["quantity"]), it.get("voided").is_none()))
            .collect()
    }
}

fn event(id: &str, time: &str, quantity: &str) -> Value {
    json!({ "id": id, "member": "forge", "meter": "hours", "time": time, "quantity": quantity })
}

fn counts(answer: &Answer) -> [u64; 5] {
    let report = answer.json();
    ["accepted", "duplicates", "conflicts", "rejected", "withheld"]
        .map(|name| report[name].as_u64().unwrap())
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.problem()["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|it| (text(&it["pointer"]), text(&it["code"]))).collect()
}

fn send(client: &Client, path: &str, kind: &str, body: &str) -> Answer {
    client.with_header("content-type", kind).send(Method::POST, path, Some(body.as_bytes()))
}

const FIRST: &str = "2026-09-01T10:00:00Z";
const LATER: &str = "2026-09-20T10:00:00Z";

on_both!(an_event_counts_once_however_often_it_is_sent);
fn an_event_counts_once_however_often_it_is_sent(engine: Engine) {
    let setting = Setting::of(engine);
    let one = event("a", FIRST, "1.5");
    assert_eq!(counts(&setting.report(&one).expect(200)), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&setting.report(&one).expect(200)), [0, 1, 0, 0, 0]);
    // The same instant and the same quantity in other words, by the member's id.
    let mut same = event("a", "2026-09-01T12:00:00+02:00", "1.50");
    (same["member"], same["quantity"]) = (json!(setting.member), json!(1.5));
    let batch =
        json!([same, event("b", FIRST, "2"), event("b", FIRST, "2"), event("c", LATER, "3")]);
    let told = setting.report(&batch).expect(200);
    assert_eq!(counts(&told), [2, 2, 0, 0, 0]);
    let listed: Vec<_> = told.json()["events"].as_array().unwrap().clone();
    let mut places: Vec<_> = listed.iter().map(|it| it["index"].as_u64().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 2]);
    let expected = [("a", "1.5"), ("b", "2"), ("c", "3")]
        .map(|(id, quantity)| (id.to_owned(), quantity.to_owned(), true));
    assert_eq!(setting.events(), expected);
}

on_both!(the_same_id_with_other_content_is_a_conflict);
fn the_same_id_with_other_content_is_a_conflict(engine: Engine) {
    let setting = Setting::of(engine);
    setting.report(&event("a", FIRST, "1")).expect(200);
    for other in [event("a", FIRST, "2"), event("a", LATER, "1")] {
        let refused = setting.report(&other).expect(409);
        assert_eq!(faults(&refused), [("/id".to_owned(), "taken".to_owned())], "{other}");
    }
    let told = setting.report(&json!([
        event("a", LATER, "1"),
        event("b", FIRST, "1"),
        event("b", FIRST, "2"),
        event("c", FIRST, "1"),
        event("c", LATER, "1"),
    ]));
    assert_eq!(counts(&told.expect(207)), [2, 0, 3, 0, 0]);
    assert_eq!(setting.events().len(), 3);
}

on_both!(good_events_are_kept_and_bad_ones_told_with_their_places);
fn good_events_are_kept_and_bad_ones_told_with_their_places(engine: Engine) {
    let setting = Setting::of(engine);
    let pole = &setting.pole;
    let with = |field: &str, value: Value| {
        let mut event = event("x", FIRST, "1");
        event[field] = value;
        event
    };
    let wrong = [
        (with("member", json!("nobody")), "/member", "unknown_member"),
        (with("meter", json!("days")), "/meter", "unknown_meter"),
        (with("time", json!("2026-08-31T21:59:59Z")), "/time", "not_subscribed"),
        (with("time", json!("2099-01-01T00:00:00Z")), "/time", "future"),
        (with("time", json!("yesterday")), "/time", "format"),
        (with("quantity", json!("1.0000001")), "/quantity", "format"),
        (with("quantity", json!("100000001")), "/quantity", "decimal"),
        (with("properties", json!({ "a": [1] })), "/properties/a", "type"),
        (with("colour", json!("red")), "/colour", "unknown"),
        (with("meter", json!("users")), "/properties", "required"),
        (json!(5), "", "type"),
    ];
    for (wrong, pointer, code) in &wrong {
        let found = faults(&setting.report(wrong).expect(422));
        assert_eq!(found, [((*pointer).to_owned(), (*code).to_owned())], "{wrong}");
    }
    let mut batch: Vec<_> = wrong.iter().map(|(event, ..)| event.clone()).collect();
    batch.insert(3, event("good", FIRST, "1"));
    let told = setting.report(&json!(batch)).expect(207);
    assert_eq!(counts(&told), [1, 0, 0, 11, 0]);
    assert_eq!(told.json()["events"][3]["index"], 4);
    assert_eq!(told.json()["events"][0]["errors"][0]["pointer"], "/member");

    // All or nothing: the good one waits for the others.
    let atomic = format!("{}?atomic=true", setting.usage);
    let both = json!([event("better", FIRST, "1"), with("meter", json!("days"))]);
    let refused = pole.admin.post(&atomic, both).expect(422);
    assert_eq!(faults(&refused), [("/1/meter".to_owned(), "unknown_meter".to_owned())]);
    let conflict = json!([event("better", FIRST, "1"), event("good", FIRST, "2")]);
    let refused = pole.admin.post(&atomic, conflict).expect(409);
    assert_eq!(faults(&refused), [("/1/id".to_owned(), "taken".to_owned())]);
    assert_eq!(setting.events().len(), 1);
    pole.admin.post(&atomic, json!([event("better", FIRST, "1")])).expect(200);
    assert_eq!(setting.events().len(), 2);
    for (body, status) in [("{", 400), ("[1,", 400), ("\u{feff}", 400), ("", 400)] {
        send(&pole.admin, &setting.usage, "application/json", body).expect(status);
    }
}

on_both!(what_was_wrong_is_taken_back_or_amended);
fn what_was_wrong_is_taken_back_or_amended(engine: Engine) {
    let setting = Setting::of(engine);
    let pole = &setting.pole;
    let all = json!([event("a", FIRST, "1"), event("b", FIRST, "2"), event("c", FIRST, "3")]);
    setting.report(&all).expect(200);
    let voids = format!("{}/voids", setting.usage);
    let void = |ids: &[&str]| {
        let events: Vec<_> = ids.iter().map(|id| json!({ "id": id, "time": FIRST })).collect();
        pole.admin.post(&voids, json!({ "events": events, "reason": "A test." }))
    };
    let refused = void(&["a", "nothing"]).expect(422);
    assert_eq!(faults(&refused), [("/events/1".to_owned(), "unknown_event".to_owned())]);
    assert_eq!(void(&["a"]).expect(200).json(), json!({ "voided": 1, "unchanged": 0 }));
    assert_eq!(void(&["a"]).expect(200).json(), json!({ "voided": 0, "unchanged": 1 }));
    // What was taken back stays so, whoever sends the event again.
    assert_eq!(counts(&setting.report(&event("a", FIRST, "1")).expect(200)), [0, 1, 0, 0, 0]);

    let amending = |id: &str, first: &str| {
        let mut event = event(id, LATER, "20");
        event["amends"] = json!({ "id": first, "time": FIRST });
        event
    };
    assert_eq!(counts(&setting.report(&amending("d", "b")).expect(200)), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&setting.report(&amending("d", "b")).expect(200)), [0, 1, 0, 0, 0]);
    for first in ["a", "b", "nothing"] {
        let refused = setting.report(&amending("e", first)).expect(422);
        assert_eq!(faults(&refused), [("/amends".to_owned(), "unknown_event".to_owned())]);
    }
    let expected = [("a", "1", false), ("b", "2", false), ("c", "3", true), ("d", "20", true)]
        .map(|(id, quantity, counts)| (id.to_owned(), quantity.to_owned(), counts));
    assert_eq!(setting.events(), expected);
    let listed = pole.admin.get(&format!("{}/events", setting.usage)).expect(200).json();
    assert_eq!(listed["data"][1]["voided"]["amended_by"], "d");
    assert_eq!(listed["data"][0]["voided"]["reason"], "A test.");
}

on_both!(everyone_reports_for_what_is_theirs);
fn everyone_reports_for_what_is_theirs(engine: Engine) {
    let setting = Setting::of(engine);
    let pole = &setting.pole;
    let key = |owner: &Value| -> Client {
        let mut body = json!({ "name": "Meter", "scopes": ["usage:write", "usage:read"] });
        for (name, value) in owner.as_object().unwrap() {
            body[name] = value.clone();
        }
        let keys = format!("/v1/poles/{}/api-keys", pole.code);
        let made = pole.admin.post(&keys, body).expect(201);
        pole.admin.with_token(&made.string("/key"))
    };
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let other = pole.admin.post(&at("members"), member("atelier", "552100554")).expect(201);
    let contact = json!({ "email": "a@b.example" });
    let stranger = json!({ "name": "Studio", "contact": contact });
    let stranger = pole.admin.post(&at("providers"), stranger).expect(201);

    key(&json!({ "member": setting.member }))
        .post(&setting.usage, event("a", FIRST, "1"))
        .expect(200);
    let provider = key(&json!({ "provider": setting.provider }));
    provider.post(&setting.usage, event("b", FIRST, "1")).expect(200);
    let other_id = other.string("/id");
    let other = key(&json!({ "member": other_id }));
    let refused = other.post(&setting.usage, event("c", FIRST, "1")).expect(422);
    assert_eq!(faults(&refused), [("/member".to_owned(), "unknown_member".to_owned())]);
    let stranger = key(&json!({ "provider": stranger.string("/id") }));
    let refused = stranger.post(&setting.usage, event("c", FIRST, "1")).expect(422);
    assert_eq!(faults(&refused), [("/meter".to_owned(), "unknown_meter".to_owned())]);

    let seen = |client: &Client| {
        let listed = client.get(&format!("{}/events", setting.usage)).expect(200).json();
        listed["data"].as_array().unwrap().len()
    };
    assert_eq!([seen(&provider), seen(&other), seen(&stranger)], [2, 0, 0]);
    // Nor does anybody take another's usage out of what counts by amending it.
    let subscriptions = at(&format!("members/{other_id}/subscriptions"));
    let subscription = json!({ "service": setting.service, "first_day": "2026-09-01" });
    pole.admin.post(&subscriptions, subscription).expect(201);
    let mut stolen = event("c", FIRST, "0");
    stolen["member"] = json!("atelier");
    stolen["amends"] = json!({ "id": "a", "time": FIRST });
    let refused = other.post(&setting.usage, &stolen).expect(422);
    assert_eq!(faults(&refused), [("/amends".to_owned(), "unknown_event".to_owned())]);
    let void = json!({ "events": [{ "id": "a", "time": FIRST }], "reason": "Mine." });
    other.post(&format!("{}/voids", setting.usage), void.clone()).expect(422);
    provider.post(&format!("{}/voids", setting.usage), void).expect(200);
}

on_both!(lines_and_cloud_events_count_too);
fn lines_and_cloud_events_count_too(engine: Engine) {
    let setting = Setting::of(engine);
    let pole = &setting.pole;
    let send = |kind: &str, body: &str| send(&pole.admin, &setting.usage, kind, body);
    let mut lines = String::new();
    for number in 0..2_500 {
        lines.push_str(&event(&format!("line-{number}"), FIRST, "0.001").to_string());
        lines.push_str("\n\n");
    }
    lines.push_str("not json\n");
    let told = send("application/x-ndjson", &lines).expect(207);
    assert_eq!(counts(&told), [2_500, 0, 0, 1, 0]);
    assert_eq!(told.json()["events"][0]["index"], 2_500);

    let cloud = |id: &str| {
        json!({
            "specversion": "1.0", "id": id, "source": "//hpc/slurm", "type": "hours",
            "subject": "forge", "time": LATER, "datacontenttype": "application/json",
            "traceparent": "00-0", "data": { "quantity": 1.25, "queue": "gpu", "more": [1] },
        })
    };
    let one = cloud("1").to_string();
    assert_eq!(counts(&send("application/cloudevents+json", &one).expect(200)), [1, 0, 0, 0, 0]);
    let both = json!([cloud("1"), cloud("2")]).to_string();
    let told = send("application/cloudevents-batch+json; charset=utf-8", &both).expect(200);
    assert_eq!(counts(&told), [1, 1, 0, 0, 0]);
    let mut binary = pole.admin.clone();
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "3"),
        ("ce-source", "//hpc/slurm"),
        ("ce-type", "hours"),
        ("ce-subject", "forge"),
        ("ce-time", LATER),
    ] {
        binary = binary.with_header(name, value);
    }
    binary.post(&setting.usage, json!({ "quantity": "1.25" })).expect(200);
    let from = format!("{}/events?from={LATER}", setting.usage);
    let listed = pole.admin.get(&from).expect(200).json();
    let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["//hpc/slurm#1", "//hpc/slurm#2", "//hpc/slurm#3"]);
    assert_eq!(listed["data"][0]["properties"], json!({ "queue": "gpu" }));
    let mut wrong = cloud("4");
    wrong["data"] = json!({});
    let refused = send("application/cloudevents+json", &wrong.to_string()).expect(422);
    assert_eq!(faults(&refused), [("/data/quantity".to_owned(), "required".to_owned())]);
    send("text/plain", "x").expect(415);
}
