//! Laws 5 and 6, from the events on: what is billed depends on what happened, not on how it was
//! reported.

use palier_billing::{
    Aggregate, Event, EventLog, Levels, Meter, Metering, Month, Period, Pool, Quantity, Stocks,
    Subscriber, Tariff, time_zone,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{
    generate::{Charge, Costs, cases, id, shared, usage},
    reordered,
};

const MEMBERS: usize = 4;

const AGGREGATIONS: [&str; 6] =
    ["sum", "count", "max", "unique_count", "latest", "time_weighted_average"];

/// A month of 743 hours.
fn period() -> Period {
    let month: Month = "2026-03".parse().unwrap();
    month.days().unwrap().period(&time_zone("Europe/Paris").unwrap()).unwrap()
}

/// One member's event at a minute of a period that begins before the month and ends after it;
/// often at an hour at which there are others.
fn event() -> impl Strategy<Value = Event> {
    let minute = prop_oneof![-600..=45_500_i64, (0..=3_i64).prop_map(|day| day * 1_440)];
    let units = prop_oneof![1 => Just(0), 8 => 1..=50_000_000_i64, 1 => -50_000_000..=-1_i64];
    (0..MEMBERS, minute, units, 0..=3_u8).prop_map(|(member, minute, units, name)| Event {
        id: String::new(),
        member: id(member),
        meter: "disk".into(),
        time: period().start() + jiff::SignedDuration::from_mins(minute),
        quantity: Quantity::from_units(units),
        properties: [("name".to_owned(), format!("disk-{name}"))].into(),
        amends: None,
    })
}

/// Events with ids, some of which amend an earlier one, each a different one.
fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    vec((event(), proptest::bool::weighted(0.2)), 0..=most).prop_map(|drawn| {
        let mut events = Vec::new();
        for (at, (mut event, amends)) in drawn.into_iter().enumerate() {
            event.id = format!("e{at:03}");
            event.amends =
                amends.then(|| at.checked_sub(2)).flatten().map(|it| format!("e{it:03}"));
            events.push(event);
        }
        events
    })
}

/// A charge that looks at one meter.
fn metered(charge: &Charge, aggregation: &str) -> Tariff {
    let mut meter = json!({ "code": "disk", "aggregation": aggregation });
    if !["sum", "count", "max"].contains(&aggregation) {
        meter["property"] = "name".into();
    }
    let mut document = charge.document();
    document["meters"] = Value::Array(vec![meter]);
    Tariff::from_json(&document).unwrap()
}

/// What a month of events comes to: everything the rating says, and the stocks it closes with.
/// Or the error, since negative quantities cannot share a cost.
fn billed<'e>(tariff: &Tariff, events: impl IntoIterator<Item = &'e Event>) -> String {
    let opening: Stocks =
        [((0, id(1)), [("disk-0".to_owned(), Quantity::from_units(7_000_000))].into())].into();
    let mut metering = Metering::new(tariff, period(), opening);
    for event in events {
        metering.record(event).unwrap();
    }
    let pool = Pool::new((0..MEMBERS).map(|member| Subscriber::new(id(member)))).unwrap();
    let metered = metering.finish(pool).unwrap();
    let rating = tariff.rate(&metered.pool);
    let rating = rating.map(|rating| serde_json::to_string(&rating).unwrap());
    format!("{rating:?} {:?} {:?}", metered.closing, metered.unpriced)
}

fn any_charge() -> impl Strategy<Value = Charge> {
    prop_oneof![
        3 => usage(Costs::Any, &["member", "pool"]),
        1 => shared(Costs::Any, &["proportional", "equal", "two_part", "weighted", "serial"]),
    ]
}

/// What comes in about events.
#[derive(Clone, Debug)]
enum Report {
    Event(Event),
    Void(String),
}

fn log(reports: &[Report]) -> EventLog {
    let mut log = EventLog::default();
    for report in reports {
        match report.clone() {
            Report::Event(event) => drop(log.record(event).unwrap()),
            Report::Void(id) => log.void(id),
        }
    }
    log
}

