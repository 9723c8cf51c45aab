//! What a review says of usage that matches nothing.

use palier_tests::{Engine, on_both};
use serde_json::json;

use super::setting::{Small, fee};

on_both!(a_review_tells_how_much_usage_waits);
fn a_review_tells_how_much_usage_waits(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let keep = json!({ "unmatched_usage": "keep" });
    let whatever = small.finance.with_header("if-match", "*");
    whatever.patch(&format!("/v1/poles/{}", small.pole.code), keep).expect(200);
    let event = |id: &str, member: &str, meter: &str, time: &str| json!({ "id": id, "member": member, "meter": meter, "time": time, "quantity": "1" });
    let events = json!([
        event("a", "nobody", "hours", "2026-07-01T10:00:00Z"),
        event("b", "nobody", "hours", "2026-07-31T21:59:59Z"),
        event("c", "forge", "disks", "2026-07-14T10:00:00Z"),
        // In August, where the pole is.
        event("d", "nobody", "hours", "2026-07-31T22:00:00Z"),
    ]);
    small.finance.post(&small.at("usage"), events).expect(200);
    let expected = json!([
        { "reason": "unknown_member", "events": 2 }, { "reason": "unknown_meter", "events": 1 },
    ]);
    let review = small.run("2026-07");
    let mut told = review["unmatched_usage"].as_array().unwrap().clone();
    told.sort_by_key(|it| it["reason"].as_str().unwrap().to_owned());
    assert_eq!(json!(told), expected);
    let over_http = small.finance.get(&small.at("invoice-runs/2026-07")).expect(200).json();
    assert_eq!(over_http["unmatched_usage"], review["unmatched_usage"]);
    let table = small.try_invoices(&["run"], "2026-07").success();
    assert!(table.contains("3 events of the month matching nothing"), "{table}");
    // What is discarded waits no more.
    let discard = json!({ "reason": "A test.",
        "events": [{ "id": "c", "time": "2026-07-14T10:00:00Z" }] });
    small.finance.post(&small.at("usage/unmatched/discard"), discard).expect(200);
    let rest = small.finance.get(&small.at("invoice-runs/2026-07")).expect(200).json();
    assert_eq!(rest["unmatched_usage"], json!([expected[0]]));
    let checklist = small.finance.get(&small.at("closings/2026-07")).expect(200).json();
    let items = checklist["items"].as_array().unwrap().iter();
    let item = items.clone().find(|item| item["code"] == "unmatched_usage").unwrap();
    assert_eq!((&item["state"], &item["count"]), (&json!("missing"), &json!(2)));
}
