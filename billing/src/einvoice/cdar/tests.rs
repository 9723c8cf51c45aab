//! Messages written, read again, and refused with the place of what is wrong. That they are valid, the
//! schema and the rules BR-FR-CDV decided when they were written.

use jiff::civil::datetime;

use super::*;
use crate::einvoice::lifecycle::{Collection, Phase, Reason};
use crate::{ElectronicAddress, Issued, Money, Siren};

fn issued() -> Issued {
    serde_json::from_str(include_str!("../example.json")).unwrap()
}

fn someone(role: Role, siren: &str) -> Participant {
    let siren: Siren = siren.parse().unwrap();
    let address = Some(ElectronicAddress::of_siren(siren));
    Participant { role, id: Some(GlobalId::of_siren(siren)), name: Some("A & B".into()), address }
}

fn platform() -> Participant {
    Participant { role: Role::Platform, id: None, name: None, address: None }
}

fn explained(reason: Reason) -> Explanation {
    let text = Some("Taux < 20 %".to_owned());
    Explanation { reason, text, action: Some(Action::InvoiceAnew) }
}

/// A message with that status, given by who gives it, with what it must say.
fn message(status: Status) -> StatusMessage {
    let (seller, buyer) = (someone(Role::Seller, "732829320"), someone(Role::Buyer, "404833048"));
    let (issuer, recipients) = match (status.phase(), status) {
        (Phase::Transmission, _) => (platform(), vec![seller]),
        (Phase::Processing, Status::Collected | Status::Completed) => {
            (seller, vec![buyer, Participant::state()])
        }
        (Phase::Processing, _) => (buyer, vec![seller]),
    };
    let reasons = ALL_REASONS.iter().copied().filter(|it| {
        status.needs_reason() && status.admits(*it, super::super::lifecycle::Addressee::Company)
    });
    let collected = match status {
        Status::Collected => {
            let mut collection = Collection::of(&issued()).unwrap();
            collection.collect(Money::from_minor(79_20, crate::Currency::EUR)).unwrap()
        }
        _ => Vec::new(),
    };
    let explanations = reasons.take(2).map(explained).collect();
    StatusMessage {
        id: format!("FA-2026-000001_{status}"),
        written_at: datetime(2026, 9, 2, 10, 5, 0, 0),
        sender: platform(),
        issuer,
        recipients,
        happened_at: datetime(2026, 9, 2, 9, 59, 59, 0),
        reports: vec![Report { about: About::of(&issued()), status, explanations, collected }],
    }
}

const ALL_REASONS: [Reason; 7] = [
    Reason::VatRate,
    Reason::Order,
    Reason::MissingEvidence,
    Reason::Semantics,
    Reason::Uniqueness,
    Reason::EmptyFile,
    Reason::Virus,
];

fn xml(status: Status) -> String {
    String::from_utf8(write(&message(status)).unwrap()).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    for status in Status::ALL {
        let mut message = message(status);
        assert_eq!(read(&write(&message).unwrap()), Ok(message.clone()), "{status}");
        assert_eq!(write(&message), write(&message));
        message.reports.push(message.reports[0].clone());
        message.reports[1].about.number = "FA-2026-000002".to_owned();
        message.reports[1].about.received_at = Some(datetime(2026, 8, 3, 1, 2, 3, 0));
        let bytes = write(&message).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains("<udt:Indicator>true<"), "{status}");
        assert_eq!(read(&bytes), Ok(message));
    }
}

#[test]
fn what_was_collected_stands_by_rate() {
    let xml = xml(Status::Collected);
    let block = "\
      <ram:SpecifiedDocumentStatus>
        <ram:SequenceNumeric>1</ram:SequenceNumeric>
        <ram:SpecifiedDocumentCharacteristic>
          <ram:TypeCode>MEN</ram:TypeCode>
          <ram:ValueAmount currencyID=\"EUR\">79.20</ram:ValueAmount>
          <ram:ValuePercent>20</ram:ValuePercent>
        </ram:SpecifiedDocumentCharacteristic>
      </ram:SpecifiedDocumentStatus>
";
    assert!(xml.contains(block), "{xml}");
    assert!(xml.contains("<ram:ProcessCondition>Encaissée</ram:ProcessCondition>"), "{xml}");
}

