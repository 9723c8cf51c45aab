//! `CloudEvents` as another program makes them: the SDK of the standard's own project.

use std::path::PathBuf;
use std::process::Command;

use palier_tests::{Engine, Finished, on_both, skip_unless_ci, workspace};
use serde_json::{Value, json};

use super::Setting;

on_both!(what_the_sdk_sends_counts);
fn what_the_sdk_sends_counts(engine: Engine) {
    let Some(python) = python() else { return };
    let setting = Setting::of(engine);
    let mut command = Command::new(python);
    command
        .arg(workspace().join("tests/usage/cloud_events.py"))
        .env("PALIER_USAGE", format!("{}{}", setting.server.url(), setting.usage))
        .env("PALIER_TOKEN", &setting.pole.token);
    let said = Finished::from(&mut command).success();
    let told: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counts: Vec<_> =
        told.iter().map(|it| [&it[0], &it[1]["accepted"], &it[1]["duplicates"]]).collect();
    let accepted = [&json!(200), &json!(1), &json!(0)];
    assert_eq!(counts[..4], [accepted; 4], "{said}");
    assert_eq!(counts[4], [&json!(200), &json!(0), &json!(1)], "{said}");
    assert_eq!(counts[5], [&json!(200), &json!(2), &json!(1)], "{said}");
    assert_eq!((&told[6][0], told.len()), (&json!(422), 7), "{said}");

    let expected = ["a", "b", "binary", "binary-typed", "structured", "typed"]
        .map(|id| (format!("//hpc/cœurs de calcul#{id}"), "1.25".to_owned(), true));
    assert_eq!(setting.events(), expected);
}

/// The interpreter that `tests/prepare` has installed the SDK for.
fn python() -> Option<PathBuf> {
    let python = workspace().join("target/ci-tools/bin/python");
    let imported = Command::new(&python).args(["-c", "import cloudevents"]).output();
    if !imported.is_ok_and(|output| output.status.success()) {
        skip_unless_ci("the CloudEvents SDK is not there: `tests/prepare` installs it");
        return None;
    }
    Some(python)
}
