//! Charges: limits, caps, prices per event and contract years where they begin.

use std::collections::BTreeMap;

use palier_billing::{
    Currency, Error, Event, FaultKind, LineKind, Metered, Metering, Money, Month, Pool, Stocks,
    Subscriber, YearToDate, time_zone,
};
use serde_json::json;

use crate::{amounts, failure, fault, graduated, pool, quantity, tariff};

/// The cap is on the price of a unit, also of one that is given back: not more than was paid for
/// it, and not more than it costs.
#[test]
fn what_is_given_back_was_capped_as_well() {
    for (price, back) in [("5", "-6.00"), ("2", "-4.00"), ("0", "0.00")] {
        for scope in ["member", "pool"] {
            let charge = json!({
                "kind": "usage", "model": "standard", "scope": scope,
                "unit_amount": price, "unit_amount_cap": "3",
            });
            assert_eq!(amounts(&tariff(&charge), &pool(&[("a", "-2")])), [back], "{price} {scope}");
        }
    }
}

/// Otherwise a first unit, at the price of the cap, would make the whole cheaper.
#[test]
fn a_cap_leaves_nothing_of_a_flat_amount_at_zero() {
    let mut charge = json!({
        "kind": "usage", "model": "graduated", "scope": "member", "flat_at_zero": true,
        "tiers": [{ "unit_amount": "1", "flat_amount": "100" }],
    });
    let used = pool(&[("a", "0"), ("b", "2")]);
    assert_eq!(amounts(&tariff(&charge), &used), ["100.00", "102.00"]);
    charge["unit_amount_cap"] = "3".into();
    assert_eq!(amounts(&tariff(&charge), &used), ["0.00", "6.00"]);
}

#[test]
fn a_price_per_event_needs_the_events() {
    let charge = json!({
        "kind": "usage", "model": "percentage", "scope": "member", "rate_percent": "2.9",
        "fixed_per_event": "0.30", "minimum_per_event": "0.50", "maximum_per_event": "20",
    });
    let per_event = tariff(&charge);
    assert_eq!(failure(&per_event, &pool(&[("a", "10")])), Error::EventsRequired { charge: 0 });
    assert_eq!(amounts(&per_event, &pool(&[("a", "0")])), ["0.00"]);
    let events = ["1", "100", "10000", "0", "-100"].map(quantity).to_vec();
    let metered = Metered { quantity: quantity("10001"), events };
    let one = Pool::new([Subscriber::new("a")]).unwrap();
    let one = one.with_usage([("a".to_owned(), metered)].into()).unwrap();
    // 0.50, 3.20 and 20; nothing for an event of nothing; 2.90 back.
    assert_eq!(amounts(&per_event, &one), ["20.80"]);

    // Metering keeps them where they are needed.
    let month: Month = "2026-07".parse().unwrap();
    let period = month.days().unwrap().period(&time_zone("UTC").unwrap()).unwrap();
    let mut metering = Metering::new(&per_event, period, Stocks::new());
    for (id, used) in [("1", "1"), ("2", "100")] {
        let (member, meter, amends) = ("a".into(), "fees".into(), None);
        let (time, properties) = (period.start(), BTreeMap::new());
        let quantity = quantity(used);
        let id = id.into();
        let event = Event { id, member, meter, time, quantity, properties, amends };
        metering.record(&event).unwrap();
    }
    let metered = metering.finish(Pool::new([Subscriber::new("a")]).unwrap()).unwrap();
    assert_eq!(amounts(&per_event, &metered.pool), ["3.70"]);

    let mut pooled = charge;
    pooled["scope"] = "pool".into();
    assert_eq!(fault(&pooled).0, "/scope");
    pooled.as_object_mut().unwrap().remove("scope");
    assert_eq!(fault(&pooled).0, "/scope");
}