#[test]
fn the_state_alone_has_a_profile_of_its_own() {
    let mut message = message(Status::Collected);
    let written = |it: &_| String::from_utf8(write(it).unwrap()).unwrap();
    assert!(written(&message).contains("CDV:invoice<"));
    message.recipients.remove(0);
    assert_eq!(write(&message), Err(MessageError::UnknownSender));
    message.sender.id = Some(GlobalId::of_platform("0003"));
    let number = "FA-2026-000001".to_owned();
    let what = "time of receipt";
    assert_eq!(write(&message), Err(MessageError::Unidentified { number, what }));
    message.reports[0].about.received_at = Some(datetime(2026, 8, 3, 15, 10, 0, 0));
    let xml = written(&message);
    assert_eq!(read(xml.as_bytes()), Ok(message));
    assert!(xml.contains("<qdt:DateTimeString format=\"204\">20260803000000<"), "{xml}");
    assert!(xml.contains("<ram:Name>Encaissée</ram:Name>"), "{xml}");
    assert!(xml.contains("CDV:einvoicingF2<") && !xml.contains("REGULATED"), "{xml}");
    assert!(xml.contains("<ram:GlobalID schemeID=\"0238\">0000</ram:GlobalID>"), "{xml}");
}

#[test]
fn nothing_is_written_against_the_rules() {
    use MessageError as E;
    let refused = |status, change: &dyn Fn(&mut StatusMessage)| {
        let mut message = message(status);
        change(&mut message);
        write(&message).unwrap_err()
    };
    let disputed = Status::Disputed;
    assert_eq!(refused(disputed, &|it| it.id = " ".into()), E::Id);
    assert_eq!(refused(disputed, &|it| it.reports.clear()), E::Nothing { what: "documents" });
    assert_eq!(refused(disputed, &|it| it.recipients.clear()), E::Nothing { what: "recipients" });
    assert_eq!(
        refused(disputed, &|it| it.reports.push(message(Status::Deposited).reports[0].clone())),
        E::Phases
    );
    let role = |role, what| E::Role { role, what };
    assert_eq!(refused(disputed, &|it| it.issuer = platform()), role(Role::Platform, "give"));
    assert_eq!(
        refused(Status::Deposited, &|it| it.sender = someone(Role::Seller, "732829320")),
        role(Role::Seller, "send")
    );
    assert_eq!(
        refused(disputed, &|it| it.sender = Participant::state()),
        role(Role::State, "send")
    );
    assert_eq!(refused(disputed, &|it| it.issuer.id = None), E::UnknownIssuer);
    assert_eq!(
        refused(disputed, &|it| it.recipients[0].address = None),
        E::NoAddress { role: Role::Seller }
    );
    let number = || "FA-2026-000001".to_owned();
    assert_eq!(
        refused(disputed, &|it| it.reports[0].about.seller = None),
        E::Unidentified { number: number(), what: "seller" }
    );
    assert_eq!(
        refused(disputed, &|it| it.reports[0].about.issued_on = None),
        E::Unidentified { number: number(), what: "day of issue" }
    );
    assert_eq!(
        refused(disputed, &|it| it.reports[0].explanations.clear()),
        E::NoReason { status: disputed }
    );
    assert_eq!(
        refused(disputed, &|it| it.reports[0].explanations.push(explained(Reason::Virus))),
        E::Reason { status: disputed, reason: Reason::Virus }
    );
    assert_eq!(
        refused(Status::Collected, &|it| it.reports[0].collected.clear()).to_string(),
        "212 needs amounts"
    );
    assert_eq!(
        refused(Status::Approved, &|it| {
            it.reports[0].collected = message(Status::Collected).reports[0].collected.clone();
        })
        .to_string(),
        "205 collects nothing"
    );
    assert_eq!(
        refused(disputed, &|it| it.reports[0].about.number = "FA 1".into()),
        E::Document(EinvoiceError::Number { number: "FA 1".into() })
    );
    assert!(matches!(
        refused(disputed, &|it| it.written_at = datetime(1999, 1, 1, 0, 0, 0, 0)),
        E::Document(EinvoiceError::Date { .. })
    ));
}

