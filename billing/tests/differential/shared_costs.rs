//! Shared costs: every allocation, with and without capacity and markup.

use std::collections::BTreeMap;

use palier_billing::{Pool, Quantity, Subscriber};
use proptest::{collection::vec, prelude::*};

use crate::{
    cents, digits, exact, fractions,
    generate::{Costs, amount, case, cases, id, shared},
    lines, naive, naive_shared, quantity,
    rational::{minor, round, whole},
};

const ALL: &[&str] = &["proportional", "equal", "two_part", "weighted", "serial"];

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn costs_are_shared_the_same_by_fractions(
        (charge, usage) in case(shared(Costs::Any, ALL), amount()),
        drawn in vec(0..=5_000_000_i64, 1..=9),
    ) {
        let weight = |member: usize| drawn[member % drawn.len()] + i64::from(member == 0);
        let members = || usage.0.iter().enumerate();
        let subscribers = members().map(|(member, _)| Subscriber {
            weight: Quantity::from_units(weight(member)),
            ..Subscriber::new(id(member))
        });
        let used: BTreeMap<_, _> = members()
            .map(|(member, &units)| (id(member), Quantity::from_units(units).into()))
            .collect();
        let pool = Pool::new(subscribers).unwrap().with_usage(used).unwrap();
        let tariff = charge.tariff();
        let rating = tariff.rate(&pool).unwrap();
        let rated = &rating.charges()[0];

        let (json, digits) = (&charge.json, digits(&charge));
        let used = fractions(&usage);
        let weights = members().map(|(member, _)| (id(member), quantity(weight(member)))).collect();
        let markup = naive_shared::markup(json);
        let at_cost = naive_shared::shares(json, &used, &weights);
        let shares = at_cost.iter().map(|(member, share)| (member.clone(), share * &markup));
        let shares: BTreeMap<_, _> = shares.collect();
        prop_assert_eq!(lines(rated), naive::largest_remainder(&shares, digits));

        let outcome = rated.shared.unwrap();
        let all = used.values().map(|q| round(q, 4)).sum();
        let provider = minor(&naive_shared::provider(json, &all), digits);
        let borne = minor(&at_cost.values().sum(), digits);
        prop_assert_eq!(exact(outcome.quantity), all);
        prop_assert_eq!(cents(outcome.recovered), minor(&shares.values().sum(), digits));
        prop_assert_eq!(cents(outcome.provider_cost), provider.clone());
        prop_assert_eq!(cents(outcome.left_with_pole), provider - borne);

        for (line, q) in rated.lines.iter().zip(used.values()) {
            let q = round(q, 4);
            let alone = naive_shared::borne(json, &q) * &markup;
            let alone = (q != whole(0)).then(|| minor(&alone, digits));
            prop_assert_eq!(line.alone.map(cents), alone);
        }
    }
}
