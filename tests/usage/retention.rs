//! Events that are not kept any longer.

use palier_tests::{Answer, Engine, Pole, on_both};
use serde_json::{Value, json};

use crate::invoices::real::settings;
use crate::metered::{Metered, furnish, saved};
use crate::people::at;

/// Days on which commands are run: the server stays in September.
const OCTOBER: &str = "2026-10-05T12:00:00Z";
const NOVEMBER: &str = "2026-11-05T12:00:00Z";

const HEADER: &str = "id,member,meter,time,quantity,queue,user\n";
const EVENTS: &str = "\
    a,forge,hours,2026-09-01T10:00:00Z,1.5,gpu,\n\
    b,forge,hours,2026-09-01T11:00:00Z,2,,\n\
    c,usine,hours,2026-09-02T10:00:00Z,8,,\n\
    d,forge,users,2026-09-02T11:00:00Z,1,,anna\n\
    e,usine,peak,2026-09-03T10:00:00Z,32,,\n";

struct Retained(Metered);

impl Retained {
    /// A pole that used something in September, and took some of it back.
    #[track_caller]
    fn on(engine: Engine) -> Self {
        let metered = Metered::on(engine);
        let whatever = metered.pole.admin.with_header("if-match", "*");
        whatever.put(&at(&metered.pole, "/billing-settings"), settings()).expect(200);
        assert_eq!(metered.take_in(&saved("all.csv", format!("{HEADER}{EVENTS}")), &[]), [5, 0]);
        let void = json!({
            "reason": "A test.", "events": [{ "id": "b", "time": "2026-09-01T11:00:00Z" }],
        });
        metered.pole.admin.post(&at(&metered.pole, "/usage/voids"), void).expect(200);
        Self(metered)
    }

    #[track_caller]
    fn invoices(&self, command: &str, period: &str, now: &str) {
        let told = ["invoices", command, "--pole", &self.0.pole.code, "--period", period];
        self.0.server.palier(told.into_iter().chain(["--now", now])).success();
    }

    /// Closes September and makes its documents final.
    #[track_caller]
    fn invoiced(self) -> Self {
        self.invoices("run", "2026-09", OCTOBER);
        self.invoices("finalise", "2026-09", OCTOBER);
        self
    }

    #[track_caller]
    fn drop_before(&self, month: &str) -> String {
        self.0.usage(&["drop", "--before", month, "--now", NOVEMBER]).success()
    }

    /// Why events are not dropped; each time, nothing happens.
    #[track_caller]
    fn refused(&self, month: &str) -> String {
        let before = self.0.sql().counts();
        let said = self.0.usage(&["drop", "--before", month, "--now", NOVEMBER]).failure(2);
        let rehearsed = ["drop", "--before", month, "--now", NOVEMBER, "--dry-run"];
        assert_eq!(self.0.usage(&rehearsed).failure(2), said);
        let kept = |counts: Vec<String>| {
            // Folding goes on beside it.
            let folded = ["usage_d", "usage_folds "];
            let counts = counts.into_iter();
            let counts = counts.filter(|line| !folded.iter().any(|it| line.starts_with(it)));
            counts.collect::<Vec<_>>()
        };
        assert_eq!(kept(self.0.sql().counts()), kept(before));
        said
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.0.pole.admin.get(&at(&self.0.pole, path)).expect(200).json()
    }

    fn report(&self, event: Value) -> Answer {
        self.0.pole.admin.post(&at(&self.0.pole, "/usage"), event)
    }

    /// What September came to, as everybody sees it.
    #[track_caller]
    fn september(&self) -> [Value; 3] {
        let days = "/usage?from=2026-09-01&to=2026-09-30&group_by=member";
        let mut days = [self.get(days), self.get(&format!("{days}&by=month"))];
        for days in &mut days {
            days.as_object_mut().unwrap().remove("as_of");
        }
        let [days, months] = days;
        [days, months, self.get("/invoice-runs/2026-09")]
    }

    /// How many rows a table has.
    #[track_caller]
    fn count(&self, table: &str) -> String {
        let rows = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
        self.0.sql().lines(&rows).remove(0)
    }
}

