//! Why a price cannot be calculated, said to people.

use palier_billing::Error;

use super::Text;
use crate::say;

impl From<&Error> for Text {
    fn from(error: &Error) -> Self {
        match error {
            Error::Overflow { .. } => say!(
                en "A figure of the calculation is too large to be represented.",
                fr "Un chiffre du calcul est trop grand pour être représenté."
            ),
            Error::DivisionByZero => {
                say!(en "A division by zero came up.", fr "Il y a eu une division par zéro.")
            }
            Error::CurrencyMismatch { left, right } => say!(
                en "An amount in {right} cannot be combined with one in {left}.",
                fr "Un montant en {right} ne peut être combiné à un montant en {left}."
            ),
            Error::NotBillable { code } => say!(
                en "{code} has no minor unit and cannot be billed in.",
                fr "{code} n’a pas de subdivision : on ne peut facturer dans cette monnaie."
            ),
            Error::BadWeights { .. } => say!(
                en "The weights give no basis to share by: one must be more than zero, none below.",
                fr "Les poids ne permettent pas de répartir le coût : il en faut un positif, aucun négatif."
            ),
            Error::Calendar(what) => say!(
                en "The calendar does not have this: {what}.",
                fr "Le calendrier ne connaît pas cela ({what})."
            ),
            Error::NoPoolPrice { charge } => {
                let number = charge.saturating_add(1);
                say!(
                    en "Charge no. {number} has no pool price: what was used and what was given back cancel out.",
                    fr "La ligne tarifaire n° {number} n’a pas de prix commun : l’usage et ce qui a été rendu s’annulent."
                )
            }
            Error::DuplicateMember { .. }
            | Error::NotSubscribed { .. }
            | Error::NegativeQuantity { .. } => of_members(error),
            Error::EventsRequired { .. }
            | Error::AmbiguousMeter { .. }
            | Error::UsageMismatch { .. }
            | Error::MissingProperty { .. }
            | Error::ConflictingEvent { .. } => of_usage(error),
        }
    }
}

/// What does not fit the members.
fn of_members(error: &Error) -> Text {
    match error {
        Error::DuplicateMember { member } => say!(
            en "Member {member} is there twice.",
            fr "Le membre {member} y figure deux fois."
        ),
        Error::NegativeQuantity { member, quantity } => say!(
            en "Member {member} has the negative quantity {quantity}: a cost cannot be shared by it.",
            fr "Le membre {member} a la quantité négative {quantity} : un coût ne se répartit pas ainsi."
        ),
        Error::NotSubscribed { member } => say!(
            en "Member {member} used the service without a subscription.",
            fr "Le membre {member} a utilisé le service sans abonnement."
        ),
        other => say!(en "Not possible: {other}.", fr "Impossible ({other})."),
    }
}

/// What does not fit the usage.
fn of_usage(error: &Error) -> Text {
    match error {
        Error::EventsRequired { charge } => {
            let number = charge.saturating_add(1);
            say!(
                en "Charge no. {number} is priced per event: the quantity of each event is needed.",
                fr "La ligne tarifaire n° {number} compte par événement : la quantité de chacun est nécessaire."
            )
        }
        Error::AmbiguousMeter { first, second } => say!(
            en "There is usage of {first} and {second}: charges must name their meter.",
            fr "Il y a de l’usage de {first} et de {second} : les lignes tarifaires doivent nommer leur compteur."
        ),
        Error::MissingProperty { id, property } => say!(
            en "Event {id} has no property {property}, whose values are counted.",
            fr "L’événement {id} n’a pas la propriété {property}, dont les valeurs sont comptées."
        ),
        Error::ConflictingEvent { id } => say!(
            en "Event {id} contradicts one that is on record.",
            fr "L’événement {id} contredit un événement enregistré."
        ),
        Error::UsageMismatch { why } => say!(
            en "Usage does not fit the tariff: {why}.",
            fr "L’usage ne correspond pas au tarif ({why})."
        ),
        other => say!(en "Not possible: {other}.", fr "Impossible ({other})."),
    }
}
