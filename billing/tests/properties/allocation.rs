//! Largest remainder: parts that sum to the whole, each as near to its exact share as cents allow.

use palier_billing::{Currency, Money, allocate};
use proptest::{collection::vec, prelude::*};

use crate::generate::cases;

fn weights() -> impl Strategy<Value = Vec<i64>> {
    let weight = prop_oneof![
        1 => Just(0),
        4 => 1..=20_i64,
        2 => 1..=1_000_000_000_i64,
        1 => 1..=i64::MAX,
    ];
    vec(weight, 1..=200)
        .prop_filter("something to go by", |weights| weights.iter().any(|&weight| weight > 0))
}

fn split(cents: i64, weights: &[i64]) -> Vec<i64> {
    let parts = allocate(Money::from_minor(cents, Currency::EUR), weights).unwrap();
    parts.iter().map(|part| part.minor()).collect()
}

proptest! {
    #![proptest_config(cases(1000))]

    /// Every part is the exact share rounded down or up, so within one cent of it; a whole share
    /// stays as it is, and no weight means no part.
    #[test]
    fn every_part_is_within_one_cent(cents in 0..=10_i64.pow(14), weights in weights()) {
        let parts = split(cents, &weights);
        prop_assert_eq!(parts.iter().sum::<i64>(), cents);
        let all: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        for (&part, &weight) in parts.iter().zip(&weights) {
            let exact = i128::from(cents) * i128::from(weight);
            let off = i128::from(part) * all - exact;
            prop_assert!(off.abs() < all, "{part} for {weight}");
        }
    }

    /// More weight never gets less, and equal weights differ by the cents that come first.
    #[test]
    fn parts_follow_the_weights(cents in 0..=100_000_i64, weights in weights()) {
        let parts = split(cents, &weights);
        let mut order: Vec<_> = weights.iter().zip(&parts).enumerate().collect();
        order.sort_by_key(|&(at, (weight, _))| (weight, std::cmp::Reverse(at)));
        for pair in order.windows(2) {
            let (_, (low, less)) = pair[0];
            let (_, (high, more)) = pair[1];
            prop_assert!(less <= more, "{less} for {low}, {more} for {high}");
            prop_assert!(low != high || more - less <= 1);
        }
    }

    /// What is given back is split like what is asked for.
    #[test]
    fn a_credit_mirrors_a_debit(cents in 0..=10_i64.pow(14), weights in weights()) {
        let mirrored: Vec<_> = split(-cents, &weights).into_iter().map(|part| -part).collect();
        prop_assert_eq!(mirrored, split(cents, &weights));
    }
}
