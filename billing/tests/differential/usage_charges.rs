//! Usage charges of one period.

use std::collections::BTreeMap;

use palier_billing::{LineKind, Metered, Pool, Quantity, Subscriber, Tariff};
use proptest::{collection::vec, option, prelude::*};
use serde_json::json;

use crate::{
    cents, digits, exact, fractions,
    generate::{Charge, Costs, Usage, case, cases, id, signed, usage},
    lines, naive, quantity,
    rational::{decimal, field, minor, round},
};

fn agree(charge: &Charge, usage: &Usage) {
    let (tariff, pool) = (charge.tariff(), usage.pool());
    let rating = tariff.rate(&pool).unwrap();
    let rated = &rating.charges()[0];
    let used = fractions(usage);
    assert_eq!(lines(rated), naive::period(&charge.json, &used, digits(charge)));

    let billed = used.values().map(|q| naive::billed(&charge.json, q));
    let billed: Vec<_> = billed.collect();
    let usage_lines = rated.lines.iter().filter(|line| line.kind == LineKind::Usage);
    for (line, q) in usage_lines.zip(&billed) {
        assert_eq!(exact(line.quantity), *q);
        if let Some(alone) = line.alone {
            assert_eq!(cents(alone), naive::own_amount(&charge.json, q, digits(charge)));
        }
    }
    let Some(price) = rated.pool else { return };
    let all = billed.iter().sum();
    assert_eq!(exact(price.quantity), all);
    assert_eq!(decimal(&price.unit_price.to_string()), naive::unit_price(&charge.json, &all));
    assert_eq!(decimal(&price.cost.to_string()), naive::cost(&charge.json, &all));

    // What the cap forgoes: the cost less what the same quantity comes to at the cap.
    let cost = naive::cost(&charge.json, &all);
    let reached = naive::unit_price(&charge.json, &all);
    let uncapped = round(&(&cost * decimal(&charge.price_base().to_string())), 6);
    let forgone = minor(&cost, digits(charge))
        - naive::at_price(&charge.json, &all, &reached, digits(charge));
    if price.capped {
        assert_eq!(cents(price.forgone), forgone, "{uncapped} at {reached}");
        assert_eq!(field(&charge.json, "unit_amount_cap"), Some(reached));
    } else {
        assert!(price.forgone.is_zero());
    }
}

/// A percentage with some of the amounts per event, and events, some of which take back.
fn per_event() -> impl Strategy<Value = (Charge, Vec<Vec<i64>>)> {
    let amount = || option::of((0..=5_000_i64).prop_map(|mills| mills * 1_000));
    let limits = (amount(), amount()).prop_map(|(least, most)| match (least, most) {
        (Some(least), Some(most)) => (Some(least.min(most)), Some(least.max(most))),
        either => either,
    });
    let event = prop_oneof![1 => Just(0), 9 => 1..=500_000_000_i64, 1 => -500_000_000..=-1_i64];
    let charge = (usage(Costs::Any, &["member"]), 0..=100_000_i64, amount(), limits);
    let charge = charge.prop_map(|(mut charge, rate, fixed, (least, most))| {
        let text = |units| palier_billing::Price::from_units(units).to_string();
        let limits = ["minimum_amount", "maximum_amount"];
        let limits = limits.map(|name| (name, charge.json.get(name).cloned()));
        charge.json = json!({
            "kind": "usage", "scope": "member", "model": "percentage",
            "rate_percent": text(rate * 100),
        });
        let amounts = [
            ("fixed_per_event", Some(fixed.unwrap_or(0))),
            ("minimum_per_event", least),
            ("maximum_per_event", most),
        ];
        for (name, units) in amounts {
            if let Some(units) = units {
                charge.json[name] = text(units).into();
            }
        }
        for (name, limit) in limits {
            if let Some(limit) = limit {
                charge.json[name] = limit;
            }
        }
        charge
    });
    (charge, vec(vec(event, 0..=6), 1..=5))
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn a_pool_pays_the_same_by_fractions(
        (charge, usage) in case(usage(Costs::Any, &["pool"]), signed()),
    ) {
        agree(&charge, &usage);
    }

    #[test]
    fn members_pay_the_same_by_fractions(
        (charge, usage) in case(usage(Costs::Any, &["member"]), signed()),
    ) {
        agree(&charge, &usage);
    }

    #[test]
    fn events_cost_the_same_by_fractions((charge, members) in per_event()) {
        let tariff: Tariff = charge.tariff();
        let usage: BTreeMap<_, _> = members.iter().enumerate().map(|(member, events)| {
            let events: Vec<_> = events.iter().map(|&units| Quantity::from_units(units)).collect();
            let quantity = Quantity::from_units(events.iter().map(|event| event.units()).sum());
            (id(member), Metered { quantity, events })
        }).collect();
        let subscribers = usage.keys().map(Subscriber::new);
        let pool = Pool::new(subscribers).unwrap().with_usage(usage.clone()).unwrap();
        let rating = tariff.rate(&pool).unwrap();

        let mut expected = naive::Lines::new();
        for (member, events) in members.iter().enumerate() {
            let events = events.iter().map(|&units| naive::event(&charge.json, &quantity(units)));
            let amount = minor(&events.sum(), digits(&charge));
            if let Some((kind, limit)) = naive::limit(&charge.json, &amount, digits(&charge)) {
                expected.insert((id(member), kind), limit);
            }
            expected.insert((id(member), "usage"), amount);
        }
        prop_assert_eq!(lines(&rating.charges()[0]), expected);
    }
}
