//! The server dies again and again while usage comes in: what it acknowledged is there, once.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use palier_tests::{Client, Engine, on_both, wait_for};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{Setting, event};
use crate::sql::Sql;

/// Who reports at once.
const REPORTERS: u32 = 3;

/// How often the server dies: a handful, or as the environment says.
fn kills() -> u32 {
    let given = std::env::var("PALIER_TEST_KILLS").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(5)
}

/// What a reporter knows when the server dies.
#[derive(Default)]
struct Reporter {
    number: u32,
    sent: usize,
    /// The ids that were acknowledged.
    there: BTreeSet<String>,
    /// Batches of which it is not known whether they arrived.
    unsure: Vec<Vec<String>>,
}

impl Reporter {
    /// Reports until the server dies; now and then, what it has reported before. Counts what is
    /// acknowledged.
    fn report(&mut self, client: &Client, usage: &str, dead: &AtomicBool, known: &AtomicUsize) {
        while !dead.load(Ordering::Relaxed) {
            let ids = match self.unsure.pop() {
                Some(ids) => ids,
                None => self.next_batch(),
            };
            let events: Vec<_> = ids.iter().map(|id| one(id)).collect();
            let body = Value::from(events).to_string();
            match client.try_send(Method::POST, usage, Some(body.as_bytes())) {
                Ok(answer) if answer.status == 200 => {
                    self.there.extend(ids);
                    known.fetch_add(1, Ordering::Relaxed);
                }
                Ok(answer) => panic!("{answer}"),
                Err(_) => {
                    self.unsure.push(ids);
                    return;
                }
            }
        }
    }

    fn next_batch(&mut self) -> Vec<String> {
        self.sent += 1;
        let size = [1, 7, 200][self.sent % 3];
        let mut ids: Vec<_> =
            (0..size).map(|nth| format!("{}-{}-{nth}", self.number, self.sent)).collect();
        ids.extend(self.there.iter().nth(self.sent).cloned());
        ids
    }
}

/// The event of an id: always the same one.
fn one(id: &str) -> Value {
    let sum: u32 = id.bytes().map(u32::from).sum();
    let time = format!("2026-09-{:02}T{:02}:00:00Z", 1 + sum % 28, sum % 24);
    let mut event = event(id, &time, "0.25");
    event["properties"] = json!({ "queue": if sum.is_multiple_of(2) { "cpu" } else { "gpu" } });
    event
}

on_both!(what_is_acknowledged_survives_every_kill);
fn what_is_acknowledged_survives_every_kill(engine: Engine) {
    let mut setting = Setting::of(engine);
    let key = json!({ "name": "Meter", "scopes": ["usage:write"] });
    let keys = format!("/v1/poles/{}/api-keys", setting.pole.code);
    let key = setting.pole.admin.post(&keys, key).expect(201).string("/key");
    let mut reporters: Vec<_> =
        (0..REPORTERS).map(|number| Reporter { number, ..Reporter::default() }).collect();
    for kill in 0..=kills() {
        let client = setting.server.client().with_token(&key);
        let client = client.with_header("content-type", "application/json");
        let (dead, known) = (AtomicBool::new(false), AtomicUsize::new(0));
        let usage = setting.usage.clone();
        thread::scope(|threads| {
            for reporter in &mut reporters {
                threads.spawn(|| reporter.report(&client, &usage, &dead, &known));
            }
            // Long enough to be in the middle of something, never at the same point of it.
            thread::sleep(Duration::from_millis(u64::from(150 + 37 * kill % 250)));
            // However slow the machine is, something is acknowledged each time.
            wait_for(Duration::from_mins(1), || (known.load(Ordering::Relaxed) > 0).then_some(()));
            if kill < kills() {
                setting.server.kill();
            } else {
                dead.store(true, Ordering::Relaxed);
            }
        });
        if kill < kills() {
            setting.server.restart();
        }
    }
    // Whoever is not sure sends it again.
    let client = setting.server.client().with_token(&key);
    for reporter in &mut reporters {
        for ids in std::mem::take(&mut reporter.unsure) {
            let events: Vec<_> = ids.iter().map(|id| one(id)).collect();
            client.post(&setting.usage, json!(events)).expect(200);
            reporter.there.extend(ids);
        }
    }

    let mut sql = Sql::open(setting.server.database_url());
    let stored = sql.lines("SELECT event_id AS line FROM usage_events ORDER BY event_id");
    let mut expected: Vec<_> = reporters.into_iter().flat_map(|it| it.there).collect();
    expected.sort_unstable();
    assert!(expected.len() > 100, "only {} events", expected.len());
    assert_eq!(stored, expected, "each is there exactly once, and nothing else is");
    // Days are added up a moment later.
    let folded = || sql.lines("SELECT delta_id AS line FROM usage_deltas").is_empty().then_some(());
    assert_eq!(wait_for(Duration::from_mins(1), folded), Some(()));
    let mut days: BTreeMap<String, usize> = BTreeMap::new();
    for id in &expected {
        let event = one(id);
        let queue = event["properties"]["queue"].as_str().unwrap();
        let day = &event["time"].as_str().unwrap()[..10];
        // At 22:00 UTC and later it is the next day in Paris.
        let hour: u32 = event["time"].as_str().unwrap()[11..13].parse().unwrap();
        let number: u32 = day[8..].parse().unwrap();
        let day = number + u32::from(hour >= 22);
        *days.entry(format!("{day} {queue}")).or_default() += 1;
    }
    let expected: Vec<_> =
        days.into_iter().map(|(key, count)| format!("{key} {count} {}", count * 250_000)).collect();
    let mut added_up = sql.lines(
        "SELECT (d.day - 20696) || (CASE WHEN s.dimensions LIKE '%cpu%' THEN ' cpu ' ELSE ' gpu ' END) \
            || d.events || ' ' || d.quantity_micros AS line \
         FROM usage_days d JOIN usage_series s ON s.series_id = d.series_id",
    );
    added_up.sort_unstable();
    assert_eq!(added_up, expected, "days are what their events add up to");
}
