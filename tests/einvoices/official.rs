//! What the official artefacts say of XML, and what an independent script makes of its figures.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use palier_tests::{Finished, skip_unless_ci, workspace};
use serde_json::Value;

/// What was found in one file.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Number, type and sums, read back from the XML.
    pub(super) said: Value,
    /// Who complains, by which rule, in which words.
    pub(super) failed: Vec<[String; 3]>,
}

impl Verdict {
    fn of(line: &Value) -> Self {
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        let failed = line["failed"].as_array().unwrap().iter();
        let failed = failed.map(|it| [text(&it[0]), text(&it[1]), text(&it[2])]);
        Self { said: line["said"].clone(), failed: failed.collect() }
    }

    /// Whether this validator complains by a rule whose name begins so.
    pub(super) fn fails(&self, by: &str, rule: &str) -> bool {
        self.failed.iter().any(|[who, which, _]| who == by && which.starts_with(rule))
    }
}

/// The verdicts on all XML files of a folder, by their names; none where the tools are missing.
///
/// All of them in one child process: its stylesheets are compiled once, and Saxon ends a process whose
/// address space somebody has limited.
pub(super) fn verdicts(folder: &Path) -> Option<BTreeMap<String, Verdict>> {
    let python = workspace().join("target/ci-tools/bin/python");
    let script = workspace().join("tests/einvoices/validate.py");
    let packages = Command::new(&python).args(["-c", "import facturx, saxonche"]).output();
    if !packages.is_ok_and(|it| it.status.success()) {
        skip_unless_ci(
            "the rules of electronic invoices are not there: `tests/prepare` installs them",
        );
        return None;
    }
    let mut command = Command::new(python);
    command.arg(script).arg(folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let ran = Finished::from(&mut command);
    assert!(ran.status.success(), "{ran}");
    let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: BTreeMap<_, _> =
        lines.map(|line| (line["file"].as_str().unwrap().to_owned(), Verdict::of(&line))).collect();
    let files = fs::read_dir(folder).unwrap().filter(|it| {
        it.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "xml")
    });
    assert_eq!(found.len(), files.count(), "a verdict for each file");
    Some(found)
}

/// The same, all of which must be valid.
pub(super) fn valid(folder: &Path) -> Option<BTreeMap<String, Verdict>> {
    let found = verdicts(folder)?;
    let mut wrong = found.iter().filter(|(_, verdict)| !verdict.failed.is_empty());
    if let Some((file, verdict)) = wrong.next() {
        let xml = fs::read_to_string(folder.join(file)).unwrap();
        let others: Vec<_> = wrong.map(|(file, verdict)| (file, &verdict.failed)).collect();
        panic!("{xml}\n{file}: {:#?}\nand {others:?}", verdict.failed);
    }
    Some(found)
}
