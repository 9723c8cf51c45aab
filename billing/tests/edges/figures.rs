//! Figures: those that do not fit, and those too fine for their currency.

use palier_billing::{Error, FaultKind, Pool, Tariff, YearToDate};
use serde_json::{Value, json};

use crate::{ALLOCATIONS, amounts, failure, fault, graduated, pool, shared, tariff};

/// The largest number of six places that 64 bits hold.
const LARGEST: &str = "9223372036854.775807";

#[test]
fn a_figure_that_does_not_fit_has_an_error_with_its_name() {
    let standard = |scope: &str, price: &str, base: &str| {
        tariff(&json!({
            "kind": "usage", "model": "standard", "scope": scope,
            "unit_amount": price, "price_base": base,
        }))
    };
    let overflows = |tariff: &Tariff, pool: &Pool| {
        let error = failure(tariff, pool);
        assert!(matches!(error, Error::Overflow { .. }), "{error:?}");
        error.to_string()
    };
    let one = pool(&[("a", LARGEST)]);
    let dear = standard("member", LARGEST, "1");
    assert_eq!(overflows(&dear, &one), "the amount is too large to be represented");
    let dear = standard("pool", LARGEST, "1");
    assert_eq!(overflows(&dear, &one), "the amount is too large to be represented");
    let two = pool(&[("a", LARGEST), ("b", LARGEST)]);
    let cheap = standard("pool", "0.000001", "1");
    assert_eq!(overflows(&cheap, &two), "the quantity is too large to be represented");
    // Each member by itself can be billed.
    assert_eq!(amounts(&standard("member", "0.000001", "1"), &two), ["9223372.04"; 2]);
    let quoted = standard("pool", LARGEST, "1000000");
    let little = pool(&[("a", "0.001")]);
    assert_eq!(overflows(&quoted, &little), "the price is too large to be represented");
    for allocation in ALLOCATIONS {
        let mut cost = shared(LARGEST, allocation);
        cost["markup_percent"] = "900000000000".into();
        overflows(&tariff(&cost), &pool(&[("a", "1")]));
        cost["variable"] = json!({ "model": "standard", "unit_amount": LARGEST });
        overflows(&tariff(&cost), &one);
    }
}

#[test]
fn every_currency_keeps_its_own_decimals() {
    let used = pool(&[("a", "1"), ("b", "1"), ("c", "1")]);
    for (currency, shares, usage) in [
        ("JPY", ["34", "33", "33"], "3"),
        ("EUR", ["33.34", "33.33", "33.33"], "2.50"),
        ("KWD", ["33.334", "33.333", "33.333"], "2.500"),
        ("CLF", ["33.3334", "33.3333", "33.3333"], "2.5000"),
    ] {
        let tariff_of =
            |charge: Value| tariff(&json!({ "currency": currency, "charges": [charge] }));
        assert_eq!(amounts(&tariff_of(shared("100", "equal")), &used), shares);
        let standard = json!({ "kind": "usage", "model": "standard", "unit_amount": "2.5" });
        assert_eq!(amounts(&tariff_of(standard), &used), [usage; 3]);
    }
    for unbillable in ["XAU", "XTS", "EURO", "eur"] {
        let gold = json!({ "currency": unbillable, "charges": [graduated("pool")] });
        assert_eq!(fault(&gold), ("/currency".into(), FaultKind::NotACurrency));
    }
}

/// What becomes a line of its own is an amount; a price or a cost that is shared is not.
#[test]
fn a_line_cannot_be_finer_than_its_currency() {
    for (currency, fine, coarse) in [("JPY", "0.5", "1"), ("EUR", "0.005", "0.01")] {
        let document = |charge: &Value| json!({ "currency": currency, "charges": [charge] });
        for field in ["minimum_amount", "maximum_amount"] {
            let mut charge = graduated("pool");
            charge[field] = fine.into();
            let (pointer, kind) = fault(&document(&charge));
            assert_eq!(pointer, format!("/charges/0/{field}"));
            assert!(matches!(kind, FaultKind::FinerThanCurrency { .. }), "{kind:?}");
            charge[field] = coarse.into();
            tariff(&document(&charge));
        }
        for kind in ["recurring", "one_time"] {
            let (pointer, _) = fault(&document(&json!({ "kind": kind, "amount": fine })));
            assert_eq!(pointer, "/charges/0/amount");
        }
        let mut charge = graduated("pool");
        charge["unit_amount_cap"] = "0.000001".into();
        tariff(&document(&charge));
        tariff(&document(&shared("0.000001", "equal")));
    }
}

/// A thousand million units a month at a hundred each stay far below what an amount can hold, for
/// a year in which they add up as well.
#[test]
fn a_year_of_large_months_fits() {
    for scope in ["pool", "member"] {
        let charge = tariff(&json!({
            "kind": "usage", "model": "standard", "scope": scope, "basis": "contract_year",
            "unit_amount": "100",
        }));
        let mut year = YearToDate::default();
        for month in 1..=12 {
            let used = pool(&[("a", "1000000000"), ("b", "1")]).with_year_to_date(0, year);
            assert_eq!(amounts(&charge, &used), ["100000000000.00", "100.00"], "{scope} {month}");
            year = charge.rate(&used).unwrap().charges()[0].year.clone().unwrap();
        }
    }
}
