//! Laws 2, 3 and 4 where members share a cost.
//!
//! The sum that is shared out is the exact cost rounded once, and largest remainder makes of each
//! exact share its floor or its ceiling in cents. That is where every tolerance of one cent below
//! comes from: if one exact share is not less than another, its floor is not less than the other's
//! ceiling less one.

use palier_billing::{Pool, Quantity, Subscriber};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use crate::{
    cents,
    generate::{Costs, amount, case, cases, id, shared},
};

const ALL: &[&str] = &["proportional", "equal", "two_part", "weighted", "serial"];

/// Members with weights from 0 to 2, of which the first is not 0.
fn weighted(units: &[i64], weights: &[u8]) -> Pool {
    let members = units.iter().enumerate();
    let weights = weights.iter().cycle();
    let subscribers = members.clone().zip(weights).map(|((member, _), &weight)| {
        let weight = i64::from(weight.max(u8::from(member == 0))) * 1_000_000;
        Subscriber { weight: Quantity::from_units(weight), ..Subscriber::new(id(member)) }
    });
    let usage = members.map(|(member, &units)| (id(member), Quantity::from_units(units).into()));
    Pool::new(subscribers).unwrap().with_usage(usage.collect()).unwrap()
}

fn weights() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0..=2_u8, 1..=7)
}

proptest! {
    #![proptest_config(cases(800))]

    /// Law 2, to the cent. What members pay and what stays with the pole make the provider's bill:
    /// exactly without a markup; with one of `m`, what they pay is `(1 + m)` times their cost,
    /// where each of the two was rounded by half a cent at most.
    #[test]
    fn shares_sum_to_the_cost(
        (charge, usage) in case(shared(Costs::Any, ALL), amount()),
        weights in weights(),
    ) {
        let (tariff, pool) = (charge.tariff(), weighted(&usage.0, &weights));
        let rating = tariff.rate(&pool).unwrap();
        let rated = &rating.charges()[0];
        let outcome = rated.shared.unwrap();
        let shares: i64 = rated.lines.iter().map(|line| line.amount.minor()).sum();
        prop_assert_eq!(shares, outcome.recovered.minor());
        prop_assert_eq!(shares, rating.total().unwrap().minor());

        let at_cost = outcome.provider_cost.checked_sub(outcome.left_with_pole).unwrap();
        let (at_cost, recovered) = (i128::from(at_cost.minor()), i128::from(shares));
        match charge.json["markup_percent"].as_str() {
            None => prop_assert_eq!(at_cost, recovered),
            Some(markup) => {
                let markup: palier_billing::Percent = markup.parse().unwrap();
                let (rate, one) = (1_000_000 + i128::from(markup.units()), 1_000_000);
                prop_assert!(2 * (recovered * one - at_cost * rate).abs() <= one + rate);
            }
        }
    }

    /// What stays with the pole, stays there for a reason that the rules name.
    #[test]
    fn the_pole_keeps_only_idle_cost(
        (charge, usage) in case(shared(Costs::Any, ALL), amount()),
        weights in weights(),
    ) {
        let (tariff, pool) = (charge.tariff(), weighted(&usage.0, &weights));
        let outcome = tariff.rate(&pool).unwrap().charges()[0].shared.unwrap();
        prop_assert!(outcome.left_with_pole.minor() >= 0);
        let idle = charge.json["idle_cost"] == "pole";
        let unused = outcome.quantity.is_zero();
        prop_assert!(idle || unused || outcome.left_with_pole.is_zero(), "{outcome:?}");
        let by_use = ["proportional", "serial"].map(Value::from);
        if unused && by_use.contains(&charge.json["allocation"]) {
            prop_assert!(outcome.recovered.is_zero(), "{outcome:?}");
        }
    }

    /// Law 3: equal exact shares, so within one cent.
    #[test]
    fn equal_usage_costs_the_same_within_a_cent(
        (charge, mut usage) in case(shared(Costs::Any, ALL), amount()),
        twin in any::<Index>(),
    ) {
        let twin = twin.index(usage.0.len());
        usage.0.push(usage.0[twin]);
        let amounts = cents(&charge.tariff(), &usage.pool());
        let (one, other) = (amounts[&id(twin)], amounts[&id(usage.0.len() - 1)]);
        // The odd cent goes to the first of them.
        prop_assert!(one == other || one == other + 1, "{one} and {other}");
    }

    /// Law 4. A larger own quantity does not lower the exact share, whatever the others use: the
    /// total does not fall, and neither does the part of it (for serial sharing, see `serial`).
    /// So the amount falls by one cent at most.
    #[test]
    fn more_usage_never_costs_less(
        (charge, usage) in case(shared(Costs::Rising, ALL), amount()),
        member in any::<Index>(),
        more in amount(),
        weights in weights(),
    ) {
        let tariff = charge.tariff();
        let member = member.index(usage.0.len());
        let mut larger = usage.clone();
        larger.0[member] += more.of(&charge);
        let before = cents(&tariff, &weighted(&usage.0, &weights))[&id(member)];
        let after = cents(&tariff, &weighted(&larger.0, &weights))[&id(member)];
        prop_assert!(before - after <= 1, "{before} falls to {after}");
    }

    /// Who used nothing pays nothing where usage is all that counts: no exact share, no odd cent.
    #[test]
    fn idle_members_pay_nothing(
        (charge, mut usage) in case(shared(Costs::Any, &["proportional", "serial"]), amount()),
        idle in any::<Index>(),
    ) {
        let idle = idle.index(usage.0.len());
        usage.0[idle] = 0;
        prop_assert_eq!(cents(&charge.tariff(), &usage.pool())[&id(idle)], 0);
    }

    /// Equal shares do not look at usage, weighted ones not beyond the weights: the exact shares
    /// are those of `allocate`.
    #[test]
    fn shares_that_ignore_usage_follow_their_weights(
        (charge, usage) in case(shared(Costs::Any, &["equal", "weighted"]), amount()),
        weights in weights(),
    ) {
        let (tariff, pool) = (charge.tariff(), weighted(&usage.0, &weights));
        let rating = tariff.rate(&pool).unwrap();
        let rated = &rating.charges()[0];
        let equal = charge.json["allocation"] == "equal";
        let weight = |of: &Subscriber| if equal { 1 } else { of.weight.units() };
        let weights: Vec<_> = pool.subscribers().iter().map(weight).collect();
        let all: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        let recovered = i128::from(rated.shared.unwrap().recovered.minor());
        for (line, &weight) in rated.lines.iter().zip(&weights) {
            // The exact cost is within half a cent of what is recovered, so the exact share is
            // within half a cent of this one, and the amount within one cent of it.
            let off = i128::from(line.amount.minor()) * all - recovered * i128::from(weight);
            prop_assert!(2 * off.abs() < 3 * all, "{line:?}");
        }
    }
}
