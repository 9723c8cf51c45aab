//! `palier usage verify`, `rebuild` and `sweep`: usage that was tampered with shows, and is mended.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod load;
mod sweep;
mod verify;

use serde_json::Value;

use crate::metered::{Metered, saved};

/// Events of every kind: summed by queue and day, told apart, and the largest; one is amended.
#[track_caller]
fn fill(metered: &Metered) {
    let table = "id,member,meter,time,quantity,queue,user,amends,amends_time\n\
        a,forge,hours,2026-09-01T10:00:00Z,1.5,gpu,,,\n\
        b,forge,hours,2026-09-01T11:00:00Z,2,gpu,,,\n\
        c,forge,hours,2026-09-01T21:59:59Z,4,,,,\n\
        d,usine,hours,2026-09-01T22:00:00Z,8,,,,\n\
        e,forge,users,2026-09-02T10:00:00Z,1,,anna,,\n\
        f,forge,users,2026-09-02T10:00:00Z,1,,luc,,\n\
        g,usine,peak,2026-09-02T10:00:00Z,16,,,,\n\
        h,usine,peak,2026-09-03T10:00:00Z,32,,,g,2026-09-02T10:00:00Z\n\
        i,usine,hours,2026-09-04T10:00:00Z,64,,,d,2026-09-01T22:00:00Z\n";
    assert_eq!(metered.take_in(&saved("all.csv", table), &[]), [9, 0]);
}

/// What `verify` says as JSON, and its exit code.
#[track_caller]
fn verified(metered: &Metered) -> (Value, Option<i32>) {
    let said = metered.usage(&["verify", "--json"]);
    (serde_json::from_str(&said.stdout).unwrap(), said.status.code())
}
