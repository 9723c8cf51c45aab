//! The OpenAPI document: it is what the program says, valid, whole, and kept from breaking.

mod breaking;
pub(crate) mod document;
mod page;
mod rules;
mod valid;

use std::process::Command;

use palier_tests::{Finished, scratch, workspace};

use document::printed;

/// The one command that mends it.
const MEND: &str = "cargo run -p palier -- openapi > openapi/openapi.json";

#[test]
fn the_committed_document_is_what_the_program_prints() {
    let committed = workspace().join("openapi/openapi.json");
    if std::fs::read_to_string(&committed).is_ok_and(|text| text == printed()) {
        return;
    }
    let made = scratch("openapi").join("openapi.json");
    std::fs::write(&made, printed()).unwrap();
    let mut diff = Command::new("diff");
    diff.args(["--unified=3", "--label=committed", "--label=printed"]).arg(&committed).arg(&made);
    let diff = Finished::from(&mut diff);
    panic!(
        "openapi/openapi.json is not what the program prints; a change of the API, or one of main \
         that came with a rebase. Read what changes for callers, then run\n\n    {MEND}\n\n{}{}",
        diff.stdout, diff.stderr
    );
}

#[test]
fn the_document_begins_with_what_readers_look_for() {
    let keys: Vec<_> = document::document().as_object().unwrap().keys().collect();
    assert_eq!(keys, ["openapi", "info", "servers", "tags", "paths", "webhooks", "components"]);
}
