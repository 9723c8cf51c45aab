//! What keeps a message from being written.

use super::{Participant, Report, Role, StatusMessage};
use crate::einvoice::lifecycle::{Addressee, Phase, Reason, Status};
use crate::einvoice::{EinvoiceError, model};

/// What keeps a message from being written: a rule of the reform that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No identifier (BR-FR-CDV-03).
    #[error("it has no identifier")]
    Id,
    /// Nothing to tell, or nobody to tell it to.
    #[error("it has no {what}")]
    Nothing {
        /// Documents or recipients.
        what: &'static str,
    },
    /// Statuses of platforms and of companies go into messages of their own (MDT-77).
    #[error("its statuses are of both phases")]
    Phases,
    /// A role that may not do this (BR-FR-CDV-CL-02, BR-FR-CDV-CL-03).
    #[error("{role} cannot {what} this status")]
    Role {
        /// The role.
        role: Role,
        /// Send or give.
        what: &'static str,
    },
    /// Who gives a status must be known, unless it is a platform (BR-FR-CDV-07).
    #[error("who gives the status has no identifier")]
    UnknownIssuer,
    /// A recipient whom nothing reaches (BR-FR-CDV-08).
    #[error("the recipient {role} has no electronic address")]
    NoAddress {
        /// The recipient's role.
        role: Role,
    },
    /// The State takes messages from platforms that it knows (MDT-19).
    #[error("who sends it to the State has no identifier")]
    UnknownSender,
    /// A document without day of issue or seller (BR-FR-CDV-11, BR-FR-CDV-13); for the State, without the
    /// time at which a platform took it in (MDG-34).
    #[error("the document {number} has no {what}")]
    Unidentified {
        /// The document.
        number: String,
        /// What is missing.
        what: &'static str,
    },
    /// A status that must say why (BR-FR-CDV-15).
    #[error("{status} needs a reason")]
    NoReason {
        /// The status.
        status: Status,
    },
    /// A reason that the status cannot have (BR-FR-CDV-CL-09).
    #[error("{reason} is no reason of {status}")]
    Reason {
        /// The status.
        status: Status,
        /// The reason.
        reason: Reason,
    },
    /// A 212 without amounts (BR-FR-CDV-14), or amounts of another status.
    #[error("{status} {}", if *.found { "collects nothing" } else { "needs amounts" })]
    Amounts {
        /// The status.
        status: Status,
        /// Whether there are amounts.
        found: bool,
    },
    /// What no document of the reform may say.
    #[error(transparent)]
    Document(#[from] EinvoiceError),
}

impl MessageError {
    /// A stable name for what is wrong, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Nothing { .. } => "nothing",
            Self::Phases => "phases",
            Self::Role { .. } => "role",
            Self::UnknownIssuer => "unknown_issuer",
            Self::NoAddress { .. } => "no_electronic_address",
            Self::UnknownSender => "unknown_sender",
            Self::Unidentified { .. } => "unidentified",
            Self::NoReason { .. } => "no_reason",
            Self::Reason { .. } => "reason",
            Self::Amounts { .. } => "amounts",
            Self::Document(error) => error.code(),
        }
    }
}

impl StatusMessage {
    /// Whether the reform allows it, and in which phase.
    pub(super) fn check(&self) -> Result<Phase, MessageError> {
        if self.id.trim().is_empty() {
            return Err(MessageError::Id);
        }
        let first = self.reports.first().ok_or(MessageError::Nothing { what: "documents" })?;
        let phase = first.status.phase();
        if self.reports.iter().any(|report| report.status.phase() != phase) {
            return Err(MessageError::Phases);
        }
        check_roles(phase, &self.sender, &self.issuer)?;
        if self.recipients.is_empty() {
            return Err(MessageError::Nothing { what: "recipients" });
        }
        let reached = |it: &&Participant| {
            matches!(it.role, Role::Platform | Role::State) || it.address.is_some()
        };
        if let Some(Participant { role, .. }) = self.recipients.iter().find(|it| !reached(it)) {
            return Err(MessageError::NoAddress { role: *role });
        }
        self.reports.iter().try_for_each(|report| check_report(report, self.sender.addressee()))?;
        if self.is_for_the_state() {
            self.check_state()?;
        }
        Ok(phase)
    }

    fn check_state(&self) -> Result<(), MessageError> {
        if self.sender.id.is_none() {
            return Err(MessageError::UnknownSender);
        }
        let unknown = self.reports.iter().find(|report| report.about.received_at.is_none());
        unknown.map_or(Ok(()), |Report { about, .. }| {
            Err(MessageError::Unidentified {
                number: about.number.clone(),
                what: "time of receipt",
            })
        })
    }
}

fn check_roles(
    phase: Phase,
    sender: &Participant,
    issuer: &Participant,
) -> Result<(), MessageError> {
    let may = |role, sends| match (phase, role) {
        (_, Role::State) => false,
        (Phase::Transmission, role) => role == Role::Platform,
        (Phase::Processing, role) => sends || role != Role::Platform,
    };
    for (role, what, sends) in [(sender.role, "send", true), (issuer.role, "give", false)] {
        if !may(role, sends) {
            return Err(MessageError::Role { role, what });
        }
    }
    if phase == Phase::Processing && issuer.id.is_none() {
        return Err(MessageError::UnknownIssuer);
    }
    Ok(())
}

fn check_report(report: &Report, addressee: Addressee) -> Result<(), MessageError> {
    let Report { about, status, explanations, collected } = report;
    let status = *status;
    model::check_number(&about.number)?;
    let missing = [("day of issue", about.issued_on.is_none()), ("seller", about.seller.is_none())];
    if let Some((what, _)) = missing.into_iter().find(|(_, missing)| *missing)
        && status != Status::Inadmissible
    {
        return Err(MessageError::Unidentified { number: about.number.clone(), what });
    }
    if status.needs_reason() && explanations.is_empty() {
        return Err(MessageError::NoReason { status });
    }
    let reasons = explanations.iter().map(|it| it.reason);
    if let Some(reason) = reasons.into_iter().find(|it| !status.admits(*it, addressee)) {
        return Err(MessageError::Reason { status, reason });
    }
    let found = !collected.is_empty();
    if found == (status == Status::Collected) {
        return Ok(());
    }
    Err(MessageError::Amounts { status, found })
}
