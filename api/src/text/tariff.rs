//! What is wrong with a tariff, and what its author should know, said to people.

use palier_billing::{Beside, Cliff, DecimalError, Expected, FaultKind, Warning};

use super::Text;
use crate::say;

impl From<&FaultKind> for Text {
    fn from(kind: &FaultKind) -> Self {
        match kind {
            FaultKind::Required => say!(en "This field is missing.", fr "Ce champ manque."),
            FaultKind::Unknown => {
                say!(en "There is no such field here.", fr "Ce champ n’existe pas ici.")
            }
            FaultKind::WrongType { expected } => expected.into(),
            FaultKind::Decimal(error) => error.into(),
            FaultKind::NotOneOf { allowed } => {
                let allowed = allowed.join(", ");
                say!(en "Expected one of {allowed}.", fr "Valeurs possibles : {allowed}.")
            }
            FaultKind::Negative => {
                say!(en "This must not be negative.", fr "Cette valeur ne peut être négative.")
            }
            FaultKind::NotPositive => {
                say!(en "This must be more than zero.", fr "Cette valeur doit être positive.")
            }
            FaultKind::Empty => {
                say!(en "At least one entry is needed.", fr "Il en faut au moins un.")
            }
            FaultKind::Duplicate => {
                say!(en "This is named twice.", fr "Ce nom y figure deux fois.")
            }
            FaultKind::LimitsCross { other } => say!(
                en "This must not be less than {other}.",
                fr "Cette valeur ne peut être inférieure à {other}."
            ),
            FaultKind::Meaningless { beside } => beside.into(),
            FaultKind::FinerThanCurrency { currency, digits } => say!(
                en "{currency} has {digits} decimal places.",
                fr "{currency} a {digits} décimales."
            ),
            FaultKind::NotACurrency => say!(
                en "Expected an ISO 4217 code of a currency with minor units, such as EUR.",
                fr "Attendu : le code ISO 4217 d’une monnaie qui a des subdivisions, tel que EUR."
            ),
            FaultKind::LastTierClosed
            | FaultKind::OpenTierInside
            | FaultKind::BoundsDoNotRise { .. } => of_tiers(kind),
            FaultKind::UnknownMeter | FaultKind::UnknownDimension | FaultKind::Overlap { .. } => {
                of_meters(kind)
            }
        }
    }
}

/// What is wrong with the bounds of tiers.
fn of_tiers(kind: &FaultKind) -> Text {
    match kind {
        FaultKind::BoundsDoNotRise { previous } => say!(
            en "This must be more than the bound of the tier before, {previous}.",
            fr "Cette borne doit dépasser celle du palier précédent, {previous}."
        ),
        FaultKind::OpenTierInside => say!(
            en "Only the last tier may be open.",
            fr "Seul le dernier palier peut être ouvert."
        ),
        _ => say!(
            en "The last tier must be open: quantities above it would have no price.",
            fr "Le dernier palier doit être ouvert : au-delà, les quantités n’auraient pas de prix."
        ),
    }
}

/// What is wrong with the usage that a charge looks at.
fn of_meters(kind: &FaultKind) -> Text {
    match kind {
        FaultKind::Overlap { other } => {
            let number = other.saturating_add(1);
            say!(
                en "This overlaps charge no. {number}: the same usage would be priced twice.",
                fr "Cette ligne recoupe la ligne tarifaire n° {number} : le même usage serait facturé deux fois."
            )
        }
        FaultKind::UnknownDimension => say!(
            en "The meter declares no such dimension.",
            fr "Le compteur ne déclare pas cette dimension."
        ),
        _ => say!(
            en "There is no meter of this code here.",
            fr "Aucun compteur ne porte ce code ici."
        ),
    }
}

impl From<&DecimalError> for Text {
    fn from(error: &DecimalError) -> Self {
        match error {
            DecimalError::NotANumber => say!(
                en "Expected a decimal number, such as 0.055.",
                fr "Attendu : un nombre décimal, tel que 0.055."
            ),
            DecimalError::TooManyPlaces { places } => say!(
                en "At most {places} decimal places are kept.",
                fr "{places} décimales au plus sont conservées."
            ),
            DecimalError::OutOfRange => {
                say!(en "This number is too large.", fr "Ce nombre est trop grand.")
            }
        }
    }
}

