//! What is wrong with direct debits and transfers, said to people.

use palier_billing::sepa::{ReturnReason, SepaError, SepaFaults};

use super::Text;
use crate::problem::{Fault, FaultPlace};
use crate::say;

/// The faults of what was handed in within a part of a body.
pub(crate) fn faults(SepaFaults(found): &SepaFaults, within: &str) -> Vec<Fault> {
    found.iter().map(|it| fault(&format!("{within}{}", it.pointer), &it.kind)).collect()
}

/// A fault at a place of a body.
pub(crate) fn fault(pointer: &str, error: &SepaError) -> Fault {
    Fault::body(pointer, error.code(), Text::from(error))
}

/// The faults of a file, by its lines.
pub(crate) fn of_file(SepaFaults(found): &SepaFaults) -> Vec<Fault> {
    let fault = |it: &palier_billing::sepa::SepaFault| {
        let line = it.pointer.strip_prefix("/line/").and_then(|line| line.parse().ok());
        let place = FaultPlace::File { line, column: None };
        let (en, fr) = (&it.kind, french(&it.kind));
        let detail = say!(en "The file {en}.", fr "Le fichier {fr}.");
        Fault { place, code: it.kind.code(), detail }
    };
    found.iter().map(fault).collect()
}

/// Why money did not come in or went back, by the bank's code and its own words.
pub(crate) fn reason(code: &str, words: &str) -> Text {
    let known = code.parse::<ReturnReason>().ok();
    let Some(known) = known else {
        return if words.is_empty() {
            say!(en "The code given is {code}.", fr "Le code indiqué est {code}.")
        } else {
            say!(en "{words}", fr "{words}")
        };
    };
    let mut text = Text { en: known.english().to_owned(), fr: known.french().to_owned() };
    if known == ReturnReason::Narrative && !words.is_empty() {
        text = say!(en "{words}", fr "{words}");
    }
    text
}

impl From<&SepaError> for Text {
    fn from(error: &SepaError) -> Self {
        let (en, fr) = (error, french(error));
        say!(en "It {en}.", fr "La valeur {fr}.")
    }
}

/// The end of a sentence about a value or a file.
fn french(error: &SepaError) -> String {
    match error {
        SepaError::Empty => "est vide".to_owned(),
        SepaError::Character { found, position } => format!(
            "contient {found:?} en position {position}, que les paiements ne peuvent transporter"
        ),
        SepaError::TooLong { limit, found } => {
            format!("a {found} caractères, pour {limit} au plus")
        }
        SepaError::Slash => {
            "commence ou finit par une barre oblique, ou en a deux de suite".to_owned()
        }
        SepaError::Iban => {
            "n’est pas un IBAN : sa forme ou sa clé de contrôle est fausse".to_owned()
        }
        SepaError::NotReached { country } => {
            format!("est un compte de {country}, hors de l’espace SEPA")
        }
        SepaError::IbanLength { country, expected, found } => {
            format!("a {found} caractères ; un IBAN de {country} en a {expected}")
        }
        SepaError::Bic => "n’est pas un BIC, tel que PSSTFRPPPAR".to_owned(),
        SepaError::BicNeeded { country } | SepaError::AddressNeeded { country } => {
            format!("est requise pour un compte de {country}")
        }
        SepaError::CreditorId => {
            "n’est pas un identifiant créancier SEPA, tel que FR72ZZZ123456".to_owned()
        }
        SepaError::CreditorIdCheck { expected } => {
            format!("a une clé de contrôle fausse ; {expected} serait juste")
        }
        SepaError::NotOneOf { allowed } => {
            format!("n’est aucun de {}", allowed.join(", "))
        }
        other => of_debit(other),
    }
}

/// What keeps a direct debit from being written, or an answer from being read.
fn of_debit(error: &SepaError) -> String {
    match error {
        SepaError::Currency { code } => {
            format!("est en {code} : les paiements SEPA sont en euros")
        }
        SepaError::NotPositive => "doit être supérieur à zéro".to_owned(),
        SepaError::TooMuch { limit } => format!("ne peut dépasser {limit}"),
        SepaError::NotABusinessDay { next } => {
            format!("n’est pas un jour ouvré de TARGET ; le suivant est le {next}")
        }
        SepaError::TooSoon { earliest } => {
            format!("est trop proche pour les banques ; le premier jour possible est le {earliest}")
        }
        SepaError::TooFar { latest } => {
            format!(
                "est trop lointaine pour les banques ; le dernier jour possible est le {latest}"
            )
        }
        SepaError::Notice { earliest } => format!(
            "est trop proche de l’avis au débiteur ; le premier jour possible est le {earliest}"
        ),
        SepaError::SignedLater { signed_on } => {
            format!("porte la signature du {signed_on}, postérieure au fichier")
        }
        SepaError::Expired { on } => {
            format!("a expiré le {on} : 36 mois sans prélèvement")
        }
        SepaError::Spent => {
            "a servi à son dernier prélèvement : il faut un nouveau mandat".to_owned()
        }
        SepaError::OtherMandate => "est la référence d’un autre mandat du fichier".to_owned(),
        SepaError::Duplicate => "y figure deux fois".to_owned(),
        SepaError::NoChange => "ne dit pas ce que disait le mandat auparavant".to_owned(),
        SepaError::Xml(kind) => Text::from(kind).fr,
        SepaError::NotAReport { found } => {
            format!("est {found}, et non une réponse de banque (CstmrPmtStsRpt)")
        }
        SepaError::Missing { what } => format!("n’a pas {what}"),
        SepaError::Code { what, found } => {
            format!("a {found:?} comme {what}, qui n’en est pas un code")
        }
        SepaError::NotAnAmount { found } => format!("a {found:?}, qui n’est pas un montant"),
        // What is left is a figure out of range, or a fault of this program.
        other => format!("est impossible ({other})"),
    }
}
