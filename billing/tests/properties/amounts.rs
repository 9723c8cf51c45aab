//! Law 7, and the calculation behind every amount.

use palier_billing::{Cost, LineKind, Step};
use proptest::prelude::*;

use crate::generate::{Costs, case, cases, shared, signed, usage};

fn sum(steps: &[Step]) -> Cost {
    steps.iter().fold(Cost::ZERO, |sum, step| sum.checked_add(step.amount()).unwrap())
}

proptest! {
    #![proptest_config(cases(800))]

    /// Law 7. What takes off the excess over a maximum is an adjustment line that says why.
    #[test]
    fn only_what_is_taken_back_is_negative(
        (charge, usage) in case(usage(Costs::Any, &["member", "pool"]), signed()),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        for line in &rating.charges()[0].lines {
            if line.amount.minor() < 0 {
                let taken_back = line.metered.is_some_and(|metered| metered.quantity.units() < 0);
                prop_assert!(taken_back || line.kind == LineKind::Maximum, "{line:?}");
            }
        }
        for (position, (member, amount)) in rating.amounts().unwrap().into_iter().enumerate() {
            prop_assert!(amount.minor() >= 0 || usage.0[position] < 0, "{member}: {amount}");
        }
    }

    /// The steps shown for a pool, or for a member by itself, add up to the exact cost.
    #[test]
    fn the_calculation_adds_up(
        (charge, usage) in case(usage(Costs::Any, &["member", "pool"]), signed()),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        let rated = &rating.charges()[0];
        if let Some(price) = rated.pool {
            prop_assert_eq!(sum(&rated.pool_steps().unwrap()), price.cost);
            return Ok(());
        }
        let function = rated.cost_function().unwrap();
        for line in rated.lines.iter().filter(|line| line.kind == LineKind::Usage) {
            let steps = rated.line_steps(line).unwrap();
            prop_assert_eq!(sum(&steps), function.cost(line.quantity).unwrap(), "{:?}", line);
        }
    }

    /// Where a line shows a unit price, a pocket calculator makes its amount of it: within the
    /// half cent by which it was rounded.
    #[test]
    fn quantity_times_price_is_the_amount(
        (charge, usage) in case(usage(Costs::Any, &["member", "pool"]), signed()),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        for line in rating.charges()[0].lines.iter().filter(|it| it.kind == LineKind::Usage) {
            let Some(price) = line.unit_price else { continue };
            // Both sides in 10^-12 of the major unit, times the price base, times the minor unit.
            let exact = i128::from(line.quantity.units()) * i128::from(price.units());
            let exact = exact * charge.minor_per_major();
            let cent = 10_i128.pow(12) * charge.price_base();
            let off = i128::from(line.amount.minor()) * cent - exact;
            prop_assert!(2 * off.abs() <= cent, "{line:?}");
        }
    }

    /// What the report says of a pool's cost is all of it: the lines come to the cost less what
    /// the cap forgoes, plus what rounding the price made of it.
    #[test]
    fn forgone_and_rounding_account_for_the_whole_cost(
        (charge, usage) in case(usage(Costs::Any, &["pool"]), signed()),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        let rated = &rating.charges()[0];
        let price = rated.pool.unwrap();
        let lines = rated.lines.iter().filter(|line| line.kind == LineKind::Usage);
        let billed: i64 = lines.map(|line| line.amount.minor()).sum();
        let cost = price.cost.round(charge.currency).unwrap().minor();
        prop_assert_eq!(billed, cost - price.forgone.minor() + price.rounding.minor());
        prop_assert!(price.capped || price.forgone.is_zero());
        if let Some(cap) = charge.json["unit_amount_cap"].as_str() {
            prop_assert!(price.unit_price <= cap.parse().unwrap());
        }
    }

    /// Law 7 for shared costs: a share is never negative.
    #[test]
    fn shares_are_not_negative(
        (charge, usage) in case(
            shared(Costs::Any, &["proportional", "equal", "two_part", "weighted", "serial"]),
            crate::generate::amount(),
        ),
    ) {
        let (tariff, pool) = (charge.tariff(), usage.pool());
        let rating = tariff.rate(&pool).unwrap();
        for line in &rating.charges()[0].lines {
            prop_assert!(line.amount.minor() >= 0, "{line:?}");
        }
    }
}
