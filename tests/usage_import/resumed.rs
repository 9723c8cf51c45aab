//! An import that is killed, and run again.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, on_both};

use super::HEADER;
use crate::metered::{Metered, saved};

on_both!(one_that_is_killed_goes_on_where_it_was);
fn one_that_is_killed_goes_on_where_it_was(engine: Engine) {
    const ROWS: u32 = 30_000;
    let metered = Metered::on(engine);
    let mut table = HEADER.to_owned();
    for row in 0..ROWS {
        let (hour, minute) = (row % 24, row % 60);
        let member = if row % 2 == 0 { "forge" } else { "usine" };
        let time = format!("2026-09-{:02}T{hour:02}:{minute:02}:00Z", row % 27 + 2);
        writeln!(table, "job-{row},{member},hours,{time},0.{row:06}").unwrap();
    }
    let file = saved("large.csv", table);
    let import = || {
        let mut command = metered.server.settled();
        command.args(["usage", "import", "--pole", &metered.pole.code]).arg(&file);
        command
    };
    let count = || {
        let count = "SELECT CAST(count(*) AS TEXT) AS line FROM usage_events";
        metered.sql().lines(count)[0].parse::<u32>().unwrap()
    };
    // Broken off as soon as a quarter more of it is in, until it comes to its end first.
    let (mut broken_off, mut before) = (0, 0);
    while !ends_before(import(), || count() > before + ROWS / 4) {
        let now = count();
        assert!((before..=ROWS).contains(&now), "what is in stays in: {before} {now}");
        broken_off += u32::from(0 < now && now < ROWS);
        before = now;
    }
    assert!(broken_off > 0, "it was never broken off in the middle");
    assert_eq!(count(), ROWS);
    let sum = "SELECT CAST(sum(quantity_micros) AS TEXT) AS line FROM usage_events";
    assert_eq!(metered.sql().lines(sum), [(0..u64::from(ROWS)).sum::<u64>().to_string()]);
    assert_eq!(metered.take_in(&file, &[]), [0, u64::from(ROWS)]);
    metered.usage(&["verify"]).success();
}

/// Runs a command and kills it once something has happened; whether it had ended well by then.
#[track_caller]
fn ends_before(mut command: Command, mut happened: impl FnMut() -> bool) -> bool {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && !happened() {
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap().success()
}
