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
pub(super) fn july(engine: Engine) -> Small {
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
        // A quarter later each time, however fast the machine is.
        let (mut killed, mut patience) = (0, Duration::from_millis(5));
        loop {
            let mut child = command(&troubled, name, "2026-07").spawn().unwrap();
            thread::sleep(patience);
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            (killed, patience) = (killed + 1, patience * 5 / 4);
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

on_both!(a_month_that_is_drafted_is_shown_as_its_drafts_stand);
fn a_month_that_is_drafted_is_shown_as_its_drafts_stand(engine: Engine) {
    let small = july(engine);
    let first = small.run("2026-07");
    let id = |code: &str| {
        let documents = small.documents("2026-07");
        let of = documents.iter().find(|it| it["document"]["buyer"]["code"] == code).unwrap();
        of["id"].as_str().unwrap().to_owned()
    };
    let line = json!({ "kind": "discount", "name": "Remise", "unit_price": "20.00",
        "service": small.service });
    let lines = json!({ "reason": "Accord", "lines": [line] });
    small.put(&format!("invoices/{}/manual-lines", id("forge")), lines);
    let hold = small.at(&format!("invoices/{}/hold", id("usine")));
    small.finance.post(&hold, json!({})).expect(200);
    // What would be priced otherwise now, and a line that comes too late to be on them.
    let charge = json!({ "kind": "usage", "meter": "hours", "scope": "pool", "model": "graduated",
        "tiers": [{ "unit_amount": "0.5" }] });
    small.version(&small.service, "2026-07-01", &json!({ "charges": [charge, fee()] }));
    small.used("late", "forge", "2026-07-12", "1000");
    let again = small.run("2026-07");
    let cents = |net: &Value| net.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert_eq!(cents(&again["net"]), cents(&first["net"]) - 2000);
    let (service, before) = (&again["services"][0], &first["services"][0]);
    assert_eq!(cents(&service["net"]), cents(&before["net"]) - 2000);
    assert_eq!(service["pools"], before["pools"]);
    assert_eq!(service["pools"][0]["active_members"], 8);
    let remarks = |review: &Value, code: &str| {
        let mut members = review["members"].as_array().unwrap().iter();
        let remarks = members.find(|it| it["code"] == code).unwrap()["remarks"].clone();
        ["by_hand", "held"].map(|it| remarks.as_array().unwrap().contains(&json!(it)))
    };
    assert_eq!(remarks(&again, "forge"), [true, false]);
    assert_eq!(remarks(&again, "usine"), [false, true]);
    // Over HTTP it is the same, and so it stays once some of it is final.
    let shown = || small.finance.get(&small.at("invoice-runs/2026-07")).expect(200).json();
    for name in ["net", "vat", "gross"] {
        assert_eq!(shown()[name], again[name]);
    }
    // Priced anew it is something else, and that is what making the drafts anew comes to.
    let anew = small.invoices(&["run", "--dry-run"], "2026-07");
    assert!(cents(&anew["net"]) > 2 * cents(&first["net"]), "{anew}");
    assert_eq!(remarks(&anew, "forge"), [false, false]);
    assert_eq!(small.invoices(&["run", "--again"], "2026-07")["net"], anew["net"]);
    small.invoices(&["finalise"], "2026-07");
    // A credit note of a month is none of its drafts.
    let number = small.documents("2026-07")[0]["number"].as_str().unwrap().to_owned();
    let credit = ["credit", "--pole", &small.pole.code, &number, "--reason", "Erreur"];
    small.server.palier(["invoices"].iter().chain(&credit)).success();
    assert_eq!(small.run("2026-07")["net"], anew["net"]);
    assert_eq!(small.faults(), [""; 0]);
}
