//! Contract years: what is given back, what is reported, what is shown.

use palier_billing::{Error, LineKind, Pool, Tariff, YearToDate};
use serde_json::json;

use crate::{failure, graduated, pool, tariff};

fn by_year(scope: &str) -> Tariff {
    let mut charge = graduated(scope);
    charge["basis"] = "contract_year".into();
    tariff(&charge)
}

/// The pool of a month that follows these.
fn after(tariff: &Tariff, months: &[&[(&str, &str)]], last: &[(&str, &str)]) -> Pool {
    let year = months.iter().fold(YearToDate::default(), |year, month| {
        let pool = pool(month).with_year_to_date(0, year);
        tariff.rate(&pool).unwrap().charges()[0].year.clone().unwrap()
    });
    pool(last).with_year_to_date(0, year)
}

/// The kind, amount and unit price of every line.
fn lines(tariff: &Tariff, pool: &Pool) -> Vec<(LineKind, String, Option<String>)> {
    let rating = tariff.rate(pool).unwrap();
    let lines = rating.charges()[0].lines.iter().map(|line| {
        (line.kind, line.amount.to_string(), line.unit_price.map(|price| price.to_string()))
    });
    lines.collect()
}

/// A year in which all was given back owes nothing, whatever it was billed before.
#[test]
fn a_year_given_back_is_paid_back() {
    for scope in ["member", "pool"] {
        let tariff = by_year(scope);
        let back = after(&tariff, &[&[("a", "1000")]], &[("a", "-1000")]);
        let amounts: Vec<_> = lines(&tariff, &back).into_iter().map(|it| (it.0, it.1)).collect();
        let expected =
            [(LineKind::Usage, "0.00".into()), (LineKind::PriceAdjustment, "-80.00".into())];
        assert_eq!(amounts, expected, "{scope}");
    }
}

#[test]
fn a_year_whose_members_cancel_out_has_no_price() {
    let tariff = by_year("pool");
    let cancelled = after(&tariff, &[&[("a", "1000"), ("b", "1")]], &[("b", "-1001")]);
    assert_eq!(failure(&tariff, &cancelled), Error::NoPoolPrice { charge: 0 });
}

/// A unit price stands on the line where quantity times price is its amount.
#[test]
fn a_month_shows_the_average_price_of_its_year() {
    let tariff = by_year("member");
    let third = after(&tariff, &[&[("a", "10000")], &[("a", "10000")]], &[("a", "20000")]);
    let usage = (LineKind::Usage, "1225.00".to_owned(), Some("0.06125".to_owned()));
    assert_eq!(lines(&tariff, &third)[0], usage);
    // 0.0633333… a unit: what six places of it make is a cent off.
    let odd = after(&tariff, &[&[("a", "15000")]], &[("a", "15000")]);
    let usage = (LineKind::Usage, "950.00".to_owned(), Some("0.063333".to_owned()));
    assert_eq!(lines(&tariff, &odd)[0], usage);
    let odd = after(&tariff, &[&[("a", "5000")]], &[("a", "25000")]);
    let usage = (LineKind::Usage, "1583.33".to_owned(), Some("0.063333".to_owned()));
    assert_eq!(lines(&tariff, &odd)[0], usage);
    let odd = after(&tariff, &[&[("a", "1")]], &[("a", "29999")]);
    assert_eq!(lines(&tariff, &odd)[0], (LineKind::Usage, "1899.94".to_owned(), None));
}

/// The report of a pool covers the year: its cost, and what rounding made of it.
#[test]
fn rounding_is_that_of_the_whole_year() {
    let tariff = by_year("pool");
    let second = after(&tariff, &[&[("a", "15000")]], &[("a", "7500"), ("b", "7500")]);
    let rating = tariff.rate(&second).unwrap();
    let price = rating.charges()[0].pool.unwrap();
    assert_eq!(price.quantity.to_string(), "30000");
    // 22,500 and 7,500 units at 0.063333 come to 1424.99 and 475.00, for 1900.00.
    assert_eq!(
        (price.cost.to_string(), price.rounding.to_string()),
        ("1900.00".into(), "-0.01".into())
    );
}

/// Each of the amounts per event needs the events, also by itself.
#[test]
fn every_price_per_event_is_one() {
    for field in ["fixed_per_event", "minimum_per_event", "maximum_per_event"] {
        let mut charge = json!({
            "kind": "usage", "model": "percentage", "scope": "member", "rate_percent": "1",
        });
        charge[field] = "0.10".into();
        let needed = Error::EventsRequired { charge: 0 };
        assert_eq!(failure(&tariff(&charge), &pool(&[("a", "1")])), needed, "{field}");
    }
}

/// Where the pool's volume decides, the calculation stands once, with the pool.
#[test]
fn a_calculation_stands_where_the_volume_is() {
    for (scope, with_pool, with_line) in [("pool", 2, 0), ("member", 0, 2)] {
        let mut charge = graduated(scope);
        charge["minimum_amount"] = "5000.00".into();
        let (tariff, used) = (tariff(&charge), pool(&[("a", "12000")]));
        let rating = tariff.rate(&used).unwrap();
        let rated = &rating.charges()[0];
        assert_eq!(rated.pool_steps().unwrap().len(), with_pool, "{scope}");
        let lines = rated.lines.iter().map(|line| rated.line_steps(line).unwrap().len());
        assert_eq!(lines.collect::<Vec<_>>(), [with_line, 0], "{scope}");
    }
}