impl From<&Expected> for Text {
    fn from(expected: &Expected) -> Self {
        match expected {
            Expected::Object => say!(en "Expected an object.", fr "Attendu : un objet."),
            Expected::List => say!(en "Expected a list.", fr "Attendu : une liste."),
            Expected::Text => {
                say!(en "Expected a string.", fr "Attendu : une chaîne de caractères.")
            }
            Expected::Flag => say!(en "Expected true or false.", fr "Attendu : true ou false."),
            Expected::WholeNumber => say!(
                en "Expected a whole number from 0 to 65535.",
                fr "Attendu : un nombre entier de 0 à 65535."
            ),
            Expected::Date => say!(
                en "Expected a date such as 2026-11-01.",
                fr "Attendu : une date telle que 2026-11-01."
            ),
            Expected::Decimal => say!(
                en "Expected a decimal in a string, such as \"0.055\".",
                fr "Attendu : un nombre décimal entre guillemets, tel que \"0.055\"."
            ),
        }
    }
}

impl From<&Beside> for Text {
    fn from(beside: &Beside) -> Self {
        match beside {
            Beside::Aggregation => say!(
                en "This has no meaning beside this aggregation.",
                fr "Ce champ n’a pas de sens avec cette agrégation."
            ),
            Beside::Period => say!(
                en "This has no meaning without basis contract_year.",
                fr "Ce champ n’a pas de sens sans basis contract_year."
            ),
            Beside::NoCapacity => say!(
                en "This has no meaning without capacity.",
                fr "Ce champ n’a pas de sens sans capacity."
            ),
            Beside::FallingTotal => say!(
                en "Serial sharing cannot take this cost: its total falls at a bound.",
                fr "Le partage en série n’admet pas ce coût : son total baisse à une borne."
            ),
            Beside::OneMembersEvents => say!(
                en "Prices per event need scope member: an event is one member’s.",
                fr "Des prix par événement supposent scope member : un événement est d’un seul membre."
            ),
            Beside::PricesPerEvent => say!(
                en "This has no meaning beside prices per event.",
                fr "Ce champ n’a pas de sens avec des prix par événement."
            ),
            Beside::SharedCost => say!(
                en "A cost that is shared cannot have prices per event.",
                fr "Un coût partagé ne peut avoir de prix par événement."
            ),
        }
    }
}

impl From<&Warning> for Text {
    fn from(warning: &Warning) -> Self {
        match warning {
            Warning::Cliff { cliff, .. } => cliff.into(),
            Warning::CapBelowPrices { unit_amount_cap, lowest, .. } => say!(
                en "The cap of {unit_amount_cap} is below the lowest price, {lowest}, so that it is always the price (both for price_base units).",
                fr "Le plafond de {unit_amount_cap} est inférieur au prix le plus bas, {lowest} : il sera toujours le prix (tous deux pour price_base unités)."
            ),
            Warning::UnpricedUsage { .. } => say!(
                en "Usage that no filter of this meter names has no price.",
                fr "L’usage qu’aucun filtre de ce compteur ne nomme n’a pas de prix."
            ),
        }
    }
}

impl From<&Cliff> for Text {
    fn from(cliff: &Cliff) -> Self {
        let Cliff { above, bound, total_at_bound, total_over_bound, until } = cliff;
        let again = match until {
            Some(until) => say!(
                en "{until} units are as dear again",
                fr "{until} unités coûtent de nouveau autant"
            ),
            None => say!(
                en "no quantity is as dear again",
                fr "aucune quantité ne coûte de nouveau autant"
            ),
        };
        let (en, fr) = (again.en, again.fr);
        say!(
            en "The total falls from {total_at_bound} to {total_over_bound} when {bound} units are exceeded: more than {above} and up to {bound} units cost more than the next one over; {en}.",
            fr "Le total passe de {total_at_bound} à {total_over_bound} au-delà de {bound} unités : plus de {above} et jusqu’à {bound} unités coûtent plus que la suivante ; {fr}."
        )
    }
}
