//! What is wrong with a company's particulars, said to people.

use palier_billing::PartyError;

use super::Text;
use crate::say;

impl From<&PartyError> for Text {
    fn from(error: &PartyError) -> Self {
        match error {
            PartyError::Empty => say!(en "This must be given.", fr "Cette valeur est requise."),
            PartyError::WrongCharacter { found, position } => say!(
                en "Character {position} is {found:?}, which does not belong there.",
                fr "Le caractère n° {position}, {found:?}, n’a pas sa place ici."
            ),
            PartyError::WrongLength { expected, found } => say!(
                en "{expected} digits were expected, {found} found.",
                fr "{expected} chiffres étaient attendus, et non {found}."
            ),
            PartyError::TooLong { limit, found } => say!(
                en "This has {found} characters, at most {limit} are possible.",
                fr "Ce texte a {found} caractères, pour {limit} au plus."
            ),
            PartyError::TooManyLines { limit, found } => say!(
                en "There are {found} lines, at most {limit} are possible.",
                fr "Il y a {found} lignes, pour {limit} au plus."
            ),
            PartyError::CheckDigit => say!(
                en "The check digit does not match: at least one digit is mistyped.",
                fr "La clé de contrôle est fausse : il y a une faute de frappe."
            ),
            PartyError::Placeholder => say!(
                en "Zeros are no number of a company.",
                fr "Des zéros ne sont pas un numéro d’entreprise."
            ),
            PartyError::Country => say!(
                en "Expected a country code of two letters (ISO 3166-1), such as FR.",
                fr "Un code de pays à deux lettres (ISO 3166-1) est attendu, tel que FR."
            ),
            PartyError::Postcode { country, example } => say!(
                en "This is no postcode of {country}, such as {example}.",
                fr "Ce n’est pas un code postal de {country}, tel que {example}."
            ),
            PartyError::NotOneOf { allowed } => {
                let allowed = allowed.join(", ");
                say!(en "Expected one of {allowed}.", fr "Valeurs possibles : {allowed}.")
            }
            PartyError::OtherSiren { expected, found } => say!(
                en "This belongs to SIREN {found}, not to {expected}.",
                fr "Ce numéro appartient au SIREN {found}, et non au {expected}."
            ),
            other => vat(other),
        }
    }
}

/// What is wrong with VAT numbers, VAT regimes and terms of payment.
fn vat(error: &PartyError) -> Text {
    match error {
        PartyError::VatCountry { .. } => say!(
            en "A VAT number begins with the two letters of a Member State, such as FR, or with XI.",
            fr "Un numéro de TVA commence par les deux lettres d’un État membre, telles que FR, ou par XI."
        ),
        PartyError::VatForm { country, example } => say!(
            en "This does not have the form of a {country} VAT number, such as {example}.",
            fr "Ce n’est pas la forme d’un numéro de TVA {country}, tel que {example}."
        ),
        PartyError::VatKey { expected } => say!(
            en "The key does not match the SIREN, for which {expected} would be right.",
            fr "La clé ne correspond pas au SIREN, pour lequel {expected} serait juste."
        ),
        PartyError::TermForm { examples } => {
            let examples = examples.join(", ");
            say!(
                en "These are no terms of payment, such as {examples}.",
                fr "Ce n’est pas un délai de paiement, tel que {examples}."
            )
        }
        PartyError::TermTooLong { limit, found } => say!(
            en "{found} days are more than the {limit} that the law allows (code de commerce, L441-10 I).",
            fr "{found} jours dépassent les {limit} que permet la loi (code de commerce, L441-10 I)."
        ),
        PartyError::RegimeNeedsVatNumber => say!(
            en "This regime needs a VAT number of another Member State.",
            fr "Ce régime suppose un numéro de TVA d’un autre État membre."
        ),
        PartyError::RegimeElsewhere { suggested } => say!(
            en "This regime does not fit the address, where {suggested} applies.",
            fr "Ce régime ne convient pas à l’adresse, où s’applique {suggested}."
        ),
        // All others are said above; English is better than nothing should one be forgotten.
        other => say!(en "This {other}.", fr "Valeur refusée ({other})."),
    }
}
