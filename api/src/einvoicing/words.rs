//! What is said of statuses, in both languages, and what keeps one from being kept.

use palier_billing::Issued;
use palier_billing::einvoice::cdar::{MessageError, MessageFault, MessageFaultKind, MessageFaults};
use palier_billing::einvoice::lifecycle::{Addressee, OutOfOrder, Phase, Status};

use super::Why;
use crate::db::einvoices::GivenBy;
use crate::einvoice::refused;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;

/// Why a status cannot be the next.
pub(super) fn out_of_order(error: OutOfOrder) -> Text {
    match error {
        OutOfOrder::First { status } => {
            let (code, label) = (status.as_str(), status.label());
            say!(
                en "{code} cannot be the first status of a document: a platform takes it in before.",
                fr "{code} ({label}) ne peut être le premier statut d’un document : une plateforme le reçoit d’abord."
            )
        }
        OutOfOrder::After { status, earlier } => say!(
            en "{status} cannot follow {earlier}.",
            fr "Le statut {status} ne peut suivre le statut {earlier}."
        ),
        OutOfOrder::NotSuspended => say!(
            en "209 completes what was suspended by 208, and nothing was.",
            fr "Le statut 209 complète ce que 208 a suspendu, or rien ne l’est."
        ),
    }
}

/// Who gives a status, if nobody says who did.
pub(super) fn usual_giver(status: Status) -> GivenBy {
    match status {
        Status::Collected | Status::Completed => GivenBy::Seller,
        status if status.phase() == Phase::Transmission => GivenBy::Platform,
        _ => GivenBy::Buyer,
    }
}

/// Refuses by hand what the reform does not allow, and what payments say.
pub(super) fn check(status: Status, reasons: &[Why], issued: &Issued) -> Result<(), Problem> {
    if status == Status::Collected {
        let detail = say!(
            en "What was collected follows from payments: record the payment.",
            fr "L’encaissement découle des paiements : saisissez le paiement."
        );
        return Err(Problem::invalid(vec![Fault::body("/status", "from_payments", detail)]));
    }
    let invalid = |pointer: &str, error: &MessageError| {
        Problem::invalid(vec![Fault::body(pointer, error.code(), not_written(error))])
    };
    if status.needs_reason() && reasons.is_empty() {
        return Err(invalid("/reasons", &MessageError::NoReason { status }));
    }
    // Who is told is a company, unless it is served by the State's platform, whose reasons are more.
    let admits = |why: &Why| {
        status.admits(why.reason, Addressee::Company)
            || (issued.document.content().buyer.siren.is_some()
                && status.admits(why.reason, Addressee::PublicBody))
    };
    match reasons.iter().position(|why| !admits(why)) {
        None => Ok(()),
        Some(place) => {
            let reason = reasons.get(place).map(|why| why.reason);
            let error = reason.map(|reason| MessageError::Reason { status, reason });
            let error = error.unwrap_or(MessageError::NoReason { status });
            Err(invalid(&format!("/reasons/{place}/reason"), &error))
        }
    }
}

