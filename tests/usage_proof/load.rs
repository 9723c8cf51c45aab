//! Sums are mended while others write.

use std::thread;

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{fill, verified};
use crate::metered::Metered;

on_both!(sums_are_mended_while_usage_comes_in);
fn sums_are_mended_while_usage_comes_in(engine: Engine) {
    const BATCHES: u32 = 60;
    let metered = Metered::on(engine);
    fill(&metered);
    let usage = format!("/v1/poles/{}/usage", metered.pole.code);
    let send = |batch: u32| {
        let events: Vec<Value> = (0..20)
            .map(|nth| {
                json!({
                    "id": format!("{batch}-{nth}"), "member": "forge", "quantity": "1",
                    "meter": if nth % 4 == 0 { "peak" } else { "hours" },
                    "time": format!("2026-09-{:02}T10:00:00Z", nth % 5 + 10),
                })
            })
            .collect();
        metered.pole.admin.post(&usage, json!(events)).expect(200);
        let voids = json!({
            "reason": "A test.",
            "events": [{ "id": format!("{batch}-1"), "time": "2026-09-11T10:00:00Z" }],
        });
        metered.pole.admin.post(&format!("{usage}/voids"), voids).expect(200);
    };
    thread::scope(|scope| {
        let sending = scope.spawn(|| (0..BATCHES).for_each(send));
        let mut sql = metered.sql();
        let mut harms = 0;
        while !sending.is_finished() {
            harms += 1;
            // Whoever folds may be in the way: then it is harmed the next time.
            let days = "UPDATE usage_days SET quantity_micros = quantity_micros + 7, events = 0";
            let _busy = sql.try_run(days);
            sql.run("DELETE FROM usage_levels WHERE event_id = 'e'");
            // Two at once do not mend the same twice.
            let both = [
                scope.spawn(|| metered.usage(&["rebuild"])),
                scope.spawn(|| metered.usage(&["rebuild"])),
            ];
            for rebuilt in both {
                rebuilt.join().unwrap().success();
            }
        }
        assert!(harms > 0);
        sending.join().unwrap();
    });
    let (report, code) = verified(&metered);
    assert_eq!((&report["differences"], code), (&json!([]), Some(0)), "{report}");
    assert_eq!(report["events"], 7 + BATCHES * 19);
}
