//! What stops in the middle: who sends no more, who reads no more, who is killed, who holds a lock.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::fmt::Write as _;
use std::io::Read as _;
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use palier_tests::{Engine, Finished, Pole, ends_before, on_both, wait_for};
use serde_json::{Value, json};
use ureq::http::Method;

use super::Setting;
use crate::invoices::real::settings;
use crate::metered::{Metered, furnish, saved};
use crate::people::at;

const NOVEMBER: &str = "2026-11-05T12:00:00Z";
const PATIENCE: Duration = Duration::from_mins(2);

/// A file of so many events of September, a second after the other.
fn many(events: u32) -> String {
    let mut csv = "id,member,meter,time,quantity,queue,user\n".to_owned();
    for nth in 0..events {
        let (minute, second) = (nth / 60, nth % 60);
        let (hour, minute) = (minute / 60, minute % 60);
        let _ = writeln!(
            csv,
            "e-{nth:06},forge,hours,2026-09-{:02}T{:02}:{minute:02}:{second:02}Z,1,,",
            2 + hour / 24,
            hour % 24
        );
    }
    csv
}

fn event(id: &str) -> Value {
    json!({
        "id": id, "member": "forge", "meter": "hours", "time": "2026-09-01T10:00:00Z",
        "quantity": "1",
    })
}

