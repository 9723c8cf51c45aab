//! `/metrics`, for Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use palier_tests::{Engine, Pole, Server, wait_for};

use crate::people::at;
use crate::seed::member;

/// A line with a figure: `name{label="value"} 1`.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: String,
}

impl Sample {
    /// Reads a line as the format has it; no label here has anything in it that is escaped.
    fn read(line: &str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        value.parse::<f64>().ok()?;
        let (name, labels) = match series.split_once('{') {
            None => (series, ""),
            Some((name, labels)) => (name, labels.strip_suffix('}')?),
        };
        let label = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((name.to_owned(), value.to_owned()))
        };
        let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(label);
        let labels = labels.collect::<Option<_>>()?;
        Some(Self { name: name.to_owned(), labels, value: value.to_owned() })
    }

    fn is_of(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|(name, value)| self.labels.get(*name).is_some_and(|it| it == value))
    }

    fn count(&self) -> u64 {
        self.value.parse().unwrap_or_else(|_| panic!("no count: {self:?}"))
    }
}

/// All figures, and the names of what is described.
#[track_caller]
fn measured(server: &Server) -> (Vec<Sample>, BTreeSet<String>) {
    let answer = server.client().get("/metrics").expect(200);
    let media = answer.header("content-type");
    assert_eq!(media, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text().strip_suffix("# EOF\n").expect("it says where it ends");
    let (comments, figures): (Vec<_>, Vec<_>) = text.lines().partition(|it| it.starts_with('#'));
    let types = comments.iter().filter_map(|line| line.strip_prefix("# TYPE "));
    let types = types.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    let read = |line: &str| Sample::read(line).unwrap_or_else(|| panic!("no sample: {line}"));
    (figures.into_iter().map(read).collect(), types)
}

/// Waits until so many requests are under way. The one that asks is not counted.
#[track_caller]
pub(crate) fn wait_until_in_flight(server: &Server, expected: u64) {
    let in_flight = || {
        let (samples, _) = measured(server);
        let gauge = samples.iter().find(|it| it.name == "palier_http_requests_in_flight");
        (gauge.map(Sample::count) == expected.checked_add(1)).then_some(())
    };
    let message = format!("{expected} requests under way");
    wait_for(Duration::from_mins(1), in_flight).expect(&message);
}

#[test]
fn requests_are_counted_by_route_and_never_by_what_stands_in_their_address() {
    let server = Server::start(Engine::Sqlite);
    let pole = Pole::new(&server);
    let count = |labels: &[(&str, &str)]| -> u64 {
        let (samples, _) = measured(&server);
        let total = samples.iter().filter(|it| it.name == "palier_http_requests_total");
        total.filter(|it| it.is_of(labels)).map(Sample::count).sum()
    };
    for _ in 0..3 {
        server.client().get("/livez").expect(200);
    }
    assert_eq!(count(&[("method", "GET"), ("route", "/livez"), ("status", "200")]), 3);

    let forge = member("forge", "732829320");
    let made = pole.admin.post(&at(&pole, "/members"), &forge).expect(201).string("/id");
    pole.admin.post(&at(&pole, "/members"), &forge).expect(409);
    pole.admin.get(&at(&pole, &format!("/members/{made}"))).expect(200);
    pole.admin.get("/no/such/address").expect(404);
    let members = ("route", "/v1/poles/{pole}/members");
    assert_eq!(count(&[("method", "POST"), members, ("status", "201")]), 1);
    assert_eq!(count(&[("method", "POST"), members, ("status", "409")]), 1);
    assert_eq!(count(&[("route", "/v1/poles/{pole}/members/{member}")]), 1);
    assert_eq!(count(&[("route", "none"), ("status", "404")]), 1);
    let text = server.client().get("/metrics").text().to_owned();
    for private in [&made, &pole.code, &pole.id] {
        assert!(!text.contains(private.as_str()), "{private}: {text}");
    }
}

#[test]
fn every_figure_is_described_and_times_add_up() {
    let server = Server::start(Engine::Sqlite);
    for _ in 0..5 {
        server.client().get("/readyz").expect(200);
    }
    let (samples, types) = measured(&server);
    for sample in &samples {
        let family = ["_total", "_bucket", "_count", "_sum"]
            .iter()
            .find_map(|end| sample.name.strip_suffix(end))
            .unwrap_or(&sample.name);
        assert!(types.contains(family), "{sample:?} is of no type in {types:?}");
    }
    let of = |name: &str| -> Vec<_> {
        let route = [("route", "/readyz")];
        samples.iter().filter(|it| it.name == name && it.is_of(&route)).collect()
    };
    let buckets: Vec<_> = of("palier_http_request_seconds_bucket");
    let counts: Vec<_> = buckets.iter().map(|it| it.count()).collect();
    assert!(counts.is_sorted(), "each has what the ones before have: {buckets:?}");
    assert_eq!(buckets.last().unwrap().labels["le"], "+Inf");
    assert_eq!(counts.last(), Some(&5));
    assert_eq!(of("palier_http_request_seconds_count")[0].count(), 5);
}