/// All that is found after one change.
#[track_caller]
fn with(status: Status, from: &str, to: &str) -> Vec<String> {
    let xml = xml(status);
    assert!(xml.contains(from), "{from} is not in {xml}");
    let faults = read(xml.replacen(from, to, 1).as_bytes()).unwrap_err();
    faults.0.iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_is_told_with_its_place() {
    let disputed = Status::Disputed;
    let line_of =
        |status, part: &str| xml(status).lines().position(|line| line.contains(part)).unwrap() + 1;
    let line = |part| line_of(disputed, part);
    let here = line("<ram:ProcessConditionCode>");
    assert_eq!(
        with(disputed, ">207<", ">299<"),
        [format!(
            "line {here}, document 1: ProcessConditionCode is \"299\", which is none of its codes"
        )]
    );
    let here = line("<ram:ReasonCode>");
    assert_eq!(
        with(disputed, ">TX_TVA_ERR<", ">TVA<"),
        [format!("line {here}, document 1: ReasonCode is \"TVA\", which is none of its codes")]
    );
    let here = line("<ram:ReferenceReferencedDocument>");
    assert_eq!(
        with(disputed, ">TX_TVA_ERR<", ">IRR_ANTIVIRUS<"),
        [format!("line {here}, document 1: IRR_ANTIVIRUS is no reason of 207")]
    );
    let here = line_of(Status::Collected, "<ram:ReferenceReferencedDocument>");
    assert_eq!(
        with(Status::Collected, ">MEN<", ">RAP<"),
        [format!("line {here}, document 1: 212 needs amounts by rate of VAT")]
    );
    let here = line("format=\"102\"");
    assert_eq!(
        with(disputed, ">20260803<", ">20260230<"),
        [format!("line {here}, document 1: \"20260230\" is no time in the format 102")]
    );
    assert_eq!(
        with(disputed, ">20260803<", ">2026083<"),
        [format!("line {here}, document 1: \"2026083\" is no time in the format 102")]
    );
    let here = line("format=\"204\"");
    assert_eq!(
        with(disputed, ">20260902100500<", ">2026090210050<"),
        [format!("line {here}: \"2026090210050\" is no time in the format 204")]
    );
    let seller = |siren| {
        format!(
            "{siren}</ram:GlobalID>\n        <ram:RoleCode>SE</ram:RoleCode>\n      </ram:IssuerTradeParty>"
        )
    };
    let found = with(disputed, &seller("732829320"), &seller("732829321"));
    let here = line_of(disputed, "<ram:ProcessCondition>") + 2;
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(&format!("line {here}, document 1: \"732829321\" ")), "{found:?}");
}

#[test]
fn two_faults_are_told_at_once() {
    let xml = xml(Status::Disputed)
        .replacen("20260902100500", "2026-09-02", 1)
        .replacen(">23<", ">24<", 1)
        .replacen("<ram:IssuerAssignedID>FA-2026-000001", "<ram:IssuerAssignedID>FA 1", 1);
    let kinds = read(xml.as_bytes()).unwrap_err().0;
    let kinds: Vec<_> = kinds.iter().map(|fault| fault.kind.code()).collect();
    assert_eq!(kinds, ["not_a_time", "code", "document_number"]);
}

