//! Random credits over a year of random months, against a second, simpler calculation.

use palier_tests::{Engine, on_both};

use super::super::setting::Small;
use super::{credit, granted, stands};
use crate::dice::Dice;

const MONTHS: usize = 12;

/// A credit as the second calculation keeps it: months from which and up to which it is drawn.
struct Known {
    id: String,
    first: usize,
    end: usize,
    left: i64,
}

/// A month from January on.
fn period(month: usize) -> String {
    format!("{}-{:02}", 2026 + month / 12, month % 12 + 1)
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

on_both!(a_year_of_credits_comes_to_what_a_sheet_of_paper_says);
fn a_year_of_credits_comes_to_what_a_sheet_of_paper_says(engine: Engine) {
    let charge = serde_json::json!({
        "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "0.01",
    });
    let small = Small::new(engine, &[charge]);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut known: Vec<Known> = Vec::new();
    let mut all_drawn = 0;
    for month in 0..MONTHS {
        for _ in 0..dice.roll(3) {
            let cents = i64::try_from(dice.roll(5_000)).unwrap() + 1;
            let first = dice.pick(MONTHS);
            let lasts = dice.pick(4);
            // Up to the first day of a month, or for good.
            let until = (lasts > 0).then(|| format!("{}-01", period(first + lasts)));
            let from = format!("{}-15", period(first));
            let body = credit(&euros(cents), &from, until.as_deref());
            let id = granted(&small, "forge", &body);
            let end = if lasts > 0 { first + lasts } else { usize::MAX };
            known.push(Known { id, first, end, left: cents });
        }
        let hours = i64::try_from(dice.roll(4_000)).unwrap();
        if hours > 0 {
            let day = format!("{}-11", period(month));
            small.used(&format!("u{month}"), "forge", &day, &hours.to_string());
        }
        small.close(&period(month));
        // Those that end first, and of these those that were there first: the list is in that order.
        let mut order: Vec<_> = (0..known.len()).collect();
        order.sort_by_key(|nth| (known[*nth].end, *nth));
        let mut due = hours;
        let mut lines = Vec::new();
        for nth in order {
            let of = &mut known[nth];
            let part = if (of.first..of.end).contains(&month) { of.left.min(due) } else { 0 };
            if part > 0 {
                of.left -= part;
                due -= part;
                all_drawn += part;
                lines.push(format!("credit -{}", euros(part)));
            }
        }
        if hours > 0 {
            let mut expected = vec!["invoice".to_owned(), format!("usage {}", euros(hours))];
            expected.append(&mut lines);
            assert_eq!(small.billed(&period(month), "forge"), expected, "{}", period(month));
        }
    }
    assert!(all_drawn > 0, "nothing was drawn");
    for Known { id, end, left, .. } in &known {
        let [.., expired, _, still] = stands(&small, "forge", id);
        let expected =
            if *end <= MONTHS { [euros(*left), euros(0)] } else { [euros(0), euros(*left)] };
        assert_eq!([expired, still], expected);
    }
    assert_eq!(small.faults(), [""; 0]);
}
