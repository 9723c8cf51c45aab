//! What keeps an entry out of the file.

use jiff::civil::Date;

use crate::ledger::EntryNumber;

/// An entry that the file cannot hold, or not at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FecError {
    /// Its amounts are not in euros, in which French books are kept.
    #[error("entry {number} is in {found}, the file is in EUR")]
    NotEuro {
        /// The entry.
        number: EntryNumber,
        /// ISO 4217 code of its currency.
        found: &'static str,
    },
    /// It belongs to another year.
    #[error("entry {number} of {date} is not of the year")]
    OutsideYear {
        /// The entry.
        number: EntryNumber,
        /// Its date.
        date: Date,
    },
    /// It was validated before it was booked.
    #[error("entry {number} of {date} was validated before, on {validated}")]
    ValidatedBefore {
        /// The entry.
        number: EntryNumber,
        /// Its date.
        date: Date,
        /// When it was validated.
        validated: Date,
    },
    /// It was validated before the one that was written last.
    #[error("entry {number} was validated on {validated}, the one before it on {previous}")]
    OutOfOrder {
        /// The entry.
        number: EntryNumber,
        /// When it was validated.
        validated: Date,
        /// When the one before it was.
        previous: Date,
    },
    /// The numbers of its journal leave one out, or repeat one.
    #[error("entry {number} stands where {expected} should")]
    NotNext {
        /// The entry.
        number: EntryNumber,
        /// The number that follows the last one of the journal.
        expected: EntryNumber,
    },
}
