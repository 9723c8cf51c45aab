//! pain.002, the payment status report of ISO 20022: what a bank answers to a file.

use super::fault::{Noted, Notes};
use super::{ReturnReason, SepaError, SepaFaults};
use crate::party::from_names;
use crate::read::names;
use crate::xml::{self, Element};
use crate::{Currency, Money};

/// Where a file, a batch or a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentState {
    /// The bank has it.
    Received,
    /// It can be read.
    Readable,
    /// The bank's checks on the customer were passed.
    Checked,
    /// It will be carried out.
    Accepted,
    /// The same, after the bank changed something: the day, for one.
    AcceptedWithChange,
    /// The debtor's bank or the payer was debited.
    Settled,
    /// The payee was credited.
    Credited,
    /// Some of it was accepted, some not.
    Partly,
    /// Not decided yet.
    Pending,
    /// It will not be carried out.
    Rejected,
    /// Somebody called it off.
    Cancelled,
}

names!(PaymentState {
    "RCVD" => Received,
    "ACTC" => Readable,
    "ACCP" => Checked,
    "ACSP" => Accepted,
    "ACWC" => AcceptedWithChange,
    "ACSC" => Settled,
    "ACCC" => Credited,
    "PART" => Partly,
    "PDNG" => Pending,
    "RJCT" => Rejected,
    "CANC" => Cancelled,
});
from_names!(PaymentState or SepaError {
    Received, Readable, Checked, Accepted, AcceptedWithChange, Settled, Credited, Partly, Pending,
    Rejected, Cancelled,
});

/// Why it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReason {
    /// The code, of ISO 20022 or of the bank's own.
    pub code: String,
    /// What the bank adds in words.
    pub words: Vec<String>,
}

impl StatusReason {
    /// What the code means, if it is one that the schemes use.
    pub fn known(&self) -> Option<ReturnReason> {
        self.code.parse().ok()
    }
}

/// What a bank says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// What the bank calls its answer.
    pub id: String,
    /// The id of the file.
    pub message_id: String,
    /// What it was, such as `pain.008.001.02`.
    pub message_name: String,
    /// Where all of it stands, if that is said of the whole.
    pub state: Option<PaymentState>,
    /// Why.
    pub reasons: Vec<StatusReason>,
    /// What is said of its batches.
    pub batches: Vec<BatchStatus>,
}

/// What a bank says of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchStatus {
    /// The id of the batch.
    pub id: String,
    /// Where it stands, if that is said of the whole.
    pub state: Option<PaymentState>,
    /// Why.
    pub reasons: Vec<StatusReason>,
    /// What is said of its payments: most banks name only those that are rejected.
    pub payments: Vec<PaymentStatus>,
}

/// What a bank says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentStatus {
    /// What it is called from end to end.
    pub end_to_end: String,
    /// Where it stands: where its batch or its file does, if nothing else is said of it.
    pub state: Option<PaymentState>,
    /// Why.
    pub reasons: Vec<StatusReason>,
    /// How much it was, if the bank says it again.
    pub amount: Option<Money>,
}

/// What reading a part of a report gives.
type Read<T> = Result<T, Noted>;

/// Reads a pain.002, of any version from 2009 on: they differ in their namespace, which is not looked at,
/// and in parts that are not used here.
///
/// # Errors
/// All that is wrong, each with its line.
pub fn read_status(bytes: &[u8]) -> Result<StatusReport, SepaFaults> {
    let mut notes = Notes::default();
    let read = report(bytes, &mut notes);
    notes.finish(read.ok())
}

