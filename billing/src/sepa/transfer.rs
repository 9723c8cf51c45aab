//! Credit transfers: pain.001, the customer credit transfer initiation of ISO 20022.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};

use super::calendar::{is_business_day, next_business_day};
use super::fault::Notes;
use super::remittance::check_amount;
use super::text::{MAX_IDENTIFIER, check_identifier};
use super::xml::{Edition, Written, Xml};
use super::{AccountHolder, MAX_MESSAGE_ID, Remittance, SepaError, SepaFaults};
use crate::party::from_names;
use crate::read::names;
use crate::{Currency, Error, Money};

/// The versions of pain.001 that banks of the area take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferVersion {
    /// Of 2009, which most banks still take.
    V03,
    /// Of 2019, that of the rulebooks since March 2024.
    V09,
}

names!(TransferVersion { "pain.001.001.03" => V03, "pain.001.001.09" => V09 });
from_names!(TransferVersion or SepaError { V03, V09 });

impl TransferVersion {
    const fn edition(self) -> Edition {
        match self {
            Self::V03 => Edition::Of2009,
            Self::V09 => Edition::Of2019,
        }
    }
}

/// One payment to somebody: to a provider, for what it supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What it is called from end to end: 35 characters at most, once in a file.
    pub end_to_end: String,
    /// How much, in euros.
    pub amount: Money,
    /// Who is paid.
    pub creditor: AccountHolder,
    /// When the payer is debited (`ReqdExctnDt`).
    pub execute_on: Date,
    /// What it is for.
    pub remittance: Remittance,
}

/// A file of payments from one account.
///
/// Nothing is read from a clock: the same payments with the same id and moment give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTransfers {
    /// What the bank knows the file by, for ever: at most [`MAX_MESSAGE_ID`] characters, which leaves
    /// room for the numbers of its batches.
    pub message_id: String,
    /// When it was made, in local time.
    pub created_at: DateTime,
    /// Who pays, and from which account.
    pub debtor: AccountHolder,
    /// Whether a day's payments are debited as one sum, or each by itself.
    pub batch_booking: bool,
    /// What is paid.
    pub transfers: Vec<Transfer>,
}

/// A file that can be written.
struct Checked<'f> {
    file: &'f CreditTransfers,
    /// The payments of each day, with what is written of what they are for.
    days: BTreeMap<Date, Vec<(&'f Transfer, Remittance)>>,
    sum: Money,
}

impl CreditTransfers {
    /// How many days ahead a payment may be asked for: a year, which no bank exceeds.
    pub const DAYS_AHEAD: i64 = 365;

    /// The message in XML.
    ///
    /// # Errors
    /// All that is wrong, each with its JSON pointer, such as `/transfers/0/amount`.
    pub fn write(&self, version: TransferVersion) -> Result<Vec<u8>, SepaFaults> {
        let checked = self.check()?;
        write(&checked, version).map_err(|error| SepaFaults::unwritten(&error))
    }

    fn check(&self) -> Result<Checked<'_>, SepaFaults> {
        let mut notes = Notes::default();
        notes.keep("/message_id", check_identifier(&self.message_id, MAX_MESSAGE_ID));
        if self.transfers.is_empty() {
            notes.note("/transfers", SepaError::Empty);
        }
        let mut days: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (position, of) in self.transfers.iter().enumerate() {
            let at = |field| format!("/transfers/{position}/{field}");
            let named = check_identifier(&of.end_to_end, MAX_IDENTIFIER);
            notes.keep(at("end_to_end"), named);
            if !names.insert(of.end_to_end.as_str()) {
                notes.note(at("end_to_end"), SepaError::Duplicate);
            }
            notes.keep(at("amount"), check_amount(of.amount));
            notes.keep(at("execute_on"), self.check_day(of.execute_on));
            if let Some(remittance) = notes.keep(at("remittance"), of.remittance.written()) {
                days.entry(of.execute_on).or_default().push((of, remittance));
            }
        }
        let euros = self.transfers.iter().map(|it| it.amount);
        let euros = euros.filter(|it| it.currency() == Currency::EUR);
        let sum = Money::sum(Currency::EUR, euros).map_err(SepaError::from);
        let sum = notes.keep("/transfers", sum);
        notes.finish(sum.map(|sum| Checked { file: self, days, sum }))
    }

    fn check_day(&self, day: Date) -> Result<(), SepaError> {
        let today = self.created_at.date();
        if day < today {
            return Err(SepaError::TooSoon { earliest: next_business_day(today)? });
        }
        let latest = today.checked_add(Self::DAYS_AHEAD.days()).map_err(Error::from)?;
        if day > latest {
            return Err(SepaError::TooFar { latest });
        }
        if is_business_day(day) {
            return Ok(());
        }
        Err(SepaError::NotABusinessDay { next: next_business_day(day)? })
    }
}

/// pain.001, element by element in the order of its schema, as far as the guidelines use it (EPC132-08).
fn write(checked: &Checked<'_>, version: TransferVersion) -> io::Result<Vec<u8>> {
    let file = checked.file;
    let name = (version.as_str(), version.edition());
    Xml::message(name, "CstmrCdtTrfInitn", |xml| {
        let id = (file.message_id.as_str(), file.created_at);
        xml.header(id, (file.transfers.len(), checked.sum), &file.debtor)?;
        let mut days = checked.days.iter().zip(1_usize..);
        days.try_for_each(|((day, transfers), number)| {
            let id = format!("{}-{number}", file.message_id);
            xml.group("PmtInf", |xml| batch(xml, file, &id, *day, transfers))
        })
    })
}

fn batch(
    xml: &mut Xml,
    file: &CreditTransfers,
    id: &str,
    day: Date,
    transfers: &[(&Transfer, Remittance)],
) -> Written {
    let amounts = transfers.iter().map(|(of, _)| of.amount);
    // The whole file came to something, so that a part of it does.
    let sum = Money::sum(Currency::EUR, amounts).map_err(io::Error::other)?;
    xml.put("PmtInfId", id)?;
    xml.put("PmtMtd", "TRF")?;
    xml.put("BtchBookg", file.batch_booking)?;
    xml.put("NbOfTxs", transfers.len())?;
    xml.put("CtrlSum", sum)?;
    xml.put("PmtTpInf/SvcLvl/Cd", "SEPA")?;
    xml.put(if xml.is_of_2019() { "ReqdExctnDt/Dt" } else { "ReqdExctnDt" }, day)?;
    xml.holder("Dbtr", &file.debtor)?;
    xml.account("DbtrAcct", file.debtor.iban())?;
    xml.agent("DbtrAgt", file.debtor.bic())?;
    xml.put("ChrgBr", "SLEV")?;
    let mut transfers = transfers.iter();
    transfers.try_for_each(|(of, remittance)| {
        xml.group("CdtTrfTxInf", |xml| {
            xml.put("PmtId/EndToEndId", &of.end_to_end)?;
            xml.group("Amt", |xml| xml.amount("InstdAmt", of.amount))?;
            if of.creditor.bic().is_some() {
                xml.agent("CdtrAgt", of.creditor.bic())?;
            }
            xml.holder("Cdtr", &of.creditor)?;
            xml.account("CdtrAcct", of.creditor.iban())?;
            xml.remittance(remittance)
        })
    })
}

#[cfg(test)]
mod tests;