#[test]
fn what_could_attack_a_reader_is_refused() {
    let first = |text: &str| read(text.as_bytes()).unwrap_err().0.remove(0);
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>";
    assert_eq!(first(bomb).kind.code(), "doctype");
    assert_eq!(first("<a>\n&b;</a>").to_string(), "line 2: refers to the entity \"b\"");
    assert_eq!(first("<a/>").kind.code(), "not_a_message");
    assert_eq!(first(&"<a>".repeat(70)).kind.code(), "too_deep");
    assert_eq!(first("<a>").kind.code(), "syntax");
    // Whoever reads the second would be told something else.
    let twice = xml(Status::Approved).replacen(
        "<ram:ProcessConditionCode>",
        "<ram:ProcessConditionCode>210</ram:ProcessConditionCode><ram:ProcessConditionCode>",
        1,
    );
    assert_eq!(first(&twice).kind.code(), "repeated");
}

#[test]
fn what_platforms_leave_out_is_not_missed() {
    let full = message(Status::Disputed);
    let xml = xml(Status::Disputed)
        .replace("<ram:URIID schemeID=\"0225\">", "<ram:URIID>")
        .replace("<ram:StatusCode>46</ram:StatusCode>", "")
        .replace("<ram:SequenceNumeric>1</ram:SequenceNumeric>", "<!-- none -->")
        .replace("<ram:Reason>", "<ram:IncludedNote><ram:Content>")
        .replace("</ram:Reason>", "</ram:Content></ram:IncludedNote>")
        .replace("ram:", "r:");
    assert_eq!(read(xml.as_bytes()), Ok(full));
    let collected = self::xml(Status::Collected).replace(" currencyID=\"EUR\"", "");
    assert_eq!(read(collected.as_bytes()), Ok(message(Status::Collected)));
}

/// A line less, or twice: it is refused, or it says what can be told on.
#[test]
fn what_is_broken_is_refused_or_still_a_message() {
    let mut refused = 0;
    for status in Status::ALL {
        let xml = xml(status);
        let lines: Vec<_> = xml.lines().collect();
        for at in 0..lines.len() {
            let less = [&lines[..at], &lines[at + 1..]].concat();
            let twice = [&lines[..=at], &lines[at..]].concat();
            for broken in [less, twice] {
                match read(broken.join("\n").as_bytes()) {
                    Err(faults) => {
                        refused += 1;
                        let most = u64::try_from(lines.len()).unwrap() + 1;
                        assert!(
                            faults.0.iter().all(|it| (1..=most).contains(&it.line)),
                            "{faults}"
                        );
                    }
                    Ok(message) => {
                        let again = write(&message);
                        let same = again.map_or(true, |bytes| read(&bytes) == Ok(message));
                        assert!(same, "{}", broken.join("\n"));
                    }
                }
            }
        }
    }
    // Most of a message is needed.
    assert!(refused > 1000, "{refused}");
}

#[test]
fn a_public_body_may_refuse_for_more_reasons() {
    let mut message = message(Status::Refused);
    message.reports[0].explanations = vec![explained(Reason::UndeclaredSubcontractor)];
    assert!(matches!(write(&message), Err(MessageError::Reason { .. })));
    message.sender.id = Some(GlobalId::of_platform("9999"));
    assert_eq!(read(&write(&message).unwrap()), Ok(message));
}

#[test]
fn what_is_inadmissible_needs_neither_day_nor_seller() {
    let mut message = message(Status::Inadmissible);
    message.reports[0].about.issued_on = None;
    message.reports[0].about.seller = None;
    message.reports[0].about.type_code = None;
    let bytes = write(&message).unwrap();
    assert_eq!(read(&bytes), Ok(message));
    let text = String::from_utf8(bytes).unwrap();
    let rejected = text.replace(">501<", ">213<").replace("IRR_VIDE_F", "REJ_UNI");
    let found = read(rejected.as_bytes()).unwrap_err();
    assert!(found.0.iter().any(|it| it.kind.code() == "missing"), "{found}");
}
