//! Files of members as people have them.

mod csv;
mod rules;
mod xlsx;

use super::{ImportedMember, RowFault, read};

const HEADER: &str = "code;name;siren;vat_number;size;address;postcode;city;country;email;language";

/// A line that is valid.
const FORGE: &str = "forge;Forge du Rhône SAS;732829320;FR44732829320;PME;36 rue de l’Atelier;\
    69007;Lyon;FR;compta@forge.example;fr";

/// A file of these lines, under the usual header.
fn file(lines: &[&str]) -> String {
    format!("{HEADER}\n{}\n", lines.join("\n"))
}

/// The only member of a file.
#[track_caller]
fn only(bytes: &[u8]) -> ImportedMember {
    let [member] = read(bytes).unwrap().try_into().unwrap();
    member
}

/// Faults in short: `3 siren check_digit`.
#[track_caller]
fn faults(bytes: &[u8]) -> Vec<String> {
    let short = |fault: RowFault| {
        assert!(
            !fault.text.en.is_empty()
                && !fault.text.fr.is_empty()
                && fault.text.en != fault.text.fr
        );
        let line = fault.line.map(|line| line.to_string());
        let parts = [line, fault.column, Some(fault.code.to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    read(bytes).unwrap_err().into_iter().map(short).collect()
}
