//! Tariffs: charges that contradict each other, and what their author should know.

use palier_billing::{
    Cliff, Event, FaultKind, Metering, Month, Pool, Stocks, Subscriber, Warning, time_zone,
};
use serde_json::{Value, json};

use crate::{fault, graduated, quantity, shared, tariff};

/// A document with one meter and these filters on its charges, in this order.
fn filtered(filters: &[Value]) -> Value {
    let charges = filters.iter().map(|filter| {
        let mut charge = graduated("pool");
        charge["filter"] = filter.clone();
        charge
    });
    let meter = json!({ "code": "hours", "dimensions": ["queue", "site"] });
    json!({ "meters": [meter], "charges": charges.collect::<Vec<_>>() })
}

#[test]
fn no_usage_is_priced_twice() {
    let overlap = |other| FaultKind::Overlap { other };
    for (filters, at, other) in [
        (vec![json!({}), json!({})], 1, 0),
        (vec![json!({ "queue": "gpu" }), json!({ "queue": ["cpu", "gpu"] })], 1, 0),
        (vec![json!({ "queue": "gpu" }), json!({ "site": "lyon" })], 1, 0),
        (
            vec![json!({ "queue": "cpu" }), json!({ "queue": "gpu" }), json!({ "queue": "gpu" })],
            2,
            1,
        ),
    ] {
        let document = filtered(&filters);
        assert_eq!(fault(&document), (format!("/charges/{at}/filter"), overlap(other)));
    }
    for filters in [
        // What no filter names, goes to the charge without one.
        vec![json!({ "queue": "gpu" }), json!({})],
        vec![json!({ "queue": "gpu" }), json!({ "queue": "cpu" })],
        vec![
            json!({ "queue": "gpu", "site": "lyon" }),
            json!({ "queue": "gpu", "site": "nice" }),
            json!({ "queue": "cpu", "site": ["lyon", "nice"] }),
        ],
    ] {
        tariff(&filtered(&filters));
    }
    let (pointer, kind) = fault(&filtered(&[json!({ "colour": "red" })]));
    assert_eq!((pointer.as_str(), kind), ("/charges/0/filter/colour", FaultKind::UnknownDimension));
}

#[test]
fn usage_that_no_filter_names_is_warned_of() {
    let named = tariff(&filtered(&[json!({ "queue": "gpu" }), json!({ "queue": "cpu" })]));
    let pointer = "/charges/0/filter".to_owned();
    assert_eq!(named.warnings(), [Warning::UnpricedUsage { pointer }]);
    let rest = tariff(&filtered(&[json!({ "queue": "gpu" }), json!({})]));
    assert_eq!(rest.warnings(), []);
}

/// The same, with the first charge naming the only meter there is. The others mean it as well:
/// naming it makes no difference.
fn named(filters: &[Value]) -> Value {
    let mut document = filtered(filters);
    document["charges"][0]["meter"] = "hours".into();
    document
}

#[test]
fn charges_of_the_only_meter_overlap_whether_or_not_they_name_it() {
    let (pointer, kind) = fault(&named(&[json!({}), json!({})]));
    assert_eq!((pointer.as_str(), kind), ("/charges/1/filter", FaultKind::Overlap { other: 0 }));
}

#[test]
fn unpriced_usage_is_warned_of_once_whether_or_not_charges_name_the_only_meter() {
    let filters = [json!({ "queue": "gpu" }), json!({ "queue": "cpu" })];
    assert_eq!(tariff(&named(&filters)).warnings(), tariff(&filtered(&filters)).warnings());
}

#[test]
fn a_filter_takes_its_usage_whether_or_not_charges_name_the_only_meter() {
    let month: Month = "2026-07".parse().unwrap();
    let period = month.days().unwrap().period(&time_zone("UTC").unwrap()).unwrap();
    let event = Event {
        id: "e".into(),
        member: "a".into(),
        meter: "hours".into(),
        time: period.start(),
        quantity: quantity("1000"),
        properties: [("queue".to_owned(), "gpu".to_owned())].into(),
        amends: None,
    };
    let filters = [json!({ "queue": "gpu" }), json!({})];
    for tariff in [filtered(&filters), named(&filters)].map(|document| tariff(&document)) {
        let mut metering = Metering::new(&tariff, period, Stocks::new());
        metering.record(&event).unwrap();
        let pool = Pool::new([Subscriber::new("a")]).unwrap();
        let metered = metering.finish(pool).unwrap();
        let total = tariff.rate(&metered.pool).unwrap().total().unwrap();
        assert_eq!(total.to_string(), "80.00", "the event is priced twice");
    }
}

