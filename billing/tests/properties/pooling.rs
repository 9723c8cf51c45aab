//! Laws 1, 3 and 4 where everyone pays the pool's average price, or its own.

use palier_billing::{Error, LineKind, Pool, Quantity, Tariff};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    cents,
    generate::{Charge, Costs, Usage, amount, case, cases, id, pool_of, signed, usage},
};

/// How far the rounding of a unit price to six places can move what `units` millionths cost, in
/// cents, rounded down: half a millionth per `price_base` units.
fn moved_by_price(units: i128, charge: &Charge) -> i128 {
    units * charge.minor_per_major() / (2 * 10_i128.pow(12) * charge.price_base())
}

fn alone(tariff: &Tariff, units: i64) -> i64 {
    cents(tariff, &pool_of(&[units]))[&id(0)]
}

proptest! {
    #![proptest_config(cases(800))]

    /// Law 1, against a pool of one. No tolerance: the average price does not rise with volume,
    /// and rounding keeps an order, that of two unit prices as well as that of two amounts.
    #[test]
    fn nobody_pays_more_than_in_a_pool_of_one(
        (charge, usage) in case(usage(Costs::AverageFalls, &["pool"]), amount()),
    ) {
        let tariff = charge.tariff();
        let amounts = cents(&tariff, &usage.pool());
        for (member, &units) in usage.0.iter().enumerate() {
            prop_assert!(amounts[&id(member)] <= alone(&tariff, units), "{}", id(member));
        }
    }

    /// Law 1, against the exact cost of the same quantity on the same schedule, which a line shows
    /// as `alone`.
    ///
    /// The unit price is at most half a millionth above the average, so the amount at most
    /// `q × 0.0000005 / base` and half a cent above the exact one; the cost alone is at most half
    /// a cent below its own. Together one cent and what the price moved.
    #[test]
    fn nobody_pays_more_than_alone(
        (charge, usage) in case(usage(Costs::AverageFalls, &["pool"]), amount()),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        for line in rating.charges()[0].lines.iter().filter(|it| it.kind == LineKind::Usage) {
            let more = i128::from(line.amount.minor() - line.alone.unwrap().minor());
            let tolerance = moved_by_price(line.quantity.units().into(), &charge) + 1;
            prop_assert!(more <= tolerance, "{} pays {more} more", line.member);
            prop_assert_eq!(line.saving().unwrap().minor(), i64::try_from(-more).unwrap());
        }
    }

    /// Law 3. No tolerance: the same figures go through the same arithmetic.
    #[test]
    fn equal_usage_costs_the_same(
        (charge, mut usage) in case(usage(Costs::Any, &["member", "pool"]), signed()),
        twin in any::<Index>(),
    ) {
        let twin = twin.index(usage.0.len());
        usage.0.push(usage.0[twin]);
        prop_assume!(charge.can_price(&usage.0));
        let amounts = cents(&charge.tariff(), &usage.pool());
        prop_assert_eq!(amounts[&id(twin)], amounts[&id(usage.0.len() - 1)]);
    }

    /// Law 4 in a pool. The amount is `q / Q × C(Q)`; both factors rise with the member's own `q`,
    /// so it is enough that the total does not fall.
    ///
    /// Each of the two amounts is within `q × 0.0000005 / base` and half a cent of its exact one,
    /// so together they may fall by one cent and what both prices moved. Limits per member and
    /// period only bring two amounts closer together.
    #[test]
    fn more_usage_never_costs_less_in_a_pool(
        (charge, usage) in case(usage(Costs::Rising, &["pool"]), amount()),
        member in any::<Index>(),
        more in amount(),
    ) {
        let member = member.index(usage.0.len());
        let (before, after) = own_amounts(&charge, &usage, member, more.of(&charge));
        let units = 2 * i128::from(usage.0[member]) + i128::from(more.of(&charge));
        // Billing rounds each of the two quantities to its fourth place, by 50 millionths at most.
        let tolerance = moved_by_price(units + 100, &charge) + 1;
        prop_assert!(i128::from(before - after) <= tolerance, "{before} falls to {after}");
    }

    /// Law 4 for a member by itself. No tolerance: there is one rounding, and it keeps the order.
    #[test]
    fn more_usage_never_costs_less_alone(
        (charge, usage) in case(usage(Costs::Rising, &["member"]), amount()),
        member in any::<Index>(),
        more in amount(),
    ) {
        let member = member.index(usage.0.len());
        let (before, after) = own_amounts(&charge, &usage, member, more.of(&charge));
        prop_assert!(before <= after, "{before} falls to {after}");
    }

    /// What cannot have an average price is refused, not billed at an absurd one: units given
    /// back where all share a flat amount or a package, and a pool in which all is given back.
    #[test]
    fn what_has_no_pool_price_is_refused(
        charge in usage(Costs::Any, &["pool"]),
        used in vec(1..=1_000_000_i64, 1..=4),
    ) {
        let used: Vec<i64> = used.into_iter().map(|units| charge.free + 100 * units).collect();
        let back = used.iter().map(|&units| charge.billed(units)).sum::<i64>();
        for taken in [back, 100] {
            let quantities = [used.as_slice(), &[-taken]].concat();
            let pool = pool_of(&quantities);
            let tariff = charge.tariff();
            let rated = tariff.rate(&pool);
            let refused = matches!(
                rated,
                Err(Error::NegativeQuantity { .. } | Error::NoPoolPrice { charge: 0 })
            );
            prop_assert_eq!(refused, !charge.can_price(&quantities));
        }
    }

    /// By its own volume, nobody's amount depends on what others use.
    #[test]
    fn alone_is_alone(
        (charge, usage) in case(usage(Costs::Any, &["member"]), signed()),
    ) {
        let tariff = charge.tariff();
        let amounts = cents(&tariff, &usage.pool());
        for (member, &units) in usage.0.iter().enumerate() {
            prop_assert_eq!(amounts[&id(member)], alone(&tariff, units));
        }
    }
}