fn event(id: &str, day: &str) -> Value {
    json!({
        "id": id, "member": "forge", "meter": "hours", "time": format!("{day}T10:00:00Z"),
        "quantity": "1.5", "properties": { "queue": "gpu" },
    })
}

on_both!(events_stay_until_their_months_are_invoiced);
fn events_stay_until_their_months_are_invoiced(engine: Engine) {
    let pole = Retained::on(engine);
    assert_eq!(pole.refused("2026-10"), "palier: 2026-09 is not closed\n");
    pole.invoices("run", "2026-09", OCTOBER);
    assert_eq!(pole.refused("2026-11"), "palier: 2026-10 is not closed\n");
    let drafts = "palier: 2026-09 has documents that are not final: 2\n";
    assert_eq!(pole.refused("2026-10"), drafts);
    pole.invoices("finalise", "2026-09", OCTOBER);
    pole.report(event("late", "2026-09-20")).expect(200);
    let late = "palier: usage that came in late is not billed yet: the next month bills it\n";
    assert_eq!(pole.refused("2026-10"), late);
    pole.invoices("run", "2026-10", NOVEMBER);
    let late = "palier: usage that came in late is billed with 2026-10, whose documents are not \
                final\n";
    assert_eq!(pole.refused("2026-10"), late);
    pole.invoices("finalise", "2026-10", NOVEMBER);
    let whatever = pole.0.pole.admin.with_header("if-match", "*");
    whatever.patch(&at(&pole.0.pole, ""), json!({ "unmatched_usage": "keep" })).expect(200);
    let mut nobody_s = event("nobody", "2026-09-10");
    nobody_s["member"] = json!("nobody");
    pole.report(nobody_s).expect(200);
    let waiting = "palier: events that match nothing wait to be resolved or discarded: 1\n";
    assert_eq!(pole.refused("2026-10"), waiting);
    let discard = json!({
        "reason": "A test.", "events": [{ "id": "nobody", "time": "2026-09-10T10:00:00Z" }],
    });
    pole.0.pole.admin.post(&at(&pole.0.pole, "/usage/unmatched/discard"), discard).expect(200);
    // Once the sums are wrong, their proof stays.
    let differs = "palier: sums are not what the events say (1): palier usage verify tells which\n";
    pole.0.sql().run("UPDATE usage_levels SET value = 'eve' WHERE event_id = 'd'");
    assert_eq!(pole.refused("2026-10"), differs);
    pole.0.sql().run("UPDATE usage_levels SET value = 'anna' WHERE event_id = 'd'");

    let rehearsed = pole.0.usage(&["drop", "--before", "2026-10", "--dry-run"]).success();
    assert_eq!(rehearsed, "usage: 6 events before 2026-10 would be dropped\n");
    assert_eq!(pole.drop_before("2026-10"), "usage: 6 events before 2026-10 dropped\n");
    for table in ["usage_events", "usage_voids", "usage_unmatched"] {
        assert_eq!(pole.count(table), "0", "{table}");
    }
    assert_eq!(pole.drop_before("2026-10"), "usage: 0 events before 2026-10 dropped\n");
    let log = pole.get("/audit-log?action=usage.dropped");
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    assert_eq!(log["data"][0]["changes"]["before"]["to"], "2026-09-30T22:00:00Z");
}

