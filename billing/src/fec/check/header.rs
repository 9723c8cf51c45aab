//! R03: the names of the columns. They also tell how the file is made.

use super::finding::{FindingKind, Findings, shown};

/// The fields of a line, in the order of the columns.
pub(super) type Fields<'b> = [&'b [u8]; 18];

/// The columns in order (A47 A-1). An amount and its sense may take the place of debit and credit.
const NAMES: [&str; 18] = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
];
const SENSE_NAMES: [&str; 18] = {
    let mut names = NAMES;
    names[11] = "Montant";
    names[12] = "Sens";
    names
};

/// How the file is made.
pub(super) struct Header {
    separator: u8,
    /// Whether amounts have a sense instead of two sides.
    pub(super) with_sense: bool,
    pub(super) names: &'static [&'static str; 18],
}

impl Header {
    /// Reads the first line; none if the others cannot be told apart by it.
    pub(super) fn read(line: &[u8], findings: &mut Findings) -> Option<Self> {
        let separator = if line.contains(&b'\t') { b'\t' } else { b'|' };
        let with_sense = line.split(|byte| *byte == separator).any(|name| name == b"Sens");
        let names = if with_sense { &SENSE_NAMES } else { &NAMES };
        let header = Self { separator, with_sense, names };
        let fields = match header.split(line) {
            Ok(fields) => fields,
            Err(found) => {
                findings.note(1, None, FindingKind::HeaderCount { found });
                return None;
            }
        };
        let named = || names.iter().copied().zip(fields);
        if !named().any(|(name, found)| name.as_bytes() == found) {
            findings.note(1, None, FindingKind::NoHeader);
            return None;
        }
        for (name, found) in named().filter(|(name, found)| name.as_bytes() != *found) {
            findings.note(1, Some(name), FindingKind::HeaderName { found: shown(found) });
        }
        Some(header)
    }

    /// The fields of a line, or how many there are instead.
    pub(super) fn split<'b>(&self, line: &'b [u8]) -> Result<Fields<'b>, usize> {
        let fields: Vec<_> = line.split(|byte| *byte == self.separator).collect();
        fields.try_into().map_err(|fields: Vec<_>| fields.len())
    }
}
