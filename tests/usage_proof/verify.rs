//! What a burglar does to sums, and what comes of it.

use std::time::Duration;

use palier_tests::{Engine, on_both, wait_for};
use serde_json::json;

use super::{fill, verified};
use crate::metered::Metered;
use crate::sql::Sql;

const WHOLE: &str = "usage: 7 events count, 2 voided; 3 sums and 3 levels compared\n";

on_both!(what_was_added_up_agrees_with_the_events);
fn what_was_added_up_agrees_with_the_events(engine: Engine) {
    let metered = Metered::on(engine);
    let nothing = metered.usage(&["verify"]).success();
    assert_eq!(nothing, "usage: 0 events count, 0 voided; 0 sums and 0 levels compared\n");
    fill(&metered);
    assert_eq!(metered.usage(&["verify"]).success(), WHOLE);
    let report = json!({
        "events": 7, "voided": 2, "sums": 3, "levels": 3, "differences": [],
    });
    assert_eq!(verified(&metered), (report, Some(0)));
    let rebuilt = metered.usage(&["rebuild"]).success();
    assert_eq!(rebuilt, WHOLE.replace("usage: ", "usage: 0 mended; "));
    let missing = metered.server.palier(["usage", "verify", "--pole", "none"]).failure(2);
    assert_eq!(missing, "palier: pole: there is none called \"none\"\n");
}

on_both!(whatever_is_done_to_sums_shows_and_is_mended);
fn whatever_is_done_to_sums_shows_and_is_mended(engine: Engine) {
    let mut metered = Metered::on(engine);
    fill(&metered);
    let mut sql = metered.sql();
    metered.server.kill();
    // Whoever starts folds what there is, beside what they do: harm is done to what is folded.
    let fold = |sql: &mut Sql| {
        let unfolded = "SELECT delta_id AS line FROM usage_deltas";
        let folded = wait_for(Duration::from_mins(2), || {
            metered.usage(&["verify"]).success();
            sql.lines(unfolded).is_empty().then_some(())
        });
        assert!(folded.is_some(), "it was never folded");
    };

    let harms = harms_to_days().into_iter().chain(harms_to_the_rest(engine, &metered.pole.id));
    for (harm, expected) in harms {
        fold(&mut sql);
        sql.run(&harm);
        let said = metered.usage(&["verify"]);
        let lines = expected.join("\n");
        assert_eq!(said.stdout, format!("{lines}\n{WHOLE}"), "{harm}");
        let count = expected.len();
        let differences = if count == 1 { "1 difference" } else { "2 differences" };
        let advice = format!("palier: {differences}: palier usage rebuild adds it up again\n");
        assert_eq!(said.failure(1), advice, "{harm}");
        let (report, code) = verified(&metered);
        assert_eq!((report["differences"].as_array().unwrap().len(), code), (count, Some(1)));

        let rebuilt = metered.usage(&["rebuild"]).success();
        let mended = WHOLE.replace("usage: ", &format!("usage: {count} mended; "));
        assert_eq!(rebuilt, mended, "{harm}");
        assert_eq!(metered.usage(&["verify"]).success(), WHOLE, "{harm}");
    }
    let entries = "SELECT changes AS line FROM audit_log WHERE action = 'usage.rebuilt'";
    assert_eq!(sql.lines(entries).len(), 11);
    // What nobody counted is missed as well: an event that was slipped in, or away.
    sql.run("DELETE FROM usage_events WHERE event_id = 'c'");
    let said = metered.usage(&["verify"]).stdout;
    let gone =
        "2026-09-01 forge compute/hours: there is 4 in 1 event, the events say 0 in 0 events";
    assert!(said.starts_with(gone), "{said}");
}

const FORGE: &str = "2026-09-01 forge compute/hours {\"queue\":\"gpu\"}";

