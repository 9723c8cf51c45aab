//! Documents that are due and are not collected, and why.

use crate::db::invoices::InvoiceRow;
use crate::say;
use crate::text::Text;

/// A document that is not collected though it is due.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) document: InvoiceRow,
    pub(crate) why: Why,
}

/// Why a document is not collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nobody could be told of the day.
    NoEmail,
    /// The member is collected by nothing that fits.
    NoMeans,
    /// The mandate was not used for 36 months, or only once and was.
    MandateOver,
    /// Direct debits are in euros.
    OtherCurrency,
    /// The member's credit covers it: somebody has yet to say what it settles.
    InCredit,
    /// Nothing of it is open, or it is no document that asks for money.
    NotOpen,
    /// It is being collected.
    BeingCollected,
    /// Its day cannot be computed.
    NoDay,
}

impl Why {
    /// The word for it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoEmail => "no_email",
            Self::NoMeans => "no_means",
            Self::MandateOver => "mandate_over",
            Self::OtherCurrency => "other_currency",
            Self::InCredit => "in_credit",
            Self::NotOpen => "not_open",
            Self::BeingCollected => "being_collected",
            Self::NoDay => "no_day",
        }
    }

    /// In words.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::NoEmail => say!(
                en "The member has no e-mail address at which it could be told of the day; ask for this document by its id once you have told it.",
                fr "Le membre n’a pas d’adresse électronique où l’aviser de la date ; demandez ce document par son identifiant après l’avoir avisé."
            ),
            Self::NoMeans => say!(
                en "The member has no means of payment that is used this way.",
                fr "Le membre n’a pas de moyen de paiement de ce type."
            ),
            Self::MandateOver => say!(
                en "The mandate can be used no more: it has expired, or was for one collection.",
                fr "Le mandat n’est plus utilisable : il a expiré, ou ne valait que pour un prélèvement."
            ),
            Self::OtherCurrency => say!(
                en "Direct debits are in euros.", fr "Les prélèvements sont en euros."
            ),
            Self::InCredit => say!(
                en "The member’s credit covers it: say first what that settles.",
                fr "Le crédit du membre suffit à le régler : dites d’abord ce qu’il règle."
            ),
            Self::NotOpen => say!(
                en "Nothing of it is open, or it asks for no money.",
                fr "Il est entièrement réglé, ou n’est pas à payer."
            ),
            Self::BeingCollected => say!(
                en "It is being collected.", fr "Son encaissement est en cours."
            ),
            Self::NoDay => say!(
                en "The day of its collection cannot be computed.",
                fr "La date de l’encaissement ne peut être calculée."
            ),
        }
    }
}
