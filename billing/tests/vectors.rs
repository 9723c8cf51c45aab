//! The worked cases of `vectors/pricing.json`, to the cent: what the pricing rules promise, in
//! figures that anyone can check by hand.
//!
//! Every field of the file is read by a form that knows all its fields, so an expectation that no
//! assertion here looks at fails the test instead of passing unseen.

#![cfg(test)]

use std::collections::BTreeMap;

use palier_billing::{
    Currency, LineKind, Money, Percent, Pool, Quantity, RatedCharge, Subscriber, Tariff,
    VatCategory, YearToDate, vat_totals,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
    contract_years: Vec<ContractYear>,
    vat: Vec<Vat>,
}

type Usage = BTreeMap<String, Quantity>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    charge: Value,
    usage: Usage,
    #[serde(default)]
    weights: BTreeMap<String, Quantity>,
    expect: Expected,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    amounts: BTreeMap<String, String>,
    unit_price: Option<String>,
    pool_cost: Option<String>,
    total: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractYear {
    id: String,
    charge: Value,
    months: Vec<Usage>,
    expect: Vec<ExpectedMonth>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedMonth {
    unit_price: String,
    lines: BTreeMap<String, ExpectedLines>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedLines {
    usage_line: String,
    adjustment: String,
    total: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vat {
    lines: Vec<String>,
    rate_percent: Percent,
    expect: ExpectedVat,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedVat {
    base: String,
    vat: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/pricing.json")).unwrap()
}

/// Reads a charge, and makes sure that what is written back says the same.
fn tariff(id: &str, charge: &Value) -> Tariff {
    let tariff = Tariff::from_json(charge).unwrap_or_else(|faults| panic!("{id}: {faults}"));
    let written = serde_json::to_string(&tariff).unwrap();
    let again: Tariff = serde_json::from_str(&written).unwrap();
    assert_eq!(again, tariff, "{id}: {written}");
    tariff
}

fn texts(amounts: &BTreeMap<&str, Money>) -> BTreeMap<String, String> {
    let amounts = amounts.iter();
    amounts.map(|(member, amount)| ((*member).to_owned(), amount.to_string())).collect()
}

#[test]
fn every_case_comes_out_to_the_cent() {
    for case in vectors().cases {
        let id = &case.id;
        let tariff = tariff(id, &case.charge);
        let subscribers = case.usage.keys().map(|member| {
            let mut subscriber = Subscriber::new(member);
            if let Some(weight) = case.weights.get(member) {
                subscriber.weight = *weight;
            }
            subscriber
        });
        let usage = case.usage.iter().map(|(member, own)| (member.clone(), (*own).into()));
        let pool = Pool::new(subscribers).unwrap().with_usage(usage.collect()).unwrap();
        let rating = tariff.rate(&pool).unwrap();

        assert_eq!(texts(&rating.amounts().unwrap()), case.expect.amounts, "{id}");
        let charge = &rating.charges()[0];
        let price = charge.pool.map(|pool| pool.unit_price.exact().to_string());
        let cost = charge.pool.map(|pool| pool.cost.round_price().unwrap().exact().to_string());
        assert_eq!(price, case.expect.unit_price, "{id}");
        assert_eq!(cost, case.expect.pool_cost, "{id}");
        if let Some(total) = case.expect.total {
            assert_eq!(rating.total().unwrap().to_string(), total, "{id}");
            assert_eq!(charge.shared.unwrap().recovered.to_string(), total, "{id}");
        }
    }
}

/// What the lines of a month say for each member.
fn lines(charge: &RatedCharge<'_>) -> BTreeMap<String, ExpectedLines> {
    let amounts = charge.amounts().unwrap();
    let of = |member: &str, kind: LineKind| {
        let mut lines = charge.lines.iter();
        let line = lines.find(|line| line.member == member && line.kind == kind);
        line.map_or(Money::zero(Currency::EUR), |line| line.amount).to_string()
    };
    let lines = amounts.into_iter().map(|(member, total)| {
        let lines = ExpectedLines {
            usage_line: of(member, LineKind::Usage),
            adjustment: of(member, LineKind::PriceAdjustment),
            total: total.to_string(),
        };
        (member.to_owned(), lines)
    });
    lines.collect()
}

#[test]
fn contract_years_come_out_month_by_month() {
    for year in vectors().contract_years {
        let id = &year.id;
        let tariff = tariff(id, &year.charge);
        let mut to_date = YearToDate::default();
        assert_eq!(year.months.len(), year.expect.len(), "{id}: a month without expectation");
        for (month, (usage, expect)) in year.months.into_iter().zip(year.expect).enumerate() {
            let pool = Pool::of(usage).unwrap().with_year_to_date(0, to_date);
            let rating = tariff.rate(&pool).unwrap();
            let charge = &rating.charges()[0];
            let price = charge.pool.unwrap().unit_price.exact().to_string();
            assert_eq!(price, expect.unit_price, "{id}, month {month}");
            assert_eq!(lines(charge), expect.lines, "{id}, month {month}");
            to_date = charge.year.clone().unwrap();
        }
    }
}

#[test]
fn vat_is_rounded_once_over_the_document() {
    for case in vectors().vat {
        let lines = case.lines.iter().map(|line| {
            let amount = Money::parse(line, Currency::EUR).unwrap();
            (VatCategory::Standard, case.rate_percent, amount)
        });
        let totals = vat_totals(Currency::EUR, lines).unwrap();
        let [total] = totals.as_slice() else { panic!("one category and rate: {totals:?}") };
        let found = ExpectedVat { base: total.base.to_string(), vat: total.vat.to_string() };
        assert_eq!(found, case.expect, "{:?}", case.lines);
    }
}