/// What a member owes, and what it would owe if it used more.
fn own_amounts(charge: &Charge, usage: &Usage, member: usize, more: i64) -> (i64, i64) {
    let tariff = charge.tariff();
    let amount = |usage: &Usage| cents(&tariff, &usage.pool())[&id(member)];
    let mut larger = usage.clone();
    larger.0[member] += more;
    (amount(usage), amount(&larger))
}

/// The price that the pool reached is that of the sum of what is billed, at every bound: none of
/// the neighbours of a bound is taken for another.
#[test]
fn a_bound_belongs_to_its_tier() {
    let charge = serde_json::json!({
        "kind": "usage", "model": "volume", "tiers": [
            { "up_to": "5", "unit_amount": "7" },
            { "up_to": "10.0001", "unit_amount": "6.5" },
            { "unit_amount": "6" },
        ],
    });
    let tariff = Tariff::from_json(&charge).unwrap();
    for (quantity, price) in [
        ("0.0001", "7"),
        ("4.9999", "7"),
        ("5", "7"),
        ("5.000049", "7"),
        ("5.00005", "6.5"),
        ("5.0001", "6.5"),
        ("10", "6.5"),
        ("10.0001", "6.5"),
        ("10.0002", "6"),
    ] {
        let quantity: Quantity = quantity.parse().unwrap();
        let half = Quantity::from_units(quantity.units() / 200 * 100);
        let rest = quantity.checked_sub(half).unwrap();
        let pool = Pool::of([("a", half), ("b", rest)]).unwrap();
        let rating = tariff.rate(&pool).unwrap();
        let reached = rating.charges()[0].pool.unwrap().unit_price;
        assert_eq!(reached.to_string(), price, "{quantity}");
    }
}
