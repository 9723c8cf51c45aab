//! Messages read.
//!
//! Only what is used is read, and of that nothing is guessed: a code that is not known, a number that
//! contradicts its check digit or an element that is there twice is a fault. Prefixes and namespaces are
//! not looked at.

use jiff::civil::{Date, DateTime};
use serde_json::Value;

use super::fault::{MessageFaultKind, MessageFaults, Notes, Read};
use super::{
    About, COLLECTED, EXCHANGED, Explanation, GlobalId, Participant, Report, StatusMessage,
    TO_THE_STATE,
};
use crate::einvoice::lifecycle::{Addressee, Collected, Phase, Status};
use crate::einvoice::model;
use crate::read::Field;
use crate::xml::{self, Element};
use crate::{Currency, ElectronicAddress, Money, PartyError, Percent, Siren};

/// What a document can be (BR-FR-04, UNTDID 1001).
const TYPES: [&str; 16] = [
    "261", "262", "380", "381", "384", "386", "389", "393", "396", "471", "472", "473", "500",
    "501", "502", "503",
];

/// Reads a message: as platforms send it, or as [`write`](super::write) does.
///
/// Amounts without a currency are euros, in which the State wants its VAT; addresses without a scheme are
/// those of the directory, as in the reform's own examples. That a platform leaves out what is not used
/// here (a sequence, the status in UNTDID 1373) is no fault.
///
/// # Errors
/// [`MessageFaults`]: all that is wrong, each with its line and document.
pub fn read(bytes: &[u8]) -> Result<StatusMessage, MessageFaults> {
    let mut notes = Notes::default();
    let read = message(bytes, &mut notes);
    notes.finish(read)
}

fn message(bytes: &[u8], notes: &mut Notes) -> Read<StatusMessage> {
    let root = xml::read(bytes).map_err(|fault| notes.note(fault.line, fault.kind.into()))?;
    if root.name != "CrossDomainAcknowledgementAndResponse" {
        let kind = MessageFaultKind::NotAMessage { found: root.name.clone() };
        return Err(notes.note(root.line, kind));
    }
    let profile = profile(&root, notes);
    let head = element(&root, "ExchangedDocument", notes)?;
    let id = required(head, "ID", notes).map(|it| it.text.to_owned());
    let written_at = element(head, "IssueDateTime", notes).and_then(|it| moment(it, notes));
    let [sender, issuer] = ["SenderTradeParty", "IssuerTradeParty"]
        .map(|name| element(head, name, notes).and_then(|it| participant(it, notes)));
    let recipients: Vec<_> =
        head.all("RecipientTradeParty").map(|it| participant(it, notes)).collect();
    let response = element(&root, "AcknowledgementDocument", notes)?;
    let phase = required(response, "TypeCode", notes)
        .and_then(|it| code::<Phase>(it, "AcknowledgementDocument/TypeCode", notes));
    let happened_at = element(response, "IssueDateTime", notes).and_then(|it| moment(it, notes));
    let addressee = sender.as_ref().map_or(Addressee::Company, Participant::addressee);
    let reports = reports(response, addressee, notes);
    profile?;
    phase?;
    Ok(StatusMessage {
        id: id?,
        written_at: written_at?,
        sender: sender?,
        issuer: issuer?,
        recipients: recipients.into_iter().collect::<Read<_>>()?,
        happened_at: happened_at?,
        reports: reports?,
    })
}

/// The documents, all of them before the first wrong one ends it.
fn reports(of: &Element, addressee: Addressee, notes: &mut Notes) -> Read<Vec<Report>> {
    let mut reports = Vec::new();
    for (found, nth) in of.all("ReferenceReferencedDocument").zip(1..) {
        notes.enter(Some(nth));
        reports.push(report(found, addressee, notes));
    }
    notes.enter(None);
    if reports.is_empty() {
        return Err(missing(of, "ReferenceReferencedDocument", notes));
    }
    reports.into_iter().collect()
}

/// Whether it follows the specification, in one of its profiles.
fn profile(root: &Element, notes: &mut Notes) -> Read<()> {
    let path = "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID";
    let leaf = required(root, path, notes)?;
    if [EXCHANGED, TO_THE_STATE].contains(&leaf.text) {
        return Ok(());
    }
    Err(leaf.is_no(path, notes))
}

fn participant(of: &Element, notes: &mut Notes) -> Read<Participant> {
    let role = required(of, "RoleCode", notes).and_then(|it| code(it, "RoleCode", notes));
    // The schema allows several. One is enough to tell who it is.
    let id = of.all("GlobalID").next().and_then(|found| {
        let scheme = found.attribute("schemeID")?.to_owned();
        Some(GlobalId { scheme, value: found.text()?.to_owned() })
    });
    let name = optional(of, "Name", notes)?.map(|it| it.text.to_owned());
    let address = match element_if(of, "URIUniversalCommunication/URIID", notes)? {
        Some(found) => Some(address(found, notes)?),
        None => None,
    };
    Ok(Participant { role: role?, id, name, address })
}

