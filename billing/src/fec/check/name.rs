//! R01: the file's name.

use jiff::civil::Date;

use super::{
    fields::date,
    finding::{FindingKind, Findings},
};
use crate::Siren;

/// The closing date in the name, if there is one.
pub(super) fn closing(name: &str, findings: &mut Findings) -> Option<Date> {
    let parts = name.strip_suffix(".txt").and_then(|name| name.split_once("FEC"));
    let Some((siren, closing)) = parts else {
        findings.note_name(FindingKind::Name { found: name.to_owned() });
        return None;
    };
    if siren.parse::<Siren>().is_err() {
        findings.note_name(FindingKind::NameSiren { found: siren.to_owned() });
    }
    let date = date(closing.as_bytes());
    if date.is_none() {
        findings.note_name(FindingKind::NameDate { found: closing.to_owned() });
    }
    date
}
