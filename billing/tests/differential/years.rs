//! Contract years, month by month, with members that come and go.

use std::collections::BTreeMap;

use palier_billing::{Pool, Quantity, YearToDate};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};

use crate::{
    cents, digits, exact,
    generate::{Costs, cases, id, priced, signed, usage},
    lines, naive, naive_year, quantity,
    rational::decimal,
};

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_year_is_billed_the_same_by_fractions(
        charge in usage(Costs::Any, &["member", "pool"]),
        true_up in select(&["each_period", "year_end", "none"][..]),
        months in vec(vec(option::weighted(0.8, signed()), 1..=6), 1..=12),
        closes in any::<Index>(),
    ) {
        let charge = charge.with("basis", "contract_year").with("true_up", true_up);
        let tariff = charge.tariff();
        let months = months.iter().map(|month| {
            month.iter().map(|amount| Some((*amount)?.of(&charge))).collect()
        });
        let months = priced(&charge, months.collect());
        let mut to_date = YearToDate::default();
        let mut year = naive_year::Year::new(&charge.json, digits(&charge));
        for (number, month) in months.iter().enumerate() {
            let used = month.iter().enumerate();
            let used = used.filter_map(|(at, units)| Some((id(at), (*units)?)));
            let used: BTreeMap<_, _> = used.collect();
            // Nothing after the last month of a year belongs to it.
            let closing = number == closes.index(months.len());

            let pool = used.iter().map(|(member, &units)| (member, Quantity::from_units(units)));
            let pool = Pool::of(pool).unwrap().with_year_to_date(0, to_date).closing_year(closing);
            let rating = tariff.rate(&pool).unwrap();
            let rated = &rating.charges()[0];
            let fractions = used.iter().map(|(id, &units)| (id.clone(), quantity(units))).collect();
            prop_assert_eq!(lines(rated), year.month(&fractions, closing), "month {}", number);

            to_date = rated.year.clone().unwrap();
            let carried = to_date.0.iter().map(|(member, entry)| {
                (member.clone(), (exact(entry.quantity), cents(entry.billed)))
            });
            prop_assert_eq!(carried.collect::<BTreeMap<_, _>>(), year.to_date.clone());
            for line in rated.lines.iter().filter(|line| line.alone.is_some()) {
                prop_assert_eq!(line.alone.map(cents), year.alone.get(line.member).cloned());
            }
            if let Some(price) = rated.pool {
                let all = year.to_date.values().map(|(units, _)| units).sum();
                let reached = naive::unit_price(&charge.json, &all);
                prop_assert_eq!(decimal(&price.unit_price.to_string()), reached);
            }
            if closing {
                break;
            }
        }
    }
}
