//! What is found, where, and by which rule.

use std::fmt;

use jiff::civil::Date;

/// A rule of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The file's name: a SIREN, `FEC`, the closing date, `.txt`.
    R01,
    /// The encoding: ISO 8859-15 or UTF-8, without control characters.
    R02,
    /// The header: the names of the 18 columns, in order.
    R03,
    /// As many fields on each line.
    R04,
    /// Fields that must hold something.
    R05,
    /// Dates that exist, as AAAAMMJJ.
    R06,
    /// Numbers with a decimal comma.
    R07,
    /// Accounts begin with three digits.
    R08,
    /// Either a debit or a credit.
    R09,
    /// Fields that are filled together or not at all.
    R10,
    /// Entries: balanced, of one journal, one date, one document.
    R11,
    /// Numbers without gaps.
    R12,
    /// Dates inside the year; validation not before the entry.
    R13,
    /// The order of validation.
    R14,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their names are what they are called everywhere.
        fmt::Debug::fmt(self, f)
    }
}

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, the header being the first; none for the file's name.
    pub line: Option<u64>,
    /// The column, if it is one's content.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub kind: FindingKind,
}

impl Finding {
    /// The rule that found it.
    pub const fn rule(&self) -> Rule {
        self.kind.rule()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, kind } = self;
        write!(f, "{}", self.rule())?;
        match (line, column) {
            (Some(line), Some(column)) => write!(f, " line {line}, {column}: {kind}"),
            (Some(line), None) => write!(f, " line {line}: {kind}"),
            _ => write!(f, " {kind}"),
        }
    }
}

/// What can be wrong. `Display` says it in English.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingKind {
    /// The file's name is made otherwise.
    #[error("the file is called {found:?}, not as 732829320FEC20261231.txt")]
    Name {
        /// The name.
        found: String,
    },
    /// The SIREN in the file's name is none.
    #[error("the file's name begins with {found:?}, which is no SIREN")]
    NameSiren {
        /// What stands there.
        found: String,
    },
    /// The closing date in the file's name does not exist.
    #[error("the file's name has {found:?} where the closing date should be, as 20261231")]
    NameDate {
        /// What stands there.
        found: String,
    },
    /// A byte that is no character, or a control character.
    #[error("what stands at position {position} is no character of ISO 8859-15 nor of UTF-8")]
    Character {
        /// Its place in the line, from 1.
        position: usize,
    },
    /// Too many columns, or too few. Nothing else is read of such a file.
    #[error("columns: {found} instead of 18")]
    HeaderCount {
        /// How many there are.
        found: usize,
    },
    /// The first line names no column. Nothing else is read of such a file.
    #[error("is no header: it names none of the columns")]
    NoHeader,
    /// A column that is called otherwise.
    #[error("is called {found:?}")]
    HeaderName {
        /// What it is called.
        found: String,
    },
    /// Too many fields, or too few.
    #[error("fields: {found} instead of 18")]
    FieldCount {
        /// How many there are.
        found: usize,
    },
    /// A field that must hold something.
    #[error("is empty")]
    Empty,
    /// Not a date, or one that does not exist.
    #[error("{found:?} is no date as 20261231")]
    NotADate {
        /// What stands there.
        found: String,
    },
    /// Not a number.
    #[error("{found:?} is no number as 1234,50")]
    NotANumber {
        /// What stands there.
        found: String,
    },
    /// Not an account.
    #[error("{found:?} does not begin with three digits")]
    NotAnAccount {
        /// What stands there.
        found: String,
    },
    /// Neither debit nor credit.
    #[error("is zero, and so is the other side")]
    NoSide,
    /// Debit and credit at once.
    #[error("debit and credit are both filled")]
    BothSides,
    /// A sense that is neither.
    #[error("{found:?} is neither D nor C, +1 nor -1")]
    Sense {
        /// What stands there.
        found: String,
    },
    /// A field that is filled without the one it goes with.
    #[error("is empty, {other} is not")]
    Unpaired {
        /// The one that is filled.
        other: &'static str,
    },
    /// Debits and credits of an entry differ.
    #[error("entry {number}: debits less credits come to {difference}")]
    Unbalanced {
        /// The entry.
        number: String,
        /// Debits less credits.
        difference: String,
    },
    /// Not what the first line of the entry says.
    #[error("entry {number}: {found:?} here, {first:?} on its first line")]
    Differs {
        /// The entry.
        number: String,
        /// What stands here.
        found: String,
        /// What stands on its first line.
        first: String,
    },
    /// A number that is missing between two.
    #[error("the numbers go from {before} to {found}")]
    Gap {
        /// The last one before.
        before: String,
        /// The next one there is.
        found: String,
    },
    /// A number that does not end in digits has no place in a sequence.
    #[error("{found:?} does not end in a number, so gaps cannot be seen")]
    NoSequence {
        /// What stands there.
        found: String,
    },
    /// A date outside the year.
    #[error("{date} is not between {first} and {last}")]
    OutsideYear {
        /// The date.
        date: Date,
        /// The first day of the year.
        first: Date,
        /// The last one.
        last: Date,
    },
    /// Validated before it was booked.
    #[error("{validated} is before the entry's date, {date}")]
    ValidatedBefore {
        /// When it was validated.
        validated: Date,
        /// When it was booked.
        date: Date,
    },
    /// Validated before the line above.
    #[error("{validated} is before the line above, {previous}")]
    OutOfOrder {
        /// When it was validated.
        validated: Date,
        /// When the line above was.
        previous: Date,
    },
}

impl FindingKind {
    /// The rule that finds it.
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Name { .. } | Self::NameSiren { .. } | Self::NameDate { .. } => Rule::R01,
            Self::Character { .. } => Rule::R02,
            Self::HeaderCount { .. } | Self::NoHeader | Self::HeaderName { .. } => Rule::R03,
            Self::FieldCount { .. } => Rule::R04,
            Self::Empty => Rule::R05,
            Self::NotADate { .. } => Rule::R06,
            Self::NotANumber { .. } => Rule::R07,
            Self::NotAnAccount { .. } => Rule::R08,
            Self::NoSide | Self::BothSides | Self::Sense { .. } => Rule::R09,
            Self::Unpaired { .. } => Rule::R10,
            Self::Unbalanced { .. } | Self::Differs { .. } => Rule::R11,
            Self::Gap { .. } | Self::NoSequence { .. } => Rule::R12,
            Self::OutsideYear { .. } | Self::ValidatedBefore { .. } => Rule::R13,
            Self::OutOfOrder { .. } => Rule::R14,
        }
    }
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn note(&mut self, line: u64, column: Option<&'static str>, kind: FindingKind) {
        self.0.push(Finding { line: Some(line), column, kind });
    }

    pub(super) fn note_name(&mut self, kind: FindingKind) {
        self.0.push(Finding { line: None, column: None, kind });
    }

    /// In the order of lines, and on one line of rules.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| (finding.line, finding.rule()));
        self.0
    }
}

/// What stands in a field, to be shown.
pub(super) fn shown(field: &[u8]) -> String {
    const ENOUGH: usize = 60;
    String::from_utf8_lossy(field).chars().take(ENOUGH).collect()
}
