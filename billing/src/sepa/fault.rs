//! What is wrong with a payment, and where.

use std::fmt;

use jiff::civil::Date;

use crate::{Error, Money, xml::XmlFaultKind};

/// One thing that keeps a payment from being written, or a report from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SepaFault {
    /// Where: a JSON pointer (RFC 6901) into what was handed in, or `/line/N` of a file.
    pub pointer: String,
    /// What.
    pub kind: SepaError,
}

impl fmt::Display for SepaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{pointer}: {}", self.kind)
    }
}

/// What is wrong with a part of a payment.
///
/// `Display` says it in English. Who speaks other languages goes by the variant, or by its
/// [`code`](SepaError::code), which never changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SepaError {
    /// Nothing was given, or nothing of it can be written.
    #[error("is empty")]
    Empty,
    /// A character that banks do not take, and that none they take stands for.
    #[error("has {found:?} as character {position}, which payments cannot carry")]
    Character {
        /// The first such character.
        found: char,
        /// Where it stands, from 1.
        position: usize,
    },
    /// Longer than there is room for.
    #[error("has {found} characters, payments carry {limit}")]
    TooLong {
        /// How many there is room for.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// A slash at either end of a reference, or two in a row.
    #[error("begins or ends with a slash, or has two in a row")]
    Slash,
    /// Not an IBAN.
    #[error("is no IBAN: its form or its check digits are wrong")]
    Iban,
    /// An account outside the area.
    #[error("is an account in {country}, which is not in the SEPA area")]
    NotReached {
        /// The letters of its country.
        country: String,
    },
    /// An IBAN that is too long or too short for its country.
    #[error("has {found} characters, IBANs of {country} have {expected}")]
    IbanLength {
        /// The country.
        country: &'static str,
        /// How many its IBANs have.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not a BIC.
    #[error("is no BIC, such as PSSTFRPPPAR")]
    Bic,
    /// Outside the European Economic Area the bank must be named.
    #[error("is required for accounts in {country}")]
    BicNeeded {
        /// The country.
        country: &'static str,
    },
    /// Outside the European Economic Area the holder's address must be told.
    #[error("is required for accounts in {country}")]
    AddressNeeded {
        /// The country.
        country: &'static str,
    },
    /// Not a creditor identifier.
    #[error("is no SEPA creditor identifier, such as FR72ZZZ123456")]
    CreditorId,
    /// A creditor identifier whose check digits contradict it.
    #[error("has check digits that do not match, for which {expected} would be right")]
    CreditorIdCheck {
        /// Those that would.
        expected: String,
    },
    /// None of those allowed.
    #[error("is none of {}", allowed.join(", "))]
    NotOneOf {
        /// Those allowed.
        allowed: &'static [&'static str],
    },
    /// Another currency than the euro.
    #[error("is in {code}: SEPA payments are in euros")]
    Currency {
        /// ISO 4217.
        code: &'static str,
    },
    /// Nothing, or less.
    #[error("must be more than zero")]
    NotPositive,
    /// More than one payment may be.
    #[error("must not be more than {limit}")]
    TooMuch {
        /// The most.
        limit: Money,
    },
    /// A day on which banks settle nothing.
    #[error("is no business day of TARGET, the next is {next}")]
    NotABusinessDay {
        /// The next that is one.
        next: Date,
    },
    /// Sooner than the banks can do it.
    #[error("is too soon for the banks, the first day is {earliest}")]
    TooSoon {
        /// The first day.
        earliest: Date,
    },
    /// Later than the banks take files for.
    #[error("is too far ahead for the banks, the last day is {latest}")]
    TooFar {
        /// The last day.
        latest: Date,
    },
    /// Sooner than the debtor was told it may be.
    #[error("is too soon after the debtor was told, the first day is {earliest}")]
    Notice {
        /// The first day.
        earliest: Date,
    },
    /// A mandate of a later day than the file.
    #[error("was signed on {signed_on}, after the file was made")]
    SignedLater {
        /// The day of signature.
        signed_on: Date,
    },
    /// A mandate that was not used for 36 months.
    #[error("expired on {on}: 36 months without a collection")]
    Expired {
        /// The last day on which it could be used.
        on: Date,
    },
    /// A mandate whose one or last collection was made.
    #[error("was used for its last collection: a new mandate is needed")]
    Spent,
    /// One reference, two mandates.
    #[error("is the reference of another mandate in this file")]
    OtherMandate,
    /// The same reference twice.
    #[error("is there twice")]
    Duplicate,
    /// A change that changes nothing.
    #[error("does not say what the mandate said before")]
    NoChange,
    /// A file that is no XML, or one that could attack its reader.
    #[error(transparent)]
    Xml(#[from] XmlFaultKind),
    /// XML of another kind.
    #[error("is {found}, not a payment status report (CstmrPmtStsRpt)")]
    NotAReport {
        /// The element found instead.
        found: String,
    },
    /// An element must be there.
    #[error("{what} is missing")]
    Missing {
        /// Which one.
        what: &'static str,
    },
    /// A code that is not known.
    #[error("{what} is {found:?}, which is no code of it")]
    Code {
        /// Which element.
        what: &'static str,
        /// What stands there.
        found: String,
    },
    /// Not an amount in a currency.
    #[error("{found:?} is no amount")]
    NotAnAmount {
        /// What stands there.
        found: String,
    },
    /// A figure or a day out of range.
    #[error(transparent)]
    Figure(#[from] Error),
    /// The writer gave up, which it does not do in memory.
    #[error("could not be written: {0}")]
    Write(String),
}

impl SepaError {
    /// A stable name for the kind of fault, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Character { .. } => "character",
            Self::TooLong { .. } => "too_long",
            Self::Slash => "slash",
            Self::Iban => "iban",
            Self::NotReached { .. } => "not_reached",
            Self::IbanLength { .. } => "iban_length",
            Self::Bic => "bic",
            Self::BicNeeded { .. } => "bic_needed",
            Self::AddressNeeded { .. } => "address_needed",
            Self::CreditorId => "creditor_id",
            Self::CreditorIdCheck { .. } => "creditor_id_check",
            Self::NotOneOf { .. } => "not_one_of",
            Self::Currency { .. } => "currency",
            Self::NotPositive => "not_positive",
            Self::TooMuch { .. } => "too_much",
            Self::NotABusinessDay { .. } => "not_a_business_day",
            Self::TooSoon { .. } => "too_soon",
            Self::TooFar { .. } => "too_far",
            Self::Notice { .. } => "notice",
            Self::SignedLater { .. } => "signed_later",
            Self::Expired { .. } => "expired",
            Self::Spent => "spent",
            Self::OtherMandate => "other_mandate",
            Self::Duplicate => "duplicate",
            Self::NoChange => "no_change",
            Self::Xml(kind) => kind.code(),
            Self::NotAReport { .. } => "not_a_report",
            Self::Missing { .. } => "missing",
            Self::Code { .. } => "code",
            Self::NotAnAmount { .. } => "not_an_amount",
            Self::Figure(_) => "figure",
            Self::Write(_) => "write",
        }
    }
}

