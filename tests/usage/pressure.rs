//! More comes in than can be written: what is refused is told so, and what is not is kept.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use palier_tests::{Answer, Engine, Server, on_both, wait_for};
use serde_json::json;
use ureq::http::Method;

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

/// What somebody is told once there is room: it is free again a moment after the answer to those who
/// had it.
#[track_caller]
fn at_last(send: impl Fn() -> Answer) -> Answer {
    let taken = || Some(send()).filter(|answer| answer.status != 429);
    wait_for(Duration::from_mins(1), taken).expect("there is room again")
}

on_both!(a_full_queue_refuses_and_loses_nothing);
fn a_full_queue_refuses_and_loses_nothing(engine: Engine) {
    let server = Server::builder(engine).arg(format!("--usage-queue={QUEUE}"));
    let setting = Setting::on(server);
    // Its series is numbered, which is a write of its own, and waits for nobody later.
    setting.report(&event("first", "2026-09-01T10:00:00Z", "1")).expect(200);
    let mut sql = Sql::open(setting.server.database_url());
    let held = Instant::now();
    sql.run(match engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; LOCK TABLE usage_events IN EXCLUSIVE MODE",
    });

    // The database is waited for some seconds, which a busy machine may need for the others here: then
    // nothing is stored, and this is told.
    let in_vain = |answer: &Answer| {
        [429, 503].contains(&answer.status) && held.elapsed() >= Duration::from_secs(5)
    };
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
            let answer = if in_vain(&answer) { answer } else { answer.expect(429) };
            assert_eq!(answer.header("retry-after"), "1", "{answer}");
            refused.push(batch);
        }
        sql.release();
        for (batch, answer) in answers.iter().take(2) {
            if in_vain(&answer) {
                refused.push(batch);
                continue;
            }
            answer.expect(200);
            stored.extend(ids(batch));
        }
    });
    let on_record = |sql: &mut Sql| -> BTreeSet<String> {
        sql.lines("SELECT event_id AS line FROM usage_events").into_iter().collect()
    };
    assert_eq!(on_record(&mut sql), stored);
    for batch in refused {
        at_last(|| send(&setting, batch)).expect(200);
        stored.extend(ids(batch));
    }
    assert_eq!(on_record(&mut sql), stored);
    // A batch that is larger than the queue still gets in, when nothing else waits.
    let large: Vec<_> =
        (0..60).map(|nth| event(&format!("large-{nth}"), "2026-09-03T10:00:00Z", "1")).collect();
    at_last(|| setting.report(&json!(large))).expect(200);
}

/// A connection of its own to a server, on which it is seen what was sent when the answer came.
struct Raw {
    stream: TcpStream,
    head: String,
}

impl Raw {
    fn open(setting: &Setting, key: &str) -> Self {
        let stream = TcpStream::connect(setting.server.url().trim_start_matches("http://"));
        let stream = stream.unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: palier\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\n",
            setting.usage
        );
        Self { stream, head }
    }

    /// Sends the head of a request whose body has so many bytes.
    fn begin(&mut self, length: usize) {
        let head = format!("{}content-length: {length}\r\n\r\n", self.head);
        self.stream.write_all(head.as_bytes()).unwrap();
    }

    fn send(&mut self, body: &[u8]) {
        self.stream.write_all(body).unwrap();
    }

    /// Sends no more, and waits until the server has done with what it was sent.
    fn give_up(mut self) {
        let closed = self.stream.shutdown(Shutdown::Write);
        let _whatever = closed.and_then(|()| self.stream.read_to_end(&mut Vec::new()));
    }

    /// The head of an answer, in small letters; its body is read too.
    fn answer(&mut self) -> String {
        let (mut read, mut byte) = (Vec::new(), [0]);
        while !read.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte).unwrap();
            read.extend(byte);
        }
        let head = String::from_utf8(read).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.and_then(|it| it.parse().ok());
        let mut body = vec![0; length.unwrap_or_else(|| panic!("no length: {head}"))];
        self.stream.read_exact(&mut body).unwrap();
        head
    }
}

