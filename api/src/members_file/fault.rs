//! What is wrong with a file, and where.

use super::columns::Column;
use crate::problem::{Fault, FaultPlace};
use crate::say;
use crate::text::Text;

/// One thing wrong with a file of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    /// Line of the file, from 1 and with the header; none where it is the file as a whole.
    pub(crate) line: Option<u64>,
    /// Column: its English name if it is known, else as the header has it.
    pub(crate) column: Option<String>,
    /// A stable name for what is wrong, for programs.
    pub(crate) code: &'static str,
    /// What is wrong, for people.
    pub(crate) text: Text,
}

impl RowFault {
    pub(super) const fn of_file(code: &'static str, text: Text) -> Self {
        Self { line: None, column: None, code, text }
    }

    pub(super) fn at(line: u64, column: Column, code: &'static str, text: Text) -> Self {
        let column = Some(column.name().to_owned());
        Self { line: Some(line), column, code, text }
    }
}

impl From<RowFault> for Fault {
    fn from(RowFault { line, column, code, text }: RowFault) -> Self {
        Self { place: FaultPlace::File { line, column }, code, detail: text }
    }
}

pub(super) fn too_large(limit_bytes: usize) -> RowFault {
    let megabytes = limit_bytes >> 20;
    let text = say!(
        en "The file is too large: at most {megabytes} MB are read.",
        fr "Le fichier est trop gros : {megabytes} Mo au plus sont lus."
    );
    RowFault::of_file("too_large", text)
}

/// A workbook that unpacks to more than any list of members needs.
pub(super) fn unpacks_too_large() -> RowFault {
    let text = say!(
        en "The workbook unpacks to far more than a list of members needs. Save the list alone, \
            or as CSV.",
        fr "Une fois décompressé, le classeur est bien plus gros qu’une liste d’adhérents. \
            Enregistrez la liste seule, ou en CSV."
    );
    RowFault::of_file("unpacks_too_large", text)
}

pub(super) fn too_many_rows(limit: usize) -> RowFault {
    let text = say!(
        en "The file has more than {limit} lines of members. Split it.",
        fr "Le fichier a plus de {limit} lignes d’adhérents. Scindez-le."
    );
    RowFault::of_file("too_many_rows", text)
}

pub(super) fn too_many_columns(line: u64, limit: usize) -> RowFault {
    let text = say!(
        en "The line has more than {limit} columns.",
        fr "La ligne a plus de {limit} colonnes."
    );
    RowFault { line: Some(line), ..RowFault::of_file("too_many_columns", text) }
}

pub(super) fn empty() -> RowFault {
    let text = say!(en "The file is empty.", fr "Le fichier est vide.");
    RowFault::of_file("empty", text)
}

pub(super) fn no_members() -> RowFault {
    let text = say!(
        en "The file has a header and no members.",
        fr "Le fichier a un en-tête et aucun adhérent."
    );
    RowFault::of_file("no_members", text)
}

/// The format of Excel before 2007, in which workbooks with a password are packed to this day.
pub(super) fn old_workbook() -> RowFault {
    let text = say!(
        en "This is an .xls workbook or one with a password. Save it as .xlsx without a password, \
            or as CSV.",
        fr "C’est un classeur .xls, ou protégé par un mot de passe. Enregistrez-le en .xlsx sans \
            mot de passe, ou en CSV."
    );
    RowFault::of_file("old_workbook", text)
}

pub(super) fn unreadable(error: &dyn std::fmt::Display) -> RowFault {
    let text = say!(
        en "The workbook cannot be read: {error}.",
        fr "Le classeur est illisible ({error})."
    );
    RowFault::of_file("unreadable", text)
}

pub(super) fn missing_column(line: u64, column: Column) -> RowFault {
    let (name, french) = (column.name(), column.french());
    let text = say!(
        en "The column {name} is missing.",
        fr "La colonne {name} ({french}) manque."
    );
    RowFault::at(line, column, "missing_column", text)
}

pub(super) fn repeated_column(line: u64, column: Column) -> RowFault {
    let text = say!(
        en "Two columns have this meaning.",
        fr "Deux colonnes ont ce sens."
    );
    RowFault::at(line, column, "repeated_column", text)
}

pub(super) fn unknown_column(line: u64, header: &str) -> RowFault {
    let known = Column::names();
    let text = say!(
        en "This column is not known. Known are {known}.",
        fr "Cette colonne est inconnue. Sont connues : {known}."
    );
    let column = Some(header.chars().take(80).collect());
    RowFault { line: Some(line), column, code: "unknown_column", text }
}

/// A cell behind the last column, which a separator inside an unquoted cell makes.
pub(super) fn beyond_the_header(line: u64, columns: usize) -> RowFault {
    let text = say!(
        en "The line has more cells than the {columns} columns of the header. A cell with a \
            separator in it must stand in quotes.",
        fr "La ligne a plus de cellules que les {columns} colonnes de l’en-tête. Une cellule qui \
            contient un séparateur doit être entre guillemets."
    );
    RowFault { line: Some(line), ..RowFault::of_file("extra_cells", text) }
}

pub(super) fn open_quote(line: u64) -> RowFault {
    let text = say!(
        en "A quote is opened on this line and never closed.",
        fr "Un guillemet est ouvert à cette ligne et jamais fermé."
    );
    RowFault { line: Some(line), ..RowFault::of_file("open_quote", text) }
}

pub(super) fn duplicate(line: u64, column: Column, first: u64) -> RowFault {
    let text = say!(
        en "This stands on line {first} already.",
        fr "Cette valeur se trouve déjà à la ligne {first}."
    );
    RowFault::at(line, column, "duplicate", text)
}

pub(super) fn code(line: u64) -> RowFault {
    let text = say!(
        en "Expected 1 to 64 letters without accents, digits, dots, hyphens or underscores.",
        fr "Attendu : 1 à 64 lettres sans accent, chiffres, points, tirets ou soulignés."
    );
    RowFault::at(line, Column::Code, "code", text)
}

pub(super) fn email(line: u64) -> RowFault {
    let text = say!(en "Expected an e-mail address.", fr "Attendu : une adresse électronique.");
    RowFault::at(line, Column::Email, "email", text)
}

pub(super) fn language(line: u64) -> RowFault {
    let text = say!(en "Expected fr or en.", fr "Attendu : fr ou en.");
    RowFault::at(line, Column::Language, "language", text)
}

pub(super) fn siren_required(line: u64) -> RowFault {
    let text = say!(
        en "A company in France has a SIREN.",
        fr "Une entreprise établie en France a un SIREN."
    );
    RowFault::at(line, Column::Siren, "required", text)
}