/// What is done to days, and what `verify` says of it.
fn harms_to_days() -> Vec<(String, Vec<String>)> {
    let (first, forge) = ("WHERE day = 20697 AND series_id = 2", FORGE);
    vec![
        (
            format!("UPDATE usage_days SET quantity_micros = quantity_micros + 1 {first}"),
            vec![format!("{forge}: there is 3.500001 in 2 events, the events say 3.5 in 2 events")],
        ),
        (
            format!("UPDATE usage_days SET events = 3 {first}"),
            vec![format!("{forge}: there is 3.5 in 3 events, the events say 3.5 in 2 events")],
        ),
        (
            format!("UPDATE usage_days SET quantity_micros = 9223372036854775807 {first}"),
            vec![format!(
                "{forge}: there is too much to be added up in 2 events, the events say 3.5 in 2 \
                 events"
            )],
        ),
        (
            format!("UPDATE usage_days SET day = 5 {first}"),
            vec![
                format!("{forge}: there is 0 in 0 events, the events say 3.5 in 2 events"),
                "1970-01-06 forge compute/hours {\"queue\":\"gpu\"}: there is 3.5 in 2 events, \
                 the events say 0 in 0 events"
                    .to_owned(),
            ],
        ),
        (
            format!("UPDATE usage_days SET series_id = 99, day = 30000 {first}"),
            vec![
                format!("{forge}: there is 0 in 0 events, the events say 3.5 in 2 events"),
                "2052-02-20 series 99: there is 3.5 in 2 events, the events say 0 in 0 events"
                    .to_owned(),
            ],
        ),
    ]
}

/// What is done to deltas and levels, and what `verify` says of it.
fn harms_to_the_rest(engine: Engine, id: &str) -> Vec<(String, Vec<String>)> {
    let forge = FORGE;
    let delta = |hex: &str| {
        let bytes = match engine {
            Engine::Sqlite => format!("x'{hex}'"),
            Engine::Postgres => format!("'\\x{hex}'"),
        };
        format!("INSERT INTO usage_deltas VALUES ('{id}', 'usd_0', {bytes})")
    };
    vec![
        // Day 20697 of series 2 gains 1 in 1 event; then what is no delta at all.
        (
            delta("01b2c3020480897a02"),
            vec![format!("{forge}: there is 4.5 in 3 events, the events say 3.5 in 2 events")],
        ),
        // The same with a quantity to which nothing can be added.
        (
            delta("01b2c30204feffffffffffffffff0102"),
            vec![format!(
                "{forge}: there is too much to be added up in 3 events, the events say 3.5 in 2 \
                 events"
            )],
        ),
        (delta("ff00"), vec!["delta usd_0: it cannot be read".to_owned()]),
        (
            "DELETE FROM usage_levels WHERE event_id = 'e'".to_owned(),
            vec![
                "2026-09-02T10:00:00Z \"e\" forge compute/users: there is nothing, the events say \
                 1 \"anna\""
                    .to_owned(),
            ],
        ),
        (
            "UPDATE usage_levels SET value = 'eve' WHERE event_id = 'e'".to_owned(),
            vec![
                "2026-09-02T10:00:00Z \"e\" forge compute/users: there is 1 \"eve\", the events \
                 say 1 \"anna\""
                    .to_owned(),
            ],
        ),
        (
            format!(
                "INSERT INTO usage_levels SELECT pole_id, series_id, happened_at, event_id, \
                 quantity_micros, '' FROM usage_events WHERE event_id IN ('g', 'a') \
                 AND pole_id = '{id}'"
            ),
            vec![
                "2026-09-01T10:00:00Z \"a\" forge compute/hours {\"queue\":\"gpu\"}: there is 1.5 \
                 \"\", the events say nothing"
                    .to_owned(),
                "2026-09-02T10:00:00Z \"g\" usine compute/peak: there is 16 \"\", the events say \
                 nothing"
                    .to_owned(),
            ],
        ),
    ]
}