fn address(of: &Element, notes: &mut Notes) -> Read<ElectronicAddress> {
    let scheme = of.attribute("schemeID").unwrap_or(ElectronicAddress::FRENCH);
    let found = format!("{scheme}:{}", of.text().unwrap_or_default());
    found.parse().map_err(|error| notes.note(of.line, MessageFaultKind::Party { found, error }))
}

fn report(of: &Element, addressee: Addressee, notes: &mut Notes) -> Read<Report> {
    let status = required(of, "ProcessConditionCode", notes)
        .and_then(|it| code::<Status>(it, "ProcessConditionCode", notes));
    let about = about(of, status.ok(), notes);
    let (mut explanations, mut collected) = (Vec::new(), Vec::new());
    for block in of.all("SpecifiedDocumentStatus") {
        if let Some(explanation) = explanation(block, notes).transpose() {
            explanations.push(explanation);
        }
        let amounts = block.all("SpecifiedDocumentCharacteristic");
        let amounts = amounts.filter(|it| it.text_at("TypeCode") == Some(COLLECTED));
        collected.extend(amounts.map(|it| amount(it, notes)).collect::<Vec<_>>());
    }
    let report = Report {
        about: about?,
        status: status?,
        explanations: explanations.into_iter().collect::<Read<_>>()?,
        collected: collected.into_iter().collect::<Read<_>>()?,
    };
    match fault_of(&report, addressee) {
        Some(kind) => Err(notes.note(of.line, kind)),
        None => Ok(report),
    }
}

/// What a status must or must not have beside it.
fn fault_of(report: &Report, addressee: Addressee) -> Option<MessageFaultKind> {
    let status = report.status;
    if status.needs_reason() && report.explanations.is_empty() {
        return Some(MessageFaultKind::NoReason { status });
    }
    let reasons = report.explanations.iter().map(|it| it.reason);
    if let Some(reason) = reasons.into_iter().find(|it| !status.admits(*it, addressee)) {
        return Some(MessageFaultKind::Reason { status, reason });
    }
    let bare = status == Status::Collected && report.collected.is_empty();
    bare.then_some(MessageFaultKind::NoAmounts)
}

/// The document; without day of issue and seller only if nobody could read it.
fn about(of: &Element, status: Option<Status>, notes: &mut Notes) -> Read<About> {
    let number = required(of, "IssuerAssignedID", notes).and_then(|it| {
        let none = |_| MessageFaultKind::NotANumberOfADocument { found: it.text.to_owned() };
        let checked = model::check_number(it.text).map_err(none);
        checked.map_err(|kind| notes.note(it.line, kind)).map(|()| it.text.to_owned())
    });
    let type_code = optional(of, "TypeCode", notes).and_then(|found| match found {
        Some(leaf) if !TYPES.contains(&leaf.text) => Err(leaf.is_no("TypeCode", notes)),
        found => Ok(found.map(|it| it.text.to_owned())),
    });
    let received_at = match element_if(of, "ReceiptDateTime", notes)? {
        Some(found) => Some(moment(found, notes)?),
        None => None,
    };
    let issued_on = element_if(of, "FormattedIssueDateTime", notes)
        .and_then(|it| it.map(|it| day(it, notes)).transpose());
    let seller = seller(of, notes);
    let about = About {
        number: number?,
        type_code: type_code?,
        issued_on: issued_on?,
        received_at,
        seller: seller?,
    };
    let needed = status.is_none_or(|status| status != Status::Inadmissible);
    if needed && about.issued_on.is_none() {
        return Err(missing(of, "FormattedIssueDateTime/DateTimeString", notes));
    }
    if needed && about.seller.is_none() {
        return Err(missing(of, "IssuerTradeParty/GlobalID", notes));
    }
    Ok(about)
}

fn seller(of: &Element, notes: &mut Notes) -> Read<Option<Siren>> {
    let Some(found) = element_if(of, "IssuerTradeParty/GlobalID", notes)? else { return Ok(None) };
    let scheme = found.attribute("schemeID").unwrap_or_default();
    if scheme != GlobalId::SIREN {
        let (what, found_there) = ("IssuerTradeParty/GlobalID/@schemeID", scheme.to_owned());
        return Err(notes.note(found.line, MessageFaultKind::Code { what, found: found_there }));
    }
    let written = found.text().unwrap_or_default();
    let none = |error: PartyError| MessageFaultKind::Party { found: written.to_owned(), error };
    written.parse().map(Some).map_err(|error| notes.note(found.line, none(error)))
}

