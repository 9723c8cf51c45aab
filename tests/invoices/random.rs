//! A year in which anything may come in late or be taken back: its invoices, less its credit notes,
//! come to what the same usage is worth rated at once.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::Small;
use super::years::{cents, net, price};
use crate::dice::Dice;

const MEMBERS: [&str; 2] = ["forge", "usine"];
const MONTHS: usize = 12;

/// What was reported and not taken back.
struct Event {
    id: String,
    month: usize,
    member: usize,
    hours: i64,
}

/// The months of a year from April on.
fn period(month: usize) -> String {
    format!("{}-{:02}", 2026 + (month + 3) / 12, (month + 3) % 12 + 1)
}

fn charge(basis: &Value) -> Value {
    let mut charge = json!({
        "kind": "usage", "meter": "hours", "scope": "pool", "model": "graduated",
        "tiers": [{ "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "40000", "unit_amount": "0.055" }, { "unit_amount": "0.03" }],
    });
    charge.as_object_mut().unwrap().extend(basis.as_object().unwrap().clone());
    charge
}

/// A year's random usage, closed month by month, and the month after it; what is left of the events.
fn year(small: &Small, dice: &mut Dice) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for closing in 0..=MONTHS {
        for nth in 0..dice.roll(6) {
            // Of the month that ends, or of one that was closed long ago; nothing after the year.
            let late = closing > 0 && dice.roll(3) == 0;
            let month = if late { dice.pick(closing) } else { closing };
            if month == MONTHS {
                continue;
            }
            let member = dice.pick(2);
            let hours = i64::try_from(dice.roll(9_000)).unwrap() + 1;
            let id = format!("{closing}-{nth}");
            let day = format!("{}-11", period(month));
            small.used(&id, MEMBERS[member], &day, &hours.to_string());
            events.push(Event { id, month, member, hours });
        }
        if !events.is_empty() && dice.roll(3) == 0 {
            let nth = dice.pick(events.len());
            let event = events.remove(nth);
            small.void(&event.id, &format!("{}-11", period(event.month)));
        }
        small.close(&period(closing));
    }
    events
}

/// Hours of a member, or of all, in some months.
fn hours(events: &[Event], of: impl Fn(&Event) -> bool) -> i64 {
    events.iter().filter(|event| of(event)).map(|event| event.hours).sum()
}

/// Runs some years with a charge; `worth` says what each member's events come to.
fn holds(engine: Engine, basis: &Value, worth: fn(&[Event], usize) -> i64) {
    for seed in [0x9e37_79b9_7f4a_7c15, 0x2545_f491_4f6c_dd1d] {
        let tariff = json!({ "late_usage": "rerate", "charges": [charge(basis)] });
        let small = Small::with(engine, &tariff, json!({ "contract_anniversary": "2026-04-01" }));
        let events = year(&small, &mut Dice(seed));
        let documents: Vec<Value> =
            (0..=MONTHS).flat_map(|month| small.documents(&period(month))).collect();
        for (nth, member) in MEMBERS.iter().enumerate() {
            assert_eq!(net(&documents, member), worth(&events, nth), "{member} of {seed:#x}");
        }
        assert!(documents.iter().any(|it| it["document"]["kind"] != "invoice"), "nothing moved");
        assert_eq!(small.faults(), [""; 0]);
    }
}

on_both!(months_that_are_rated_again_come_to_months_rated_once);
fn months_that_are_rated_again_come_to_months_rated_once(engine: Engine) {
    holds(engine, &json!({}), |events, member| {
        let worth = |month: usize| {
            let all = hours(events, |event| event.month == month);
            let own = hours(events, |event| event.month == month && event.member == member);
            if all == 0 { 0 } else { cents(own, price(all)) }
        };
        (0..MONTHS).map(worth).sum()
    });
}

on_both!(a_contract_year_comes_to_the_year_rated_at_once);
fn a_contract_year_comes_to_the_year_rated_at_once(engine: Engine) {
    let basis = json!({ "basis": "contract_year", "true_up": "each_period" });
    holds(engine, &basis, |events, member| {
        let (all, own) = (hours(events, |_| true), hours(events, |event| event.member == member));
        cents(own, price(all))
    });
}
