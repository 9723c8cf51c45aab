//! The pool of a month against `billing`'s plain metering of the same events, month after month.

#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic")]

use palier_billing::time_zone;
use serde_json::json;

use super::*;
use crate::db::meters::MeterAggregation;
use crate::id::{MemberId, PoleId, ServiceId, SubscriptionId};

const ZONE: &str = "Europe/Paris";
const MONTHS: [&str; 3] = ["2026-08", "2026-09", "2026-10"];
const MEMBERS: usize = 4;

/// One meter of each kind, each priced by dimension where it has one.
fn tariff() -> Tariff {
    let pooled = |meter: &str, filter: serde_json::Value| {
        json!({ "kind": "usage", "meter": meter, "filter": filter, "model": "graduated",
            "tiers": [{ "up_to": "40", "unit_amount": "2" }, { "unit_amount": "1.5" }] })
    };
    let queue = |value: &str| json!({ "queue": value });
    serde_json::from_value(json!({
        "meters": [
            { "code": "sum", "dimensions": ["queue"] },
            { "code": "count", "aggregation": "count" },
            { "code": "max", "aggregation": "max", "dimensions": ["queue"] },
            { "code": "unique", "aggregation": "unique_count", "property": "name" },
            { "code": "latest", "aggregation": "latest", "dimensions": ["queue"] },
            { "code": "average", "aggregation": "time_weighted_average", "property": "name",
              "dimensions": ["queue"] },
        ],
        "charges": [
            pooled("sum", queue("gpu")),
            pooled("sum", json!({})),
            { "kind": "shared_cost", "meter": "sum", "fixed": "100", "allocation": "proportional" },
            pooled("count", json!({})),
            pooled("max", json!({})),
            pooled("unique", json!({})),
            pooled("latest", queue("gpu")),
            pooled("latest", json!({})),
            pooled("average", json!({})),
        ],
    }))
    .unwrap()
}

