//! Contract years a second time: quantities add up, and what was billed stays billed.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use serde_json::Value;

use crate::{
    naive::{Lines, Usage, at_price, billed, limit, own_amount, own_price, unit_price},
    rational::{Rational, minor, whole},
};

/// A contract year of one charge.
pub(crate) struct Year<'c> {
    charge: &'c Value,
    digits: u32,
    /// Units and cents so far, by member.
    pub(crate) to_date: BTreeMap<String, (Rational, BigInt)>,
    /// What the last month's quantity would cost whoever used it, by its own year alone.
    pub(crate) alone: BTreeMap<String, BigInt>,
}

impl<'c> Year<'c> {
    pub(crate) fn new(charge: &'c Value, digits: u32) -> Self {
        Self { charge, digits, to_date: BTreeMap::new(), alone: BTreeMap::new() }
    }

    /// The lines of the next month.
    pub(crate) fn month(&mut self, used: &Usage, closes: bool) -> Lines {
        let (charge, digits) = (self.charge, self.digits);
        let mut lines = Lines::new();
        let used: Usage = used.iter().map(|(id, q)| (id.clone(), billed(charge, q))).collect();
        for (member, q) in &used {
            let so_far = self.to_date.entry(member.clone()).or_insert((whole(0), 0.into()));
            so_far.0 += q;
        }
        let pooled = charge["scope"] == "pool";
        let all = self.to_date.values().map(|(units, _)| units).sum();
        let adjustment = match charge["true_up"].as_str().unwrap() {
            "each_period" => Some("price_adjustment"),
            "year_end" if closes => Some("year_end_adjustment"),
            _ => None,
        };
        let price = unit_price(charge, &all);
        for (member, (units, cents)) in &mut self.to_date {
            if let Some(q) = used.get(member) {
                let own = own_part(charge, q, units, cents, digits);
                let amount = if pooled { at_price(charge, q, &price, digits) } else { own.clone() };
                self.alone.insert(member.clone(), own);
                if let Some((kind, limit)) = limit(charge, &amount, digits) {
                    lines.insert((member.clone(), kind), limit);
                }
                *cents += &amount;
                lines.insert((member.clone(), "usage"), amount);
            }
            // By its own volume, a member owes the exact cost of it, as it would in one period.
            let due = if pooled {
                at_price(charge, units, &price, digits)
            } else {
                own_amount(charge, units, digits)
            };
            let difference = &due - &*cents;
            if let Some(kind) = adjustment.filter(|_| difference != BigInt::ZERO) {
                lines.insert((member.clone(), kind), difference);
                *cents = due;
            }
        }
        lines
    }
}

/// What a month's quantity costs at the exact average price of a member's own year. With nothing
/// before, that is what the quantity costs by itself, and nothing is left to adjust.
fn own_part(charge: &Value, q: &Rational, year: &Rational, billed: &BigInt, digits: u32) -> BigInt {
    if q == year && *billed == BigInt::ZERO {
        return own_amount(charge, q, digits);
    }
    if *year == whole(0) {
        return BigInt::ZERO;
    }
    minor(&(own_price(charge, year) * q), digits)
}
