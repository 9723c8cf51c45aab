//! Months, contract years, stocks and fees.

use super::{Desk, TIERS};

const HEADER: &str = "id,member,meter,time,quantity\n";

fn events(rows: &str) -> String {
    let rows = rows.split_whitespace();
    rows.fold(HEADER.to_owned(), |file, row| file + row + "\n")
}

#[test]
fn everyone_in_the_file_is_there_in_every_month() {
    let tariff = r#"{"kind":"shared_cost","fixed":"90","allocation":"equal"}"#;
    let usage = events(
        "1,a,any,2026-07-31T21:59:59Z,1 2,b,any,2026-07-31T22:00:00Z,1 3,c,any,2026-09-01T00:00:00Z,1",
    );
    let quote = Desk::with(tariff, usage).json("");
    let periods = quote["periods"].as_array().unwrap();
    let months: Vec<_> = periods.iter().map(|it| it["period"].as_str().unwrap()).collect();
    assert_eq!(months, ["2026-07", "2026-08", "2026-09"]);
    for period in periods {
        for member in ["a", "b", "c"] {
            assert_eq!(period["amounts"][member], "30.00");
        }
    }
    // Midnight in Paris parts the months.
    assert_eq!(periods[0]["charges"][0]["lines"][0]["quantity"], "1");
    assert_eq!(periods[1]["charges"][0]["lines"][1]["quantity"], "1");
    assert_eq!(quote["amounts"]["a"], "90.00");
    assert_eq!(quote["total"], "270.00");
}

#[test]
fn months_between_and_months_asked_for_are_priced_without_events() {
    let tariff = r#"{"charges":[{"kind":"recurring","amount":"10"}]}"#;
    let usage = events("1,a,any,2026-07-10T00:00:00Z,1 2,a,any,2026-09-10T00:00:00Z,1");
    let desk = Desk::with(tariff, usage);
    let run = desk.quote("--format json");
    assert!(run.stderr.contains("warning: usage.csv: there are no events in August 2026\n"));
    assert!(
        run.stderr.contains("warning: usage.csv: 2 events of any have no price in this tariff")
    );
    assert_eq!(desk.json("")["total"], "30.00");
    let asked = desk.json("--period 2026-11..2026-12 --period 2026-07");
    let months = asked["periods"].as_array().unwrap().iter().map(|it| it["period"].clone());
    assert_eq!(months.collect::<Vec<_>>(), ["2026-07", "2026-11", "2026-12"]);
}

#[test]
fn stocks_stand_from_month_to_month() {
    let tariff = r#"{"meters":[{"code":"disk","aggregation":"time_weighted_average"}],
        "charges":[{"kind":"usage","model":"standard","unit_amount":"1"}]}"#;
    let usage = events("1,a,disk,2026-06-01T00:00:00Z,31 2,a,disk,2026-08-10T22:00:00Z,0");
    let quote = Desk::with(tariff, usage).json("--period 2026-07..2026-08");
    assert_eq!(quote["periods"][0]["total"], "31.00");
    assert_eq!(quote["periods"][1]["total"], "10.00");
}

#[test]
fn a_year_is_settled_in_the_month_before_its_anniversary() {
    let tariff = r#"{"kind":"usage","model":"volume","basis":"contract_year","true_up":"year_end",
        "tiers":[{"up_to":"10","unit_amount":"2"},{"unit_amount":"1"}]}"#;
    let usage = events(
        "1,a,any,2026-01-10T00:00:00Z,8 2,a,any,2026-06-10T00:00:00Z,4 3,a,any,2026-07-20T00:00:00Z,3",
    );
    let desk = Desk::with(tariff, usage);
    let quote = desk.json("--contract-start 2025-07-15 --period 2026-01..2026-07");
    let of = |month: usize| quote["periods"][month]["total"].as_str().unwrap();
    // 8 × 2; then 4 × 1 and 8 × (1 − 2) at the year's end; then a new year, whose month it is that
    // holds the anniversary.
    assert_eq!([of(0), of(1), of(5), of(6)], ["16.00", "0.00", "-4.00", "6.00"]);
    let lines = quote["periods"][5]["charges"][0]["lines"].as_array().unwrap();
    assert_eq!(lines[1]["kind"], "year_end_adjustment");
    assert_eq!(desk.json("--contract-start 2025-07-15 --period 2026-06"), quote["periods"][5]);

    let run = desk.quote("--contract-start 2026-07-15 --period 2026-06");
    assert!(run.stderr.ends_with("warning: June 2026: before the contract began on 2026-07-15\n"));
}

#[test]
fn fees_are_dated() {
    let tariff = r#"{"charges":[
        {"name":"Subscription","kind":"recurring","amount":"31","trial_days":10},
        {"name":"Set-up","kind":"one_time","amount":"50"},
        {"name":"Use","kind":"usage","model":"standard","unit_amount":"1"}]}"#;
    let usage = events("1,a,any,2026-07-10T00:00:00Z,1 2,b,any,2026-08-10T00:00:00Z,2");
    let desk = Desk::with(tariff, usage);
    let since = desk.json("--subscribed-since 2026-07-12");
    assert_eq!(since["periods"][0]["amounts"]["b"], "60.00");
    assert_eq!(since["periods"][1]["amounts"]["b"], "33.00");
    let long = desk.json("");
    assert_eq!(long["periods"][0]["amounts"]["b"], "31.00");

    let csv = desk.quote("--format csv --subscribed-since 2026-07-12").success();
    let rows: Vec<_> = csv.lines().collect();
    let header = "period,member,charge,name,line,metered,quantity,unit_price,price_base,amount,\
        currency,alone,saving,first_day,last_day";
    assert_eq!(rows[0], header);
    let fee = "2026-07,a,1,Subscription,recurring,,1,10.000000,1,10.00,EUR,,,2026-07-22,2026-07-31";
    assert_eq!(rows[1], fee);
    assert_eq!(rows[3], "2026-07,a,3,Use,usage,1,1,1.000000,1,1.00,EUR,1.00,0.00,,");
    assert_eq!(rows.len(), 11);
}

#[test]
fn a_sheet_is_dated_by_the_month_that_is_asked_for() {
    let tariff = r#"{"charges":[{"kind":"one_time","amount":"50"}]}"#;
    let desk = Desk::with(tariff, "member,quantity\na,1\n");
    assert_eq!(desk.json("")["total"], "0.00");
    let dated = desk.json("--period 2026-07 --subscribed-since 2026-07-01");
    assert_eq!((&dated["period"], &dated["total"]), (&"2026-07".into(), &"50.00".into()));
    let fault = desk.quote("--period 2026-07..2026-08").failure(2);
    assert_eq!(
        fault,
        "palier: --period: expected one month, because usage.csv has no dates, found 2\n"
    );
}

#[test]
fn a_century_is_not_priced_by_mistake() {
    let usage =
        events("1,a,core-hours,1926-07-10T00:00:00Z,1 2,a,core-hours,2026-07-10T00:00:00Z,1");
    let desk = Desk::with(TIERS, usage);
    assert!(
        desk.quote("").failure(2).contains("found 1926-07..2026-07: say which months to price")
    );
    assert_eq!(desk.json("--period 2026-07")["total"], "0.08");
}
