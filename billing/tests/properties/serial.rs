//! Serial cost sharing: what makes it worth its arithmetic.
//!
//! With members in order of quantity, `q1 ≤ q2 ≤ …`, the levels are `L1 = n q1`,
//! `L2 = q1 + (n − 1) q2` and so on, and the kth pays `(C(Lk) − C(Lk−1)) / (n − k + 1)` more than
//! the one before. Exact shares become their floor or their ceiling in cents, so every comparison
//! of two of them allows for one cent.

use palier_billing::Money;
use proptest::{prelude::*, sample::Index};

use crate::{
    cents,
    generate::{Costs, amount, case, cases, id, shared},
};

const SERIAL: &[&str] = &["serial"];

proptest! {
    #![proptest_config(cases(600))]

    /// A member's share does not depend on those who use more: nobody pays for the growth of the
    /// large. The levels up to its own hold only quantities up to its own, and how many others
    /// there are.
    #[test]
    fn the_growth_of_larger_members_costs_a_smaller_one_nothing(
        (charge, usage) in case(shared(Costs::Rising, SERIAL), amount()),
        members in (any::<Index>(), any::<Index>()),
        more in amount(),
    ) {
        let tariff = charge.tariff();
        let one = members.0.index(usage.0.len());
        let other = (one + 1 + members.1.index(usage.0.len() - 1)) % usage.0.len();
        let ordered = usage.0[one] <= usage.0[other];
        let (small, large) = if ordered { (one, other) } else { (other, one) };
        let mut larger = usage.clone();
        larger.0[large] += more.of(&charge);
        let before = cents(&tariff, &usage.pool())[&id(small)];
        let after = cents(&tariff, &larger.pool())[&id(small)];
        prop_assert!(before.abs_diff(after) <= 1, "{before} becomes {after}");
    }

    /// Who uses more does not pay less: the shares are sums of increments, and the larger member
    /// takes part in all of the smaller one's.
    #[test]
    fn shares_rise_with_quantities(
        (charge, usage) in case(shared(Costs::Rising, SERIAL), amount()),
    ) {
        let amounts = cents(&charge.tariff(), &usage.pool());
        let mut order: Vec<_> = (0..usage.0.len()).collect();
        order.sort_by_key(|&member| usage.0[member]);
        for pair in order.windows(2) {
            let (smaller, larger) = (amounts[&id(pair[0])], amounts[&id(pair[1])]);
            prop_assert!(smaller - larger <= 1, "{smaller} before {larger}");
        }
    }

    /// The stand-alone bound, for a concave cost: nobody pays more than it would alone.
    ///
    /// `Lk ≥ qk`, `Lk−1 ≥ qk−1`, and `Lk − Lk−1 = (n − k + 1)(qk − qk−1)`: a chord further to the
    /// right is not steeper, so the kth increment per head is at most `C(qk) − C(qk−1)`, and those
    /// sum to `C(qk)`. It holds with a fixed cost, which begins with the first unit, and with
    /// idle capacity on the pole, whose cost is concave as well; it would not hold for a convex
    /// cost. The share is at most the ceiling of a cost of which `alone` is the rounding: one cent.
    #[test]
    fn nobody_pays_more_than_alone_if_cost_is_concave(
        (charge, usage) in case(
            shared(Costs::Concave, &["serial", "proportional"]),
            amount(),
        ),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        for line in &rating.charges()[0].lines {
            let alone = line.alone.map_or(0, Money::minor);
            prop_assert!(line.amount.minor() <= alone + 1, "{line:?}");
        }
    }

    /// Members of one size pay one price: serial and proportional sharing are then the same.
    #[test]
    fn among_equals_it_is_proportional(
        (charge, mut usage) in case(shared(Costs::Rising, SERIAL), amount()),
    ) {
        let first = usage.0[0];
        usage.0.fill(first);
        let serial = cents(&charge.tariff(), &usage.pool());
        let proportional = charge.clone().with("allocation", "proportional");
        prop_assert_eq!(serial, cents(&proportional.tariff(), &usage.pool()));
    }
}
