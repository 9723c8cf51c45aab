//! Shared costs a second time.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    naive::{Usage, cost},
    rational::{Rational, field, round, whole},
};

/// What members bear of the fixed cost if together they use `q`.
fn fixed(charge: &Value, q: &Rational) -> Rational {
    let fixed = field(charge, "fixed").unwrap_or(whole(0));
    match field(charge, "capacity").filter(|_| charge["idle_cost"] == "pole") {
        Some(capacity) => fixed * q.clone().min(capacity.clone()) / capacity,
        None => fixed,
    }
}

fn variable(charge: &Value, q: &Rational) -> Rational {
    charge.get("variable").map_or(whole(0), |function| cost(function, q))
}

/// What it costs to serve `q`, as far as members bear it.
pub(crate) fn borne(charge: &Value, q: &Rational) -> Rational {
    fixed(charge, q) + variable(charge, q)
}

/// What the provider asks for.
pub(crate) fn provider(charge: &Value, q: &Rational) -> Rational {
    field(charge, "fixed").unwrap_or(whole(0)) + variable(charge, q)
}

/// `1 + m`.
pub(crate) fn markup(charge: &Value) -> Rational {
    whole(1) + field(charge, "markup_percent").unwrap_or(whole(0)) / whole(100)
}

/// Everyone's exact share, before markup.
pub(crate) fn shares(charge: &Value, used: &Usage, weights: &Usage) -> BTreeMap<String, Rational> {
    let used: Usage = used.iter().map(|(id, q)| (id.clone(), round(q, 4))).collect();
    let all: Rational = used.values().sum();
    let n = whole(i64::try_from(used.len()).unwrap());
    let weight: Rational = weights.values().sum();
    // Nobody used it: there is nothing to go by.
    let by_use = |cost: Rational, q: &Rational| {
        if all == whole(0) { whole(0) } else { cost * q / &all }
    };
    let levels = serial(charge, &used);
    let share = |(member, q): (&String, &Rational)| {
        let share = match charge["allocation"].as_str().unwrap() {
            "proportional" => by_use(borne(charge, &all), q),
            "equal" => borne(charge, &all) / &n,
            "two_part" => fixed(charge, &all) / &n + by_use(variable(charge, &all), q),
            "weighted" => borne(charge, &all) * &weights[member] / &weight,
            _ => levels[q].clone(),
        };
        (member.clone(), share)
    };
    used.iter().map(share).collect()
}

/// Moulin and Shenker (1992): order the quantities, `q1 ≤ … ≤ qn`; then
/// `x1 = C(n q1) / n`, `x2 = x1 + (C(q1 + (n − 1) q2) − C(n q1)) / (n − 1)`, and so on. What a
/// member pays follows from its quantity.
fn serial(charge: &Value, used: &Usage) -> BTreeMap<Rational, Rational> {
    let mut sorted: Vec<_> = used.values().cloned().collect();
    sorted.sort();
    let n = sorted.len();
    let mut shares = BTreeMap::new();
    let (mut share, mut before) = (whole(0), whole(0));
    for k in 0..n {
        let reach = whole(i64::try_from(n - k).unwrap());
        let smaller: Rational = sorted[..k].iter().sum();
        let level = smaller + &reach * &sorted[k];
        // Serving nobody costs nothing.
        let cost = if level == whole(0) { whole(0) } else { borne(charge, &level) };
        share += (&cost - &before) / reach;
        before = cost;
        shares.insert(sorted[k].clone(), share.clone());
    }
    shares
}