proptest! {
    #![proptest_config(cases(400))]

    /// Law 5: events, amendments and voids in any order, some of them reported again, give the
    /// same bytes. What counts is what was neither voided nor amended.
    #[test]
    fn the_order_of_reports_changes_nothing(
        charge in any_charge(),
        aggregation in select(&AGGREGATIONS[..]),
        events in events(30),
        voided in vec(0..30_usize, 0..=4),
        keys in vec(any::<u16>(), 1..=40),
        again in vec(any::<prop::sample::Index>(), 0..=10),
    ) {
        let tariff = metered(&charge, aggregation);
        let voided: Vec<_> = voided.iter().map(|at| format!("e{at:03}")).collect();
        let voids = voided.iter().cloned().map(Report::Void);
        let withdrawn = events.iter().filter_map(|event| event.amends.clone());
        let withdrawn: Vec<_> = withdrawn.chain(voided.clone()).collect();
        let counting = events.iter().filter(|event| !withdrawn.contains(&event.id));
        let counting: Vec<_> = counting.cloned().collect();
        let mut reports: Vec<_> = events.into_iter().map(Report::Event).chain(voids).collect();
        let plain = log(&reports);
        if !reports.is_empty() {
            let repeated: Vec<_> = again.iter().map(|at| at.get(&reports).clone()).collect();
            reports.extend(repeated);
        }
        let shuffled = log(&reordered(&reports, &keys));
        let expected = billed(&tariff, &counting);
        prop_assert_eq!(billed(&tariff, plain.effective()), &*expected);
        prop_assert_eq!(billed(&tariff, shuffled.effective()), &*expected);
    }

    /// Law 5 below the log: metering itself does not look at the order.
    #[test]
    fn the_order_of_events_changes_nothing(
        charge in any_charge(),
        aggregation in select(&AGGREGATIONS[..]),
        events in events(30),
        keys in vec(any::<u16>(), 1..=40),
    ) {
        let tariff = metered(&charge, aggregation);
        let shuffled = reordered(&events, &keys);
        prop_assert_eq!(billed(&tariff, &events), billed(&tariff, &shuffled));
    }

    /// Law 5 for batches: whichever server counted an event, and whichever reported first.
    #[test]
    fn batches_add_up_in_any_order(
        aggregation in select(&AGGREGATIONS[..]),
        events in events(30),
        batches in vec(0..4_usize, 30),
        keys in vec(any::<u16>(), 4),
    ) {
        let tariff = metered(&standard(), aggregation);
        let meter: &Meter = &tariff.meters()[0];
        let count = |events: &mut dyn Iterator<Item = &Event>| {
            let mut aggregate = Aggregate::new(meter);
            events.for_each(|event| aggregate.add(event).unwrap());
            aggregate
        };
        let whole = count(&mut events.iter());
        let batched = (0..4).map(|batch| {
            let mut members = events.iter().zip(&batches).filter(|(_, at)| **at == batch);
            count(&mut members.by_ref().map(|(event, _)| event))
        });
        let batched: Vec<_> = batched.collect();
        let mut merged = Aggregate::new(meter);
        for aggregate in reordered(&batched, &keys) {
            merged.merge(aggregate).unwrap();
        }
        prop_assert_eq!(&merged, &whole);
        let levels = Levels::new();
        prop_assert_eq!(
            merged.quantity(&period(), &levels).unwrap(),
            whole.quantity(&period(), &levels).unwrap(),
        );
    }

    /// Law 6: an event in parts is the event. Amounts are rounded after the sum, never before.
    #[test]
    fn splitting_an_event_changes_nothing(
        charge in any_charge(),
        events in events(12),
        cuts in vec((0..12_usize, 0..=1_000_i64), 0..=12),
    ) {
        let tariff = metered(&charge, "sum");
        let mut parts = events.clone();
        for (cut, (at, per_mille)) in cuts.into_iter().enumerate() {
            let Some(event) = parts.get_mut(at) else { continue };
            let whole = event.quantity.units();
            let part = whole * per_mille / 1_000;
            event.quantity = Quantity::from_units(whole - part);
            let id = format!("{}-{cut}", event.id);
            let rest = Event { id, quantity: Quantity::from_units(part), ..event.clone() };
            parts.push(rest);
        }
        prop_assert_eq!(billed(&tariff, &events), billed(&tariff, &parts));
    }
}

fn standard() -> Charge {
    let json = json!({ "kind": "usage", "model": "standard", "unit_amount": "1" });
    Charge { json, currency: palier_billing::Currency::EUR, bounds: Vec::new(), free: 0 }
}