on_both!(what_was_used_is_told_and_proved_as_before);
fn what_was_used_is_told_and_proved_as_before(engine: Engine) {
    let pole = Retained::on(engine).invoiced();
    let before = pole.september();
    assert_eq!(pole.drop_before("2026-10"), "usage: 5 events before 2026-10 dropped\n");
    assert_eq!(pole.september(), before);
    assert_eq!(pole.get("/usage/events")["data"], json!([]));
    assert_eq!(pole.0.usage(&["export", "--voided"]).success(), "");
    let since = "compared, since 2026-09-30T22:00:00Z\n";
    let proved = "usage: 0 events count, 0 voided; 0 sums and 0 levels";
    assert_eq!(pole.0.usage(&["verify"]).success(), format!("{proved} {since}"));
    let next = "n,forge,hours,2026-10-01T10:00:00Z,4,,\nm,usine,peak,2026-10-02T10:00:00Z,8,,\n";
    let next = saved("next.csv", format!("{HEADER}{next}"));
    assert_eq!(pole.0.take_in(&next, &["--now", OCTOBER]), [2, 0]);
    let proved = "usage: 2 events count, 0 voided; 1 sum and 1 level";
    assert_eq!(pole.0.usage(&["verify"]).success(), format!("{proved} {since}"));
    pole.0.usage(&["sweep"]).success();
    // What is done to days since shows; what is older, nobody can tell.
    pole.0.sql().run("DELETE FROM usage_levels WHERE event_id = 'm'");
    pole.0.usage(&["verify"]).failure(1);
    pole.0.usage(&["rebuild"]).success();
    let report: Value =
        serde_json::from_str(&pole.0.usage(&["verify", "--json"]).success()).unwrap();
    assert_eq!((&report["events"], &report["since"]), (&json!(2), &json!("2026-09-30T22:00:00Z")));
    assert_eq!(pole.september(), before);
    pole.0.server.palier(["verify", "--pole", &pole.0.pole.code]).success();
}

on_both!(what_is_dropped_cannot_be_counted_again);
fn what_is_dropped_cannot_be_counted_again(engine: Engine) {
    let pole = Retained::on(engine).invoiced();
    pole.drop_before("2026-10");
    never_again(&pole);
}

on_both!(a_drop_that_was_broken_off_goes_on);
fn a_drop_that_was_broken_off_goes_on(engine: Engine) {
    let pole = Retained::on(engine).invoiced();
    let before = pole.september();
    // As it stands when the barrier has moved and no event has gone.
    let barrier = "UPDATE usage_books SET dropped_before = 1790805600000000";
    pole.0.sql().run(&format!("{barrier} WHERE pole_id = '{}'", pole.0.pole.id));
    assert_eq!(pole.count("usage_events"), "5");
    let said = pole.0.usage(&["verify"]).success();
    assert_eq!(
        said,
        "usage: 0 events count, 0 voided; 0 sums and 0 levels compared, since 2026-09-30T22:00:00Z\n"
    );
    assert_eq!(pole.get("/usage/events")["data"], json!([]));
    assert_eq!(pole.0.usage(&["export", "--voided"]).success(), "");
    never_again(&pole);
    assert_eq!(pole.drop_before("2026-10"), "usage: 5 events before 2026-10 dropped\n");
    assert_eq!([pole.count("usage_events"), pole.count("usage_voids")], ["0", "0"]);
    assert_eq!(pole.september(), before);
}

/// Whatever is tried with events of September.
#[track_caller]
fn never_again(pole: &Retained) {
    let again = event("a", "2026-09-01");
    let refused = pole.report(again.clone()).expect(422).problem();
    let fault = &refused["errors"][0];
    assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/time"), &json!("dropped")));
    let detail = fault["detail"].as_str().unwrap();
    assert!(detail.contains("2026-09-30T22:00:00Z"), "{detail}");
    let file = saved("again.csv", format!("{HEADER}{EVENTS}"));
    for more in [&["--dry-run"][..], &[]] {
        let said = pole.0.import(&file, more);
        let refused = "line 2: time: Events of before 2026-09-30T22:00:00Z were dropped";
        assert!(said.stderr.contains(refused), "{said}");
        assert!(said.failure(1).ends_with("palier: 5 lines were refused\n"));
    }
    let mut amending = event("other", "2026-09-01");
    amending["amends"] = json!({ "id": "a", "time": "2026-09-01T10:00:00Z" });
    pole.report(amending).expect(422);
    let whole = at(&pole.0.pole, "/usage?atomic=true");
    pole.0.pole.admin.post(&whole, json!([again])).expect(422);
    let void = json!({
        "reason": "A test.", "events": [{ "id": "a", "time": "2026-09-01T10:00:00Z" }],
    });
    let voids = at(&pole.0.pole, "/usage/voids");
    let refused = pole.0.pole.admin.post(&voids, void).expect(422).problem();
    assert_eq!(refused["errors"][0]["code"], "unknown_event");
    let whatever = pole.0.pole.admin.with_header("if-match", "*");
    whatever.patch(&at(&pole.0.pole, ""), json!({ "unmatched_usage": "keep" })).expect(200);
    let mut nobody_s = event("nobody", "2026-09-10");
    nobody_s["member"] = json!("nobody");
    let refused = pole.report(nobody_s).expect(422).problem();
    assert_eq!(refused["errors"][0]["code"], "dropped", "{refused}");
    assert_eq!(pole.count("usage_unmatched"), "0");
}

