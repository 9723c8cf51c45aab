//! The laws that pricing must obey, over generated tariffs and pools.
//!
//! Each law allows for rounding exactly what rounding can do, never more: the tolerance stands
//! beside it with its derivation. Amounts are compared as whole numbers of the minor unit, below
//! called cents whatever the currency.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

#[path = "../generate/mod.rs"]
mod generate;

mod allocation;
mod amounts;
mod cliffs;
mod documents;
mod events;
mod lifecycle;
mod pooling;
mod rerating;
mod serial;
mod shared_costs;
mod years;

use std::collections::BTreeMap;

use palier_billing::{Pool, Tariff};

/// What every member owes, in cents.
fn cents(tariff: &Tariff, pool: &Pool) -> BTreeMap<String, i64> {
    let rating = tariff.rate(pool).unwrap();
    let amounts = rating.amounts().unwrap().into_iter();
    amounts.map(|(member, amount)| (member.to_owned(), amount.minor())).collect()
}

/// All that a rating says, byte by byte.
fn bytes(tariff: &Tariff, pool: &Pool) -> String {
    serde_json::to_string(&tariff.rate(pool).unwrap()).unwrap()
}

/// The same entries in another order, which keys decide; with equal keys it is the same order.
fn reordered<T: Clone>(entries: &[T], keys: &[u16]) -> Vec<T> {
    let mut order: Vec<_> = entries.iter().cloned().zip(keys.iter().cycle()).collect();
    order.sort_by_key(|&(_, key)| key);
    order.into_iter().map(|(entry, _)| entry).collect()
}
