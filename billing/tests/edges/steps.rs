//! How an amount came about, as it prints on an invoice.

use palier_billing::ChargeKind;
use serde_json::{Value, json};

use crate::{quantity, tariff};

/// The steps of a quantity, for a member by itself.
fn steps(function: &Value, used: &str) -> Vec<String> {
    let mut charge = function.clone();
    charge["kind"] = "usage".into();
    charge["scope"] = "member".into();
    let tariff = tariff(&charge);
    let ChargeKind::Usage(usage) = &tariff.charges()[0].kind else { panic!("a usage charge") };
    let steps = usage.cost.steps(quantity(used)).unwrap();
    steps.iter().map(ToString::to_string).collect()
}

#[test]
fn each_model_shows_its_calculation() {
    let tiers = json!([
        { "up_to": "5", "unit_amount": "0", "flat_amount": "10" },
        { "up_to": "10", "unit_amount": "7" },
        { "unit_amount": "6" },
    ]);
    let graduated = json!({ "model": "graduated", "tiers": tiers });
    let volume = json!({ "model": "volume", "tiers": tiers });
    let standard = json!({ "model": "standard", "unit_amount": "0" });
    let package = json!({ "model": "package", "amount": "12", "package_size": "100" });
    let percentage = json!({ "model": "percentage", "rate_percent": "2.9" });
    for (function, used, expected) in [
        (&graduated, "4", &["tier 1: 4 × 0 + 10 = 10.00"][..]),
        (
            &graduated,
            "12.5",
            &["tier 1: 5 × 0 + 10 = 10.00", "tier 2: 5 × 7 = 35.00", "tier 3: 2.5 × 6 = 15.00"],
        ),
        (&graduated, "0", &[]),
        (&graduated, "-2", &["-2 × 0 = 0.00"]),
        (&volume, "10", &["tier 2: 10 × 7 = 70.00"]),
        // What is free is shown all the same.
        (&standard, "3", &["3 × 0 = 0.00"]),
        (&package, "105", &["2 × 12 (per 100) = 24.00"]),
        (&percentage, "12.34", &["12.34 × 2.9 % = 0.35786"]),
    ] {
        assert_eq!(steps(function, used), expected, "{function} {used}");
    }
    // Nothing used takes no step, unless it costs.
    let mut at_zero = graduated;
    at_zero["flat_at_zero"] = true.into();
    assert_eq!(steps(&at_zero, "0"), ["tier 1: 0 × 0 + 10 = 10.00"]);
}
