//! The statuses.

use super::Reason;
use crate::read::names;

/// A step in the life of an electronic invoice, by the code that messages give it (MDT-105).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 200 *déposée*: the seller's platform took it in.
    Deposited,
    /// 201 *émise*: it was sent on.
    Issued,
    /// 202 *reçue*: the buyer's platform took it in.
    Received,
    /// 203 *mise à disposition*: the buyer can see it.
    MadeAvailable,
    /// 204 *prise en charge*: the buyer deals with it.
    TakenInCharge,
    /// 205 *approuvée*.
    Approved,
    /// 206 *approuvée partiellement*: with an exception, which the reason names.
    PartlyApproved,
    /// 207 *en litige*.
    Disputed,
    /// 208 *suspendue*: something is missing, such as an attachment.
    Suspended,
    /// 209 *complétée*: the seller gave what was missing.
    Completed,
    /// 210 *refusée*: by the buyer, for good.
    Refused,
    /// 211 *paiement transmis*: the buyer paid, by what it says.
    PaymentSent,
    /// 212 *encaissée*: the seller has money for it, or gave it back.
    Collected,
    /// 213 *rejetée*: by a platform, for good.
    Rejected,
    /// 214 *visée*: stamped by who oversees the work.
    Endorsed,
    /// 220 *annulée*.
    Cancelled,
    /// 221 *erreur de routage*: the buyer's address leads nowhere.
    RoutingError,
    /// 224 *demande de paiement direct*: a subcontractor asks the buyer for it.
    DirectPaymentAsked,
    /// 225 *affacturée*.
    Factored,
    /// 226 *affacturée confidentiel*: not told to the buyer.
    FactoredInConfidence,
    /// 227 *changement de compte à payer*.
    PayeeAccountChanged,
    /// 228 *non affacturée*.
    NotFactored,
    /// 501 *irrecevable*: what came is no document at all.
    Inadmissible,
}

names!(Status {
    "200" => Deposited,
    "201" => Issued,
    "202" => Received,
    "203" => MadeAvailable,
    "204" => TakenInCharge,
    "205" => Approved,
    "206" => PartlyApproved,
    "207" => Disputed,
    "208" => Suspended,
    "209" => Completed,
    "210" => Refused,
    "211" => PaymentSent,
    "212" => Collected,
    "213" => Rejected,
    "214" => Endorsed,
    "220" => Cancelled,
    "221" => RoutingError,
    "224" => DirectPaymentAsked,
    "225" => Factored,
    "226" => FactoredInConfidence,
    "227" => PayeeAccountChanged,
    "228" => NotFactored,
    "501" => Inadmissible,
});

/// Who gives a status (MDT-77).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A platform, while it carries the document (305).
    Transmission,
    /// Seller or buyer, who deal with it (23).
    Processing,
}

names!(Phase { "305" => Transmission, "23" => Processing });

/// Whom the document is for, which decides the reasons for which it may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Addressee {
    /// A company.
    Company,
    /// A public body, behind the State's own platform.
    PublicBody,
}

impl Status {
    /// All of them, by their codes.
    pub const ALL: [Self; 23] = [
        Self::Deposited,
        Self::Issued,
        Self::Received,
        Self::MadeAvailable,
        Self::TakenInCharge,
        Self::Approved,
        Self::PartlyApproved,
        Self::Disputed,
        Self::Suspended,
        Self::Completed,
        Self::Refused,
        Self::PaymentSent,
        Self::Collected,
        Self::Rejected,
        Self::Endorsed,
        Self::Cancelled,
        Self::RoutingError,
        Self::DirectPaymentAsked,
        Self::Factored,
        Self::FactoredInConfidence,
        Self::PayeeAccountChanged,
        Self::NotFactored,
        Self::Inadmissible,
    ];

