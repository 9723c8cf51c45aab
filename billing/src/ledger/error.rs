//! What keeps facts from becoming an entry.

use crate::{Error, Money};

/// Facts that cannot be booked, or parts of an entry that are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A text without anything to read in it, where the accounting file wants one.
    #[error("the {field} is empty")]
    Blank {
        /// Which text.
        field: &'static str,
    },
    /// Not the number of an account.
    #[error("{found:?} is no account: three digits, then at most 17 digits or unaccented letters")]
    NotAnAccount {
        /// What was given.
        found: String,
    },
    /// Not the number of an entry.
    #[error("{found:?} is no entry number, such as VE000123")]
    NotAnEntryNumber {
        /// What was given.
        found: String,
    },
    /// Not a letter that pairs postings.
    #[error("{found:?} is no letter, such as AA")]
    NotALetter {
        /// What was given.
        found: String,
    },
    /// The value is none of those allowed.
    #[error("is none of {}", allowed.join(", "))]
    NotOneOf {
        /// Those allowed.
        allowed: &'static [&'static str],
    },
    /// A posting of nothing, or of less: the other side is what negative amounts are for.
    #[error("{amount} cannot be posted: amounts are more than zero, on one side or the other")]
    NotPositive {
        /// The amount.
        amount: Money,
    },
    /// One posting, or none, where it takes two: to make an entry, to be lettered.
    #[error("it takes two postings at least, here is {found}")]
    TooFewPostings {
        /// How many there are.
        found: usize,
    },
    /// Debits and credits differ.
    #[error("the debits come to {debit}, the credits to {credit}")]
    Unbalanced {
        /// The sum of the debits.
        debit: Money,
        /// The sum of the credits.
        credit: Money,
    },
    /// The lines of a document are not what its VAT was computed on.
    #[error("the lines come to {lines}, the bases of VAT to {bases}")]
    BasesDiffer {
        /// The sum of the lines.
        lines: Money,
        /// The sum of the bases.
        bases: Money,
    },
    /// A document did not come to its bases and its VAT: a sign is missing, or a category.
    #[error("{document} came to {total}, its bases and its VAT to {taxed}")]
    TotalDiffers {
        /// The document's number.
        document: String,
        /// What it came to.
        total: Money,
        /// The sum of bases and VAT.
        taxed: Money,
    },
    /// More is settled of a document than it came to, or more taken back than was settled.
    #[error("{document} came to {total}; {settled} of it cannot be settled")]
    OverSettled {
        /// The document's number.
        document: String,
        /// What it came to.
        total: Money,
        /// What would be settled of it afterwards.
        settled: Money,
    },
    /// The supplier charged no VAT because the customer owes it, and nobody said at what rate.
    #[error("the purchase is under reverse charge and no rate of VAT is given")]
    NoReverseChargeRate,
    /// Postings on different accounts, or of different customers, do not settle each other.
    #[error("postings of different accounts cannot be lettered together")]
    LetteredApart,
    /// A figure that cannot be computed.
    #[error(transparent)]
    Figures(#[from] Error),
}
