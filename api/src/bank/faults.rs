//! What is wrong with a bank file, in both languages.

use palier_billing::statement::{StatementFault, StatementFaultKind, StatementFaults};

use crate::problem::{Fault, FaultPlace, Problem, ProblemType};
use crate::say;
use crate::text::Text;

/// How many faults are told; a file of another kind may have one a line.
const MOST: usize = 100;

/// A file that cannot be read.
pub(super) fn refused(StatementFaults(found): &StatementFaults) -> Problem {
    let detail = match found.len() {
        1 => say!(
            en "Something is wrong with the file; nothing was imported.",
            fr "Le fichier contient une erreur ; rien n’a été importé."
        ),
        count => say!(
            en "{count} things are wrong with the file; nothing was imported.",
            fr "Le fichier contient {count} erreurs ; rien n’a été importé."
        ),
    };
    let errors = found.iter().take(MOST).map(fault).collect();
    Problem { errors, ..Problem::new(ProblemType::InvalidBody, detail) }
}

fn fault(found: &StatementFault) -> Fault {
    let what = text(&found.kind);
    let detail = match found.entry {
        None => what,
        Some(entry) => {
            let Text { en, fr } = what;
            Text { en: format!("Entry {entry}: {en}"), fr: format!("Écriture {entry} : {fr}") }
        }
    };
    let place = FaultPlace::File { line: Some(found.line), column: None };
    Fault { place, code: found.kind.code(), detail }
}

/// A fault of one line.
pub(super) fn of_line(line: u64, code: &'static str, detail: Text) -> Problem {
    of_file(Some(line), code, detail)
}

fn of_file(line: Option<u64>, code: &'static str, detail: Text) -> Problem {
    let place = FaultPlace::File { line, column: None };
    let fault = Fault { place, code, detail: detail.clone() };
    Problem { errors: vec![fault], ..Problem::new(ProblemType::InvalidBody, detail) }
}

pub(super) fn too_large(most: usize) -> Problem {
    let megabytes = most >> 20;
    let detail = say!(
        en "The file is larger than {megabytes} MB.",
        fr "Le fichier dépasse {megabytes} Mo."
    );
    of_file(None, "too_large", detail)
}

pub(super) fn too_many(found: usize, most: usize) -> Problem {
    let detail = say!(
        en "It holds {found} movements; at most {most} are imported at once: split it.",
        fr "Il contient {found} mouvements ; {most} au plus s’importent à la fois : scindez-le."
    );
    of_file(None, "too_many", detail)
}

pub(super) fn no_account() -> Problem {
    Problem::state(say!(
        en "The billing settings name no account; statements of others are not taken.",
        fr "Les paramètres de facturation n’indiquent aucun compte ; les relevés d’autres comptes ne sont pas acceptés."
    ))
}

pub(super) fn other_account(found: &str, own: &str) -> Problem {
    let detail = say!(
        en "It is a statement of the account {found}; the pole’s is {own}.",
        fr "C’est un relevé du compte {found} ; celui du pôle est {own}."
    );
    of_file(None, "other_account", detail)
}

/// The bank calls it as another one that was imported, of the same days, and it says other things.
pub(super) fn contradicts(reference: &str) -> Problem {
    let detail = say!(
        en "The statement {reference} of these days was imported before, and said something else; nothing was imported.",
        fr "Le relevé {reference} de ces jours a déjà été importé avec un autre contenu ; rien n’a été importé."
    );
    let place = FaultPlace::File { line: None, column: None };
    Problem::conflict(Fault { place, code: "contradicts", detail })
}

/// What is wrong, as a sentence.
fn text(kind: &StatementFaultKind) -> Text {
    let Text { en, fr } = said(kind);
    Text { en: format!("{en}."), fr: format!("{fr}.") }
}

fn said(kind: &StatementFaultKind) -> Text {
    use StatementFaultKind as Kind;
    match kind {
        Kind::Encoding { name } => {
            say!(en "It is not text in {name}", fr "Ce n’est pas du texte en {name}")
        }
        Kind::Syntax { why } => say!(en "It cannot be read: {why}", fr "Illisible : {why}"),
        Kind::Doctype => say!(
            en "It has a document type definition, which no bank statement needs",
            fr "Il contient une définition de type de document, inutile à un relevé"
        ),
        Kind::Entity { name } => {
            say!(en "It refers to the entity {name:?}", fr "Il renvoie à l’entité {name:?}")
        }
        Kind::TooDeep => say!(
            en "Its elements lie too deep inside one another",
            fr "Ses éléments sont trop imbriqués"
        ),
        Kind::TooManyElements => say!(
            en "It has more elements than any statement",
            fr "Il contient plus d’éléments qu’aucun relevé"
        ),
        Kind::NotAStatement { found } => say!(
            en "It is {found}, not a camt.053 bank statement (BkToCstmrStmt)",
            fr "C’est {found}, et non un relevé camt.053 (BkToCstmrStmt)"
        ),
        Kind::Missing { what } => say!(en "Missing: {what}", fr "Il manque : {what}"),
        Kind::NotADate { found } => {
            say!(en "{found:?} is no date", fr "{found:?} n’est pas une date")
        }
        Kind::NotAnAmount { found, error } => say!(
            en "{found:?} is no amount: {error}", fr "{found:?} n’est pas un montant"
        ),
        Kind::NotACurrency { found } => say!(
            en "{found:?} is no currency of ISO 4217",
            fr "{found:?} n’est pas une devise ISO 4217"
        ),
        Kind::Code { what, found, expected } => say!(
            en "{what} is {found:?}, expected {expected}",
            fr "{what} vaut {found:?}, attendu : {expected}"
        ),
        Kind::NotAnIban { found } => {
            say!(en "{found:?} is no IBAN", fr "{found:?} n’est pas un IBAN")
        }
        other => sums(other),
    }
}

/// What does not add up.
fn sums(kind: &StatementFaultKind) -> Text {
    use StatementFaultKind as Kind;
    match kind {
        Kind::DetailsDiffer { entry, details } => say!(
            en "The entry comes to {entry}, its transactions to {details}",
            fr "L’écriture vaut {entry}, ses opérations {details}"
        ),
        Kind::Unbalanced { opening, entries, closing } => say!(
            en "It opens with {opening}, its entries come to {entries}, and it closes with {closing}",
            fr "Solde initial {opening}, écritures {entries}, solde final {closing}"
        ),
        Kind::BothSides { debit, credit } => say!(
            en "It has an amount in both columns, {debit:?} and {credit:?}",
            fr "Un montant figure dans les deux colonnes, {debit:?} et {credit:?}"
        ),
        Kind::NegativeCredit { found } => {
            say!(en "{found:?} is a credit below zero", fr "{found:?} est un crédit négatif")
        }
        other => say!(en "{other}", fr "Un montant ne peut être calculé"),
    }
}
