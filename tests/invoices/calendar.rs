//! What calendars do to months: summer time, a 29 February, members that come and go.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee};
use crate::seed::member;

/// 1 € an hour.
fn hourly() -> Value {
    json!({
        "kind": "usage", "meter": "hours", "scope": "member", "model": "standard",
        "unit_amount": "1",
    })
}

/// An hour at an instant.
fn used(small: &Small, at: &str) {
    let event = json!({
        "id": at, "member": "forge", "meter": "hours", "quantity": "1", "time": at,
    });
    small.finance.post(&small.at("usage"), event).expect(200);
}

on_both!(months_begin_and_end_in_the_time_of_the_pole);
fn months_begin_and_end_in_the_time_of_the_pole(engine: Engine) {
    let small = Small::new(engine, &[hourly()]);
    // Summer time begins on 29 March 2026 and ends on 25 October, in the night.
    for at in [
        "2026-02-28T22:59:59Z", // the last second of February
        "2026-02-28T23:00:00Z", // March, at UTC+1
        "2026-03-29T00:59:59Z", // 01:59:59, one second before 03:00
        "2026-03-29T01:00:00Z",
        "2026-03-31T21:59:59Z", // the last second of March, at UTC+2
        "2026-03-31T22:00:00Z",
        "2026-09-30T21:59:59Z",
        "2026-09-30T22:00:00Z", // October, at UTC+2
        "2026-10-25T00:30:00Z", // 02:30
        "2026-10-25T01:30:00Z", // 02:30 once more
        "2026-10-31T22:59:59Z", // the last second of October, at UTC+1
        "2026-10-31T23:00:00Z",
    ] {
        used(&small, at);
    }
    let of_months = [1, 4, 1, 0, 0, 0, 0, 1, 4, 1];
    for (month, hours) in (2..).zip(of_months) {
        let period = format!("2026-{month:02}");
        small.close(&period);
        let billed = small.billed(&period, "forge");
        let expected = format!("usage {hours}.00");
        let expected = if hours == 0 { vec![] } else { vec!["invoice", &expected] };
        assert_eq!(billed, expected, "{period}");
    }
    // A day of 25 hours is one day.
    let days = "usage?from=2026-10-25&to=2026-10-25";
    let series = small.finance.get(&small.at(days)).expect(200).json();
    assert_eq!(series["series"][0]["points"][0]["quantity"], "2", "{series}");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_29_february_is_a_day_like_others);
fn a_29_february_is_a_day_like_others(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let (forge, subscription) = (&small.members["forge"], &small.subscriptions["forge"]);
    // Subscriptions end with a month: this one has 29 days.
    let end = small.at(&format!("members/{forge}/subscriptions/{subscription}/end"));
    small.finance.post(&end, json!({ "last_day": "2028-02-28" })).expect(422);
    small.finance.post(&end, json!({ "last_day": "2028-02-29" })).expect(200);
    // And begin on any day of it.
    let leap = small.made("members", member("leap", "552100554"));
    let begin = json!({ "service": small.service, "first_day": "2028-02-29" });
    let subscriptions = small.at(&format!("members/{leap}/subscriptions"));
    small.finance.post(&subscriptions, begin).expect(201);
    let at = ["--now", "2028-04-02T08:00:00Z"];
    for period in ["2028-02", "2028-03"] {
        for command in ["run", "finalise"] {
            small.try_invoices(&[&[command][..], &at].concat(), period).success();
        }
    }
    // 15 € × 1 / 29, and all of it.
    assert_eq!(small.billed("2028-02", "forge"), ["invoice", "recurring 15.00"]);
    assert_eq!(small.billed("2028-02", "leap"), ["invoice", "recurring 0.52"]);
    assert_eq!(small.billed("2028-02", "usine"), ["invoice", "recurring 15.00"]);
    assert_eq!(small.billed("2028-03", "forge"), [""; 0]);
    let of_month = small.documents("2028-02");
    let period = &of_month[0]["document"]["period"];
    assert_eq!(period["last_day"], "2028-02-29");
}
