//! Three months of 69 members on a shared computer, if the file lies beside the workspace.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use palier_tests::{Finished, palier, workspace};
use serde_json::Value;

use super::{Desk, TIERS, millionths, sum};

/// Pool totals as they were metered, events, and members that used anything.
const MONTHS: [(&str, &str, &str, u64); 3] = [
    ("2026-07", "40235.628612", "5944", 49),
    ("2026-08", "56593.878877", "5915", 53),
    ("2026-09", "34900.216652", "6379", 49),
];

fn usage() -> Option<PathBuf> {
    let file = workspace().join("../shared/data/usage_2026-07_2026-09.csv.gz");
    if !file.exists() {
        let missing = format!("skipped: {} is not there", file.display());
        writeln!(std::io::stderr(), "{missing}: real usage is NOT priced").unwrap();
        return None;
    }
    Some(file)
}

#[track_caller]
fn quote(tariff: &str, usage: &Path, more: &str) -> Value {
    let desk = Desk::with(tariff, "");
    let mut command = palier();
    command.current_dir(desk.path());
    command.args(["quote", "--tariff", "tariff.json", "--format", "json", "--usage"]).arg(usage);
    command.args(more.split(' ').filter(|it| !it.is_empty()));
    serde_json::from_str(&Finished::from(&mut command).success()).unwrap()
}

fn lines(period: &Value) -> &Vec<Value> {
    period["charges"][0]["lines"].as_array().unwrap()
}

#[test]
fn every_month_adds_up() {
    let Some(usage) = usage() else { return };
    let quote = quote(TIERS, &usage, "--period 2026-07..2026-09");
    let periods = quote["periods"].as_array().unwrap();
    assert_eq!(periods.len(), MONTHS.len());
    for (period, (month, metered, _, active)) in periods.iter().zip(MONTHS) {
        assert_eq!(period["period"], month);
        let lines = lines(period);
        assert_eq!(lines.len(), 69);
        assert_eq!(sum(lines.iter().map(|line| &line["metered"])), millionths(metered));
        let pool = &period["charges"][0]["pool"];
        assert_eq!(pool["active_members"], active);
        // Each member's quantity is rounded once, to four places; the pool is their sum.
        let billed = sum(lines.iter().map(|line| &line["quantity"]));
        assert_eq!(billed, millionths(pool["quantity"].as_str().unwrap()));
        for line in lines {
            let of = |field: &str| millionths(line[field].as_str().unwrap());
            assert_eq!(of("quantity") % 100, 0);
            assert!((of("quantity") - of("metered")).abs() <= 50, "{line}");
            // Quantity times price, rounded half up to the cent.
            let due = (of("quantity") * of("unit_price") + 5_000_000_000) / 10_000_000_000;
            assert_eq!(of("amount"), due * 10_000, "{line}");
            assert!(of("amount") <= of("alone") + 10_000, "{line}");
        }
        let amounts = sum(lines.iter().map(|line| &line["amount"]));
        assert_eq!(amounts, millionths(period["total"].as_str().unwrap()));
    }
    assert_eq!(periods[0]["unit_price"], "0.061213");
    assert_eq!(periods[0]["pool_cost"], "2462.959568");
    assert_eq!(quote["amounts"].as_object().unwrap().len(), 69);
    let totals = sum(periods.iter().map(|period| &period["total"]));
    assert_eq!(totals, millionths(quote["total"].as_str().unwrap()));
    assert_eq!(totals, sum(quote["amounts"].as_object().unwrap().values()));
}

#[test]
fn the_last_row_falls_into_october() {
    let Some(usage) = usage() else { return };
    let count = r#"{ "meters": [{ "code": "core-hours", "aggregation": "count" }], "charges": [
        { "kind": "usage", "model": "standard", "unit_amount": "1" }]}"#;
    let all = quote(count, &usage, "");
    let periods = all["periods"].as_array().unwrap();
    let events: Vec<_> =
        periods.iter().map(|it| it["charges"][0]["pool"]["quantity"].as_str().unwrap()).collect();
    assert_eq!(events, ["5944", "5915", "6379", "1"]);
    assert_eq!(MONTHS.map(|(_, _, events, _)| events), events[..3]);
    // In Greenwich it is still September, and some of July's first jobs ran in June.
    let utc = quote(count, &usage, "--time-zone UTC");
    let first = &utc["periods"][0];
    assert_eq!(first["period"], "2026-06");
    assert_eq!(utc["total"], all["total"]);
    assert_eq!(utc["periods"].as_array().unwrap().len(), 4);
}

#[test]
fn a_contract_year_is_carried_through_the_months() {
    let Some(usage) = usage() else { return };
    let tariff = TIERS.replace(r#""tiers""#, r#""basis": "contract_year", "tiers""#);
    let year = quote(&tariff, &usage, "--period 2026-07..2026-09");
    let periods = year["periods"].as_array().unwrap();
    let (mut billed, mut to_date) = (0, 0);
    for period in periods {
        billed += millionths(period["total"].as_str().unwrap());
        to_date += sum(lines(period).iter().map(|line| &line["quantity"]));
        let pool = &period["charges"][0]["pool"];
        assert_eq!(millionths(pool["quantity"].as_str().unwrap()), to_date);
        // What was billed so far is what the year so far costs, but for the rounding of its price.
        let rounding = millionths(pool["rounding"].as_str().unwrap());
        let cost = millionths(pool["cost"].as_str().unwrap());
        assert!((billed - cost - rounding).abs() <= 5_000, "{billed} {cost} {rounding}");
    }
    // 131,729.7241 units in three months: the year stands deep in its last tier.
    assert_eq!(periods[2]["unit_price"], "0.041387");

    // September alone is the same: what came before it is rated too, only not shown.
    let alone = quote(&tariff, &usage, "--period 2026-09 --contract-start 2026-07-01");
    assert_eq!(alone, periods[2]);
    // A year that begins in September knows nothing of July.
    let fresh = quote(&tariff, &usage, "--period 2026-09");
    assert_ne!(fresh["total"], alone["total"]);
}
