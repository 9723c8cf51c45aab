//! Contract years: what their months bill comes to what the year is worth.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::Small;

/// Hours of `forge` and of `usine`, month by month.
const HOURS: [[i64; 2]; 12] = [
    [100, 4_000],
    [2_500, 3_999],
    [0, 0],
    [1, 9_000],
    [333, 1_234],
    [7_777, 0],
    [250, 250],
    [0, 6_000],
    [4_321, 1],
    [12, 13],
    [5_000, 5_000],
    [1_999, 2_001],
];

/// In cents, rounded half away from zero.
pub(super) fn cents(hours: i64, micros: i64) -> i64 {
    (hours * micros + 5_000) / 10_000
}

/// What an hour costs when all used so many, in millionths: 10,000 at 0.08 €, the next 30,000 at
/// 0.055 €, what is beyond at 0.03 €.
pub(super) fn price(all: i64) -> i64 {
    let cost = 80_000 * all.min(10_000)
        + 55_000 * (all - 10_000).clamp(0, 30_000)
        + 30_000 * (all - 40_000).max(0);
    (2 * cost + all) / (2 * all)
}

/// What the year comes to for each, at its final price.
fn year() -> [i64; 2] {
    let used = [0, 1].map(|member| HOURS.iter().map(|month| month[member]).sum::<i64>());
    used.map(|hours| cents(hours, price(used[0] + used[1])))
}

fn charge(true_up: &str) -> Value {
    json!({
        "kind": "usage", "meter": "hours", "scope": "pool", "model": "graduated",
        "basis": "contract_year", "true_up": true_up,
        "tiers": [{ "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "40000", "unit_amount": "0.055" }, { "unit_amount": "0.03" }],
    })
}

/// Closes a contract year that begins on a day, month by month; the documents of all its months and of
/// the one after it.
fn close(engine: Engine, true_up: &str, anniversary: &str) -> (Small, Vec<Value>) {
    let tariff = json!({ "charges": [charge(true_up)] });
    let small = Small::with(engine, &tariff, json!({ "contract_anniversary": anniversary }));
    let before: usize = anniversary[5..7].parse::<usize>().unwrap() - 1;
    let period = |nth: usize| {
        let nth = before + nth;
        format!("{}-{:02}", 2026 + nth / 12, nth % 12 + 1)
    };
    let mut documents = Vec::new();
    for (nth, [forge, usine]) in HOURS.iter().enumerate() {
        let period = period(nth);
        for (member, hours) in [("forge", forge), ("usine", usine)] {
            if *hours > 0 {
                let day = format!("{period}-11");
                small.used(&format!("{member} {nth}"), member, &day, &hours.to_string());
            }
        }
        small.close(&period);
        documents.extend(small.documents(&period));
    }
    small.close(&period(12));
    documents.extend(small.documents(&period(12)));
    assert_eq!(small.faults(), [""; 0]);
    (small, documents)
}

/// What documents bill a member without VAT, less what they give back, in cents.
pub(super) fn net<'d>(documents: impl IntoIterator<Item = &'d Value>, member: &str) -> i64 {
    let of = documents.into_iter().map(|it| &it["document"]);
    of.filter(|document| document["buyer"]["code"] == member)
        .map(|document| {
            let net = document["totals"]["net"].as_str().unwrap().replace('.', "");
            let net: i64 = net.parse().unwrap();
            if document["kind"] == "invoice" { net } else { -net }
        })
        .sum()
}

on_both!(months_that_are_trued_up_each_come_to_the_year);
fn months_that_are_trued_up_each_come_to_the_year(engine: Engine) {
    let (_small, documents) = close(engine, "each_period", "2026-04-01");
    for (member, year) in ["forge", "usine"].iter().zip(year()) {
        assert_eq!(net(&documents, member), year, "{member}");
    }
    // Who used little when prices were high got money back in a month of its own.
    assert!(documents.iter().any(|it| it["document"]["kind"] == "rebate"));
}

on_both!(a_rebate_at_the_end_brings_months_to_the_year);
fn a_rebate_at_the_end_brings_months_to_the_year(engine: Engine) {
    let (_small, documents) = close(engine, "year_end", "2026-04-01");
    for (member, year) in ["forge", "usine"].iter().zip(year()) {
        assert_eq!(net(&documents, member), year, "{member}");
    }
    let rebates: Vec<_> =
        documents.iter().filter(|it| it["document"]["kind"] == "rebate").collect();
    assert_eq!(rebates.len(), 2, "one each");
    for rebate in rebates {
        assert_eq!(rebate["part"], "year_end");
        assert!(rebate["number"].as_str().unwrap().starts_with("AV-2028-"));
        assert_eq!(rebate["document"]["lines"][0]["kind"], "year_end_adjustment");
    }
}

on_both!(a_year_from_the_31st_has_twelve_months_as_well);
fn a_year_from_the_31st_has_twelve_months_as_well(engine: Engine) {
    // Each month belongs to the year of its last day, so that the first one is May.
    let (_small, documents) = close(engine, "each_period", "2026-05-31");
    for (member, year) in ["forge", "usine"].iter().zip(year()) {
        assert_eq!(net(&documents, member), year, "{member}");
    }
}
