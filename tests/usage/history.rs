//! `GET /v1/poles/{pole}/usage`.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::faults;
use crate::people::at;
use crate::price_board::setting::{MEMBERS, Setting, tiers};

/// Days or months, and how much was used in each.
type Points = Vec<(String, String)>;

/// Each series: its meter, member and value, and its points.
fn series(answer: &Value) -> Vec<(String, String, String, Points)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = answer["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let points = it["points"].as_array().unwrap().iter();
            let points = points.map(|it| (text(&it["start"]), text(&it["quantity"]))).collect();
            (text(&it["code"]), text(&it["member"]), text(&it["value"]), points)
        })
        .collect();
    all.sort();
    all
}

/// The points of the one series there is.
#[track_caller]
fn points(setting: &Setting, query: &str) -> Points {
    let answer = setting.usage(&setting.staff, query).expect(200).json();
    let mut all = series(&answer);
    assert!(all.len() <= 1, "{answer}");
    all.pop().map(|(.., points)| points).unwrap_or_default()
}

fn said(points: &[(&str, &str)]) -> Points {
    points.iter().map(|(day, quantity)| ((*day).to_owned(), (*quantity).to_owned())).collect()
}

on_both!(sums_are_told_by_day_and_month_member_and_dimension);
fn sums_are_told_by_day_and_month_member_and_dimension(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let gpu = json!({ "queue": "gpu" });
    setting.report(&[
        // The last instant of September in Paris, and the first of October.
        ("a", "forge", "hours", "2026-09-30T21:59:59.999999Z", "1", gpu.clone()),
        ("b", "forge", "hours", "2026-09-30T22:00:00Z", "2", gpu.clone()),
        // The day of 25 hours.
        ("c", "forge", "hours", "2026-10-24T22:00:00Z", "4", json!({})),
        ("d", "atelier", "hours", "2026-10-25T22:59:59Z", "8", json!({ "queue": "cpu" })),
        ("e", "atelier", "hours", "2026-10-25T23:00:00Z", "16.000001", gpu),
        ("f", "atelier", "hours", "2026-10-26T10:00:00Z", "32", json!({})),
        ("g", "forge", "jobs", "2026-10-26T10:00:00Z", "7", json!({})),
        ("h", "forge", "jobs", "2026-10-26T11:00:00Z", "9", json!({})),
    ]);
    let void =
        json!({ "events": [{ "id": "f", "time": "2026-10-26T10:00:00Z" }], "reason": "No." });
    setting.staff.post(&at(&setting.pole, "/usage/voids"), void).expect(200);
    let hours = {
        let listed = setting.staff.get(&setting.at("meters")).expect(200).json();
        let meters = listed["data"].as_array().unwrap().clone();
        meters.iter().find(|it| it["code"] == "hours").unwrap()["id"].as_str().unwrap().to_owned()
    };
    let of_hours = |query: &str| points(&setting, &format!("meter={hours}&{query}"));
    let days = [("2026-10-01", "2"), ("2026-10-25", "12"), ("2026-10-26", "16.000001")];
    assert_eq!(of_hours("by=day"), said(&days));
    let months = [("2026-09-01", "1"), ("2026-10-01", "30.000001")];
    assert_eq!(of_hours("by=month&from=2026-08-20&to=2026-10-05"), said(&months));
    let cpu = of_hours("dimension=queue&value=cpu");
    assert_eq!(cpu, said(&[("2026-10-25", "8")]));
    assert_eq!(of_hours("dimension=queue&value="), said(&[("2026-10-25", "4")]));
    assert_eq!(of_hours("from=2026-10-25&to=2026-10-25"), said(&[("2026-10-25", "12")]));

    let asked = format!("meter={hours}&by=month&dimension=queue&group_by=member,dimension");
    let told = setting.usage(&setting.staff, &asked).expect(200).json();
    let told: Vec<_> = series(&told)
        .into_iter()
        .map(|(_, member, value, points)| {
            let code = setting.members.iter().position(|it| *it == member).unwrap();
            (MEMBERS[code], value, points[0].1.clone())
        })
        .collect();
    let mut told: Vec<_> =
        told.iter().map(|(code, value, sum)| (*code, value.as_str(), sum.as_str())).collect();
    told.sort_unstable();
    let expected = [
        ("atelier", "cpu", "8"),
        ("atelier", "gpu", "16.000001"),
        ("forge", "", "4"),
        ("forge", "gpu", "2"),
    ];
    assert_eq!(told, expected);
    // Events are counted, not added up, and meters are told apart.
    let all = setting.usage(&setting.staff, "by=month").expect(200).json();
    assert_eq!(all["time_zone"], "Europe/Paris");
    let sums: Vec<_> = series(&all).into_iter().map(|it| (it.0, it.3[0].1.clone())).collect();
    let expected = [("hours", "30.000001"), ("jobs", "2")];
    assert_eq!(sums, expected.map(|(code, sum)| (code.to_owned(), sum.to_owned())));
}

