//! The readers of what comes from outside, to be fed with anything at all (`tests/fuzz`).
//!
//! Each holds what it has read to what must be true of it, and panics where that is not so.
#![expect(clippy::expect_used, reason = "a panic is how a fuzzer learns that something was found")]

use std::io::Write as _;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::http::Schemas;
use crate::metering::Reported;
use crate::routes::{self, UsageEventInput};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(routes::document));

/// Reads a report of usage, in the form that a number stands for.
pub fn usage_report(form: u8, body: &[u8]) {
    routes::read_alone(form.into(), &SCHEMAS, body, |json, read| match read {
        Ok(event) => is_what_it_says(&event, json),
        Err(faults) => assert!(!faults.is_empty(), "refused for no reason"),
    });
}

/// What is read fast must be what the document allows, in every case.
fn is_what_it_says(event: &Reported<'_>, json: Option<&str>) {
    assert!(event.clone().checked().is_ok(), "out of bounds: {event:?}");
    let value: Option<Value> = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(value) = value else { return };
    let faults = SCHEMAS.faults::<UsageEventInput>(&value).expect("a schema");
    assert!(faults.is_empty(), "read, and not valid: {value} {faults:?}");
    assert_eq!(value.get("id").and_then(Value::as_str), Some(event.id.as_ref()));
}

/// Reads a file as `palier usage import` does.
pub fn usage_import(bytes: &[u8]) {
    crate::cli::read_import(&SCHEMAS, file(bytes).path());
}

/// Reads a file as `palier quote` does.
pub fn quote_usage(bytes: &[u8]) {
    crate::cli::read_quote_usage(file(bytes).path());
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a folder for scratch files");
    file.write_all(bytes).expect("room for a file");
    file
}
