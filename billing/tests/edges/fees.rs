//! Fees and stocks from month to month: what falls due when, and what stands on.

use jiff::civil::{Date, date};
use palier_billing::{
    LineKind, MeteredPeriod, Metering, Month, Period, Pool, Stocks, Subscriber, Tariff, time_zone,
};
use serde_json::{Value, json};

use crate::{amounts, quantity, tariff};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// Someone who has long been here, and someone who came on the 17th of July.
fn members() -> Pool {
    let newcomer = Subscriber { start: Some(date(2026, 7, 17)), ..Subscriber::new("b") };
    Pool::new([Subscriber::new("a"), newcomer]).unwrap()
}

fn billed(charge: &Value, contract: Date, months: &[&str]) -> Vec<Vec<String>> {
    let tariff = tariff(charge);
    let in_month = |text: &&str| {
        let pool = members().in_month(month(text)).with_contract_start(contract);
        assert_eq!((pool.month(), pool.contract_start()), (Some(month(text)), Some(contract)));
        amounts(&tariff, &pool)
    };
    months.iter().map(in_month).collect()
}

#[test]
fn a_recurring_fee_is_due_by_the_calendar() {
    let fee = json!({ "kind": "recurring", "amount": "31.00" });
    let contract = date(2026, 1, 1);
    let due = billed(&fee, contract, &["2026-06", "2026-07", "2026-08"]);
    assert_eq!(due, [["31.00", "0.00"], ["31.00", "15.00"], ["31.00", "31.00"]]);

    let whole = json!({ "kind": "recurring", "amount": "31.00", "proration": "none" });
    assert_eq!(billed(&whole, contract, &["2026-07"]), [["31.00", "31.00"]]);

    // Quarters of the contract end in July; the newcomer was there for two weeks of this one.
    let quarter = json!({ "kind": "recurring", "amount": "92.00", "interval": "quarter" });
    let due = billed(&quarter, date(2025, 11, 1), &["2026-07", "2026-08"]);
    assert_eq!(due, [["92.00", "15.00"], ["0.00", "0.00"]]);

    // In advance, August is asked for with July, and what is left of July with it.
    let advance = json!({ "kind": "recurring", "amount": "31.00", "timing": "advance" });
    assert_eq!(billed(&advance, contract, &["2026-07"]), [["31.00", "46.00"]]);
}

/// Days from the start of a subscription; one that has no start is past its trial.
#[test]
fn a_trial_is_not_charged() {
    let fee = json!({ "kind": "recurring", "amount": "31.00", "trial_days": 10 });
    assert_eq!(billed(&fee, date(2026, 1, 1), &["2026-07"]), [["31.00", "5.00"]]);
}

#[test]
fn a_one_time_fee_is_due_in_the_first_month() {
    let fee = json!({ "kind": "one_time", "amount": "500.00" });
    let due = billed(&fee, date(2026, 1, 1), &["2026-06", "2026-07", "2026-08"]);
    assert_eq!(due, [["0.00", "0.00"], ["0.00", "500.00"], ["0.00", "0.00"]]);
}

/// Without a month there is nothing to date a fee by: one whole interval, and nobody's first.
#[test]
fn without_a_date_a_fee_is_one_interval() {
    let charges = json!({ "charges": [
        { "kind": "recurring", "amount": "120.00", "interval": "year" },
        { "kind": "one_time", "amount": "500.00" },
    ]});
    let (tariff, pool) = (tariff(&charges), members());
    assert_eq!(amounts(&tariff, &pool), ["120.00", "120.00"]);
    let rating = tariff.rate(&pool).unwrap();
    let lines: Vec<_> = rating.lines_of("b").map(|(_, line)| line).collect();
    assert_eq!((lines.len(), lines[0].kind), (1, LineKind::Recurring(None)));
    assert_eq!(lines[0].quantity, quantity("1"));
    assert_eq!(lines[0].unit_price.unwrap().exact().to_string(), "120.000000");
}

fn stock() -> Tariff {
    tariff(&json!({
        "meters": [{ "code": "disk", "aggregation": "time_weighted_average" }],
        "charges": [{ "kind": "usage", "model": "standard", "unit_amount": "1" }],
    }))
}

fn meter(tariff: &Tariff, period: Period, opening: Stocks, members: &[&str]) -> MeteredPeriod {
    let pool = Pool::new(members.iter().copied().map(Subscriber::new)).unwrap();
    Metering::new(tariff, period, opening).finish(pool).unwrap()
}

/// A stock is billed on without an event, until its member leaves.
#[test]
fn a_stock_stands_as_long_as_its_member_stays() {
    let tariff = stock();
    let period = month("2026-07").days().unwrap().period(&time_zone("UTC").unwrap()).unwrap();
    let level = |units| [(String::new(), quantity(units))].into();
    let opening = Stocks::from([((0, "a".into()), level("10")), ((0, "b".into()), level("5"))]);

    let both = meter(&tariff, period, opening.clone(), &["a", "b"]);
    assert_eq!(amounts(&tariff, &both.pool), ["10.00", "5.00"]);
    assert_eq!(both.closing, opening);

    let one = meter(&tariff, period, opening, &["a"]);
    assert!(one.pool.has("a") && !one.pool.has("b"));
    assert_eq!(amounts(&tariff, &one.pool), ["10.00"]);
    assert_eq!(one.closing.len(), 1);
}
