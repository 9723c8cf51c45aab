//! Law 8, and the order of members in law 5.

use std::collections::BTreeMap;

use palier_billing::{Money, Pool, Quantity, Tariff};
use proptest::{collection::vec, prelude::*};

use crate::{
    bytes,
    generate::{Charge, Costs, Usage, amount, case, cases, id, shared, signed, usage},
    reordered,
};

fn any_case() -> impl Strategy<Value = (Charge, Usage)> {
    prop_oneof![
        case(usage(Costs::Any, &["member", "pool"]), signed()),
        case(
            shared(Costs::Any, &["proportional", "equal", "two_part", "weighted", "serial"]),
            amount(),
        ),
    ]
}

type Billed = BTreeMap<String, Money>;

/// Bills what is missing to what is owed, and says how many documents that took.
fn bill(tariff: &Tariff, pool: &Pool, billed: &mut Billed) -> usize {
    let rating = tariff.rate(pool).unwrap();
    let corrections = rating.charges()[0].corrections(billed).unwrap();
    for correction in &corrections {
        let nothing = Money::zero(tariff.currency());
        let before = billed.entry(correction.member.clone()).or_insert(nothing);
        assert_eq!(*before, correction.billed);
        *before = before.checked_add(correction.amount).unwrap();
        assert_eq!(*before, correction.due);
        assert!(!correction.amount.is_zero(), "an empty document");
    }
    corrections.len()
}

proptest! {
    #![proptest_config(cases(600))]

    /// Law 8: after the corrections for new usage there are no more, however often one asks.
    #[test]
    fn rerating_without_new_usage_produces_no_document(
        (charge, usage) in any_case(),
        late in vec(amount(), 1..=6),
        leaves in any::<bool>(),
    ) {
        let tariff = charge.tariff();
        let mut billed = Billed::new();
        bill(&tariff, &usage.pool(), &mut billed);
        prop_assert_eq!(bill(&tariff, &usage.pool(), &mut billed), 0);

        let mut corrected = usage.clone();
        for (units, late) in corrected.0.iter_mut().zip(&late) {
            *units += late.of(&charge);
        }
        if leaves {
            corrected.0.pop();
        }
        bill(&tariff, &corrected.pool(), &mut billed);
        prop_assert_eq!(bill(&tariff, &corrected.pool(), &mut billed), 0);

        // What everyone has been billed by now is what the corrected usage alone would be billed.
        let rating_of = corrected.pool();
        let total = tariff.rate(&rating_of).unwrap().total().unwrap();
        prop_assert_eq!(Money::sum(charge.currency, billed.into_values()).unwrap(), total);
    }

    /// Law 5: the order in which members are named changes no byte.
    #[test]
    fn the_order_of_members_changes_nothing(
        (charge, usage) in any_case(),
        keys in vec(any::<u16>(), 1..=40),
    ) {
        let tariff = charge.tariff();
        let members = usage.0.iter().enumerate();
        let members: Vec<_> =
            members.map(|(at, &units)| (id(at), Quantity::from_units(units))).collect();
        let shuffled = Pool::of(reordered(&members, &keys)).unwrap();
        prop_assert_eq!(bytes(&tariff, &shuffled), bytes(&tariff, &usage.pool()));
    }
}
