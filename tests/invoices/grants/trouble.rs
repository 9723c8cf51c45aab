//! Months that draw credits, killed, run twice at once, and beside others who grant and take back.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, on_both};
use serde_json::json;

use super::super::setting::{Small, fee, graduated};
use super::{credit, credits_of, granted, stands};
use crate::seed::member;

/// SIRENs of companies that are not there.
const SIRENS: [&str; 6] =
    ["552100554", "542051180", "775670417", "552081317", "542065479", "552120222"];

/// July, in which eight members used something, and each was granted something.
fn july(engine: Engine) -> Small {
    let mut small = Small::new(engine, &[graduated(), fee()]);
    for (nth, siren) in SIRENS.iter().enumerate() {
        small.join(member(&format!("atelier-{nth}"), siren));
    }
    small.used("f", "forge", "2026-07-10", "6000");
    let members: Vec<_> = small.members.keys().cloned().collect();
    for member in members {
        granted(&small, &member, &credit("40.00", "2026-01-01", None));
        granted(&small, &member, &credit("9.00", "2026-01-01", Some("2026-12-01")));
    }
    small
}

fn command(small: &Small, name: &str) -> Command {
    let mut command = small.server.settled();
    command.args(["invoices", name, "--pole", &small.pole.code, "--period", "2026-07", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Each draw: of whom, how much, and what is left.
fn drawn(small: &Small) -> Vec<String> {
    let mut sql = small.sql();
    sql.lines(
        "SELECT m.code || ' ' || d.line || ' ' || d.amount_minor || ' ' || d.left_minor AS line \
         FROM credit_draws d \
         JOIN invoices i ON i.pole_id = d.pole_id AND i.invoice_id = d.invoice_id \
         JOIN members m ON m.pole_id = i.pole_id AND m.member_id = i.member_id \
         ORDER BY m.code, d.line",
    )
}

/// All of the fee, but for `forge`, which used more: what ends first, then the other.
fn expected(small: &Small) -> Vec<String> {
    let of = |code: &String| {
        let second = if code == "forge" { (4000, 0) } else { (600, 3400) };
        let line = if code == "forge" { 3 } else { 2 };
        [format!("{code} {line} 900 0"), format!("{code} {} {} {}", line + 1, second.0, second.1)]
    };
    small.members.keys().flat_map(of).collect()
}

on_both!(what_is_killed_draws_once);
fn what_is_killed_draws_once(engine: Engine) {
    let small = july(engine);
    for name in ["run", "finalise"] {
        let (mut killed, mut patience) = (0, Duration::from_millis(5));
        loop {
            let mut child = command(&small, name).spawn().unwrap();
            thread::sleep(patience);
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            (killed, patience) = (killed + 1, patience * 5 / 4);
        }
        assert!(killed > 0, "{name} was never killed");
    }
    assert_eq!(drawn(&small), expected(&small));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(two_runs_at_once_draw_once);
fn two_runs_at_once_draw_once(engine: Engine) {
    let small = july(engine);
    for name in ["run", "finalise"] {
        let both = [0, 1].map(|_| command(&small, name).spawn().unwrap());
        for child in both {
            let ended = child.wait_with_output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
    }
    assert_eq!(drawn(&small), expected(&small));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_is_drawn_and_taken_back_at_once_is_one_of_both);
fn what_is_drawn_and_taken_back_at_once_is_one_of_both(engine: Engine) {
    let small = july(engine);
    let list = small.finance.get(&credits_of(&small, "forge")).expect(200).json();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    let run = command(&small, "run").spawn().unwrap();
    let mut wait = Duration::from_millis(20);
    for id in &ids {
        thread::sleep(wait);
        wait *= 4;
        let path = format!("{}/{}/revoke", credits_of(&small, "forge"), id.as_str().unwrap());
        small.finance.post(&path, json!({ "reason": "Erreur" })).expect(200);
    }
    let more = granted(&small, "forge", &credit("1.00", "2026-01-01", None));
    let ended = run.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    // Whoever came first: what was taken back is drawn by nothing, and drafts say what is noted.
    for id in &ids {
        let id = id.as_str().unwrap();
        assert_eq!(stands(&small, "forge", id)[..3], ["0.00", "0.00", "0.00"]);
    }
    assert_eq!(small.faults(), [""; 0]);
    small.invoices(&["run", "--again"], "2026-07");
    assert_eq!(stands(&small, "forge", &more)[2], "1.00");
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(small.faults(), [""; 0]);
}
