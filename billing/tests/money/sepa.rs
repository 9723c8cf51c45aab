//! Collecting by direct debit without a provider of payments, from the mandate to what the bank answers.

use jiff::{ToSpan, civil::date};
use num_bigint::BigUint;
use palier_billing::Money;
use palier_billing::sepa::{
    AccountHolder, Collection, Creditor, CreditorId, DebitVersion, DirectDebits, Mandate,
    MandateForm, MandateKind, MandateReference, MandateUse, PaymentState, Remedy, Remittance,
    ReturnReason, Scheme, SepaError, Sequence, earliest_collection, is_business_day, latin,
    read_status,
};
use palier_billing::statement::CreditorReference;
use proptest::prelude::*;

use crate::eur;

fn file(day: jiff::civil::Date, name: &str, amount: Money, used: MandateUse) -> DirectDebits {
    let mandate = Mandate::new(MandateForm {
        reference: "RUM-M0001-1",
        scheme: Scheme::B2b,
        kind: MandateKind::Recurrent,
        signed_on: date(2025, 11, 3),
        debtor: "Forge SA",
        iban: "FR1420041010050500013M02606",
        bic: None,
        address: None,
    });
    let pole = AccountHolder::new("Pôle Mécatronique", "FR7630006000011234567890189", None, None);
    DirectDebits {
        message_id: format!("POLE-{name}"),
        created_at: day.at(8, 0, 0, 0),
        creditor: Creditor { holder: pole.unwrap(), id: "FR72ZZZ123456".parse().unwrap() },
        notice_days: DirectDebits::NOTICE_DAYS,
        days_ahead: DirectDebits::DAYS_AHEAD,
        mark_first: true,
        batch_booking: false,
        collections: vec![Collection {
            end_to_end: name.to_owned(),
            amount,
            mandate: mandate.unwrap(),
            used,
            is_last: false,
            amendment: None,
            collect_on: day,
            notified_on: date(2026, 3, 20),
            remittance: Remittance::Reference(CreditorReference::of(name).unwrap()),
        }],
    }
}

/// An invoice of 20 March falls due on Good Friday. It is collected after Easter, comes back unpaid, and
/// is collected once more.
#[test]
fn a_debit_is_sent_comes_back_and_is_sent_again() {
    let (due, sent) = (date(2026, 4, 3), date(2026, 3, 30));
    let notice = DirectDebits::NOTICE_DAYS;
    let day = earliest_collection(due, sent, date(2026, 3, 20), notice).unwrap();
    assert_eq!(day, date(2026, 4, 7));

    let mut first = file(sent, "FA-2026-000077", eur("1188.00"), MandateUse::default());
    first.collections[0].collect_on = day;
    let batch = &first.batches().unwrap()[0];
    assert_eq!((batch.sequence, batch.sum), (Sequence::First, eur("1188.00")));
    let xml = String::from_utf8(first.write(DebitVersion::V02).unwrap()).unwrap();
    for said in [
        "<MsgId>POLE-FA-2026-000077</MsgId>",
        "<PmtInfId>POLE-FA-2026-000077-1</PmtInfId>",
        "<ReqdColltnDt>2026-04-07</ReqdColltnDt>",
        "<Id>NOTPROVIDED</Id>",
        "<Ref>RF12FA2026000077</Ref>",
    ] {
        assert!(xml.contains(said), "{said} in {xml}");
    }

    let answer = format!(
        "<Document><CstmrPmtStsRpt><GrpHdr><MsgId>B1</MsgId></GrpHdr><OrgnlGrpInfAndSts>\
         <OrgnlMsgId>{}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>\
         </OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{}</OrgnlPmtInfId><TxInfAndSts>\
         <OrgnlEndToEndId>{}</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn>\
         </StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
        first.message_id, batch.id, first.collections[0].end_to_end
    );
    let report = read_status(answer.as_bytes()).unwrap();
    let payment = &report.batches[0].payments[0];
    assert_eq!((report.message_id.as_str(), report.state), (first.message_id.as_str(), None));
    assert_eq!(payment.end_to_end, "FA-2026-000077");
    assert_eq!(payment.state, Some(PaymentState::Rejected));
    let reason = payment.reasons[0].known().unwrap();
    assert_eq!((reason, reason.remedy()), (ReturnReason::InsufficientFunds, Remedy::Again));
    assert_eq!(reason.french(), "La provision du compte était insuffisante.");

    // What came back was a use of the mandate as well.
    let used = MandateUse { last_collected_on: Some(day), is_spent: false };
    let mut again = file(date(2026, 4, 13), "FA-2026-000077-2", eur("1188.00"), used);
    again.collections[0].collect_on = date(2026, 4, 15);
    assert_eq!(again.batches().unwrap()[0].sequence, Sequence::Recurring);
    // Nobody waits 36 months and collects on.
    let late = day.checked_add(37.months()).unwrap();
    let on = day.checked_add(36.months()).unwrap();
    let expired = again.collections[0].mandate.sequence(used, late, false, true);
    assert_eq!(expired, Err(SepaError::Expired { on }));
}

/// The remainder by 97 of letters and digits, the long way: one number of them all.
fn remainder(text: &str) -> u32 {
    let digits: String = text.chars().map(|it| it.to_digit(36).unwrap().to_string()).collect();
    u32::try_from(digits.parse::<BigUint>().unwrap() % 97_u32).unwrap()
}

proptest! {
    #[test]
    fn check_digits_of_references_hold(number in "[A-Z0-9]{1,21}") {
        let reference = CreditorReference::of(&number).unwrap().to_string();
        let (head, tail) = reference.split_at(4);
        prop_assert_eq!(remainder(&format!("{tail}{head}")), 1);
    }

    /// Of the hundred that could be written, one is right; and it stays right whatever the business code.
    #[test]
    fn one_pair_of_check_digits_makes_a_creditor(national in "[A-Z0-9]{6}", business in "[A-Z0-9]{3}") {
        let all = (0..100).map(|check| format!("FR{check:02}{business}{national}"));
        let right: Vec<CreditorId> = all.filter_map(|it| it.parse().ok()).collect();
        prop_assert_eq!(right.len(), 1);
        let id = right[0].as_str();
        prop_assert_eq!(remainder(&format!("{national}{}", &id[..4])), 1);
        prop_assert_eq!((right[0].business_code(), right[0].national()), (&*business, &*national));
    }

    /// What was written once stays as it is, and banks take all of it.
    #[test]
    fn texts_are_written_once_and_for_all(text in "\\PC{0,40}") {
        let Ok(written) = latin(&text) else { return Ok(()) };
        let taken = |it: char| it.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(it);
        prop_assert!(written.chars().all(taken), "{written}");
        prop_assert_eq!(latin(&written), Ok(written));
    }

    /// No more than four days pass without one on which banks settle: Easter, or Christmas by a weekend.
    #[test]
    fn banks_are_never_closed_for_five_days(after in 0_i64..36_500) {
        let day = date(2000, 1, 1).checked_add(after.days()).unwrap();
        let open = (0..5).any(|it: i64| is_business_day(day.checked_add(it.days()).unwrap()));
        prop_assert!(open, "{day}");
    }

    /// A reference is read as it was written, or is none.
    #[test]
    fn references_of_mandates_are_not_rewritten(text in "\\PC{1,40}") {
        if let Ok(reference) = text.parse::<MandateReference>() {
            prop_assert_eq!(reference.as_str(), &text);
            prop_assert_eq!(latin(&text), Ok(text));
        }
    }
}