/// A minimum is owed by whoever is subscribed, also by one that used nothing.
#[test]
fn limits_are_lines_of_their_own() {
    let mut charge = graduated("pool");
    charge["minimum_amount"] = "25.00".into();
    charge["maximum_amount"] = "1000.00".into();
    let (tariff, used) = (tariff(&charge), pool(&[("a", "0"), ("b", "1000"), ("c", "29000")]));
    let rating = tariff.rate(&used).unwrap();
    let of = |member: &'static str| {
        let lines = rating.lines_of(member);
        lines.map(|(_, line)| (line.kind, line.amount.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(of("a"), [(LineKind::Usage, "0.00".into()), (LineKind::Minimum, "25.00".into())]);
    assert_eq!(of("b"), [(LineKind::Usage, "63.33".into())]);
    let (usage, off) = ("1836.66".to_owned(), "-836.66".to_owned());
    assert_eq!(of("c"), [(LineKind::Usage, usage), (LineKind::Maximum, off)]);

    charge["maximum_amount"] = "24.99".into();
    let (pointer, kind) = fault(&charge);
    assert_eq!(pointer, "/maximum_amount");
    assert_eq!(kind, FaultKind::LimitsCross { other: "minimum_amount" });
}

/// A limit, or a cap, that is met exactly changes nothing and says nothing.
#[test]
fn what_is_met_exactly_is_not_reached() {
    let mut charge = json!({
        "kind": "usage", "model": "standard", "unit_amount": "2", "unit_amount_cap": "2",
        "minimum_amount": "10.00", "maximum_amount": "20.00",
    });
    let (tariff, used) = (tariff(&charge), pool(&[("a", "5"), ("b", "10")]));
    let rating = tariff.rate(&used).unwrap();
    let rated = &rating.charges()[0];
    assert!(rated.lines.iter().all(|line| line.kind == LineKind::Usage), "{:?}", rated.lines);
    assert!(!rated.pool.unwrap().capped);

    charge["unit_amount_cap"] = "1.999999".into();
    let capped = crate::tariff(&charge);
    assert!(capped.rate(&used).unwrap().charges()[0].pool.unwrap().capped);
}

/// Lines that top up or take off are amounts and nothing else.
#[test]
fn a_line_beyond_usage_is_only_an_amount() {
    let mut charge = graduated("pool");
    charge["minimum_amount"] = "25.00".into();
    let (tariff, used) = (tariff(&charge), pool(&[("a", "1"), ("b", "1000")]));
    let rating = tariff.rate(&used).unwrap();
    let line = rating.charges()[0].lines.last().unwrap();
    assert_eq!((line.member, line.kind, line.quantity), ("a", LineKind::Minimum, quantity("0")));
    assert_eq!((line.metered, line.unit_price, line.alone), (None, None, None));
}

/// A member by itself is shown a unit price where all its units have one and it makes the amount.
#[test]
fn a_unit_price_is_shown_where_there_is_one() {
    let tiers = json!([
        { "up_to": "10", "unit_amount": "0.08" }, { "unit_amount": "0.05", "flat_amount": "1" },
    ]);
    for (model, more, used, expected) in [
        ("standard", json!({ "unit_amount": "0.08" }), "7", Some("0.08")),
        ("standard", json!({ "unit_amount": "0.08", "price_base": "1000" }), "7", Some("80")),
        (
            "standard",
            json!({ "unit_amount": "0.08", "unit_amount_cap": "0.06" }),
            "7",
            Some("0.06"),
        ),
        ("graduated", json!({ "tiers": tiers }), "10", Some("0.08")),
        ("graduated", json!({ "tiers": tiers }), "11", None),
        ("volume", json!({ "tiers": tiers }), "10", Some("0.08")),
        ("volume", json!({ "tiers": tiers }), "11", None),
        ("package", json!({ "amount": "12", "package_size": "10" }), "10", None),
        ("percentage", json!({ "rate_percent": "2.9" }), "10", None),
    ] {
        let mut charge = more.clone();
        charge["kind"] = "usage".into();
        charge["scope"] = "member".into();
        charge["model"] = model.into();
        let (tariff, used) = (tariff(&charge), pool(&[("a", used)]));
        let rating = tariff.rate(&used).unwrap();
        let price = rating.charges()[0].lines[0].unit_price.map(|price| price.to_string());
        assert_eq!(price.as_deref(), expected, "{charge}");
    }
}

/// An adjustment is one "on earlier months", so that the first month of a year has none.
#[test]
fn a_contract_year_begins_without_an_adjustment() {
    for scope in ["pool", "member"] {
        let mut charge = graduated(scope);
        charge["basis"] = "contract_year".into();
        let tariff = tariff(&charge);
        // 1900.00 for 30000 units, which makes 0.063333 each.
        let first = pool(&[("a", "30000")]).with_year_to_date(0, YearToDate::default());
        let rating = tariff.rate(&first).unwrap();
        let kinds: Vec<_> = rating.charges()[0].lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [LineKind::Usage], "{scope}");
    }
}

/// What explains a member's month is the volume of its year, not of the month by itself.
#[test]
fn a_month_of_a_year_is_explained_by_the_year() {
    let mut charge = graduated("member");
    charge["basis"] = "contract_year".into();
    let tariff = tariff(&charge);
    let first = pool(&[("a", "9000")]);
    let year = tariff.rate(&first).unwrap().charges()[0].year.clone().unwrap();
    let second = pool(&[("a", "3000")]).with_year_to_date(0, year);
    let rating = tariff.rate(&second).unwrap();
    let rated = &rating.charges()[0];
    let steps = rated.line_steps(&rated.lines[0]).unwrap();
    let steps: Vec<_> = steps.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["tier 1: 10000 × 0.08 = 800.00", "tier 2: 2000 × 0.055 = 110.00"]);
    // 3,000 of 12,000 units that cost 910.00, and 9,000 that cost less than they were billed.
    let amounts: Vec<_> = rated.lines.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["227.50", "-37.50"]);
}

/// A year carried in another currency is refused, not added up.
#[test]
fn a_year_keeps_its_currency() {
    let mut charge = graduated("pool");
    charge["basis"] = "contract_year".into();
    let euros = tariff(&charge);
    let used = pool(&[("a", "1")]);
    let year = euros.rate(&used).unwrap().charges()[0].year.clone().unwrap();
    let yen = tariff(&json!({ "currency": "JPY", "charges": [charge] }));
    let mismatch = Error::CurrencyMismatch { left: "EUR", right: "JPY" };
    assert_eq!(failure(&yen, &used.with_year_to_date(0, year)), mismatch);
    let billed = [("a".to_owned(), Money::zero(Currency::JPY))].into();
    let used = pool(&[("a", "1")]);
    let rating = euros.rate(&used).unwrap();
    let mismatch = Error::CurrencyMismatch { left: "EUR", right: "JPY" };
    assert_eq!(rating.charges()[0].corrections(&billed), Err(mismatch));
}
