//! What is wrong with a message that came, and where.

use std::fmt;

use crate::einvoice::lifecycle::{Reason, Status};
use crate::{DecimalError, PartyError, XmlFaultKind};

/// One thing wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// Which document of the message, from 1; none where it is not about one.
    pub document: Option<usize>,
    /// What is wrong.
    pub kind: MessageFaultKind,
}

impl fmt::Display for MessageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(document) = self.document {
            write!(f, ", document {document}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// What is wrong with a part of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageFaultKind {
    /// No XML that is read here.
    #[error(transparent)]
    Xml(#[from] XmlFaultKind),
    /// XML of another kind.
    #[error("is {found}, not a status message (CrossDomainAcknowledgementAndResponse)")]
    NotAMessage {
        /// The element found instead.
        found: String,
    },
    /// An element must be there.
    #[error("{what} is missing")]
    Missing {
        /// Its path.
        what: String,
    },
    /// An element that may be there once.
    #[error("{what} is there more than once")]
    Repeated {
        /// Its path.
        what: String,
    },
    /// Not one of the codes that are defined.
    #[error("{what} is {found:?}, which is none of its codes")]
    Code {
        /// Which element.
        what: &'static str,
        /// What stands there.
        found: String,
    },
    /// Not a date, or not a time, of the format it must have.
    #[error("{found:?} is no time in the format {format}")]
    NotATime {
        /// What stands there.
        found: String,
        /// UNTDID 2379.
        format: &'static str,
    },
    /// Not an amount, or not a rate.
    #[error("{found:?} is no number: {error}")]
    NotANumber {
        /// What stands there.
        found: String,
        /// Why not.
        error: DecimalError,
    },
    /// A number of a company, or an address, that is none.
    #[error("{found:?} {error}")]
    Party {
        /// What stands there.
        found: String,
        /// Why not.
        error: PartyError,
    },
    /// A number that no document of the reform has (BR-FR-01, BR-FR-02).
    #[error("{found:?} is no number of an electronic invoice")]
    NotANumberOfADocument {
        /// What stands there.
        found: String,
    },
    /// A status that must say why, and does not (BR-FR-CDV-15).
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
    /// A 212 that does not say how much (BR-FR-CDV-14).
    #[error("212 needs amounts by rate of VAT")]
    NoAmounts,
}

impl MessageFaultKind {
    /// A stable name for the kind of fault, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Xml(kind) => kind.code(),
            Self::NotAMessage { .. } => "not_a_message",
            Self::Missing { .. } => "missing",
            Self::Repeated { .. } => "repeated",
            Self::Code { .. } => "code",
            Self::NotATime { .. } => "not_a_time",
            Self::NotANumber { .. } => "not_a_number",
            Self::Party { .. } => "party",
            Self::NotANumberOfADocument { .. } => "document_number",
            Self::NoReason { .. } => "no_reason",
            Self::Reason { .. } => "reason",
            Self::NoAmounts => "no_amounts",
        }
    }
}

/// Everything wrong with a message, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFaults(pub Vec<MessageFault>);

impl fmt::Display for MessageFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for MessageFaults {}

/// A fault was noted; there is nothing to go on with here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// What reading a part of a message gives.
pub(super) type Read<T> = Result<T, Noted>;

/// The faults found so far, and where reading stands.
#[derive(Debug, Default)]
pub(super) struct Notes {
    faults: Vec<MessageFault>,
    document: Option<usize>,
}

impl Notes {
    /// Says which document is being read from here on.
    pub(super) const fn enter(&mut self, document: Option<usize>) {
        self.document = document;
    }

    /// Notes what is wrong on a line.
    pub(super) fn note(&mut self, line: u64, kind: MessageFaultKind) -> Noted {
        self.faults.push(MessageFault { line, document: self.document, kind });
        Noted
    }

    /// What was read, if nothing was wrong with it.
    pub(super) fn finish<T>(mut self, read: Read<T>) -> Result<T, MessageFaults> {
        self.faults.sort_by_key(|fault| fault.line);
        match read {
            Ok(read) if self.faults.is_empty() => Ok(read),
            _ => Err(MessageFaults(self.faults)),
        }
    }
}
