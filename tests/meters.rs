//! `/v1/poles/{pole}/services/{service}/meters`.

use palier_tests::{Answer, Pole, on_both};
use serde_json::{Value, json};

use crate::seed::seed;

/// A service without meters; its address.
fn service(pole: &Pole, code: &str) -> String {
    let base = format!("/v1/poles/{}", pole.code);
    let provider = json!({ "name": "Centre", "contact": { "email": "a@b.example" } });
    let provider = pole.admin.post(&format!("{base}/providers"), provider).expect(201);
    let service = json!({
        "provider": provider.string("/id"), "code": code, "name": { "fr": "Calcul" },
        "category": "computing",
    });
    let made = pole.admin.post(&format!("{base}/services"), service).expect(201);
    made.header("location").to_owned()
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.problem()["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|it| (text(&it["pointer"]), text(&it["code"]))).collect()
}

on_both!(a_meter_is_made_read_changed_and_taken_away);
fn a_meter_is_made_read_changed_and_taken_away(pole: &Pole) {
    let meters = format!("{}/meters", service(pole, "hpc"));
    let made = pole.admin.post(&meters, json!({ "code": "core-hours" })).expect(201);
    let at = made.header("location");
    let usual = made.json();
    assert_eq!(
        (&usual["unit"], &usual["aggregation"], &usual["dimensions"], usual.get("property")),
        (&json!("C62"), &json!("sum"), &json!([]), None)
    );
    assert_eq!(pole.admin.get(at).expect(200).json(), usual);
    let taken = pole.admin.post(&meters, json!({ "code": "core-hours" })).expect(409);
    assert_eq!(faults(&taken), [("/code".to_owned(), "taken".to_owned())]);

    let change = json!({
        "unit": "HUR", "aggregation": "latest", "property": "disk",
        "dimensions": ["region", "queue"],
    });
    let matching = pole.admin.with_header("if-match", made.header("etag"));
    let changed = matching.patch(at, &change).expect(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&changed.json()[name], value, "{name}");
    }
    matching.patch(at, &change).expect(412);
    let listed = pole.admin.get(&meters).expect(200).json();
    assert_eq!(listed, json!({ "data": [changed.json()] }));

    pole.admin.delete(at).expect(204);
    pole.admin.get(at).expect(404);
    pole.admin.delete(at).expect(404);
    let log = format!("/v1/poles/{}/audit-log?object={}", pole.code, made.string("/id"));
    let log = pole.admin.get(&log).expect(200).json();
    let actions: Vec<_> = log["data"].as_array().unwrap().iter().map(|it| &it["action"]).collect();
    assert_eq!(actions, ["meter.deleted", "meter.updated", "meter.created"]);
}

on_both!(what_a_meter_cannot_be_is_pointed_at);
fn what_a_meter_cannot_be_is_pointed_at(pole: &Pole) {
    let meters = format!("{}/meters", service(pole, "hpc"));
    for (body, pointer, code) in [
        (json!({ "code": "a b" }), "/code", "pattern"),
        (json!({ "code": "a", "unit": "hour" }), "/unit", "pattern"),
        (json!({ "code": "a", "aggregation": "average" }), "/aggregation", "enum"),
        (json!({ "code": "a", "aggregation": "unique_count" }), "/property", "required"),
        (json!({ "code": "a", "property": "user" }), "/property", "meaningless"),
        (json!({ "code": "a", "dimensions": ["x", "x"] }), "/dimensions/1", "duplicate"),
        (json!({ "code": "a", "size": 3 }), "/size", "unknown"),
    ] {
        let refused = pole.admin.post(&meters, &body).expect(422);
        assert_eq!(faults(&refused), [(pointer.to_owned(), code.to_owned())], "{body}");
    }
}

on_both!(a_meter_is_found_under_its_own_service_only);
fn a_meter_is_found_under_its_own_service_only(pole: &Pole) {
    let (one, other) = (service(pole, "one"), service(pole, "other"));
    let made = pole.admin.post(&format!("{one}/meters"), json!({ "code": "hours" })).expect(201);
    pole.admin.post(&format!("{other}/meters"), json!({ "code": "hours" })).expect(201);
    let astray = format!("{other}/meters/{}", made.string("/id"));
    pole.admin.get(&astray).expect(404);
    pole.admin.with_header("if-match", "*").patch(&astray, json!({ "unit": "HUR" })).expect(404);
    pole.admin.delete(&astray).expect(404);
    let nowhere = one.replace("svc_0", "svc_1");
    pole.admin.get(&format!("{nowhere}/meters")).expect(404);
    pole.admin.post(&format!("{nowhere}/meters"), json!({ "code": "x" })).expect(404);
}

on_both!(a_meter_that_a_tariff_uses_stays_as_it_is);
fn a_meter_that_a_tariff_uses_stays_as_it_is(pole: &Pole) {
    let service = service(pole, "hpc");
    let meter = |code: &str| {
        let made = pole.admin.post(&format!("{service}/meters"), json!({ "code": code }));
        made.expect(201).header("location").to_owned()
    };
    let (used, unused) = (meter("hours"), meter("jobs"));
    let tariff = json!({ "name": "2099", "effective_from": "2099-01-01", "document": { "charges": [
        { "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "1" },
    ] } });
    let tariff = pole.admin.post(&format!("{service}/tariffs"), tariff).expect(201);
    let any = pole.admin.with_header("if-match", "*");
    let refused = any.patch(&used, json!({ "unit": "HUR" })).expect(409).problem();
    assert_eq!(refused["detail"], "The tariff “2099” uses it.");
    any.delete(&used).expect(409).problem();
    any.patch(&unused, json!({ "unit": "HUR" })).expect(200);
    any.delete(&unused).expect(204);
    any.delete(tariff.header("location")).expect(204);
    any.patch(&used, json!({ "unit": "HUR" })).expect(200);
    any.delete(&used).expect(204);
}

on_both!(a_meter_whose_usage_was_reported_stays);
fn a_meter_whose_usage_was_reported_stays(pole: &Pole) {
    seed(pole);
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let services = pole.admin.get(&at("services")).expect(200);
    let meters = at(&format!("services/{}/meters", services.string("/data/0/id")));
    let list = pole.admin.get(&meters).expect(200).json();
    // No tariff uses it.
    let peak = list["data"].as_array().unwrap().iter().find(|it| it["code"] == "peak").unwrap();
    let meter = format!("{meters}/{}", peak["id"].as_str().unwrap());
    let any = pole.admin.with_header("if-match", "*");
    for refused in [any.delete(&meter), any.patch(&meter, json!({ "unit": "HUR" }))] {
        assert_eq!(refused.expect(409).problem()["detail"], "Usage of it was reported.");
    }
}
