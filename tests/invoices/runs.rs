//! Runs that are killed, run twice, and run at once.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};
use crate::seed::member;

/// SIRENs of companies that are not there.
const SIRENS: [&str; 6] =
    ["552100554", "542051180", "775670417", "552081317", "542065479", "552120222"];

/// July, in which eight members used something.
fn july(engine: Engine) -> Small {
    let mut small = Small::new(engine, &[graduated(), fee()]);
    for (nth, siren) in SIRENS.iter().enumerate() {
        small.join(member(&format!("atelier-{nth}"), siren));
    }
    for nth in 0..SIRENS.len() {
        small.used(
            &format!("a{nth}"),
            &format!("atelier-{nth}"),
            &format!("2026-07-1{nth}"),
            "1700.25",
        );
    }
    small.used("f", "forge", "2026-07-10", "6000");
    small.used("u", "usine", "2026-07-11", "6000");
    small
}

/// What a month's documents say, without the names that another pole has for the same things.
fn said(small: &Small, period: &str) -> Vec<String> {
    let mut said: Vec<_> = small
        .documents(period)
        .into_iter()
        .map(|it| {
            let text = format!("{} {} {}", it["number"], it["part"], it["document"]);
            text.replace(&small.service, "service").replace(&small.pole.code, "pole")
        })
        .collect();
    said.sort();
    said
}

/// The accounting file of the year in which documents are issued here.
fn books(small: &Small) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let export = ["fec", "export", "--pole", &small.pole.code, "--year", "2028", "--to", to];
    small.server.palier(export).success();
    std::fs::read(folder.path().join("732829320FEC20281231.txt")).unwrap()
}

/// The command itself, still to be started.
fn command(small: &Small, name: &str, period: &str) -> Command {
    let mut command = small.server.settled();
    command.args(["invoices", name, "--pole", &small.pole.code, "--period", period, "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

on_both!(what_is_killed_comes_to_the_same_books);
fn what_is_killed_comes_to_the_same_books(engine: Engine) {
    let calm = july(engine);
    let numbers = calm.close("2026-07");
    assert_eq!(numbers.len(), 8);
    let troubled = july(engine);
    for name in ["run", "finalise"] {
        let mut killed = 0;
        for patience in (0_u64..).map(|nth| 5 + 12 * nth) {
            let mut child = command(&troubled, name, "2026-07").spawn().unwrap();
            thread::sleep(Duration::from_millis(patience));
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            killed += 1;
        }
        assert!(killed > 0, "{name} was never killed");
    }
    assert_eq!(said(&troubled, "2026-07"), said(&calm, "2026-07"));
    assert_eq!(books(&troubled), books(&calm));
    assert_eq!(troubled.faults(), [""; 0]);
}

on_both!(of_two_at_once_each_bills_nobody_twice);
fn of_two_at_once_each_bills_nobody_twice(engine: Engine) {
    let small = july(engine);
    for name in ["run", "finalise"] {
        let both = [0, 1].map(|_| command(&small, name, "2026-07").spawn().unwrap());
        for child in both {
            let ended = child.wait_with_output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
    }
    let mut numbers: Vec<_> =
        small.documents("2026-07").iter().map(|it| it["number"].clone()).collect();
    numbers.sort_by_key(Value::to_string);
    let all: Vec<_> = (1..=8).map(|nth| json!(format!("FA-2028-{nth:06}"))).collect();
    assert_eq!(numbers, all);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_run_that_goes_on_leaves_nothing_of_what_was_before);
fn a_run_that_goes_on_leaves_nothing_of_what_was_before(engine: Engine) {
    let small = july(engine);
    small.run("2026-07");
    // As a kill would have left it: some drafts are there, and what was billed is not noted.
    let mut sql = small.sql();
    sql.run("DELETE FROM billed_charges");
    sql.run("UPDATE invoice_runs SET status = 'frozen', drafted_at = NULL");
    let (forge, usine) = (&small.members["forge"], &small.members["usine"]);
    sql.run(&format!("DELETE FROM invoices WHERE member_id = '{usine}'"));
    sql.run(&format!("UPDATE invoices SET part = 'fees' WHERE member_id = '{forge}'"));
    small.patch(&format!("members/{}", small.members["atelier-0"]), json!({ "name": "Autre SAS" }));
    let refused = small.try_invoices(&["finalise"], "2026-07").failure(2);
    assert!(refused.contains("not all there"), "{refused}");
    small.run("2026-07");
    let documents = small.documents("2026-07");
    assert_eq!(documents.len(), 8);
    assert!(documents.iter().all(|it| it["part"] == "services"));
    let of = |code: &str| {
        documents.iter().find(|it| it["document"]["buyer"]["code"] == code).unwrap().clone()
    };
    assert_eq!(of("atelier-0")["document"]["buyer"]["name"], "Autre SAS");
    assert_eq!(sql.lines("SELECT count(*) || '' AS line FROM billed_charges"), ["8"]);
}

on_both!(drafts_are_made_anew_until_something_was_built_on_them);
fn drafts_are_made_anew_until_something_was_built_on_them(engine: Engine) {
    let small = july(engine);
    let refused = small.try_invoices(&["finalise"], "2026-07").failure(2);
    assert!(refused.contains("run it first"), "{refused}");
    small.run("2026-07");
    small.patch(&format!("members/{}", small.members["forge"]), json!({ "name": "Autre SAS" }));
    small.invoices(&["run", "--again"], "2026-07");
    assert!(said(&small, "2026-07").iter().any(|it| it.contains("Autre SAS")));
    small.run("2026-08");
    let refused = small.try_invoices(&["run", "--again"], "2026-07").failure(2);
    assert!(refused.contains("2026-08"), "{refused}");
    small.invoices(&["run", "--again"], "2026-08");
    small.invoices(&["finalise"], "2026-08");
    let refused = small.try_invoices(&["run", "--again"], "2026-08").failure(2);
    assert!(refused.contains("final already"), "{refused}");
}

on_both!(a_draft_that_is_held_waits);
fn a_draft_that_is_held_waits(engine: Engine) {
    let small = july(engine);
    small.run("2026-07");
    let documents = small.documents("2026-07");
    let held = documents.iter().find(|it| it["document"]["buyer"]["code"] == "forge").unwrap();
    let turn = |verb: &str| {
        let path = small.at(&format!("invoices/{}/{verb}", held["id"].as_str().unwrap()));
        small.finance.post(&path, json!({}))
    };
    turn("hold").expect(200);
    let numbers = small.invoices(&["finalise"], "2026-07")["numbers"].clone();
    assert_eq!(numbers.as_array().unwrap().len(), 7);
    turn("release").expect(200);
    let numbers = small.invoices(&["finalise"], "2026-07")["numbers"].clone();
    assert_eq!(numbers, json!(["FA-2028-000008"]));
    turn("hold").expect(409);
}

on_both!(no_day_of_issue_goes_back);
fn no_day_of_issue_goes_back(engine: Engine) {
    let small = july(engine);
    small.close("2026-07");
    small.run("2026-08");
    // A clock that went wrong, back into the year before.
    let finalise = ["finalise", "--now", "2027-12-31T08:00:00Z"];
    let numbers = small.invoices(&finalise, "2026-08")["numbers"].clone();
    assert_eq!(numbers[0], "FA-2028-000009");
    assert!(
        small.documents("2026-08").iter().all(|it| it["document"]["issued_on"] == "2028-02-01")
    );
}