    /// Whether nothing can follow it.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Refused | Self::Rejected | Self::Inadmissible)
    }

    /// Whether it must reach the State. A 212 must only if VAT falls due with the money
    /// ([`Collection::is_due`](super::Collection::is_due)).
    pub const fn for_the_state(self) -> bool {
        matches!(self, Self::Deposited | Self::Refused | Self::Collected | Self::Rejected)
    }

    /// Whether it must say why (BR-FR-CDV-15).
    pub const fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::PartlyApproved
                | Self::Disputed
                | Self::Suspended
                | Self::Refused
                | Self::Rejected
                | Self::Inadmissible
        )
    }

    /// Whether that can be why (BR-FR-CDV-CL-09). Where the reform lists no reasons, any can.
    pub fn admits(self, reason: Reason, addressee: Addressee) -> bool {
        let public = addressee == Addressee::PublicBody && self == Self::Refused;
        let admitted = if public { Some(Reason::OF_PUBLIC_BODIES) } else { Reason::of(self) };
        admitted.is_none_or(|admitted| admitted.contains(&reason))
    }

    /// Who gives it.
    pub const fn phase(self) -> Phase {
        match self {
            Self::Deposited
            | Self::Issued
            | Self::Received
            | Self::MadeAvailable
            | Self::Rejected
            | Self::RoutingError
            | Self::Inadmissible => Phase::Transmission,
            _ => Phase::Processing,
        }
    }

    /// The same in the words of the reform (MDT-106).
    pub const fn label(self) -> &'static str {
        match self {
            Self::Deposited => "Déposée",
            Self::Issued => "Émise",
            Self::Received => "Reçue",
            Self::MadeAvailable => "Mise à disposition",
            Self::TakenInCharge => "Prise en charge",
            Self::Approved => "Approuvée",
            Self::PartlyApproved => "Approuvée partiellement",
            Self::Disputed => "En litige",
            Self::Suspended => "Suspendue",
            Self::Completed => "Complétée",
            Self::Refused => "Refusée",
            Self::PaymentSent => "Paiement transmis",
            Self::Collected => "Encaissée",
            Self::Rejected => "Rejetée",
            Self::Endorsed => "Visée",
            Self::Cancelled => "Annulée",
            Self::RoutingError => "Erreur de routage",
            Self::DirectPaymentAsked => "Demande de paiement direct",
            Self::Factored => "Affacturée",
            Self::FactoredInConfidence => "Affacturée confidentiel",
            Self::PayeeAccountChanged => "Changement de compte à payer",
            Self::NotFactored => "Non affacturée",
            Self::Inadmissible => "Irrecevable",
        }
    }

    /// The same in UNTDID 1373, for what seller and buyer say (MDT-88, BR-FR-CDV-CL-05).
    pub(in crate::einvoice) const fn general_code(self) -> Option<&'static str> {
        match self {
            Self::TakenInCharge => Some("45"),
            Self::Approved => Some("1"),
            Self::PartlyApproved => Some("49"),
            Self::Disputed => Some("46"),
            Self::Suspended => Some("39"),
            Self::Completed => Some("37"),
            Self::Refused => Some("50"),
            Self::PaymentSent | Self::Collected => Some("47"),
            _ => None,
        }
    }

    /// Whether it can be the first: a platform takes the document in, or does not.
    pub(super) const fn begins(self) -> bool {
        matches!(self, Self::Deposited | Self::Rejected | Self::Inadmissible)
    }

    /// Whether the other can never come after it.
    ///
    /// Statuses of the way there can overtake each other, and are given once. A platform rejects instead
    /// of receiving, a buyer refuses instead of approving or paying. What was cancelled is dead, but
    /// money that came for it is still given back.
    pub(super) fn rules_out(self, later: Self) -> bool {
        if self.is_terminal() {
            return true;
        }
        match later {
            Self::Deposited | Self::Issued | Self::Received | Self::MadeAvailable => {
                self == later || self == Self::Cancelled
            }
            Self::Rejected | Self::Inadmissible => {
                !matches!(self, Self::Deposited | Self::Issued | Self::RoutingError)
            }
            Self::RoutingError => {
                !matches!(self, Self::Deposited | Self::Issued | Self::RoutingError)
            }
            Self::Refused => matches!(
                self,
                Self::Approved | Self::PaymentSent | Self::Collected | Self::Cancelled
            ),
            Self::Collected => false,
            _ => self == Self::Cancelled,
        }
    }
}