/// What a server answers to who sends no more.
fn answer(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut answer, mut some) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"}") {
        let read = stream.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend(&some[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

on_both!(a_body_that_stalls_is_not_waited_for_and_counts_nothing);
fn a_body_that_stalls_is_not_waited_for_and_counts_nothing(engine: Engine) {
    let setting = Setting::of(engine);
    let body = json!([event("a"), event("b")]).to_string();
    let whole = body.len().to_string();
    let half = body.as_bytes().split_at(body.len() - 2).0;
    let json = setting.pole.admin.with_header("content-type", "application/json");
    let of_a_length = json.with_header("content-length", &whole).with_header("connection", "close");
    let stalled = of_a_length.begin(&Method::POST, &setting.usage, half);
    let lines = setting.pole.admin.with_header("content-type", "application/x-ndjson");
    let endless =
        lines.with_header("transfer-encoding", "chunked").with_header("connection", "close");
    let line = format!("{}\n{}", event("c"), event("d"));
    let chunk = format!("{:x}\r\n{line}\r\n", line.len());
    let endless = endless.begin(&Method::POST, &setting.usage, chunk.as_bytes());
    // Others go on meanwhile.
    setting.pole.admin.post(&setting.usage, event("e")).expect(200);
    for stream in [stalled, endless] {
        let said = answer(stream);
        assert!(said.starts_with("HTTP/1.1 400") && said.contains("malformed-body"), "{said}");
    }
    // Of a stream, whole lines may have been counted; never the half that was not ended.
    let stored = setting.events();
    let ids: Vec<_> = stored.iter().map(|(id, ..)| id.as_str()).filter(|id| *id != "c").collect();
    assert_eq!(ids, ["e"]);
    setting.pole.admin.post(&setting.usage, event("d")).expect(200);
}

on_both!(a_third_export_waits_for_one_of_two);
fn a_third_export_waits_for_one_of_two(engine: Engine) {
    let metered = Metered::on(engine);
    // More than what buffers on the way hold.
    metered.take_in(&saved("many.csv", many(60_000)), &[]);
    let path = at(&metered.pole, "/usage/events.ndjson");
    let reads_nothing = || {
        let stream = metered.pole.admin.begin(&Method::GET, &path, b"");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut first = [0; 15];
        (&stream).read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        stream
    };
    let [one, other] = [reads_nothing(), reads_nothing()];
    let refused = metered.pole.admin.get(&path).expect(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    drop(one);
    // Less than one that reads nothing is waited for.
    let answer = wait_for(Duration::from_secs(30), || {
        Some(metered.pole.admin.get(&path)).filter(|answer| answer.status == 200)
    });
    assert_eq!(answer.unwrap().text().lines().count(), 60_000);
    drop(other);
}

/// Closes September and October, and makes their documents final.
fn invoice(metered: &Metered) {
    for (command, month) in
        ["2026-09", "2026-10"].iter().flat_map(|it| [("run", it), ("finalise", it)])
    {
        let told = ["invoices", command, "--pole", &metered.pole.code, "--period", month];
        metered.server.palier(told.into_iter().chain(["--now", NOVEMBER])).success();
    }
}

/// A pole whose September is invoiced, and has another pole's events beside its own: their month
/// cannot go as a whole.
fn invoiced(engine: Engine, events: u32) -> Metered {
    let metered = Metered::on(engine);
    let whatever = metered.pole.admin.with_header("if-match", "*");
    whatever.put(&at(&metered.pole, "/billing-settings"), settings()).expect(200);
    metered.take_in(&saved("many.csv", many(events)), &[]);
    let other = Pole::new(&metered.server);
    furnish(&other);
    other.admin.post(&at(&other, "/usage"), event("theirs")).expect(200);
    invoice(&metered);
    metered
}

/// How many of its events are there.
fn left(metered: &Metered) -> u32 {
    let of = format!("FROM usage_events WHERE pole_id = '{}'", metered.pole.id);
    metered.sql().lines(&format!("SELECT CAST(count(*) AS TEXT) AS line {of}"))[0].parse().unwrap()
}

/// September in UTC ends two hours after September in Paris: its table goes with October.
const DROP: [&str; 4] = ["drop", "--before=2026-11", "--now", NOVEMBER];

fn dropping(metered: &Metered) -> Command {
    let mut command = metered.server.settled();
    command.arg("usage").args(DROP).args(["--pole", &metered.pole.code]);
    command
}

/// Ends a drop as a power cut would, as soon as some events are gone; how many are left.
fn broken_off(metered: &Metered) -> u32 {
    let all = left(metered);
    let ended_at = |point: u32| {
        let mut command = dropping(metered);
        let ended = Finished::from(command.env("PALIER_TEST_ABORT_AT", point.to_string()));
        assert!(!ended.status.success(), "{ended}");
        left(metered)
    };
    // Three points are passed in each transaction, and the first ones drop nothing yet.
    let rest = (3..100).step_by(3).map(ended_at).find(|rest| *rest < all).unwrap();
    assert!(rest > 0, "it was broken off in the middle");
    rest
}

on_both!(a_drop_that_is_killed_goes_on_where_it_was);
fn a_drop_that_is_killed_goes_on_where_it_was(engine: Engine) {
    let metered = invoiced(engine, 40_000);
    let month = "/usage?from=2026-09-01&to=2026-09-30&by=month";
    let september = || {
        let series = metered.pole.admin.get(&at(&metered.pole, month)).expect(200);
        series.json()["series"].clone()
    };
    let before = september();
    let mut killed = vec![broken_off(&metered)];
    loop {
        let said = metered.usage(&["verify"]).success();
        assert!(said.starts_with("usage: 0 events count"), "{said}");
        assert_eq!(september(), before);
        let there = left(&metered);
        if killed.len() > 3 || ends_before(dropping(&metered), || left(&metered) < there) {
            break;
        }
        killed.push(left(&metered));
    }
    metered.usage(&DROP).success();
    assert_eq!(left(&metered), 0, "killed at {killed:?}");
    assert_eq!(september(), before);
    metered.usage(&["verify"]).success();
}

on_both!(a_month_that_somebody_reads_goes_event_by_event);
fn a_month_that_somebody_reads_goes_event_by_event(engine: Engine) {
    let metered = invoiced(engine, 10);
    // Nobody else needs this month, so that it could go as a whole.
    metered.sql().run(&format!("DELETE FROM usage_events WHERE pole_id <> '{}'", metered.pole.id));
    let mut reader = metered.sql();
    reader.run("BEGIN");
    assert_eq!(reader.lines("SELECT event_id AS line FROM usage_events").len(), 10);
    assert_eq!(metered.usage(&DROP).success(), "usage: 10 events before 2026-11 dropped\n");
    assert_eq!(left(&metered), 0);
    if engine == Engine::Postgres {
        let month = "SELECT relname::text AS line FROM pg_class \
                     WHERE relname = 'usage_events_2026_09'";
        assert_eq!(reader.lines(month).len(), 1);
        reader.run("COMMIT");
        metered.usage(&DROP).success();
        assert_eq!(reader.lines(month).len(), 0);
    }
}

on_both!(what_is_priced_by_the_event_is_not_priced_without_events);
fn what_is_priced_by_the_event_is_not_priced_without_events(engine: Engine) {
    let mut metered = Metered::on(engine);
    let base = at(&metered.pole, "");
    let at = |what: &str| format!("{base}{what}");
    let admin = &metered.pole.admin;
    let made = |what: &str, body: Value| admin.post(&at(what), body).expect(201).string("/id");
    admin.with_header("if-match", "*").put(&at("/billing-settings"), settings()).expect(200);
    let provider = admin.get(&at("/providers")).expect(200).string("/data/0/id");
    let service = json!({
        "code": "cards", "provider": provider, "name": { "fr": "Encaissement" }, "category": "caisse",
    });
    let service = format!("/services/{}", made("/services", service));
    made(&format!("{service}/meters"), json!({ "code": "takings" }));
    let charge = json!({
        "kind": "usage", "meter": "takings", "model": "percentage", "scope": "member",
        "rate_percent": "1", "fixed_per_event": "0.25",
    });
    let tariff = json!({
        "name": "2026", "effective_from": "2026-09-01", "document": { "charges": [charge] },
    });
    made(&format!("{service}/tariffs"), tariff);
    metered.pole.publish(&at(&service));
    let forge = admin.get(&at("/members?code=forge")).expect(200).string("/data/0/id");
    let id = service.trim_start_matches("/services/");
    let subscription = json!({ "service": id, "first_day": "2026-09-01" });
    made(&format!("/members/{forge}/subscriptions"), subscription);
    let mut taken = event("a-sale");
    taken["meter"] = json!("takings");
    admin.post(&at("/usage"), taken).expect(200);
    invoice(&metered);
    let board = at(&format!("{service}/price-board?month=2026-09"));
    admin.get(&board).expect(200);
    metered.usage(&DROP).success();
    // A board that was made while the events were there is held on to, and right.
    // No earlier than its tokens are.
    metered.server.restart_at("2026-09-30T12:05:00Z");
    let problem = admin.get(&board).expect(409).problem();
    let said = problem["detail"].as_str().unwrap();
    assert!(said.contains("2026-10-31T23:00:00Z"), "{said}");
    // What does not ask for single events is priced as before.
    admin.get(&at(&format!("{service}/price-board?month=2026-08"))).expect(200);
}