/// Everything that keeps payments from being written, or a report from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SepaFaults(pub Vec<SepaFault>);

impl fmt::Display for SepaFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SepaFaults {}

impl SepaFaults {
    /// That the writer gave up.
    pub(super) fn unwritten(error: &std::io::Error) -> Self {
        let kind = SepaError::Write(error.to_string());
        Self(vec![SepaFault { pointer: String::new(), kind }])
    }
}

/// A fault was noted; there is nothing to go on with here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<SepaFault>);

impl Notes {
    /// Notes what is wrong at a place.
    pub(super) fn note(&mut self, pointer: impl fmt::Display, kind: SepaError) -> Noted {
        self.0.push(SepaFault { pointer: pointer.to_string(), kind });
        Noted
    }

    /// Keeps what is right, and notes what is wrong at a place.
    pub(super) fn keep<T>(
        &mut self,
        pointer: impl fmt::Display,
        read: Result<T, SepaError>,
    ) -> Option<T> {
        read.map_err(|kind| self.note(pointer, kind)).ok()
    }

    /// The same for a part that has places of its own.
    pub(super) fn keep_all<T>(
        &mut self,
        within: impl fmt::Display,
        read: Result<T, SepaFaults>,
    ) -> Option<T> {
        let note = |faults: SepaFaults| {
            for SepaFault { pointer, kind } in faults.0 {
                self.note(format_args!("{within}{pointer}"), kind);
            }
        };
        read.map_err(note).ok()
    }

    /// Whether nothing was noted at a place.
    pub(super) fn is_free(&self, pointer: &str) -> bool {
        self.0.iter().all(|it| it.pointer != pointer)
    }

    /// What was read, if nothing was wrong with it.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, SepaFaults> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(SepaFaults(self.0)),
        }
    }
}
