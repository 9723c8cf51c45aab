//! What is wrong with a bank file, and where.

use std::fmt;

use crate::{
    DecimalError, Error, Money,
    text::NotText,
    xml::{MAX_DEPTH, MAX_ELEMENTS, XmlFaultKind},
};

/// One thing wrong with a bank file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// Which entry of the file, from 1; none where it is not about one.
    pub entry: Option<usize>,
    /// What is wrong.
    pub kind: StatementFaultKind,
}

impl fmt::Display for StatementFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(entry) = self.entry {
            write!(f, ", entry {entry}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// What is wrong with a part of a bank file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementFaultKind {
    /// The bytes are not what the file says of its encoding.
    #[error("is not text in {name}")]
    Encoding {
        /// Name of the encoding.
        name: String,
    },
    /// No well-formed XML, or no CSV.
    #[error("cannot be read: {why}")]
    Syntax {
        /// What the parser says.
        why: String,
    },
    /// A document type definition. Statements have none, and one could make a small file grow
    /// without bounds or name files of this machine.
    #[error("has a document type definition, which no bank statement needs")]
    Doctype,
    /// A reference to an entity that only a document type definition could have declared.
    #[error("refers to the entity {name:?}")]
    Entity {
        /// Its name.
        name: String,
    },
    /// Elements within elements, more than any statement has.
    #[error("has more than {MAX_DEPTH} elements inside one another")]
    TooDeep,
    /// More elements than any statement has.
    #[error("has more than {MAX_ELEMENTS} elements")]
    TooManyElements,
    /// XML of another kind.
    #[error("is {found}, not a camt.053 bank statement (BkToCstmrStmt)")]
    NotAStatement {
        /// The element found instead.
        found: String,
    },
    /// An element or a column must be there.
    #[error("{what} is missing")]
    Missing {
        /// Which one.
        what: String,
    },
    /// Not a date.
    #[error("{found:?} is no date")]
    NotADate {
        /// What stands there.
        found: String,
    },
    /// Not an amount.
    #[error("{found:?} is no amount: {error}")]
    NotAnAmount {
        /// What stands there.
        found: String,
        /// Why not.
        error: DecimalError,
    },
    /// Not a currency.
    #[error("{found:?} is no currency of ISO 4217 with minor units")]
    NotACurrency {
        /// What stands there.
        found: String,
    },
    /// Not one of the codes that are defined.
    #[error("{what} is {found:?}, expected {expected}")]
    Code {
        /// Which element.
        what: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// The number of an account whose check digits contradict it.
    #[error("{found:?} is no IBAN")]
    NotAnIban {
        /// What stands there.
        found: String,
    },
    /// The transactions of an entry do not add up to it.
    #[error("the entry comes to {entry}, its transactions to {details}")]
    DetailsDiffer {
        /// The entry's amount.
        entry: Money,
        /// The sum of its transactions.
        details: Money,
    },
    /// Opening balance and entries are not the closing balance: something is missing, or twice.
    #[error(
        "opens with {opening:?}, its entries come to {entries:?}, and it closes with {closing:?}"
    )]
    Unbalanced {
        /// The opening balance.
        opening: Money,
        /// The sum of the entries.
        entries: Money,
        /// The closing balance.
        closing: Money,
    },
    /// An amount on the debit side and one on the credit side.
    #[error("has an amount in both columns, {debit:?} and {credit:?}")]
    BothSides {
        /// The debit.
        debit: String,
        /// The credit.
        credit: String,
    },
    /// Money credited that is less than nothing.
    #[error("{found:?} is a credit below zero")]
    NegativeCredit {
        /// What stands there.
        found: String,
    },
    /// A figure that cannot be computed.
    #[error(transparent)]
    Figures(#[from] Error),
}

impl StatementFaultKind {
    /// A stable name for the kind of fault, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding { .. } => "encoding",
            Self::Syntax { .. } => "syntax",
            Self::Doctype => "doctype",
            Self::Entity { .. } => "entity",
            Self::TooDeep => "too_deep",
            Self::TooManyElements => "too_many_elements",
            Self::NotAStatement { .. } => "not_a_statement",
            Self::Missing { .. } => "missing",
            Self::NotADate { .. } => "not_a_date",
            Self::NotAnAmount { .. } => "not_an_amount",
            Self::NotACurrency { .. } => "not_a_currency",
            Self::Code { .. } => "code",
            Self::NotAnIban { .. } => "not_an_iban",
            Self::DetailsDiffer { .. } => "details_differ",
            Self::Unbalanced { .. } => "unbalanced",
            Self::BothSides { .. } => "both_sides",
            Self::NegativeCredit { .. } => "negative_credit",
            Self::Figures(_) => "figures",
        }
    }
}

impl From<NotText> for StatementFaultKind {
    fn from(NotText { name }: NotText) -> Self {
        Self::Encoding { name }
    }
}

impl From<XmlFaultKind> for StatementFaultKind {
    fn from(kind: XmlFaultKind) -> Self {
        match kind {
            XmlFaultKind::Encoding { name } => Self::Encoding { name },
            XmlFaultKind::Syntax { why } => Self::Syntax { why },
            XmlFaultKind::Doctype => Self::Doctype,
            XmlFaultKind::Entity { name } => Self::Entity { name },
            XmlFaultKind::TooDeep => Self::TooDeep,
            XmlFaultKind::TooManyElements => Self::TooManyElements,
        }
    }
}

/// Everything wrong with a bank file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFaults(pub Vec<StatementFault>);

impl fmt::Display for StatementFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StatementFaults {}

/// A fault was noted; there is nothing to go on with here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// What reading a part of a file gives.
pub(super) type Read<T> = Result<T, Noted>;

/// The faults found so far, and where reading stands.
#[derive(Debug, Default)]
pub(super) struct Notes {
    faults: Vec<StatementFault>,
    entry: Option<usize>,
}

impl Notes {
    /// Says which entry is being read from here on.
    pub(super) const fn enter(&mut self, entry: Option<usize>) {
        self.entry = entry;
    }

    /// Notes what is wrong on a line.
    pub(super) fn note(&mut self, line: u64, kind: StatementFaultKind) -> Noted {
        self.faults.push(StatementFault { line, entry: self.entry, kind });
        Noted
    }

    /// Notes what is wrong on a line, if something is.
    pub(super) fn check<T>(
        &mut self,
        line: u64,
        result: Result<T, impl Into<StatementFaultKind>>,
    ) -> Read<T> {
        result.map_err(|kind| self.note(line, kind.into()))
    }

    /// What was read, if nothing was wrong with it.
    pub(super) fn finish<T>(mut self, read: Read<T>) -> Result<T, StatementFaults> {
        self.faults.sort_by_key(|fault| fault.line);
        match read {
            Ok(read) if self.faults.is_empty() => Ok(read),
            _ => Err(StatementFaults(self.faults)),
        }
    }
}