on_both!(maxima_values_and_stocks_are_exact_in_every_period);
fn maxima_values_and_stocks_are_exact_in_every_period(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let user = |name: &str| json!({ "user": name });
    let disk = |name: &str| json!({ "disk": name });
    let none = json!({});
    setting.report(&[
        ("a", "forge", "peak", "2026-10-24T10:00:00Z", "5", none.clone()),
        ("b", "forge", "peak", "2026-10-25T10:00:00Z", "3", none.clone()),
        ("c", "atelier", "peak", "2026-10-25T10:00:00Z", "4", none.clone()),
        ("d", "forge", "users", "2026-10-24T10:00:00Z", "1", user("ann")),
        ("e", "forge", "users", "2026-10-25T10:00:00Z", "1", user("ann")),
        ("f", "forge", "users", "2026-10-25T11:00:00Z", "1", user("bob")),
        ("g", "atelier", "users", "2026-10-25T11:00:00Z", "1", user("bob")),
        // Two disks, of which one is from September and has another size from Sunday evening on.
        ("h", "forge", "disk", "2026-09-10T10:00:00Z", "10", disk("x")),
        ("i", "forge", "disk", "2026-10-25T22:00:00Z", "20", disk("x")),
        ("j", "forge", "disk", "2026-10-26T10:00:00Z", "1", disk("y")),
        // 745 for 24 days of 24 hours and one of 25, of a month of 745 hours.
        ("k", "forge", "store", "2026-09-05T10:00:00Z", "745", none.clone()),
        ("l", "forge", "store", "2026-10-25T23:00:00Z", "0", none),
    ]);
    let series_of = |query: &str| {
        let answer = setting.usage(&setting.staff, query).expect(200).json();
        let all = series(&answer).into_iter();
        all.map(|(code, .., points)| (code, points)).collect::<Vec<_>>()
    };
    let days = series_of("from=2026-10-24&to=2026-10-26");
    let expected: [(&str, &[(&str, &str)]); 4] = [
        ("disk", &[("2026-10-24", "10"), ("2026-10-25", "20"), ("2026-10-26", "21")]),
        ("peak", &[("2026-10-24", "5"), ("2026-10-25", "7")]),
        ("store", &[("2026-10-24", "745"), ("2026-10-25", "745")]),
        ("users", &[("2026-10-24", "1"), ("2026-10-25", "3")]),
    ];
    let as_said = |expected: &[(&str, &[(&str, &str)])]| {
        let all = expected.iter();
        all.map(|(code, points)| ((*code).to_owned(), said(points))).collect::<Vec<_>>()
    };
    assert_eq!(days, as_said(&expected));
    let months = series_of("from=2026-10-01&by=month");
    let expected: [(&str, &[(&str, &str)]); 4] = [
        ("disk", &[("2026-10-01", "21")]),
        ("peak", &[("2026-10-01", "9")]),
        ("store", &[("2026-10-01", "601")]),
        ("users", &[("2026-10-01", "3")]),
    ];
    assert_eq!(months, as_said(&expected));
    // What was voided never stood.
    let void = json!({ "events": [
        { "id": "i", "time": "2026-10-25T22:00:00Z" }, { "id": "a", "time": "2026-10-24T10:00:00Z" },
    ], "reason": "No." });
    setting.staff.post(&at(&setting.pole, "/usage/voids"), void).expect(200);
    let months = series_of("from=2026-10-01&by=month");
    assert_eq!(months[0].1, said(&[("2026-10-01", "11")]));
    assert_eq!(months[1].1, said(&[("2026-10-01", "7")]));
    // Nothing stands before its time, or in days that have not come.
    assert_eq!(series_of("from=2026-09-01&to=2026-09-09&by=day").len(), 1);
    assert!(series_of("from=2026-11-01&to=2026-11-30").is_empty());
}

on_both!(everyone_sees_what_is_theirs);
fn everyone_sees_what_is_theirs(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    setting.hours(&[("forge", "10"), ("atelier", "20")]);
    let contact = json!({ "email": "a@b.example" });
    let stranger = json!({ "name": "Studio", "contact": contact });
    let stranger = setting.staff.post(&at(&setting.pole, "/providers"), stranger).expect(201);
    let seen = |client| {
        let told = setting.usage(&client, "by=month").expect(200).json();
        series(&told).first().map(|it| it.3[0].1.clone())
    };
    let sum = |text: &str| Some(text.to_owned());
    assert_eq!(seen(setting.key("member", &setting.members[0])), sum("10"));
    assert_eq!(seen(setting.key("member", &setting.members[1])), sum("20"));
    assert_eq!(seen(setting.key("member", &setting.members[2])), None);
    assert_eq!(seen(setting.key("provider", &setting.provider)), sum("30"));
    assert_eq!(seen(setting.key("provider", &stranger.string("/id"))), None);
    let other = setting.key("member", &setting.members[1]);
    let of_another = format!("member={}", setting.members[0]);
    let told = setting.usage(&other, &of_another).expect(200).json();
    assert!(series(&told).is_empty());
    for (query, code) in [
        ("from=2026-10-02&to=2026-10-01", "order"),
        ("value=gpu", "required"),
        ("group_by=dimension", "required"),
        ("group_by=meter", "pattern"),
        ("by=hour", "enum"),
        ("from=2020-01-01", "too_much"),
    ] {
        let refused = setting.usage(&setting.staff, query).expect(400);
        assert_eq!(faults(&refused)[0].1, code, "{query}");
    }
}
