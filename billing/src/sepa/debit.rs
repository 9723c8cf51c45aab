//! Direct debits: pain.008, the customer direct debit initiation of ISO 20022.

mod check;
mod write;

use jiff::civil::{Date, DateTime};

use super::xml::Edition;
use super::{
    AccountHolder, CreditorId, Mandate, MandateReference, MandateUse, Remittance, Scheme,
    SepaError, SepaFaults, Sequence,
};
use crate::Money;
use crate::party::from_names;
use crate::read::names;

/// The versions of pain.008 that banks of the area take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DebitVersion {
    /// Of 2009, which most banks still take.
    V02,
    /// Of 2019, that of the rulebooks since March 2024.
    V08,
}

names!(DebitVersion { "pain.008.001.02" => V02, "pain.008.001.08" => V08 });
from_names!(DebitVersion or SepaError { V02, V08 });

impl DebitVersion {
    const fn edition(self) -> Edition {
        match self {
            Self::V02 => Edition::Of2009,
            Self::V08 => Edition::Of2019,
        }
    }
}

/// Who collects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creditor {
    /// Its name, and the account that is credited.
    pub holder: AccountHolder,
    /// What the scheme knows it by.
    pub id: CreditorId,
}

/// One collection from one debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// What it is called from end to end: 35 characters at most, once in a file. It stands on both
    /// statements, and in whatever comes back.
    pub end_to_end: String,
    /// How much, in euros.
    pub amount: Money,
    /// What lets it be collected.
    pub mandate: Mandate,
    /// How the mandate was used before this file. Collections of the same file count by themselves.
    pub used: MandateUse,
    /// Whether it is the mandate's last.
    pub is_last: bool,
    /// What the mandate said when it was last used, if it was changed since.
    pub amendment: Option<Amendment>,
    /// When the debtor is debited (`ReqdColltnDt`): see
    /// [`earliest_collection`](super::earliest_collection).
    pub collect_on: Date,
    /// When the debtor was told of day and amount: on its invoice, for one.
    pub notified_on: Date,
    /// What it is for.
    pub remittance: Remittance,
}

/// What a mandate said before it was changed. It is told once, with the next collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Its reference, if that is another now.
    pub reference: Option<MandateReference>,
    /// The creditor's identifier, if that is another now.
    pub creditor_id: Option<CreditorId>,
    /// The creditor's name, if that is another now.
    pub creditor_name: Option<String>,
    /// Whether the debtor was debited on another account. Which one is not said: `SMNDA`, the same
    /// mandate with a new debtor account (EPC130-08, AT-24).
    pub account: bool,
}

/// A file of collections for one creditor.
///
/// Nothing is read from a clock: the same collections with the same id and moment give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectDebits {
    /// What the bank knows the file by, for ever: at most [`MAX_MESSAGE_ID`](super::MAX_MESSAGE_ID)
    /// characters, which leaves room for the numbers of its batches.
    pub message_id: String,
    /// When it was made, in local time.
    pub created_at: DateTime,
    /// Who collects.
    pub creditor: Creditor,
    /// How many days ahead debtors are told, 14 unless they agreed to less:
    /// [`NOTICE_DAYS`](Self::NOTICE_DAYS).
    pub notice_days: u16,
    /// How many days ahead the bank takes files, 14 unless it agreed to more:
    /// [`DAYS_AHEAD`](Self::DAYS_AHEAD).
    pub days_ahead: u16,
    /// Whether the bank wants the first of several collections called `FRST`, as before November 2016.
    pub mark_first: bool,
    /// Whether each batch is credited as one sum, or every collection by itself.
    pub batch_booking: bool,
    /// What is collected.
    pub collections: Vec<Collection>,
}

/// Collections of one day, scheme and sequence, which banks want together (`PmtInf`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitBatch {
    /// What it is called: the file's id and a number.
    pub id: String,
    /// When the debtors are debited.
    pub collect_on: Date,
    /// Under which rules.
    pub scheme: Scheme,
    /// Which of their collections it is.
    pub sequence: Sequence,
    /// Which collections of the file, from 0.
    pub positions: Vec<usize>,
    /// What they come to.
    pub sum: Money,
}

impl DirectDebits {
    /// How many days ahead a debtor is told unless it agreed to less (EPC016-06).
    pub const NOTICE_DAYS: u16 = 14;
    /// How many days ahead a bank takes collections unless it agreed to more (the same).
    pub const DAYS_AHEAD: u16 = 14;

    /// The batches that its collections make, by day, scheme and sequence.
    ///
    /// # Errors
    /// All that is wrong, as [`write`](Self::write).
    pub fn batches(&self) -> Result<Vec<DebitBatch>, SepaFaults> {
        check::check(self).map(|it| it.batches)
    }

    /// The message in XML.
    ///
    /// # Errors
    /// All that is wrong, each with its JSON pointer, such as `/collections/0/amount`.
    pub fn write(&self, version: DebitVersion) -> Result<Vec<u8>, SepaFaults> {
        let checked = check::check(self)?;
        write::write(&checked, version).map_err(|error| SepaFaults::unwritten(&error))
    }
}

#[cfg(test)]
mod tests;
