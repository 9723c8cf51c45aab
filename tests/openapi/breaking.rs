//! A change of the document that breaks a caller of the last release is found, and refused.
//!
//! `openapi/README.md` says what may change; the comparison here holds it.

mod compare;
mod samples;
mod schema;

use palier_tests::workspace;
use serde_json::Value;

use super::document::document;

/// The document of the last release. There is none before the first.
#[test]
fn nothing_that_was_released_breaks() {
    let released = workspace().join("openapi/released.json");
    let Ok(released) = std::fs::read(released) else { return };
    let released: Value = serde_json::from_slice(&released).unwrap();
    let breaks = compare::breaks(&released, document());
    assert!(
        breaks.is_empty(),
        "this breaks callers of the last release:\n  {}\n\nopenapi/README.md says how to go about it",
        breaks.join("\n  ")
    );
}

#[test]
fn a_document_does_not_break_itself() {
    assert_eq!(compare::breaks(document(), document()), Vec::<String>::new());
}
