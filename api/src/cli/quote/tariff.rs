//! The tariff file, and where in it each fault stands.

use std::{collections::BTreeMap, fs, path::Path};

use palier_billing::{Fault, FaultKind, Tariff};
use serde_json::value::RawValue;

use crate::cli::failure::{Failure, Place, end_of, quoted};
use crate::document::Document;

/// A tariff with the text it was read from.
pub(super) struct TariffFile {
    pub(super) tariff: Tariff,
    file: String,
    text: String,
    /// Where the text has the charges of the tariff: a lone charge is the document itself.
    lone_charge: bool,
}

impl TariffFile {
    /// Reads a tariff, or a lone charge object.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| Failure::unreadable(&file, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| Failure::not_utf8(&file, &error))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        let Document(value) =
            serde_json::from_str(&text).map_err(|error| malformed(&file, &text, &error))?;
        match Tariff::from_json(&value) {
            Ok(tariff) => Ok(Self { tariff, file, text, lone_charge: value.get("kind").is_some() }),
            Err(faults) => {
                let lines = faults.0.iter().map(|fault| describe(&file, &text, fault));
                Err(Failure::Input(lines.collect()))
            }
        }
    }

    /// What the author of the tariff should know.
    pub(super) fn warnings(&self) -> Vec<String> {
        let warnings = self.tariff.warnings().into_iter();
        let described = warnings.map(|warning| {
            let (text, pointer) = (warning.to_string(), warning.pointer());
            let what = text.strip_prefix(&format!("{pointer}: ")).unwrap_or(&text);
            let pointer = match pointer.strip_prefix("/charges/0") {
                Some(within) if self.lone_charge => within,
                _ => pointer,
            };
            let found = Found::at(&self.text, pointer);
            format!("{}: {what}", found.place(&self.file, &self.text, pointer))
        });
        described.collect()
    }
}

/// Says what is wrong with text that is no JSON at all.
fn malformed(file: &str, text: &str, error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let what = error.to_string();
    let what = what.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&what);
    let here = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let found = here.chars().nth(column.saturating_sub(1));
    let line = u64::try_from(line).unwrap_or(u64::MAX);
    let place = Place { file, line, column, name: "" };
    match (what.strip_prefix("EOF while parsing "), found) {
        (Some("a value"), _) => place.fault("a value", "the end of the file"),
        (Some(open), _) => place.fault(format_args!("the rest of {open}"), "the end of the file"),
        // What is behind a field that is named twice has nothing to do with it.
        (None, Some(found)) if !error.is_data() => {
            Failure::input(format!("{place}: {what}, found {}", quoted(&found.to_string())))
        }
        (None, _) => Failure::input(format!("{place}: {what}")),
    }
}

fn describe(file: &str, text: &str, fault: &Fault) -> String {
    let found = Found::at(text, &fault.pointer);
    let place = found.place(file, text, &fault.pointer);
    let short = found.raw.chars().count() <= 40 && !found.raw.starts_with(['{', '[']);
    if found.whole && short && fault.kind != FaultKind::Unknown {
        return format!("{place}: {}, found {}", fault.kind, found.raw);
    }
    format!("{place}: {}", fault.kind)
}

/// What a JSON pointer finds in a text.
struct Found<'t> {
    raw: &'t str,
    /// Whether the pointer was followed to its end, and not only to the object that lacks a field.
    whole: bool,
}

impl<'t> Found<'t> {
    fn at(text: &'t str, pointer: &str) -> Self {
        let mut raw = serde_json::from_str::<&RawValue>(text).map_or(text, RawValue::get);
        for name in pointer.split('/').skip(1) {
            match Self::within(raw, &name.replace("~1", "/").replace("~0", "~")) {
                Some(inner) => raw = inner,
                None => return Self { raw, whole: false },
            }
        }
        Self { raw, whole: true }
    }

    fn within(raw: &'t str, name: &str) -> Option<&'t str> {
        if raw.starts_with('[') {
            let entries: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
            return Some(entries.get(name.parse::<usize>().ok()?)?.get());
        }
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw).ok()?;
        Some(fields.get(name)?.get())
    }

    fn place<'p>(&self, file: &'p str, text: &str, pointer: &'p str) -> Place<'p> {
        // `raw` is a slice of `text`, so their addresses tell where it begins.
        let start = self.raw.as_ptr().addr();
        let offset = start.saturating_sub(text.as_ptr().addr());
        let (line, column) = end_of(text.get(..offset).unwrap_or_default());
        let name = pointer;
        Place { file, line, column, name }
    }
}
