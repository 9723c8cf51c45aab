//! What the schemas of ISO 20022, and a script that knows nothing of ours, say of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use palier_tests::{Finished, skip_unless_ci, workspace};
use serde_json::Value;

/// What was found in one file.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Which message its namespace says it is.
    pub(crate) message: String,
    /// How many payments it has.
    pub(crate) count: usize,
    /// What they come to.
    pub(crate) sum: String,
    /// Who complains, and in which words.
    pub(crate) failed: Vec<[String; 2]>,
}

impl Verdict {
    fn of(line: &Value) -> Self {
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let failed = line["failed"].as_array().unwrap().iter();
        Self {
            message: text(&line["message"]),
            count: usize::try_from(line["count"].as_u64().unwrap()).unwrap(),
            sum: text(&line["sum"]),
            failed: failed.map(|it| [text(&it[0]), text(&it[1])]).collect(),
        }
    }
}

/// The verdicts on all XML files of a folder, by their names; none where the tools are missing.
pub(crate) fn verdicts(folder: &Path) -> Option<BTreeMap<String, Verdict>> {
    let python = workspace().join("target/ci-tools/bin/python");
    let there = "import lxml, stdnum, sys; from importlib.util import find_spec; sys.exit(not find_spec('sepaxml'))";
    let packages = Command::new(&python).args(["-c", there]).output();
    if !packages.is_ok_and(|it| it.status.success()) {
        skip_unless_ci("the schemas of ISO 20022 are not there: `tests/prepare` installs them");
        return None;
    }
    let mut command = Command::new(python);
    command.arg(workspace().join("tests/sepa/validate.py")).arg(folder);
    let ran = Finished::from(command.env("PYTHONDONTWRITEBYTECODE", "1"));
    assert!(ran.status.success(), "{ran}");
    let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: BTreeMap<_, _> =
        lines.map(|line| (line["file"].as_str().unwrap().to_owned(), Verdict::of(&line))).collect();
    assert_eq!(found.len(), fs::read_dir(folder).unwrap().count(), "a verdict for each file");
    Some(found)
}