on_both!(what_there_is_no_room_for_is_refused_before_it_is_sent);
fn what_there_is_no_room_for_is_refused_before_it_is_sent(engine: Engine) {
    let server = Server::builder(engine).arg(format!("--usage-queue={QUEUE}"));
    let setting = Setting::on(server);
    let events: Vec<_> = ids(0).iter().map(|id| event(id, "2026-09-02T10:00:00Z", "1")).collect();
    let body = json!(events).to_string();
    let padded = format!("{body:>8000}");
    let key = json!({ "name": "Meter", "scopes": ["usage:write"] });
    let keys = format!("/v1/poles/{}/api-keys", setting.pole.code);
    let key = setting.pole.admin.post(&keys, key).expect(201).string("/key");

    // A body that is on its way has its room, whether it arrives or not. It comes in pieces: one that
    // stands still is not waited for.
    let mut pieces = padded.as_bytes().chunks(2_000);
    let first = pieces.next().unwrap();
    let one = event("one", "2026-09-02T10:00:00Z", "1").to_string();
    let held = wait_for(Duration::from_mins(1), || {
        let mut slow = Raw::open(&setting, &key);
        slow.begin(padded.len());
        slow.send(first);
        thread::sleep(Duration::from_millis(100));
        let mut short = Raw::open(&setting, &key);
        short.begin(one.len());
        short.send(one.as_bytes());
        let answer = short.answer();
        if !answer.contains(" 429 ") {
            // It came too late, and must not have the room that the next one needs.
            slow.give_up();
            return None;
        }
        Some((slow, short, answer))
    });
    let (mut slow, mut short, told) = held.unwrap();
    assert!(told.contains("retry-after: 1") && !told.contains("connection: close"), "{told}");
    // The same connection goes on being used: what was sent on it was read.
    short.begin(one.len());
    short.send(one.as_bytes());
    assert!(short.answer().contains(" 429 "));
    slow.send(pieces.next().unwrap());

    // Whoever announces much hears of it before sending any, and may send it all the same.
    let mut large = Raw::open(&setting, &key);
    large.begin(6_000_000);
    let told = large.answer();
    assert!(told.contains(" 429 ") && told.contains("connection: close"), "{told}");
    slow.send(pieces.next().unwrap());
    let mut large = Raw::open(&setting, &key);
    large.begin(6_000_000);
    large.send(&vec![b' '; 6_000_000]);
    assert!(large.answer().contains(" 429 "));

    slow.send(pieces.next().unwrap());
    assert!(slow.answer().contains(" 200 "));
    // A new one: a connection that rests is closed.
    let mut short = Raw::open(&setting, &key);
    short.begin(one.len());
    short.send(one.as_bytes());
    assert!(short.answer().contains(" 200 "), "there is room again");
}

on_both!(a_stream_that_has_begun_waits_for_its_turn);
fn a_stream_that_has_begun_waits_for_its_turn(engine: Engine) {
    /// Three pieces, of which each alone fills the queue.
    const LINES: usize = 6_000;
    let setting = Setting::on(Server::builder(engine).arg("--usage-queue=2000"));
    setting.report(&event("first", "2026-09-01T10:00:00Z", "1")).expect(200);
    let client = setting.pole.admin.with_header("content-type", "application/x-ndjson");
    thread::scope(|threads| {
        for stream in 0..3 {
            let (client, usage) = (&client, &setting.usage);
            threads.spawn(move || {
                let line = |nth| event(&format!("{stream}-{nth}"), "2026-09-02T10:00:00Z", "1");
                let lines: Vec<_> = (0..LINES).map(|nth| line(nth).to_string()).collect();
                let body = lines.join("\n");
                let taken = wait_for(Duration::from_mins(3), || {
                    let answer = client.send(Method::POST, usage, Some(body.as_bytes()));
                    // Its first piece may find no room, and then nothing of it is taken in.
                    if answer.status == 429 {
                        assert!(answer.problem().get("errors").is_none(), "{answer}");
                        return None;
                    }
                    Some(answer.expect(200))
                });
                assert_eq!(taken.unwrap().json()["accepted"], LINES);
            });
        }
    });
}
