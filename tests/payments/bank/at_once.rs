//! Imports that are killed, and imports at once.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, Finished, on_both, scratch, wait_for};
use serde_json::Value;

use super::{MOVED, Moved, OWN, camt, counts};
use crate::payments::Setting;

/// A file of so many payments of 1.00 for one document.
fn many(setting: &Setting, count: usize) -> String {
    let number = setting.numbers("forge")[0].clone();
    let names: Vec<_> = (0..count).map(|nth| format!("R{nth}")).collect();
    let one = |name| Moved { cents: 100, text: &number, reference: name, ..MOVED };
    camt("RLV-1", OWN, &names.iter().map(|name| one(name.as_str())).collect::<Vec<_>>())
}

/// Imports a file. Whom others keep waiting for too long is told to come again, and does.
#[track_caller]
fn import_in_turn(setting: &Setting, file: &str) -> Value {
    let answered = || {
        let answer = setting.send("", "application/xml", file.as_bytes());
        (answer.status != 503).then_some(answer)
    };
    wait_for(Duration::from_mins(3), answered).unwrap().expect(200).json()
}

on_both!(of_two_imports_at_once_each_movement_is_booked_by_one);
fn of_two_imports_at_once_each_movement_is_booked_by_one(engine: Engine) {
    const ROWS: usize = 60;
    let setting = Setting::new(engine);
    let (setting, file) = (&setting, &many(&setting, ROWS));
    let reports = thread::scope(|scope| {
        let send = move || import_in_turn(setting, file);
        let sent: Vec<_> = (0..3).map(|_| scope.spawn(send)).collect();
        sent.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    let booked: u64 = reports.iter().map(|report| counts(report)[2]).sum();
    assert_eq!(booked, 60, "{reports:?}");
    assert_eq!(setting.amounts("forge"), ["60.00", "120.00"]);
    assert_eq!((setting.movements("").len(), setting.payments().len()), (ROWS, ROWS));
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(one_that_is_killed_is_run_again);
fn one_that_is_killed_is_run_again(engine: Engine) {
    const ROWS: usize = 110;
    let setting = Setting::new(engine);
    let path = scratch("bank").join("large.xml");
    std::fs::write(&path, many(&setting, ROWS)).unwrap();
    let import = || {
        let mut command = setting.small.server.settled();
        command.args(["payments", "import", "--pole", &setting.small.pole.code]).arg(&path);
        command
    };
    // All or nothing, both seen at one moment: a commit may be under way still.
    let there = || {
        let counted = "SELECT CAST((SELECT count(*) FROM bank_movements) AS TEXT) || ' ' || \
                       CAST((SELECT count(*) FROM payments) AS TEXT) AS line";
        let there = setting.small.sql().lines(counted).concat();
        assert!(["0 0", "110 110"].contains(&there.as_str()), "{there}");
        there
    };
    // In the middle for certain: it may be faster than whoever kills it.
    for place in ["begun", "written"] {
        let aborted = Finished::from(import().env("PALIER_TEST_ABORT_AT", place));
        assert!(aborted.stderr.contains(&format!("aborted at {place}")), "{aborted}");
        assert_eq!(there(), "0 0", "{place}");
    }
    // Later each time, until it comes to its end first.
    let mut patience = Duration::from_millis(20);
    loop {
        let mut child = import().stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(patience);
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            break;
        }
        patience = patience * 4 / 3;
        there();
    }
    let said = String::from_utf8(import().output().unwrap().stdout).unwrap();
    assert_eq!(said, "110 movements: 0 booked, 0 open, 110 known before\n");
    assert_eq!(setting.amounts("forge"), ["10.00", "120.00"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}
