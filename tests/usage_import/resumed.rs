//! An import that is killed, and run again.

use std::fmt::Write as _;

use palier_tests::{Engine, Finished, ends_before, on_both};

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
    // As by a power cut, as soon as some of it is in: each transaction passes three points, and the
    // first ones write no events yet.
    let ended_at = |point: u32| {
        let ended = Finished::from(import().env("PALIER_TEST_ABORT_AT", point.to_string()));
        assert!(!ended.status.success(), "{ended}");
        count()
    };
    let mut before = (3..100).step_by(3).map(ended_at).find(|count| *count > 0).unwrap();
    assert!(before < ROWS, "it was broken off in the middle");
    // Then as soon as a quarter more of it is in, until it comes to its end first.
    while !ends_before(import(), || count() > before + ROWS / 4) {
        let now = count();
        assert!((before..=ROWS).contains(&now), "what is in stays in: {before} {now}");
        before = now;
    }
    assert_eq!(count(), ROWS);
    let sum = "SELECT CAST(sum(quantity_micros) AS TEXT) AS line FROM usage_events";
    assert_eq!(metered.sql().lines(sum), [(0..u64::from(ROWS)).sum::<u64>().to_string()]);
    assert_eq!(metered.take_in(&file, &[]), [0, u64::from(ROWS)]);
    metered.usage(&["verify"]).success();
}
