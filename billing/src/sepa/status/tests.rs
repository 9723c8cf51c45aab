//! Reports of banks, read.

use super::*;
use crate::sepa::Remedy;

const EXAMPLE: &str = include_str!("example.xml");

#[test]
fn a_report_says_what_did_not_go_through_and_why() {
    let report = read_status(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(report.id, "BANK-4711");
    assert_eq!(report.message_id, "POLE-2026-07");
    assert_eq!(report.message_name, "pain.008.001.02");
    assert_eq!((report.state, report.reasons.len()), (Some(PaymentState::Partly), 0));
    let [whole, one] = report.batches.as_slice() else { panic!("{report:?}") };

    // All of the first batch was rejected, and its payments with it.
    assert_eq!((whole.id.as_str(), whole.state), ("POLE-2026-07-1", Some(PaymentState::Rejected)));
    assert_eq!(whole.reasons[0].known(), Some(ReturnReason::CreditorIdentifier));
    assert_eq!(whole.payments[0].state, Some(PaymentState::Rejected));

    assert_eq!(one.state, None);
    let payment = &one.payments[0];
    assert_eq!(payment.end_to_end, "FA-2026-000123");
    assert_eq!(payment.state, Some(PaymentState::Rejected));
    assert_eq!(payment.amount, Some(Money::from_minor(118_800, Currency::EUR)));
    let [funds, own, words] = payment.reasons.as_slice() else { panic!("{payment:?}") };
    assert_eq!(funds.known().map(ReturnReason::remedy), Some(Remedy::Again));
    assert_eq!(funds.words, ["Provision insuffisante"]);
    assert_eq!((own.code.as_str(), own.known()), ("X17", None));
    assert_eq!(words.known(), Some(ReturnReason::Narrative));
}

/// What a batch or a file says holds for payments that say nothing themselves.
#[test]
fn a_payment_stands_where_its_file_does() {
    let silent = EXAMPLE.replace("<TxSts>RJCT</TxSts>", "").replace("PART", "ACSP");
    let report = read_status(silent.as_bytes()).unwrap();
    assert_eq!(report.batches[0].payments[0].state, Some(PaymentState::Rejected));
    assert_eq!(report.batches[1].payments[0].state, Some(PaymentState::Accepted));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let said = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from), "{from}");
        read_status(EXAMPLE.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
    };
    assert_eq!(said("<MsgId>BANK-4711</MsgId>", ""), "/line/3: GrpHdr/MsgId is missing");
    assert_eq!(
        said("<OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>", ""),
        "/line/3: OrgnlGrpInfAndSts/OrgnlMsgNmId is missing"
    );
    assert_eq!(said("PART", "HALF"), "/line/11: GrpSts is \"HALF\", which is no code of it");
    assert_eq!(said("<Cd>BE05</Cd>", ""), "/line/16: Rsn/Cd is missing");
    assert_eq!(said("1188.00", "1188,00"), "/line/46: \"1188,00\" is no amount");
    assert_eq!(said("Ccy=\"EUR\"", "Ccy=\"EURO\""), "/line/46: \"1188.00\" is no amount");
    let other = said("CstmrPmtStsRpt>\n    <GrpHdr>", "BkToCstmrStmt>\n    <GrpHdr>");
    assert!(other.starts_with("/line/"), "{other}");
    let doctype = said("<Document ", "<!DOCTYPE a [<!ENTITY b \"c\">]><Document ");
    assert!(doctype.ends_with("has a document type definition, which nothing read here needs"));
    let kind = |bytes: &[u8]| read_status(bytes).unwrap_err().0[0].kind.code();
    assert_eq!(kind(b"<Document><BkToCstmrStmt/></Document>"), "not_a_report");
    assert_eq!(kind(b"<Document/>"), "not_a_report");
    assert_eq!(kind(b""), "syntax");
}

/// All of it, not the first alone.
#[test]
fn all_that_is_wrong_is_said() {
    let wrong = EXAMPLE.replace("RJCT", "NONE").replace("<MsgId>BANK-4711</MsgId>", "");
    let faults = read_status(wrong.as_bytes()).unwrap_err().0;
    let lines: Vec<_> = faults.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(lines, ["/line/3", "/line/15", "/line/29"]);
}
