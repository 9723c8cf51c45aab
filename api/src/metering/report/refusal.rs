//! Why an event is not taken.

use palier_billing::DecimalError;

use super::{NAME_BYTES, PROPERTIES, VALUE_BYTES};
use crate::problem::Fault;
use crate::say;
use crate::text::Text;

/// Why an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not what an event looks like, in a way that the schema tells better.
    Malformed,
    BadTime(&'static str),
    Future,
    BadQuantity(DecimalError),
    BadName(&'static str),
    BadProperties,
    MissingProperty(String),
    UnknownMember,
    UnknownMeter,
    AmbiguousMeter,
    NotSubscribed,
    TooManyDimensions,
    UnknownAmended,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let (pointer, code, detail): (_, _, Text) = match &refusal {
            Refusal::Malformed => (
                "",
                "invalid",
                say!(en "This is not a usage event.", fr "Ceci n’est pas un événement d’usage."),
            ),
            Refusal::BadTime(pointer) => (
                *pointer,
                "format",
                say!(
                    en "Expected an instant, such as 2026-11-25T09:30:00Z.",
                    fr "Attendu : un instant, tel que 2026-11-25T09:30:00Z."
                ),
            ),
            Refusal::Future => (
                "/time",
                "future",
                say!(en "This has not happened yet.", fr "Ceci n’a pas encore eu lieu."),
            ),
            Refusal::BadQuantity(error) => ("/quantity", "decimal", error.into()),
            Refusal::BadName(pointer) => (
                *pointer,
                "format",
                say!(
                    en "Expected a line of at most {NAME_BYTES} bytes, without blanks around it.",
                    fr "Attendu : une ligne d’au plus {NAME_BYTES} octets, sans blancs autour."
                ),
            ),
            Refusal::BadProperties => (
                "/properties",
                "invalid",
                say!(
                    en "Expected at most {PROPERTIES} texts, numbers or truth values, of at most {VALUE_BYTES} bytes each.",
                    fr "Attendu : au plus {PROPERTIES} textes, nombres ou booléens, d’au plus {VALUE_BYTES} octets chacun."
                ),
            ),
            Refusal::MissingProperty(name) => (
                "/properties",
                "required",
                say!(
                    en "The meter counts the values of “{name}”, which is missing.",
                    fr "Le compteur dénombre les valeurs de « {name} », qui manque."
                ),
            ),
            Refusal::UnknownMember => (
                "/member",
                "unknown_member",
                say!(
                    en "There is no member of this id or code.",
                    fr "Aucun adhérent n’a cet identifiant ou ce code."
                ),
            ),
            Refusal::UnknownMeter => (
                "/meter",
                "unknown_meter",
                say!(
                    en "There is no meter of this id or code.",
                    fr "Aucun compteur n’a cet identifiant ou ce code."
                ),
            ),
            Refusal::AmbiguousMeter => (
                "/meter",
                "ambiguous_meter",
                say!(
                    en "Several services have a meter of this code: say which service.",
                    fr "Plusieurs services ont un compteur de ce code : précisez le service."
                ),
            ),
            Refusal::NotSubscribed => (
                "/time",
                "not_subscribed",
                say!(
                    en "The member was not subscribed to the service then.",
                    fr "L’adhérent n’était alors pas abonné au service."
                ),
            ),
            Refusal::TooManyDimensions => (
                "/properties",
                "too_many_combinations",
                say!(
                    en "The member has used the meter’s dimensions in too many combinations.",
                    fr "L’adhérent a utilisé trop de combinaisons des dimensions du compteur."
                ),
            ),
            Refusal::UnknownAmended => (
                "/amends",
                "unknown_event",
                say!(
                    en "There is no such event to amend, or it no longer counts.",
                    fr "Aucun événement de ce nom n’est à corriger, ou il ne compte plus."
                ),
            ),
        };
        Self::body(pointer, code, detail)
    }
}
