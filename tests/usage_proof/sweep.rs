//! Ids that stand at more than one time.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{fill, verified};
use crate::metered::{Metered, saved};

/// Slips events in behind the back of the window of recent ids, as if each had come long ago: copies
/// of others, with another time, in the rolled-up sums as well.
fn slip_in(metered: &Metered, copies: &[(&str, i64, i64)]) {
    let mut sql = metered.sql();
    for (id, seconds_later, received_later) in copies {
        sql.run(&format!(
            "INSERT INTO usage_events SELECT pole_id, happened_at + {seconds_later}000000, \
             event_id, series_id, quantity_micros, properties, NULL, NULL, late, \
             received_at + {received_later} FROM usage_events \
             WHERE event_id = '{id}' AND pole_id = '{}' ORDER BY happened_at LIMIT 1",
            metered.pole.id
        ));
    }
    metered.usage(&["rebuild"]).success();
}

on_both!(ids_at_several_times_are_found_and_the_first_received_counts);
fn ids_at_several_times_are_found_and_the_first_received_counts(engine: Engine) {
    let metered = Metered::on(engine);
    let nothing = "usage: 0 ids stand at more than one time, 0 events voided\n";
    assert_eq!(metered.usage(&["sweep"]).success(), nothing);
    fill(&metered);
    assert_eq!(metered.usage(&["sweep"]).success(), nothing);
    // Later, in the order received; earlier; of a meter with levels; and of what is voided, so that
    // the copy alone counts.
    slip_in(
        &metered,
        &[("a", 86_400, 2), ("a", 172_800, 1), ("b", 3_600, -1), ("e", 60, 1), ("g", 60, 1)],
    );
    let (before, _) = verified(&metered);
    assert_eq!((&before["events"], &before["voided"]), (&json!(12), &json!(2)));

    let lines = "\
        \"a\" counts at 2026-09-01T10:00:00Z, and not at 2026-09-03T10:00:00Z, \
        2026-09-02T10:00:00Z\n\
        \"b\" counts at 2026-09-01T12:00:00Z, and not at 2026-09-01T11:00:00Z\n\
        \"e\" counts at 2026-09-02T10:00:00Z, and not at 2026-09-02T10:01:00Z\n\
        usage: 3 ids stand at more than one time, 4 events";
    let rehearsed = metered.usage(&["sweep", "--dry-run"]).success();
    assert_eq!(rehearsed, format!("{lines} would be voided\n"));
    assert_eq!(verified(&metered).0, before);
    let swept = metered.usage(&["sweep"]).success();
    assert_eq!(swept, format!("{lines} voided\n"));
    let (after, code) = verified(&metered);
    assert_eq!((&after["events"], &after["voided"], code), (&json!(8), &json!(6), Some(0)));

    let again: Value =
        serde_json::from_str(&metered.usage(&["sweep", "--json"]).success()).unwrap();
    assert_eq!(again, json!({ "dry_run": false, "conflicts": [] }));
    let voids = "SELECT event_id || ' ' || reason || ' ' || actor AS line FROM usage_voids \
                 WHERE reason <> 'amended' ORDER BY event_id, happened_at";
    let voids = metered.sql().lines(voids);
    assert_eq!(voids, ["a", "a", "b", "e"].map(|id| format!("{id} conflict operator")));
    let log = format!("/v1/poles/{}/audit-log?action=usage.swept", metered.pole.code);
    let log = metered.pole.admin.get(&log).expect(200).json();
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    assert_eq!(log["data"][0]["changes"]["events"]["to"][1]["counts"], "2026-09-01T12:00:00Z");
}

on_both!(what_the_window_of_recent_ids_misses_is_swept);
fn what_the_window_of_recent_ids_misses_is_swept(engine: Engine) {
    let metered = Metered::on(engine);
    let line = |time: &str| {
        let header = "id,member,meter,time,quantity\n";
        saved("one.csv", format!("{header}a,forge,hours,{time},1\n"))
    };
    let first = line("2026-09-01T10:00:00Z");
    assert_eq!(metered.take_in(&first, &[]), [1, 0]);
    let refused = metered.import(&line("2026-09-05T10:00:00Z"), &[]).failure(1);
    assert!(refused.contains("Another event has this id"), "{refused}");
    slip_in(&metered, &[("a", 345_600, 1)]);
    let swept: Value =
        serde_json::from_str(&metered.usage(&["sweep", "--json"]).success()).unwrap();
    let expected = json!({
        "id": "a", "counts": "2026-09-01T10:00:00Z", "voided": ["2026-09-05T10:00:00Z"],
    });
    assert_eq!(swept["conflicts"], json!([expected]));
    assert_eq!(metered.take_in(&first, &[]), [0, 1]);
}

on_both!(what_a_conflict_had_amended_counts_again);
fn what_a_conflict_had_amended_counts_again(engine: Engine) {
    let metered = Metered::on(engine);
    fill(&metered);
    // Others of the ids of both amendments, of a meter with levels and of one without, that were
    // received before. What the second had amended shares its id as well.
    slip_in(&metered, &[("h", 60, -1), ("i", 60, -1), ("d", 3_600, -1)]);
    let (before, _) = verified(&metered);
    assert_eq!((&before["events"], &before["voided"]), (&json!(10), &json!(2)));
    let amended = "\
        \"h\" counts at 2026-09-03T10:01:00Z, and not at 2026-09-03T10:00:00Z; \
        \"g\" at 2026-09-02T10:00:00Z counts again\n\
        \"i\" counts at 2026-09-04T10:01:00Z, and not at 2026-09-04T10:00:00Z; \
        \"d\" at 2026-09-01T22:00:00Z counts again\n";
    let rehearsed = metered.usage(&["sweep", "--dry-run"]).success();
    assert!(rehearsed.starts_with(amended), "{rehearsed}");
    let swept = metered.usage(&["sweep"]).success();
    let more = "\"d\" counts at 2026-09-01T23:00:00Z, and not at 2026-09-01T22:00:00Z\n";
    assert_eq!(
        swept,
        format!("{amended}{more}usage: 3 ids stand at more than one time, 3 events voided\n")
    );
    let (after, code) = verified(&metered);
    assert_eq!((&after["events"], &after["voided"], code), (&json!(9), &json!(3), Some(0)));
    let nothing = "usage: 0 ids stand at more than one time, 0 events voided\n";
    assert_eq!(metered.usage(&["sweep"]).success(), nothing);
}