/// "301 units cost less than 300 would", in a usage charge and in the tariff of a provider.
#[test]
fn a_cliff_is_allowed_and_named() {
    let steps = json!([
        { "up_to": "100", "unit_amount": "1.00" },
        { "up_to": "300", "unit_amount": "0.80" },
        { "unit_amount": "0.50" },
    ]);
    let volume = json!({ "model": "volume", "tiers": steps });
    let mut usage = volume.clone();
    usage["kind"] = "usage".into();
    let mut cost = shared("0", "proportional");
    cost["variable"] = volume.clone();

    let both = tariff(&json!({ "charges": [usage, cost] }));
    let found = both.warnings().into_iter().map(|warning| match warning {
        Warning::Cliff { pointer, cliff } => (pointer, cliff),
        other => panic!("not a cliff: {other}"),
    });
    let (pointers, cliffs): (Vec<_>, Vec<_>) = found.unzip();
    let tiers = ["charges/0/tiers", "charges/1/variable/tiers"];
    let expected = tiers.map(|tiers| [format!("/{tiers}/0"), format!("/{tiers}/1")]);
    assert_eq!(pointers, expected.concat());
    let Cliff { above, bound, total_at_bound, total_over_bound, until } = cliffs[1];
    let range = [Some(above), Some(bound), until];
    assert_eq!(range, ["187.5", "300", "480"].map(|figure| Some(quantity(figure))));
    assert_eq!(
        [total_at_bound, total_over_bound].map(|total| total.to_string()),
        ["240.00", "150.00"]
    );

    // The same steps, each slice at its own price, do not fall.
    usage["model"] = "graduated".into();
    assert_eq!(tariff(&usage).warnings(), []);
    // A total that falls has no increments to share.
    let mut serial = shared("0", "serial");
    serial["variable"] = volume;
    assert_eq!(fault(&serial).0, "/variable");
}

/// At the micro price of the first tier, as much as the third asks for would buy more units than
/// can be represented; the fall at the second bound is one all the same.
#[test]
fn a_cliff_beside_a_micro_price_is_named() {
    let charge = json!({ "kind": "usage", "model": "volume", "tiers": [
        { "up_to": "4755000", "unit_amount": "0.000001" },
        { "up_to": "4755001", "unit_amount": "9.71" },
        { "unit_amount": "1.94" },
    ]});
    let warnings = tariff(&charge).warnings();
    let [Warning::Cliff { pointer, cliff }] = warnings.as_slice() else {
        panic!("one cliff: {warnings:?}")
    };
    assert_eq!(pointer, "/charges/0/tiers/1");
    let (above, until) = (quantity("4755000"), quantity("23799515.314433"));
    assert_eq!((cliff.above, cliff.until), (above, Some(until)));
}

/// A property is what unique values are counted of, or what names stocks; dimensions and the
/// values of a filter stand once.
#[test]
fn a_meter_says_nothing_that_has_no_meaning() {
    let with = |meter: Value, filter: Value| {
        let charge = json!({ "kind": "usage", "model": "standard", "unit_amount": "1",
            "filter": filter });
        json!({ "meters": [meter], "charges": [charge] })
    };
    let meter = |aggregation: &str| json!({ "code": "m", "aggregation": aggregation });
    for aggregation in ["sum", "count", "max"] {
        let mut odd = meter(aggregation);
        odd["property"] = "user".into();
        assert_eq!(fault(&with(odd, json!({}))).0, "/meters/0/property", "{aggregation}");
        tariff(&with(meter(aggregation), json!({})));
    }
    for aggregation in ["unique_count", "latest", "time_weighted_average"] {
        let mut named = meter(aggregation);
        named["property"] = "user".into();
        tariff(&with(named, json!({})));
    }
    let (pointer, kind) = fault(&with(meter("unique_count"), json!({})));
    assert_eq!((pointer.as_str(), kind), ("/meters/0/property", FaultKind::Required));

    let mut priced = meter("sum");
    priced["dimensions"] = json!(["region"]);
    let twice = with(priced.clone(), json!({ "region": ["eu", "us", "eu"] }));
    assert_eq!(fault(&twice), ("/charges/0/filter/region/2".into(), FaultKind::Duplicate));
    let unknown = with(priced.clone(), json!({ "zone": "eu" }));
    assert_eq!(fault(&unknown), ("/charges/0/filter/zone".into(), FaultKind::UnknownDimension));
    priced["dimensions"] = json!(["region", "region"]);
    let again = with(priced, json!({}));
    assert_eq!(fault(&again), ("/meters/0/dimensions/1".into(), FaultKind::Duplicate));
}
