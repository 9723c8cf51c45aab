//! The engine against a second implementation of the pricing rules, over generated charges of
//! every model, scope and option: the same cents on the same lines.
//!
//! The two share no arithmetic. The engine counts in fixed decimals and rounds on the way where
//! the rules let it; the other one knows fractions only, and follows the text of the rules.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

#[expect(dead_code, unused_imports, reason = "the laws need more of it")]
#[path = "../generate/mod.rs"]
mod generate;

mod naive;
mod naive_shared;
mod naive_year;
mod rational;
mod shared_costs;
mod usage_charges;
mod years;

use num_bigint::BigInt;
use palier_billing::{Money, Quantity, RatedCharge};

use generate::{Charge, Usage, id};
use naive::Lines;
use rational::{Rational, whole};

fn digits(charge: &Charge) -> u32 {
    palier_billing::minor_digits(charge.currency).unwrap().into()
}

/// Millionths as a fraction.
fn quantity(units: i64) -> Rational {
    whole(units) / whole(1_000_000)
}

fn fractions(usage: &Usage) -> naive::Usage {
    usage.0.iter().enumerate().map(|(member, &units)| (id(member), quantity(units))).collect()
}

/// The amounts of a rated charge. No member has two lines of one kind.
fn lines(rated: &RatedCharge<'_>) -> Lines {
    let lines = rated.lines.iter();
    let lines: Lines = lines
        .map(|it| ((it.member.to_owned(), it.kind.as_str()), it.amount.minor().into()))
        .collect();
    assert_eq!(lines.len(), rated.lines.len());
    lines
}

fn exact(quantity: Quantity) -> Rational {
    self::quantity(quantity.units())
}

fn cents(amount: Money) -> BigInt {
    amount.minor().into()
}
