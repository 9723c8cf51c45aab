//! Two at once, and one that is killed: all of a file or nothing.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use palier_tests::{Engine, Pole, Server, on_both, wait_for};
use serde_json::{Value, json};

use super::{CSV, FORGE, counts, file, large, log, members, run_json, saved, send, send_to};

on_both!(of_two_at_once_one_comes_second);
fn of_two_at_once_one_comes_second(server: &Server) {
    const ROWS: u32 = 300;
    let pole = Pole::new(server);
    let pole = &pole;
    let (ours, theirs) = (large(ROWS, "SAS"), large(ROWS, "SARL"));
    let path = saved("theirs.csv", &theirs);
    let reports = thread::scope(|scope| {
        let run = scope.spawn(|| run_json(server, pole, &path, &[]));
        let sent = [&ours, &ours].map(|file| scope.spawn(move || send_at_last(pole, file)));
        let mut reports = vec![run.join().unwrap()];
        reports.extend(sent.map(|it| it.join().unwrap()));
        reports
    });
    let rows = u64::from(ROWS);
    let created: u64 = reports.iter().map(|report| counts(report)[0]).sum();
    assert_eq!(created, rows, "each member is made once: {reports:?}");
    for report in &reports {
        let [created, updated, unchanged] = counts(report);
        assert!([created, updated, unchanged].contains(&rows), "one whole file: {report}");
    }
    // Whoever came last has the last word, on every member.
    let found = members(pole);
    let word = |name: &str| name.rsplit(' ').next().unwrap_or_default().to_owned();
    let words: Vec<_> = found.iter().map(|it| word(it["name"].as_str().unwrap())).collect();
    assert_eq!(words.len(), usize::try_from(ROWS).unwrap());
    assert!(words.iter().all(|it| *it == words[0]), "{words:?}");
    let intact = pole.admin.get(&format!("/v1/poles/{}/audit-log/verification", pole.code));
    assert_eq!(intact.expect(200).json()["intact"], json!(true));
}

/// Imports a file over HTTP, again if the others took longer than one waits for them.
#[track_caller]
fn send_at_last(pole: &Pole, file: &str) -> Value {
    let send = || Some(send_to(&pole.admin, pole, "", CSV, file.as_bytes()));
    let answer = wait_for(Duration::from_mins(1), || send().filter(|it| it.status != 503));
    answer.unwrap().expect(200).json()
}

on_both!(one_that_is_killed_leaves_all_or_nothing);
fn one_that_is_killed_leaves_all_or_nothing(engine: Engine) {
    const ROWS: u32 = 3_000;
    let server = Server::start(engine);
    let pole = Pole::new(&server);
    let text = large(ROWS, "SAS");
    let path = saved("large.csv", &text);
    let import = || {
        let mut command = server.settled();
        command.args(["members", "import", "--pole", &pole.code]).arg(&path);
        command
    };
    // Later each time, until it comes to its end first.
    let (mut patience, mut killed) = (Duration::from_millis(20), 0);
    while !ends_within(import(), patience) {
        killed += 1;
        patience = patience * 4 / 3;
        // An import waits for the one before it, also for what a dead one left to be undone.
        send(&pole, file(&[FORGE]));
        let dry = send_to(&pole.admin, &pole, "?dry_run=true", CSV, text.as_bytes());
        let dry = dry.expect(200).json();
        let entries = log(&pole).iter().filter(|it| it["action"] == "member.created").count();
        let rows = u64::from(ROWS);
        match counts(&dry) {
            [created, 0, 0] => assert_eq!((created, entries), (rows, 1)),
            counts => assert_eq!((counts, entries), ([0, 0, rows], 3_001)),
        }
    }
    assert!(killed > 3, "it was killed {killed} times only");
    let last = run_json(&server, &pole, &path, &[]);
    assert_eq!(counts(&last), [0, 0, u64::from(ROWS)]);
    let intact = pole.admin.get(&format!("/v1/poles/{}/audit-log/verification", pole.code));
    let intact = intact.expect(200).json();
    assert_eq!(intact, json!({ "intact": true, "entries": log(&pole).len() }));
}

/// Runs a command for a while and kills it; whether it had ended well by then.
#[track_caller]
fn ends_within(mut command: Command, patience: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    thread::sleep(patience);
    child.kill().unwrap();
    child.wait().unwrap().success()
}
