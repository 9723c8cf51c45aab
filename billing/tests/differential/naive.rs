//! The pricing rules a second time, straight from their text: fractions all the way, rounded where
//! the rules say so and nowhere else. It reads the JSON of a charge by itself, and it is slow.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use serde_json::Value;

use crate::rational::{Rational, field, minor, round, ten_to, whole};

/// Cents (or whatever the minor unit is) by member and kind of line.
pub(crate) type Lines = BTreeMap<(String, &'static str), BigInt>;

/// What members used, by id.
pub(crate) type Usage = BTreeMap<String, Rational>;

/// A quantity becomes an amount.
pub(crate) fn cost(function: &Value, q: &Rational) -> Rational {
    let zero = whole(0);
    let price = || field(function, "unit_amount").unwrap();
    match function["model"].as_str().unwrap() {
        "standard" => price() * q,
        "percentage" => field(function, "rate_percent").unwrap() * q / whole(100),
        "package" => {
            let packages = (q / field(function, "package_size").unwrap()).ceil();
            packages.max(zero) * field(function, "amount").unwrap()
        }
        model => tiered(model, function, q),
    }
}

fn tiered(model: &str, function: &Value, q: &Rational) -> Rational {
    let zero = whole(0);
    let tiers = function["tiers"].as_array().unwrap();
    let price = |tier: &Value| field(tier, "unit_amount").unwrap();
    let flat = |tier: &Value| field(tier, "flat_amount").unwrap_or(whole(0));
    if *q == zero {
        return if function["flat_at_zero"] == true { flat(&tiers[0]) } else { zero };
    }
    // What is given back was bought in the first tier.
    if *q < zero {
        return price(&tiers[0]) * q;
    }
    if model == "volume" {
        let holds = |tier: &&Value| field(tier, "up_to").is_none_or(|bound| *q <= bound);
        let tier = tiers.iter().find(holds).unwrap();
        return price(tier) * q + flat(tier);
    }
    let mut total = zero.clone();
    let mut below = zero.clone();
    for tier in tiers {
        let top = field(tier, "up_to").map_or(q.clone(), |bound| bound.min(q.clone()));
        let slice = top - &below;
        if slice > zero {
            total += price(tier) * slice + flat(tier);
        }
        below = field(tier, "up_to").unwrap_or(below);
    }
    total
}

/// What is billed of a quantity: four places, less free units.
pub(crate) fn billed(charge: &Value, q: &Rational) -> Rational {
    let q = round(q, 4);
    let free = field(charge, "free_units").unwrap_or(whole(0));
    if q > whole(0) { (q - free).max(whole(0)) } else { q }
}

fn base(charge: &Value) -> Rational {
    field(charge, "price_base").unwrap_or(whole(1))
}

/// `round(C(Q) × base / Q, 6)`, but not above the cap.
pub(crate) fn unit_price(charge: &Value, q: &Rational) -> Rational {
    if *q == whole(0) {
        return whole(0);
    }
    let average = round(&(cost(charge, q) * base(charge) / q), 6);
    field(charge, "unit_amount_cap").map_or(average.clone(), |cap| cap.min(average))
}

/// `round(q × u / base, 2)`.
pub(crate) fn at_price(charge: &Value, q: &Rational, price: &Rational, digits: u32) -> BigInt {
    minor(&(q * price / base(charge)), digits)
}

/// What a member owes by its own volume. The cap is on the price of a unit; with no unit there is
/// nothing that it would let through.
pub(crate) fn own_amount(charge: &Value, q: &Rational, digits: u32) -> BigInt {
    if *q == whole(0) {
        let capped = field(charge, "unit_amount_cap").is_some();
        return if capped { 0.into() } else { minor(&cost(charge, q), digits) };
    }
    minor(&(own_price(charge, q) * q), digits)
}

/// The exact average price of a unit by a member's own volume, but not above the cap.
pub(crate) fn own_price(charge: &Value, q: &Rational) -> Rational {
    let average = cost(charge, q) / q;
    let cap = field(charge, "unit_amount_cap").map(|cap| cap / base(charge));
    cap.map_or(average.clone(), |cap| cap.min(average))
}

/// The line that brings a usage amount to the least, or back to the most, a member pays.
pub(crate) fn limit(charge: &Value, usage: &BigInt, digits: u32) -> Option<(&'static str, BigInt)> {
    let bound = |name| field(charge, name).map(|bound| minor(&bound, digits));
    if let Some(least) = bound("minimum_amount").filter(|least| usage < least) {
        return Some(("minimum", least - usage));
    }
    let most = bound("maximum_amount").filter(|most| usage > most)?;
    Some(("maximum", most - usage))
}

/// The lines of a usage charge for one period.
pub(crate) fn period(charge: &Value, used: &Usage, digits: u32) -> Lines {
    let used: Usage = used.iter().map(|(id, q)| (id.clone(), billed(charge, q))).collect();
    let pooled = charge["scope"] == "pool";
    let price = unit_price(charge, &used.values().sum());
    let mut lines = Lines::new();
    for (member, q) in used {
        let amount = if pooled {
            at_price(charge, &q, &price, digits)
        } else {
            own_amount(charge, &q, digits)
        };
        if let Some((kind, limit)) = limit(charge, &amount, digits) {
            lines.insert((member.clone(), kind), limit);
        }
        lines.insert((member, "usage"), amount);
    }
    lines
}

/// What one event costs that has its own fixed, least and most amount. An event of nothing, and
/// one that takes back, has none of them.
pub(crate) fn event(charge: &Value, q: &Rational) -> Rational {
    let share = cost(charge, q);
    if *q <= whole(0) {
        return share;
    }
    let with_fixed = share + field(charge, "fixed_per_event").unwrap_or(whole(0));
    let least = field(charge, "minimum_per_event").unwrap_or(with_fixed.clone());
    let enough = with_fixed.max(least);
    field(charge, "maximum_per_event").map_or(enough.clone(), |most| enough.min(most))
}

/// Exact shares, made cents that sum to their rounded sum: floors first, then what is left to the
/// largest remainders, and among equal ones to the first by id.
pub(crate) fn largest_remainder(shares: &BTreeMap<String, Rational>, digits: u32) -> Lines {
    let mut left = minor(&shares.values().sum(), digits);
    let mut order = Vec::new();
    let mut lines = Lines::new();
    for (member, share) in shares {
        let exact = share * ten_to(digits);
        let floor = exact.floor();
        left -= floor.to_integer();
        lines.insert((member.clone(), "share"), floor.to_integer());
        order.push((exact - floor, member));
    }
    order.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
    for (_, member) in order.into_iter().take(usize::try_from(left).unwrap()) {
        *lines.get_mut(&(member.clone(), "share")).unwrap() += 1;
    }
    lines
}
