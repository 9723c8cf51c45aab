//! Statuses as messages: UN/CEFACT Cross Domain Acknowledgement and Response, D22B (AFNOR XP Z12-012,
//! rules BR-FR-CDV).
//!
//! Elements stand in the order of the schema, which admits no other. Nothing is written that the message
//! does not say: no clock, no settings, so that the same message gives the same bytes for ever.

mod error;
mod fault;
mod message;
mod read;

pub use error::MessageError;
pub use fault::{MessageFault, MessageFaultKind, MessageFaults};
pub use message::{About, Action, Explanation, GlobalId, Participant, Report, Role, StatusMessage};
pub use read::read;

use jiff::civil::DateTime;

use super::EinvoiceError;
use super::lifecycle::{Collected, Status};
use super::xml::Xml;

type Written = Result<(), EinvoiceError>;

const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
    (
        "xmlns:ram",
        "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    ),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
];

/// The profile of what companies and their platforms exchange (BR-FR-CDV-02).
const EXCHANGED: &str = "urn.cpro.gouv.fr:1p0:CDV:invoice";
/// That of what goes to the State alone.
const TO_THE_STATE: &str = "urn.cpro.gouv.fr:1p0:CDV:einvoicingF2";

/// Code of the blocks that carry what was collected (MDT-207).
const COLLECTED: &str = "MEN";

/// The message in XML.
///
/// # Errors
/// [`MessageError`]: the first rule of the reform that it breaks.
pub fn write(message: &StatusMessage) -> Result<Vec<u8>, MessageError> {
    let phase = message.check()?;
    let state = message.is_for_the_state();
    let bytes = Xml::document("rsm:CrossDomainAcknowledgementAndResponse", &NAMESPACES, |xml| {
        xml.group("rsm:ExchangedDocumentContext", |xml| {
            if !state {
                xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| {
                    xml.text("ram:ID", "REGULATED")
                })?;
            }
            xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", if state { TO_THE_STATE } else { EXCHANGED })
            })
        })?;
        head(xml, message)?;
        xml.group("rsm:AcknowledgementDocument", |xml| {
            xml.group("ram:MultipleReferencesIndicator", |xml| {
                xml.value("udt:Indicator", message.reports.len() > 1)
            })?;
            xml.text("ram:TypeCode", phase.as_str())?;
            moment(xml, "ram:IssueDateTime", message.happened_at)?;
            message.reports.iter().try_for_each(|report| reported(xml, report, state))
        })
    })?;
    Ok(bytes)
}

fn head(xml: &mut Xml, message: &StatusMessage) -> Written {
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.text("ram:ID", &message.id)?;
        xml.optional("ram:Name", message.name())?;
        moment(xml, "ram:IssueDateTime", message.written_at)?;
        participant(xml, "ram:SenderTradeParty", &message.sender)?;
        participant(xml, "ram:IssuerTradeParty", &message.issuer)?;
        let mut recipients = message.recipients.iter();
        recipients.try_for_each(|it| participant(xml, "ram:RecipientTradeParty", it))
    })
}

fn participant(xml: &mut Xml, name: &'static str, of: &Participant) -> Written {
    xml.group(name, |xml| {
        if let Some(id) = &of.id {
            xml.marked("ram:GlobalID", ("schemeID", &id.scheme), &id.value)?;
        }
        xml.optional("ram:Name", of.name.as_deref())?;
        xml.text("ram:RoleCode", of.role.as_str())?;
        let Some(address) = &of.address else { return Ok(()) };
        xml.group("ram:URIUniversalCommunication", |xml| {
            xml.marked("ram:URIID", ("schemeID", address.scheme()), address.value())
        })
    })
}

/// One document. The State's portal wants to be told its profile again (MDT-97), and the day of issue as a
/// moment.
fn reported(xml: &mut Xml, report: &Report, state: bool) -> Written {
    let about = &report.about;
    xml.group("ram:ReferenceReferencedDocument", |xml| {
        xml.text("ram:IssuerAssignedID", &about.number)?;
        xml.optional("ram:StatusCode", report.status.general_code())?;
        xml.optional("ram:TypeCode", about.type_code.as_deref())?;
        if let Some(received_at) = about.received_at {
            moment(xml, "ram:ReceiptDateTime", received_at)?;
        }
        xml.optional("ram:ReferenceTypeCode", state.then_some(TO_THE_STATE))?;
        if let Some(issued_on) = about.issued_on {
            let (format, written) = if state { ("204", "%Y%m%d000000") } else { ("102", "%Y%m%d") };
            xml.group("ram:FormattedIssueDateTime", |xml| {
                xml.day("qdt:DateTimeString", Some(("format", format)), issued_on, written)
            })?;
        }
        xml.text("ram:ProcessConditionCode", report.status.as_str())?;
        xml.text("ram:ProcessCondition", report.status.label())?;
        if let Some(seller) = about.seller {
            xml.group("ram:IssuerTradeParty", |xml| {
                xml.marked("ram:GlobalID", ("schemeID", GlobalId::SIREN), seller)?;
                xml.text("ram:RoleCode", Role::Seller.as_str())
            })?;
        }
        for (explanation, nth) in report.explanations.iter().zip(1_usize..) {
            xml.group("ram:SpecifiedDocumentStatus", |xml| explained(xml, explanation, nth))?;
        }
        if report.status != Status::Collected {
            return Ok(());
        }
        xml.group("ram:SpecifiedDocumentStatus", |xml| {
            xml.value("ram:SequenceNumeric", report.explanations.len().saturating_add(1))?;
            report.collected.iter().try_for_each(|part| collected(xml, part))
        })
    })
}

fn explained(xml: &mut Xml, explanation: &Explanation, nth: usize) -> Written {
    xml.text("ram:ReasonCode", explanation.reason.as_str())?;
    xml.optional("ram:Reason", explanation.text.as_deref())?;
    xml.optional("ram:RequestedActionCode", explanation.action.map(Action::as_str))?;
    xml.value("ram:SequenceNumeric", nth)
}

fn collected(xml: &mut Xml, part: &Collected) -> Written {
    xml.group("ram:SpecifiedDocumentCharacteristic", |xml| {
        xml.text("ram:TypeCode", COLLECTED)?;
        let currency = ("currencyID", part.amount.currency().code());
        xml.marked("ram:ValueAmount", currency, part.amount)?;
        xml.value("ram:ValuePercent", part.rate_percent)
    })
}

/// A moment as UNTDID 2379 writes it under code 204: local time, to the second.
fn moment(xml: &mut Xml, name: &'static str, at: DateTime) -> Written {
    xml.group(name, |xml| xml.moment("udt:DateTimeString", ("format", "204"), at, "%Y%m%d%H%M%S"))
}

#[cfg(test)]
mod tests;
