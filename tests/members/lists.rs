//! Members, page by page and picked out.

use palier_tests::{Pole, on_both};
use serde_json::{Value, json};

use crate::people::at;
use crate::seed::member;

/// Valid numbers of no company in particular.
const SIRENS: [&str; 5] = ["732829320", "404833048", "552100554", "443061841", "542065479"];

#[track_caller]
fn page(pole: &Pole, query: &str) -> Value {
    pole.admin.get(&at(pole, &format!("/members?{query}"))).expect(200).json()
}

fn codes(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

#[track_caller]
fn make(pole: &Pole, code: &str, siren: &str, more: &Value) -> String {
    let mut body = member(code, siren);
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    pole.admin.post(&at(pole, "/members"), body).expect(201).string("/id")
}

on_both!(rows_that_come_and_change_between_pages_neither_repeat_nor_skip_any);
fn rows_that_come_and_change_between_pages_neither_repeat_nor_skip_any(pole: &Pole) {
    let none = json!({});
    let ids: Vec<_> = ["e", "d", "c", "b"]
        .iter()
        .zip(SIRENS)
        .map(|(code, siren)| make(pole, code, siren, &none))
        .collect();
    let first = page(pole, "limit=2");
    assert_eq!(codes(&first), ["e", "d"], "in the order in which they were added");
    // One is added whose code sorts before all, and two that were or will be shown change.
    make(pole, "a", SIRENS[4], &none);
    let any = pole.admin.with_header("if-match", "*");
    for id in [&ids[0], &ids[3]] {
        let renamed = json!({ "name": "Zinguerie" });
        any.patch(&at(pole, &format!("/members/{id}")), renamed).expect(200);
    }
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = page(pole, &format!("limit=2&cursor={cursor}"));
    assert_eq!(codes(&second), ["c", "b"]);
    let cursor = second["next_cursor"].as_str().unwrap();
    let third = page(pole, &format!("limit=2&cursor={cursor}"));
    assert_eq!(codes(&third), ["a"]);
    assert!(third.get("next_cursor").is_none(), "{third}");
    // A page that is just full has no empty one behind it.
    assert!(page(pole, "limit=5").get("next_cursor").is_none());
}

on_both!(members_are_found_by_what_people_know_of_them);
fn members_are_found_by_what_people_know_of_them(pole: &Pole) {
    let address = json!({
        "lines": ["1 quai"], "postcode": "42000", "city": "Saint-Étienne", "country": "FR",
    });
    make(pole, "forge", SIRENS[0], &json!({}));
    make(pole, "acier_1", SIRENS[1], &json!({ "name": "Aciérie du Cœur", "address": address }));
    make(pole, "acierx1", SIRENS[2], &json!({ "name": "100% acier", "status": "suspended" }));
    for (query, expected) in [
        ("", vec!["forge", "acier_1", "acierx1"]),
        ("q=ACIERIE", vec!["acier_1"]),
        ("q=etienne%20coeur", vec!["acier_1"]),
        ("q=acier", vec!["acier_1", "acierx1"]),
        // What LIKE would take for a placeholder is a letter like any other.
        ("q=acier_1", vec!["acier_1"]),
        ("q=100%25", vec!["acierx1"]),
        ("q=%25", vec!["acierx1"]),
        ("status=suspended", vec!["acierx1"]),
        ("status=active&q=acier", vec!["acier_1"]),
        ("status=left", vec![]),
        ("siren=404833048", vec!["acier_1"]),
        ("code=forge", vec!["forge"]),
        ("code=FORGE", vec![]),
    ] {
        assert_eq!(codes(&page(pole, query)), expected, "{query}");
    }
}

on_both!(a_question_that_makes_no_sense_is_refused);
fn a_question_that_makes_no_sense_is_refused(pole: &Pole) {
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=%21%21", "cursor"),
        ("status=gone", "status"),
        ("siren=732829321", "siren"),
        ("q=", "q"),
        ("stauts=active", "stauts"),
    ] {
        let refused = pole.admin.get(&at(pole, &format!("/members?{query}"))).expect(400);
        assert_eq!(refused.problem()["errors"][0]["parameter"], parameter, "{query}");
    }
    let both = pole.admin.get(&at(pole, "/members?stauts=active&siren=1")).expect(400).problem();
    assert_eq!(both["errors"].as_array().unwrap().len(), 2, "all at once: {both}");
    for whole in ["limit=200", "limit=1"] {
        page(pole, whole);
    }
}
