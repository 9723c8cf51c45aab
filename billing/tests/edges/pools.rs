//! Pools: of nobody, of one, of members that do not fit together.

use std::collections::BTreeMap;

use palier_billing::{Error, Metered, Pool, Subscriber};
use serde_json::json;

use crate::{ALLOCATIONS, amounts, failure, graduated, pool, quantity, shared, tariff, weighted};

#[test]
fn a_member_is_subscribed_once_and_uses_what_it_subscribed_to() {
    let twice = Pool::of([("a", quantity("1")), ("b", quantity("1")), ("a", quantity("2"))]);
    assert_eq!(twice.unwrap_err(), Error::DuplicateMember { member: "a".into() });
    let usage = || BTreeMap::from([("b".to_owned(), Metered::from(quantity("1")))]);
    let members = || Pool::new([Subscriber::new("a")]).unwrap();
    let stranger = Error::NotSubscribed { member: "b".into() };
    assert_eq!(members().with_usage(usage()).unwrap_err(), stranger);
    assert_eq!(members().with_charge_usage(3, usage()).unwrap_err(), stranger);
}

#[test]
fn weights_must_give_something_to_go_by() {
    let cost = tariff(&shared("100", "weighted"));
    for weights in [&[("a", "1"), ("b", "-0.5")][..], &[("a", "0"), ("b", "0")], &[("a", "-1")]] {
        let error = failure(&cost, &weighted(weights));
        assert!(matches!(error, Error::BadWeights { .. }), "{error:?}");
    }
    let some = weighted(&[("a", "0"), ("b", "2"), ("c", "0"), ("d", "1.000001")]);
    assert_eq!(amounts(&cost, &some), ["0.00", "66.67", "0.00", "33.33"]);
    // No other rule looks at weights.
    let idle = weighted(&[("a", "0"), ("b", "-1")]);
    for allocation in ["proportional", "equal", "two_part", "serial"] {
        assert_eq!(amounts(&tariff(&shared("100", allocation)), &idle), ["50.00"; 2]);
    }
}

#[test]
fn a_pool_of_nobody_owes_nothing() {
    let nobody = pool(&[]);
    for charge in [graduated("pool"), graduated("member")] {
        assert!(amounts(&tariff(&charge), &nobody).is_empty());
    }
    for allocation in ALLOCATIONS {
        let cost = tariff(&shared("100", allocation));
        assert!(amounts(&cost, &nobody).is_empty());
        let outcome = cost.rate(&nobody).unwrap().charges()[0].shared.unwrap();
        assert_eq!(outcome.recovered.to_string(), "0.00");
        assert_eq!(outcome.left_with_pole.to_string(), "100.00", "{allocation}");
    }
}

#[test]
fn a_pool_of_one_pays_it_all() {
    let one = pool(&[("a", "20000")]);
    assert_eq!(amounts(&tariff(&graduated("pool")), &one), ["1350.00"]);
    assert_eq!(amounts(&tariff(&graduated("member")), &one), ["1350.00"]);
    for allocation in ALLOCATIONS {
        let mut cost = shared("100.01", allocation);
        cost["variable"] = json!({ "model": "standard", "unit_amount": "0.000001" });
        assert_eq!(amounts(&tariff(&cost), &one), ["100.03"], "{allocation}");
    }
}

#[test]
fn a_cost_cannot_be_shared_by_negative_usage() {
    for allocation in ALLOCATIONS {
        let error = failure(&tariff(&shared("100", allocation)), &pool(&[("a", "5"), ("b", "-1")]));
        let negative = Error::NegativeQuantity { member: "b".into(), quantity: quantity("-1") };
        assert_eq!(error, negative, "{allocation}");
    }
}