fn report(bytes: &[u8], notes: &mut Notes) -> Read<StatusReport> {
    let root = xml::read(bytes).map_err(|fault| notes.note(line(fault.line), fault.kind.into()))?;
    let Some(message) = root.at("CstmrPmtStsRpt").filter(|_| root.name == "Document") else {
        let found = root.first().filter(|_| root.name == "Document").unwrap_or(&root);
        let kind = SepaError::NotAReport { found: found.name.clone() };
        return Err(notes.note(line(found.line), kind));
    };
    let id = text(message, "GrpHdr/MsgId", notes);
    let message_id = text(message, "OrgnlGrpInfAndSts/OrgnlMsgId", notes);
    let message_name = text(message, "OrgnlGrpInfAndSts/OrgnlMsgNmId", notes);
    let nothing = Element::default();
    let group = message.at("OrgnlGrpInfAndSts").unwrap_or(&nothing);
    let state = state(group, "GrpSts", notes);
    let reasons = reasons(group, notes);
    let inherited = state.unwrap_or_default();
    // All batches are read before the first wrong one ends it.
    let batches: Vec<_> =
        message.all("OrgnlPmtInfAndSts").map(|it| batch(it, inherited, notes)).collect();
    Ok(StatusReport {
        id: id?,
        message_id: message_id?,
        message_name: message_name?,
        state: state?,
        reasons: reasons?,
        batches: batches.into_iter().collect::<Read<_>>()?,
    })
}

fn batch(of: &Element, inherited: Option<PaymentState>, notes: &mut Notes) -> Read<BatchStatus> {
    let id = text(of, "OrgnlPmtInfId", notes);
    let state = state(of, "PmtInfSts", notes);
    let reasons = reasons(of, notes);
    let inherited = state.unwrap_or_default().or(inherited);
    let payments: Vec<_> = of.all("TxInfAndSts").map(|it| payment(it, inherited, notes)).collect();
    let payments = payments.into_iter().collect::<Read<_>>();
    Ok(BatchStatus { id: id?, state: state?, reasons: reasons?, payments: payments? })
}

fn payment(
    of: &Element,
    inherited: Option<PaymentState>,
    notes: &mut Notes,
) -> Read<PaymentStatus> {
    let end_to_end = text(of, "OrgnlEndToEndId", notes);
    let state = state(of, "TxSts", notes);
    let reasons = reasons(of, notes);
    let amount = of.at("OrgnlTxRef/Amt/InstdAmt").map(|it| amount(it, notes)).transpose();
    let (end_to_end, state) = (end_to_end?, state?.or(inherited));
    Ok(PaymentStatus { end_to_end, state, reasons: reasons?, amount: amount? })
}

fn reasons(of: &Element, notes: &mut Notes) -> Read<Vec<StatusReason>> {
    let all: Vec<_> = of.all("StsRsnInf").map(|it| reason(it, notes)).collect();
    all.into_iter().collect()
}

/// A bank's own code stands in `Prtry`; words alone are what `NARR` says.
fn reason(of: &Element, notes: &mut Notes) -> Read<StatusReason> {
    let words: Vec<_> = of.all("AddtlInf").filter_map(Element::text).map(str::to_owned).collect();
    let code = of.text_at("Rsn/Cd").or_else(|| of.text_at("Rsn/Prtry"));
    let code = code.or_else(|| (!words.is_empty()).then_some(ReturnReason::Narrative.as_str()));
    let missing = SepaError::Missing { what: "Rsn/Cd" };
    let code = code.ok_or_else(|| notes.note(line(of.line), missing))?.to_owned();
    Ok(StatusReason { code, words })
}

fn state(of: &Element, what: &'static str, notes: &mut Notes) -> Read<Option<PaymentState>> {
    let Some(found) = of.at(what) else { return Ok(None) };
    let text = found.text().unwrap_or_default();
    let unknown = SepaError::Code { what, found: text.to_owned() };
    text.parse().map(Some).map_err(|_| notes.note(line(found.line), unknown))
}

fn text(of: &Element, what: &'static str, notes: &mut Notes) -> Read<String> {
    let found = of.text_at(what).map(str::to_owned);
    found.ok_or_else(|| notes.note(line(of.line), SepaError::Missing { what }))
}

fn amount(of: &Element, notes: &mut Notes) -> Read<Money> {
    let found = of.text().unwrap_or_default();
    let currency = of.attribute("Ccy").and_then(Currency::from_code);
    let read = currency.and_then(|currency| Money::parse(found, currency).ok());
    let none = SepaError::NotAnAmount { found: found.to_owned() };
    read.ok_or_else(|| notes.note(line(of.line), none))
}

/// The place of a line of a file.
fn line(number: u64) -> String {
    format!("/line/{number}")
}

#[cfg(test)]
mod tests;
