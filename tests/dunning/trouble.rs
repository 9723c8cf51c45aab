//! Several at once, processes that are killed, letters that go out by themselves, burglars.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, Finished, Server, on_both, wait_for};
use serde_json::json;

use super::setting::Setting;
use crate::sql::Sql;

/// A week late.
const LATE: &str = "2026-03-11T10:00:00Z";

on_both!(several_that_write_at_once_write_once);
fn several_that_write_at_once_write_once(engine: Engine) {
    let setting = Setting::new(engine);
    let mut sql = setting.small.sql();
    // All of them have seen what is due before the first can write.
    sql.hold();
    let run = || setting.command(LATE, &[]).stdout(Stdio::null()).spawn().unwrap();
    let mut running = [run(), run(), run()];
    thread::sleep(Duration::from_millis(1500));
    sql.release();
    for one in &mut running {
        assert!(one.wait().unwrap().success());
    }
    assert_eq!(setting.sent(), ["forge reminder 2026-03-11", "usine reminder 2026-03-11"]);
    let letters = "SELECT letter_id AS line FROM dunning_letters";
    assert_eq!(setting.small.sql().lines(letters).len(), 2);
    for email in [&setting.forge, &setting.usine] {
        assert_eq!(setting.mails(email, 1).len(), 1);
    }
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(one_that_is_killed_goes_on_where_it_was);
fn one_that_is_killed_goes_on_where_it_was(engine: Engine) {
    let more: Vec<_> = (0..24_u32).map(|nth| (format!("late-{nth:02}"), siren(nth))).collect();
    let more: Vec<_> = more.iter().map(|(code, siren)| (code.as_str(), siren.as_str())).collect();
    let setting = Setting::with(engine, &more);
    let mut sql = setting.small.sql();
    let mut count = || sql.lines("SELECT letter_id AS line FROM dunning_letters").len();
    // Once in the middle for certain, behind some letters: it may be faster than whoever kills it.
    let mut first = setting.command(LATE, &[]);
    let aborted = Finished::from(first.env("PALIER_TEST_ABORT_AT", "20"));
    assert!(aborted.stderr.contains("aborted at"), "{aborted}");
    let mut before = count();
    assert!((1..26).contains(&before), "it was not broken off in the middle: {before}");
    loop {
        let mut one = setting.command(LATE, &[]).stdout(Stdio::null()).spawn().unwrap();
        while one.try_wait().unwrap().is_none() && count() < before + 4 {
            thread::sleep(Duration::from_millis(1));
        }
        one.kill().unwrap();
        let ended = one.wait().unwrap().success();
        let now = count();
        assert!((before..=26).contains(&now), "what went out stays: {before} {now}");
        before = now;
        if ended {
            break;
        }
    }
    assert_eq!(count(), 26);
    assert_eq!(setting.run(LATE), [""; 0]);
    for (code, _) in more {
        let mails = setting.mails(&format!("{code}@late.example"), 1);
        assert_eq!(mails.len(), 1, "{code}");
    }
    // A letter, its notices, its mail and its entry in the log are one transaction.
    let told = "SELECT object AS line FROM audit_log WHERE action = 'dunning.sent'";
    assert_eq!(setting.small.sql().lines(told).len(), 26);
    assert_eq!(setting.small.faults(), [""; 0]);
}

/// A SIREN of its own for each.
fn siren(nth: u32) -> String {
    let base = 40_000_000 + nth;
    let digits: Vec<u32> = base.to_string().chars().map(|it| it.to_digit(10).unwrap()).collect();
    // Luhn: behind it, every second digit counts twice.
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = if place % 2 == 0 { digit * 2 } else { *digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{base}{}", (10 - sum % 10) % 10)
}

on_both!(letters_go_out_by_themselves_once_a_day_has_begun_where_the_pole_chose_that);
fn letters_go_out_by_themselves_once_a_day_has_begun_where_the_pole_chose_that(engine: Engine) {
    let mut setting = Setting::new(engine);
    let url = setting.small.server.database_url().to_owned();
    // Its clock stands two years ahead.
    setting.small.server.stop();
    // Eight o’clock in Paris, in winter.
    let start = || Server::builder(engine).database(&url).now("2026-03-11T06:59:50Z").start();
    let servers = [start(), start()];
    let mut sql = Sql::open(&url);
    let mut sent = || sql.lines("SELECT CAST(sent_at AS TEXT) AS line FROM dunning_letters");
    setting.settings(json!({ "automatic": false }));
    assert_eq!(
        wait_for(Duration::from_secs(18), || Some(sent()).filter(|it| !it.is_empty())),
        None
    );
    setting.settings(json!({ "automatic": true }));
    let both = wait_for(Duration::from_mins(2), || Some(sent()).filter(|it| it.len() == 2));
    let both = both.unwrap_or_else(|| panic!("nothing went out: {}", servers[0].log()));
    let eight = "2026-03-11T07:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
    assert!(both.iter().all(|it| it.parse::<i64>().unwrap() >= eight), "{both:?}");
    // The other server has looked as well by then, and found nothing left.
    thread::sleep(Duration::from_secs(6));
    assert_eq!(setting.sent(), ["forge reminder 2026-03-11", "usine reminder 2026-03-11"]);
    let actors = "SELECT DISTINCT actor AS line FROM dunning_letters";
    assert_eq!(setting.small.sql().lines(actors), ["palier"]);
    drop(servers);
    // Not before eight.
    let early = Server::builder(engine).database(&url).now("2026-03-25T06:30:00Z").start();
    thread::sleep(Duration::from_secs(6));
    assert_eq!(setting.sent().len(), 2);
    drop(early);
    let later = Server::builder(engine).database(&url).now("2026-03-25T07:00:00Z").start();
    let four = wait_for(Duration::from_mins(2), || Some(()).filter(|()| setting.sent().len() == 4));
    assert_eq!(four, Some(()), "{}", later.log());
}

/// Each changes what must not change.
const CHANGES: [&str; 4] = [
    "UPDATE dunning_letters SET sent_on = '2026-01-01'",
    "DELETE FROM dunning_letters",
    "UPDATE dunning_notices SET open_minor = open_minor + 1",
    "DELETE FROM dunning_notices",
];

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 4] = [
    ("UPDATE dunning_notices SET open_minor = 12001", "which came to less"),
    ("UPDATE dunning_notices SET interest_minor = 1", "claims what only a notice does"),
    ("UPDATE dunning_letters SET sent_on = '2026-03-04'", "which was not late"),
    ("DELETE FROM dunning_notices", "it is about no document"),
];

on_both!(the_database_keeps_letters_as_they_are);
fn the_database_keeps_letters_as_they_are(engine: Engine) {
    let setting = Setting::new(engine);
    setting.run(LATE);
    let mut sql = setting.small.sql();
    let more = ["INSERT OR REPLACE INTO dunning_notices SELECT * FROM dunning_notices"];
    let more = if engine == Engine::Sqlite { &more[..] } else { &[] };
    for change in CHANGES.iter().chain(more) {
        let refused = sql.try_run(change).expect_err(change);
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    assert_eq!(setting.small.faults(), [""; 0]);
    crate::payments::unguard(&mut sql, &["dunning_letters", "dunning_notices"]);
    for (burglary, told) in BURGLARIES {
        sql.run(burglary);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{burglary}: {faults:?}");
    }
}
