//! Volume schedules whose total falls: every fall is warned of, and what a warning says is so.

use palier_billing::{Cliff, Cost, Quantity, Tariff, Warning};
use proptest::{collection::vec, prelude::*};

use crate::generate::{Charge, Costs, cases, usage};

/// One volume schedule, steeper than most.
fn volumes() -> impl Strategy<Value = Charge> {
    usage(Costs::Any, &["pool"]).prop_filter_map("tiers", |charge| {
        let tiered = charge.json["tiers"].as_array().is_some_and(|tiers| tiers.len() > 1);
        tiered.then(|| charge.with("model", "volume"))
    })
}

struct Totals(Tariff);

impl Totals {
    fn at(&self, units: i64) -> Cost {
        let palier_billing::ChargeKind::Usage(usage) = &self.0.charges()[0].kind else {
            unreachable!("a usage charge")
        };
        usage.cost.cost(Quantity::from_units(units)).unwrap()
    }

    fn cliffs(&self) -> Vec<Cliff> {
        let cliff = |warning| match warning {
            Warning::Cliff { cliff, .. } => Some(cliff),
            _ => None,
        };
        self.0.warnings().into_iter().filter_map(cliff).collect()
    }
}

proptest! {
    #![proptest_config(cases(1200))]

    /// A bound at which the total falls by more than its next millionth of a unit costs is named,
    /// and a bound that is named is one at which it falls.
    #[test]
    fn every_fall_is_named(charge in volumes()) {
        let totals = Totals(charge.tariff());
        let named: Vec<_> = totals.cliffs().iter().map(|cliff| cliff.bound.units()).collect();
        for &bound in &charge.bounds {
            let falls = totals.at(bound + 1) < totals.at(bound);
            prop_assert!(!falls || named.contains(&bound), "{bound} is not named");
        }
        for cliff in totals.cliffs() {
            let bound = cliff.bound.units();
            prop_assert_eq!(cliff.total_at_bound, totals.at(bound));
            prop_assert!(cliff.total_over_bound < cliff.total_at_bound);
            prop_assert!(cliff.total_over_bound <= totals.at(bound + 1));
        }
    }

    /// The range is the right one: all of it costs more than the next unit over the bound would,
    /// and nothing is as dear as the bound before `until`.
    #[test]
    fn the_range_of_a_fall_is_exact(charge in volumes(), places in vec(0..=1_000_i64, 1..=8)) {
        let totals = Totals(charge.tariff());
        for cliff in totals.cliffs() {
            let (above, bound) = (cliff.above.units(), cliff.bound.units());
            prop_assert!(above < bound);
            let inside = |place: i64| above + 1 + (bound - above - 1) / 1_000 * place;
            for units in places.iter().map(|&place| inside(place)).chain([above + 1, bound]) {
                prop_assert!(totals.at(units) > cliff.total_over_bound, "{units} in {cliff:?}");
            }
            // Just below the range there is a total that is not dearer, unless it begins at zero.
            let below = [above, above + 1].map(|units| totals.at(units));
            prop_assert!(above == 0 || below.iter().any(|total| *total <= totals.at(bound + 1)));

            // Prices are at most a hundred, bounds below 10^9 units: beyond, everything is known.
            let until = cliff.until.map_or(bound + 1_000_000_000_000, Quantity::units);
            let cheap = |place: i64| bound + 1 + (until - bound - 1) / 1_001 * place;
            for units in places.iter().map(|&place| cheap(place)).filter(|&it| it < until) {
                prop_assert!(totals.at(units) < cliff.total_at_bound, "{units} in {cliff:?}");
            }
            if cliff.until.is_some() {
                prop_assert!(totals.at(until + 1) >= cliff.total_at_bound, "{cliff:?}");
            }
        }
    }
}
