//! More comes in than can be written: what is refused is told so, and what is not is kept.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use palier_tests::{Answer, Engine, Server, on_both};
use serde_json::json;

use super::{Setting, event};
use crate::sql::Sql;

/// How many events may wait, and how many a batch has: two of them fit.
const QUEUE: &str = "50";
const BATCH: usize = 20;
/// How many batches come while nothing can be written.
const BATCHES: usize = 12;

fn ids(batch: usize) -> Vec<String> {
    (0..BATCH).map(|nth| format!("{batch}-{nth}")).collect()
}

fn send(setting: &Setting, batch: usize) -> Answer {
    let events: Vec<_> =
        ids(batch).iter().map(|id| event(id, "2026-09-02T10:00:00Z", "1")).collect();
    setting.report(&json!(events))
}

on_both!(a_full_queue_refuses_and_loses_nothing);
fn a_full_queue_refuses_and_loses_nothing(engine: Engine) {
    let server = Server::builder(engine).arg(format!("--usage-queue={QUEUE}"));
    let setting = Setting::on(server);
    // Its series is numbered, which is a write of its own, and waits for nobody later.
    setting.report(&event("first", "2026-09-01T10:00:00Z", "1")).expect(200);
    let mut sql = Sql::open(setting.server.database_url());
    sql.run(match engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; LOCK TABLE usage_events IN EXCLUSIVE MODE",
    });

    let (mut refused, mut stored) = (Vec::new(), BTreeSet::from(["first".to_owned()]));
    thread::scope(|threads| {
        let (told, answers) = mpsc::channel();
        for batch in 0..BATCHES {
            let (told, setting) = (told.clone(), &setting);
            threads.spawn(move || told.send((batch, send(setting, batch))).unwrap());
        }
        // Whoever is refused is told so at once. The others wait for what they must not be told
        // before.
        for (batch, answer) in answers.iter().take(BATCHES.saturating_sub(2)) {
            let answer = answer.expect(429);
            assert_eq!(answer.header("retry-after"), "1", "{answer}");
            refused.push(batch);
        }
        sql.release();
        for (batch, answer) in answers.iter().take(2) {
            answer.expect(200);
            stored.extend(ids(batch));
        }
    });
    let on_record = |sql: &mut Sql| -> BTreeSet<String> {
        sql.lines("SELECT event_id AS line FROM usage_events").into_iter().collect()
    };
    assert_eq!(on_record(&mut sql), stored);
    for batch in refused {
        send(&setting, batch).expect(200);
        stored.extend(ids(batch));
    }
    assert_eq!(on_record(&mut sql), stored);
    // A batch that is larger than the queue still gets in, when nothing else waits.
    let large: Vec<_> =
        (0..60).map(|nth| event(&format!("large-{nth}"), "2026-09-03T10:00:00Z", "1")).collect();
    setting.report(&json!(large)).expect(200);
}