/// A charge that asks for each event.
fn per_event() -> Tariff {
    serde_json::from_value(json!({
        "meters": [{ "code": "sum" }],
        "charges": [{ "kind": "usage", "meter": "sum", "scope": "member", "model": "percentage",
            "rate_percent": "3", "fixed_per_event": "0.25", "minimum_per_event": "0.4" }],
    }))
    .unwrap()
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn period(month: &str) -> (Month, Period) {
    let month: Month = month.parse().unwrap();
    (month, month.days().unwrap().period(&time_zone(ZONE).unwrap()).unwrap())
}

/// Events of three months, many of them at the same instants and at the borders of months.
fn events(dice: &mut Dice, tariff: &Tariff) -> Vec<Event> {
    let start = period(MONTHS[0]).1.start();
    let event = |number: u64, dice: &mut Dice| {
        let meter =
            &tariff.meters()[usize::try_from(dice.roll(6)).unwrap() % tariff.meters().len()];
        let hours = i64::try_from(dice.roll(92 * 24)).unwrap();
        let quantity = i64::try_from(dice.roll(20_000_000)).unwrap();
        let mut properties = BTreeMap::new();
        for (name, values) in [("queue", ["cpu", "gpu", ""]), ("name", ["x", "y", "z"])] {
            let value = values[usize::try_from(dice.roll(3)).unwrap()];
            if !value.is_empty() {
                properties.insert(name.to_owned(), value.to_owned());
            }
        }
        Event {
            id: format!("{:03}", (number * 37) % 1_000),
            member: members()[usize::try_from(dice.roll(4)).unwrap()].to_string(),
            meter: meter.code.clone(),
            time: start + jiff::SignedDuration::from_hours(hours),
            quantity: Quantity::from_units(quantity),
            properties,
            amends: None,
        }
    };
    (0..400).map(|number| event(number, dice)).collect()
}

fn members() -> Vec<MemberId> {
    let id = |number| format!("mbr_01h455vb4pex5vsknk084sn0{number}q").parse().unwrap();
    (0..MEMBERS).map(id).collect()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    format!("{prefix}_01h455vb4pex5vsknk084sn02q").parse().unwrap()
}

fn subscriptions() -> Vec<SubscriptionRow> {
    let at: Time = "2026-08-01T00:00:00Z".parse().unwrap();
    let row = |member| SubscriptionRow {
        pole_id: id::<PoleId>("pol"),
        subscription_id: id::<SubscriptionId>("sub"),
        member_id: member,
        service_id: id::<ServiceId>("svc"),
        tariff_id: None,
        first_day: "2026-08-01".parse().unwrap(),
        last_day: None,
        weight_micros: 1_000_000,
        minimum_amount_minor: None,
        version: 1,
        created_at: at,
        updated_at: at,
        tier_mails: true,
    };
    members().into_iter().map(row).collect()
}

/// The month as it would be read: added up where days can be, levels where they cannot.
fn read(tariff: &Tariff, month: &str, events: &[Event]) -> ServiceMonth {
    let (month, period) = period(month);
    let mut used: BTreeMap<_, Used> = BTreeMap::new();
    for event in events {
        let meter = tariff.meters().iter().find(|meter| meter.code == event.meter).unwrap();
        let mut dimensions = event.properties.clone();
        dimensions.retain(|name, _| meter.dimensions.contains(name));
        let key = (event.member.clone(), meter.code.clone(), dimensions.clone());
        let used = used.entry(key).or_insert_with(|| Used {
            series: 0,
            member: event.member.clone(),
            meter: meter.code.clone(),
            aggregation: meter.aggregation.to_string().parse::<MeterAggregation>().unwrap(),
            property: meter.property.clone(),
            dimensions,
            total: Total::default(),
            events: Vec::new(),
            levels: Vec::new(),
            standing: Vec::new(),
        });
        let value = meter.property.as_ref().and_then(|name| event.properties.get(name));
        let row = LevelRow {
            pole_id: id("pol"),
            series_id: 0,
            happened_at: event.time.into(),
            event_id: event.id.clone(),
            quantity_micros: event.quantity.units(),
            value: value.cloned().unwrap_or_default(),
        };
        let within = period.contains(event.time);
        if used.is_added_up() && within {
            used.total.add(Total { quantity_micros: event.quantity.units(), events: 1 });
            used.events.push(event.quantity);
        } else if within {
            used.levels.push(row);
        } else if used.is_stock() && event.time < period.start() {
            // The last of each stock, and those at its instant.
            used.standing.retain(|it| it.value != row.value || it.happened_at >= row.happened_at);
            let last = used.standing.iter().find(|it| it.value == row.value);
            if last.is_none_or(|last| last.happened_at == row.happened_at) {
                used.standing.push(row);
            }
        }
    }
    ServiceMonth {
        month,
        period,
        subscriptions: subscriptions(),
        zone: time_zone(ZONE).unwrap(),
        anniversary: None,
        used: used.into_values().collect(),
    }
}

fn rated(tariff: &Tariff, pool: &Pool) -> serde_json::Value {
    serde_json::to_value(tariff.rate(pool).unwrap()).unwrap()
}

#[test]
fn a_month_is_what_its_events_come_to() {
    for tariff in [tariff(), per_event()] {
        for seed in 0..20 {
            let mut events = events(&mut Dice(seed), &tariff);
            // A counted value must be there.
            events.retain(|it| it.meter != "unique" || it.properties.contains_key("name"));
            let mut stocks = Stocks::new();
            for month in MONTHS {
                let (_, within) = period(month);
                let mut metering = Metering::new(&tariff, within, stocks);
                events.iter().try_for_each(|event| metering.record(event)).unwrap();
                let read = read(&tariff, month, &events);
                let plain = metering.finish(read.subscribed().unwrap()).unwrap();
                stocks = plain.closing;
                let pool = read.pool(&tariff).unwrap();
                assert_eq!(
                    rated(&tariff, &pool.pool),
                    rated(&tariff, &plain.pool),
                    "{seed} {month}"
                );
                assert!(pool.strangers.is_empty() && pool.unpriced.is_empty());
            }
        }
    }
}

#[test]
fn who_is_not_subscribed_is_told_and_not_billed() {
    let tariff = tariff();
    let events = events(&mut Dice(7), &tariff);
    let mut read = read(&tariff, "2026-10", &events);
    let left = read.subscriptions.remove(0).member_id.to_string();
    let pool = read.pool(&tariff).unwrap();
    assert_eq!(pool.strangers, BTreeSet::from([left]));
    assert_eq!(pool.pool.subscribers().len(), MEMBERS - 1);
}

#[test]
fn what_is_not_priced_is_told() {
    let tariff = tariff();
    let events = events(&mut Dice(7), &tariff);
    let only: Tariff = serde_json::from_value(json!({
        "meters": tariff.meters(),
        "charges": [{ "kind": "usage", "meter": "sum", "model": "standard", "unit_amount": "1" }],
    }))
    .unwrap();
    let unpriced = read(&tariff, "2026-10", &events).pool(&only).unwrap().unpriced;
    let others = ["average", "count", "latest", "max", "unique"].map(str::to_owned);
    assert_eq!(unpriced, BTreeSet::from(others));
}

#[test]
fn sums_that_do_not_fit_have_a_name() {
    let total = |quantity_micros| Total { quantity_micros, events: 3 };
    let overflow = Err(Error::Overflow { what: "quantity" });
    assert_eq!(total(Total::TOO_LARGE).quantity(Aggregation::Sum), overflow);
    assert_eq!(total(Total::TOO_LARGE).quantity(Aggregation::Count).unwrap().to_string(), "3");
}