/// What keeps a message from being written.
pub(super) fn not_written(error: &MessageError) -> Text {
    match error {
        MessageError::Id => {
            say!(en "The message has no identifier.", fr "Le message n’a pas d’identifiant.")
        }
        MessageError::Nothing { what } => say!(
            en "The message has no {what}.",
            fr "Le message n’a ni document ni destinataire."
        ),
        MessageError::Phases => say!(
            en "Statuses of platforms and of companies go into messages of their own.",
            fr "Statuts de transmission et de traitement ne vont pas dans le même message."
        ),
        MessageError::Role { role, what } => say!(
            en "{role} cannot {what} this status.",
            fr "Le rôle {role} ne peut émettre ce statut."
        ),
        MessageError::UnknownIssuer => say!(
            en "Who gives the status has no identifier.",
            fr "L’émetteur du statut n’a pas d’identifiant."
        ),
        MessageError::NoAddress { role } => say!(
            en "The recipient {role} has no electronic address.",
            fr "Le destinataire {role} n’a pas d’adresse électronique."
        ),
        MessageError::UnknownSender => say!(
            en "Who sends it to the State has no identifier.",
            fr "L’émetteur du message à l’État n’a pas d’identifiant."
        ),
        MessageError::Unidentified { number, what } => say!(
            en "The document {number} has no {what}.",
            fr "Le document {number} n’est pas identifié : il manque sa date, son vendeur ou sa réception."
        ),
        MessageError::NoReason { status } => {
            say!(en "{status} needs a reason.", fr "Le statut {status} demande un motif.")
        }
        MessageError::Reason { status, reason } => say!(
            en "{reason} is no reason of {status}.",
            fr "{reason} n’est pas un motif du statut {status}."
        ),
        MessageError::Amounts { status, found: true } => say!(
            en "{status} collects nothing.", fr "Le statut {status} n’encaisse rien."
        ),
        MessageError::Amounts { status, found: false } => say!(
            en "{status} needs amounts by rate of VAT.",
            fr "Le statut {status} demande des montants par taux de TVA."
        ),
        MessageError::Document(error) => refused(error),
    }
}

/// All that is wrong with a message that came.
pub(super) fn not_read(faults: &MessageFaults) -> Text {
    let mut text = Text { en: String::new(), fr: String::new() };
    for fault in &faults.0 {
        text.push(&place(fault));
        text.push(&said(&fault.kind));
        text.push(&say!(en "\n", fr "\n"));
    }
    text
}

fn place(fault: &MessageFault) -> Text {
    let line = fault.line;
    match fault.document {
        None => say!(en "Line {line}: ", fr "Ligne {line} : "),
        Some(nth) => say!(
            en "Line {line}, document {nth}: ", fr "Ligne {line}, document {nth} : "
        ),
    }
}

fn said(kind: &MessageFaultKind) -> Text {
    use MessageFaultKind as Kind;
    match kind {
        Kind::Xml(error) => {
            let Text { en, fr } = Text::from(error);
            say!(en "the file {en}.", fr "le fichier {fr}.")
        }
        Kind::NotAMessage { found } => say!(
            en "it is {found}, not a status message (CrossDomainAcknowledgementAndResponse).",
            fr "c’est {found}, et non un message de statut (CrossDomainAcknowledgementAndResponse)."
        ),
        Kind::Missing { what } => say!(en "{what} is missing.", fr "il manque {what}."),
        Kind::Repeated { what } => say!(
            en "{what} is there more than once.", fr "{what} y figure plusieurs fois."
        ),
        Kind::Code { what, found } => say!(
            en "{what} is {found:?}, which is none of its codes.",
            fr "{what} vaut {found:?}, qui n’est pas un de ses codes."
        ),
        Kind::NotATime { found, format } => say!(
            en "{found:?} is no time in the format {format}.",
            fr "{found:?} n’est pas une date au format {format}."
        ),
        Kind::NotANumber { found, error } => say!(
            en "{found:?} is no number: {error}.", fr "{found:?} n’est pas un nombre admis."
        ),
        Kind::Party { found, error } => {
            let Text { en, fr } = Text::from(error);
            say!(en "{found:?}: {en}", fr "{found:?} : {fr}")
        }
        Kind::NotANumberOfADocument { found } => say!(
            en "{found:?} is no number of an electronic invoice.",
            fr "{found:?} n’est pas un numéro de facture électronique."
        ),
        Kind::NoReason { status } => not_written(&MessageError::NoReason { status: *status }),
        Kind::Reason { status, reason } => {
            not_written(&MessageError::Reason { status: *status, reason: *reason })
        }
        Kind::NoAmounts => say!(
            en "212 needs amounts by rate of VAT.",
            fr "Le statut 212 demande des montants par taux de TVA."
        ),
    }
}
