//! The edges of pricing, one by one: figures that do not fit, pools of nobody or of one, weights
//! that say nothing, currencies without decimals, and tariffs that contradict themselves.

#![cfg(test)]

mod charges;
mod fees;
mod figures;
mod pools;
mod steps;
mod tariffs;
mod years;

use palier_billing::{Error, FaultKind, Pool, Quantity, Subscriber, Tariff};
use serde_json::{Value, json};

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn tariff(charge: &Value) -> Tariff {
    Tariff::from_json(charge).unwrap_or_else(|faults| panic!("{faults}"))
}

fn pool(used: &[(&str, &str)]) -> Pool {
    Pool::of(used.iter().map(|&(member, used)| (member, quantity(used)))).unwrap()
}

/// Members with a weight each, who used one unit each.
fn weighted(weights: &[(&str, &str)]) -> Pool {
    let subscribers = weights.iter().map(|&(member, weight)| Subscriber {
        weight: quantity(weight),
        ..Subscriber::new(member)
    });
    let used = weights.iter().map(|&(member, _)| (member.to_owned(), quantity("1").into()));
    Pool::new(subscribers).unwrap().with_usage(used.collect()).unwrap()
}

/// What everyone owes, in the order of member ids.
fn amounts(tariff: &Tariff, pool: &Pool) -> Vec<String> {
    let amounts = tariff.rate(pool).unwrap().amounts().unwrap();
    amounts.into_values().map(|amount| amount.to_string()).collect()
}

fn failure(tariff: &Tariff, pool: &Pool) -> Error {
    tariff.rate(pool).expect_err("it cannot be rated")
}

/// The pointer and kind of the only fault.
fn fault(document: &Value) -> (String, FaultKind) {
    let mut faults = Tariff::from_json(document).unwrap_err().0;
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = faults.remove(0);
    (fault.pointer, fault.kind)
}

const ALLOCATIONS: [&str; 5] = ["proportional", "equal", "two_part", "weighted", "serial"];

fn shared(fixed: &str, allocation: &str) -> Value {
    json!({ "kind": "shared_cost", "fixed": fixed, "allocation": allocation })
}

fn graduated(scope: &str) -> Value {
    json!({
        "kind": "usage", "model": "graduated", "scope": scope, "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "unit_amount": "0.03" },
        ],
    })
}