/// Why, if the block says so.
fn explanation(block: &Element, notes: &mut Notes) -> Read<Option<Explanation>> {
    let Some(leaf) = optional(block, "ReasonCode", notes)? else { return Ok(None) };
    let reason = code(leaf, "ReasonCode", notes)?;
    let action = optional(block, "RequestedActionCode", notes)?;
    let action = action.map(|it| code(it, "RequestedActionCode", notes)).transpose()?;
    let words = block.text_at("Reason").or_else(|| block.text_at("IncludedNote/Content"));
    let text = words.map(str::to_owned);
    Ok(Some(Explanation { reason, text, action }))
}

fn amount(of: &Element, notes: &mut Notes) -> Read<Collected> {
    let (amount, rate) = (
        required(of, "ValueAmount", notes).and_then(|it| money(of, it, notes)),
        required(of, "ValuePercent", notes).and_then(|it| {
            let none = |error| MessageFaultKind::NotANumber { found: it.text.to_owned(), error };
            it.text.parse::<Percent>().map_err(|error| notes.note(it.line, none(error)))
        }),
    );
    Ok(Collected { rate_percent: rate?, amount: amount? })
}

fn money(of: &Element, leaf: Leaf<'_>, notes: &mut Notes) -> Read<Money> {
    let currency = of.at("ValueAmount").and_then(|it| it.attribute("currencyID")).unwrap_or("EUR");
    let Some(known) = Currency::from_code(currency) else {
        let (what, found) = ("ValueAmount/@currencyID", currency.to_owned());
        return Err(notes.note(leaf.line, MessageFaultKind::Code { what, found }));
    };
    let none = |error| MessageFaultKind::NotANumber { found: leaf.text.to_owned(), error };
    Money::parse(leaf.text, known).map_err(|error| notes.note(leaf.line, none(error)))
}

/// A moment under code 204 (UNTDID 2379).
fn moment(within: &Element, notes: &mut Notes) -> Read<DateTime> {
    let leaf = required(within, "DateTimeString", notes)?;
    let read = DateTime::strptime("%Y%m%d%H%M%S", leaf.text).ok();
    read.filter(|_| leaf.text.len() == 14).ok_or_else(|| leaf.is_no_time("204", notes))
}

/// A day under code 102, or under code 204 as the State writes it.
fn day(within: &Element, notes: &mut Notes) -> Read<Date> {
    if within.at("DateTimeString").and_then(|it| it.attribute("format")) == Some("204") {
        return moment(within, notes).map(DateTime::date);
    }
    let leaf = required(within, "DateTimeString", notes)?;
    let read = Date::strptime("%Y%m%d", leaf.text).ok();
    read.filter(|_| leaf.text.len() == 8).ok_or_else(|| leaf.is_no_time("102", notes))
}

fn code<T: Field>(leaf: Leaf<'_>, what: &'static str, notes: &mut Notes) -> Read<T> {
    T::read(&Value::from(leaf.text)).map_err(|_| leaf.is_no(what, notes))
}

/// The text of an element, and its line.
#[derive(Clone, Copy)]
struct Leaf<'e> {
    text: &'e str,
    line: u64,
}

impl Leaf<'_> {
    fn is_no(self, what: &'static str, notes: &mut Notes) -> super::fault::Noted {
        notes.note(self.line, MessageFaultKind::Code { what, found: self.text.to_owned() })
    }

    fn is_no_time(self, format: &'static str, notes: &mut Notes) -> super::fault::Noted {
        notes.note(self.line, MessageFaultKind::NotATime { found: self.text.to_owned(), format })
    }
}

fn missing(within: &Element, what: &str, notes: &mut Notes) -> super::fault::Noted {
    notes.note(within.line, MessageFaultKind::Missing { what: what.to_owned() })
}

/// The element at the end of a path of names, each of which may be there once.
fn element_if<'e>(
    within: &'e Element,
    path: &'static str,
    notes: &mut Notes,
) -> Read<Option<&'e Element>> {
    let mut here = within;
    for name in path.split('/') {
        let mut all = here.all(name);
        match (all.next(), all.next()) {
            (None, _) => return Ok(None),
            (Some(found), None) => here = found,
            (Some(_), Some(again)) => {
                let kind = MessageFaultKind::Repeated { what: path.to_owned() };
                return Err(notes.note(again.line, kind));
            }
        }
    }
    Ok(Some(here))
}

fn element<'e>(within: &'e Element, path: &'static str, notes: &mut Notes) -> Read<&'e Element> {
    element_if(within, path, notes)?.ok_or_else(|| missing(within, path, notes))
}

/// Its text; an empty element says nothing.
fn optional<'e>(
    within: &'e Element,
    path: &'static str,
    notes: &mut Notes,
) -> Read<Option<Leaf<'e>>> {
    let found = element_if(within, path, notes)?;
    Ok(found.and_then(|it| Some(Leaf { text: it.text()?, line: it.line })))
}

fn required<'e>(within: &'e Element, path: &'static str, notes: &mut Notes) -> Read<Leaf<'e>> {
    optional(within, path, notes)?.ok_or_else(|| missing(within, path, notes))
}