on_both!(a_pole_s_own_rule_says_how_long_events_are_kept);
fn a_pole_s_own_rule_says_how_long_events_are_kept(engine: Engine) {
    let pole = Retained::on(engine).invoiced();
    let drop = |more: &[&str]| pole.0.usage(&[&["drop", "--now", NOVEMBER], more].concat());
    let refused = drop(&[]).failure(2);
    let said = "palier: the pole keeps its events for ever: say --before, or set its \
                usage_retention_months\n";
    assert_eq!(refused, said);
    let whatever = pole.0.pole.admin.with_header("if-match", "*");
    let set = |months: Value| {
        let patch = json!({ "usage_retention_months": months });
        whatever.patch(&at(&pole.0.pole, ""), patch)
    };
    set(json!(0)).expect(422);
    set(json!(2)).expect(200);
    assert_eq!(drop(&[]).success(), "usage: 0 events before 2026-09 dropped\n");
    assert_eq!(set(json!(1)).expect(200).json()["usage_retention_months"], 1);
    let report = drop(&["--json", "--dry-run"]).success();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report, json!({ "dry_run": true, "before": "2026-10", "events": 5 }));
    assert_eq!(drop(&[]).success(), "usage: 5 events before 2026-10 dropped\n");
    assert!(set(Value::Null).expect(200).json().get("usage_retention_months").is_none());
}

on_both!(months_that_nobody_needs_go_as_a_whole);
fn months_that_nobody_needs_go_as_a_whole(engine: Engine) {
    let pole = Retained::on(engine).invoiced();
    pole.invoices("run", "2026-10", NOVEMBER);
    pole.invoices("finalise", "2026-10", NOVEMBER);
    // A table for each month is a matter of PostgreSQL; on SQLite, all else is the same.
    let months = || match engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => {
            let tables = "SELECT relname::text AS line FROM pg_class WHERE relispartition \
                          AND relkind = 'r' ORDER BY relname";
            pole.0.sql().lines(tables).join(" ")
        }
    };
    let expected = |months: &'static str| if engine == Engine::Sqlite { "" } else { months };
    assert_eq!(months(), expected("usage_events_2026_09 usage_events_before_2000"));
    // Their last hours in Paris are the next month’s first.
    let next = format!("{HEADER}n,forge,hours,2026-10-31T23:30:00Z,4,,\n");
    assert_eq!(pole.0.take_in(&saved("next.csv", next), &["--now", NOVEMBER]), [1, 0]);
    let other = Pole::new(&pole.0.server);
    furnish(&other);
    let usage = at(&other, "/usage");
    other.admin.post(&usage, event("theirs", "2026-09-02")).expect(200);
    assert_eq!(pole.drop_before("2026-11"), "usage: 5 events before 2026-11 dropped\n");
    let all = "usage_events_2026_09 usage_events_2026_10 usage_events_before_2000";
    assert_eq!(months(), expected(all));
    assert_eq!(pole.count("usage_events"), "2");
    // As if the other pole had dropped it.
    pole.0.sql().run("DELETE FROM usage_events WHERE event_id = 'theirs'");
    assert_eq!(pole.drop_before("2026-11"), "usage: 0 events before 2026-11 dropped\n");
    assert_eq!(months(), expected("usage_events_2026_10 usage_events_before_2000"));
    // A server that takes it that the table is there is told otherwise, and makes it anew.
    let answer = other.admin.post(&usage, event("new", "2026-09-03"));
    assert_eq!(answer.status, if engine == Engine::Sqlite { 200 } else { 503 });
    other.admin.post(&usage, event("new", "2026-09-03")).expect(200);
    assert_eq!(months(), expected(all));
    assert_eq!(pole.count("usage_events"), "2");
    pole.0.usage(&["verify"]).success();
}
