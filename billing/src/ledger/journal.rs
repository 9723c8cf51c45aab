//! Journals, and the numbers of the entries in them.

use std::{fmt, str::FromStr};

use super::LedgerError;
use crate::{
    party::{from_names, text_form},
    read::names,
};

/// A journal: entries of one kind, in the order in which they were booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Journal {
    /// Invoices to customers, and credit notes.
    Sales,
    /// Invoices from providers.
    Purchases,
    /// What comes in and goes out, at the bank or a payment provider.
    Bank,
    /// All that has no journal of its own: write-offs, rounding differences.
    Miscellaneous,
    /// The balances a year begins with.
    Opening,
}

names!(Journal {
    "VE" => Sales,
    "AC" => Purchases,
    "BQ" => Bank,
    "OD" => Miscellaneous,
    "AN" => Opening,
});
from_names!(Journal or LedgerError { Sales, Purchases, Bank, Miscellaneous, Opening });

impl Journal {
    /// Its name in the accounting file.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sales => "Ventes",
            Self::Purchases => "Achats",
            Self::Bank => "Banque",
            Self::Miscellaneous => "Opérations diverses",
            Self::Opening => "À nouveaux",
        }
    }
}

/// The number of an entry, unique over all journals because it begins with its own: `VE000123`.
///
/// The tax administration's checker groups lines by this number alone, so that the same number in
/// two journals would be one entry to it.
///
/// ```
/// # use palier_billing::ledger::{EntryNumber, Journal, LedgerError};
/// let number = EntryNumber { journal: Journal::Sales, sequence: 123 };
/// assert_eq!(number.to_string(), "VE000123");
/// assert_eq!("VE000123".parse::<EntryNumber>()?, number);
/// # Ok::<_, LedgerError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryNumber {
    /// The journal.
    pub journal: Journal,
    /// Its place in the journal, without gaps.
    pub sequence: u64,
}

impl fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:06}", self.journal, self.sequence)
    }
}

impl FromStr for EntryNumber {
    type Err = LedgerError;

    /// Reads the one form in which it is written.
    ///
    /// # Errors
    /// [`LedgerError::NotAnEntryNumber`].
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let read = || {
            let (journal, sequence) = text.split_at_checked(2)?;
            let (journal, sequence) = (journal.parse().ok()?, sequence.parse().ok()?);
            Some(Self { journal, sequence }).filter(|number| number.to_string() == text)
        };
        read().ok_or_else(|| LedgerError::NotAnEntryNumber { found: text.to_owned() })
    }
}

text_form!(EntryNumber);
