//! What lines pay, case by case.

use jiff::civil::date;
use palier_billing::{
    Currency, Money,
    matching::{OpenItem, Outcome, Payer, Proposal, Reason, Verdict, match_lines},
    statement::StatementLine,
};

use crate::eur;

/// A document of a member, with what is open of it.
pub(crate) fn item(document: &str, member: &str, total: &str, open: &str) -> OpenItem {
    OpenItem {
        document: document.into(),
        member: member.into(),
        due_on: date(2026, 8, 30),
        total: eur(total),
        open: eur(open),
    }
}

/// A transfer of an amount with what was written.
pub(crate) fn transfer(amount: &str, text: &str) -> StatementLine {
    StatementLine {
        key: format!("{amount} {text}"),
        line: 1,
        booked_on: date(2026, 8, 14),
        value_on: date(2026, 8, 14),
        amount: eur(amount),
        reversal: false,
        return_reason: None,
        bank_reference: None,
        counterparty: None,
        on_behalf_of: None,
        counterparty_iban: None,
        remittance: text.into(),
        structured_reference: None,
        end_to_end: None,
    }
}

fn from(name: &str, iban: &str, amount: &str, text: &str) -> StatementLine {
    let counterparty = Some(name.to_owned()).filter(|it| !it.is_empty());
    StatementLine { counterparty, counterparty_iban: iban.parse().ok(), ..transfer(amount, text) }
}

const FORGE_IBAN: &str = "FR7630006000011234567890189";
const USINE_IBAN: &str = "DE89370400440532013000";

pub(crate) fn payers() -> Vec<Payer> {
    let payer = |member: &str, names: &[&str], ibans: &[&str]| Payer {
        member: member.into(),
        names: names.iter().map(|it| (*it).to_owned()).collect(),
        ibans: ibans.iter().map(|it| it.parse().unwrap()).collect(),
    };
    vec![
        payer("forge", &["Forge du Nord SAS", "FDN"], &[FORGE_IBAN]),
        payer("usine", &["Usine Générale"], &[USINE_IBAN]),
        payer("tour", &["Tour SARL"], &[]),
        payer("tour2", &["La Tour", "Tour"], &[]),
    ]
}

fn items() -> Vec<OpenItem> {
    vec![
        item("FA-2026-000121", "forge", "120", "0"),
        item("FA-2026-000122", "forge", "240", "240"),
        item("FA-2026-000123", "forge", "120", "70"),
        item("AV-2026-000007", "forge", "-20", "-20"),
        item("FA-2026-000130", "usine", "360", "360"),
        item("FA-2026-000131", "usine", "60", "0"),
        item("FA-2026-000140", "tour", "36", "36"),
        item("FA-2026-000141", "tour2", "36", "36"),
        item("FA-2026-000142", "tour2", "99.99", "99.99"),
    ]
}

fn verdict(line: &StatementLine) -> Verdict {
    match_lines(std::slice::from_ref(line), &items(), &payers()).unwrap().remove(0)
}

/// A proposal in a few words: outcome, member, what it settles, what is left.
fn said(proposal: &Proposal) -> String {
    let Proposal { member, allocations, rest, outcome, .. } = proposal;
    let parts = allocations.iter().map(|it| format!("{} {}", it.document, it.amount));
    let parts = parts.collect::<Vec<_>>().join(", ");
    format!("{outcome} {member}: {parts} rest {rest}")
}

#[track_caller]
fn certain(line: &StatementLine) -> String {
    match verdict(line) {
        Verdict::Certain(proposal) => said(&proposal),
        other => panic!("{other:#?}"),
    }
}

#[track_caller]
fn suggested(line: &StatementLine) -> Vec<String> {
    match verdict(line) {
        Verdict::Suggested(proposals) => proposals.iter().map(said).collect(),
        other => panic!("{other:#?}"),
    }
}

#[test]
fn a_number_and_what_is_open_are_certain() {
    let paid = "exact forge: FA-2026-000122 240.00 rest 0.00";
    for text in ["FA-2026-000122", "vir forge fa2026000122", "Fact. FA 2026/122", "2026-000122"] {
        assert_eq!(certain(&transfer("240", text)), paid, "{text}");
    }
    let reference = palier_billing::statement::CreditorReference::of("FA-2026-000122").unwrap();
    let structured =
        StatementLine { structured_reference: Some(reference.to_string()), ..transfer("240", "") };
    assert_eq!(certain(&structured), paid);
    let rest = "exact forge: FA-2026-000123 70.00 rest 0.00";
    assert_eq!(certain(&transfer("70", "solde FA-2026-000123")), rest);
}

#[test]
fn several_numbers_are_certain_if_they_add_up() {
    assert_eq!(
        certain(&transfer("310", "FA-2026-000123 + FA-2026-000122")),
        "exact forge: FA-2026-000122 240.00, FA-2026-000123 70.00 rest 0.00"
    );
    assert_eq!(
        certain(&transfer("220", "FA-2026-000122 moins AV-2026-000007")),
        "exact forge: AV-2026-000007 -20.00, FA-2026-000122 240.00 rest 0.00"
    );
    // How a part is meant, nobody knows: the oldest first.
    assert_eq!(
        suggested(&transfer("300", "FA-2026-000123 FA-2026-000122")),
        ["partial forge: FA-2026-000122 240.00, FA-2026-000123 60.00 rest 0.00"]
    );
    // Those of two members are never booked without asking.
    assert_eq!(
        suggested(&transfer("600", "FA-2026-000122 FA-2026-000130")),
        [
            "over forge: FA-2026-000122 240.00 rest 360.00",
            "over usine: FA-2026-000130 360.00 rest 240.00",
        ]
    );
}

#[test]
fn a_part_of_one_document_is_certain() {
    let part = "partial usine: FA-2026-000130 100.00 rest 0.00";
    assert_eq!(certain(&transfer("100", "acompte FA-2026-000130")), part);
    // Not if its number is half a number.
    assert_eq!(suggested(&transfer("100", "acompte 2026000130")), [part]);
}

#[test]
fn what_is_too_much_is_the_members() {
    let over = "over usine: FA-2026-000130 360.00 rest 40.00";
    assert_eq!(certain(&transfer("400", "FA-2026-000130")), over);
    // Unless it may be meant for another of their invoices.
    let more = transfer("260", "FA-2026-000122");
    assert_eq!(suggested(&more), ["over forge: FA-2026-000122 240.00 rest 20.00"]);
    let Verdict::Suggested(proposals) = verdict(&more) else { unreachable!() };
    assert!(proposals[0].reasons.contains(&Reason::OthersOpen));
}

#[test]
fn what_was_paid_before_is_a_double_payment() {
    let double = "double usine:  rest 60.00";
    // The same amount once more, while another is open.
    assert_eq!(certain(&transfer("60", "FA-2026-000131")), double);
    // The old number on the amount of a new invoice: nobody can say which is wrong.
    let recycled = from("Usine Générale", USINE_IBAN, "360", "FA-2026-000131");
    assert_eq!(
        suggested(&recycled),
        ["double usine:  rest 360.00", "exact usine: FA-2026-000130 360.00 rest 0.00",]
    );
    assert_eq!(suggested(&transfer("61", "FA-2026-000131")), ["double usine:  rest 61.00"]);
}

#[test]
fn a_payer_and_what_is_open_are_certain() {
    let paid = "exact usine: FA-2026-000130 360.00 rest 0.00";
    assert_eq!(certain(&from("", USINE_IBAN, "360", "virement")), paid);
    assert_eq!(certain(&from("USINE GENERALE S.A.", USINE_IBAN, "360", "virement")), paid);
    // All that is open, credit notes taken off.
    assert_eq!(
        certain(&from("FDN", FORGE_IBAN, "290", "solde")),
        "exact forge: AV-2026-000007 -20.00, FA-2026-000122 240.00, FA-2026-000123 70.00 rest 0.00"
    );
    // A name is a hint, alone as among other words.
    assert_eq!(suggested(&from("USINE GENERALE S.A.", "", "360", "virement")), [paid]);
    assert_eq!(suggested(&transfer("360", "VIR USINE GENERALE AOUT")), [paid]);
}

#[test]
fn a_payer_with_another_amount_is_asked_about() {
    assert_eq!(
        suggested(&from("", FORGE_IBAN, "250", "virement")),
        ["partial forge: AV-2026-000007 -20.00, FA-2026-000122 240.00, FA-2026-000123 30.00 \
          rest 0.00"]
    );
    assert_eq!(
        suggested(&from("", USINE_IBAN, "361", "virement")),
        ["over usine: FA-2026-000130 360.00 rest 1.00"]
    );
}

#[test]
fn two_of_an_amount_are_ambiguous() {
    let mut twice = items();
    twice.push(item("FA-2026-000150", "usine", "360", "360"));
    let line = from("", USINE_IBAN, "360", "virement");
    let verdict = match_lines(&[line], &twice, &payers()).unwrap().remove(0);
    let Verdict::Suggested(proposals) = verdict else { panic!("{verdict:?}") };
    let said: Vec<_> = proposals.iter().map(said).collect();
    assert_eq!(
        said,
        [
            "exact usine: FA-2026-000130 360.00 rest 0.00",
            "exact usine: FA-2026-000150 360.00 rest 0.00",
        ]
    );
    assert!(proposals.iter().all(|it| it.reasons.contains(&Reason::Ambiguous)));
    // Two members of one name; the other name of one of them is its own.
    assert_eq!(
        suggested(&from("SARL LA TOUR", "", "36", "")),
        ["exact tour2: FA-2026-000141 36.00 rest 0.00"]
    );
    assert_eq!(
        suggested(&from("TOUR", "", "36", "")),
        [
            "exact tour: FA-2026-000140 36.00 rest 0.00",
            "exact tour2: FA-2026-000141 36.00 rest 0.00",
        ]
    );
}

#[test]
fn an_account_of_another_member_speaks_against_a_number() {
    let line = from("", USINE_IBAN, "240", "FA-2026-000122");
    let Verdict::Suggested(proposals) = verdict(&line) else { panic!() };
    assert_eq!(said(&proposals[0]), "exact forge: FA-2026-000122 240.00 rest 0.00");
    let other = Reason::OtherPayer { member: "usine".into() };
    assert!(proposals[0].reasons.contains(&other));
    // An account of one, the name of another.
    let torn = from("Forge du Nord", USINE_IBAN, "360", "virement");
    assert!(matches!(verdict(&torn), Verdict::Suggested(_)));
}

#[test]
fn an_amount_alone_is_a_hint() {
    assert_eq!(
        suggested(&transfer("99.99", "virement")),
        ["exact tour2: FA-2026-000142 99.99 rest 0.00"]
    );
    assert_eq!(suggested(&transfer("36", "virement")).len(), 2);
    assert_eq!(verdict(&transfer("1.23", "virement")), Verdict::Unknown);
    assert_eq!(verdict(&transfer("-99.99", "achat")), Verdict::Unknown);
}

#[test]
fn what_comes_back_opens_what_it_paid() {
    let back = |amount, end_to_end: &str| StatementLine {
        reversal: true,
        end_to_end: Some(end_to_end.into()),
        ..from("", USINE_IBAN, amount, "PRLV REJETE")
    };
    assert_eq!(
        certain(&back("-60", "FA-2026-000131")),
        "returned usine: FA-2026-000131 -60.00 rest 0.00"
    );
    assert_eq!(suggested(&back("-60", "X")), ["returned usine: FA-2026-000131 -60.00 rest 0.00"]);
    // More than was paid cannot come back.
    assert_eq!(verdict(&back("-60.01", "FA-2026-000131")), Verdict::Unknown);
    assert_eq!(verdict(&back("60", "FA-2026-000131")), Verdict::Unknown);
}

#[test]
fn a_credit_note_is_paid_out() {
    assert_eq!(
        certain(&transfer("-20", "remboursement AV-2026-000007")),
        "exact forge: AV-2026-000007 -20.00 rest 0.00"
    );
    // Money that goes out for an invoice is no payment of it.
    assert_eq!(
        suggested(&transfer("-60", "trop perçu FA-2026-000131")),
        ["double usine:  rest -60.00"]
    );
}

#[test]
fn another_currency_pays_nothing() {
    let line = StatementLine {
        amount: Money::from_minor(24_000, Currency::USD),
        ..transfer("240", "FA-2026-000122")
    };
    let Verdict::Suggested(proposals) = verdict(&line) else { panic!() };
    assert_eq!(said(&proposals[0]), "credit forge:  rest 240.00");
    assert!(proposals[0].reasons.contains(&Reason::OtherCurrency));
    assert_eq!(proposals[0].outcome, Outcome::Credit);
}

/// Two lines for one invoice: the first pays it, the second is money of the member.
#[test]
fn a_line_sees_what_those_before_it_left() {
    let first = transfer("360", "FA-2026-000130");
    let mut second = transfer("360", "facture FA-2026-000130");
    second.booked_on = date(2026, 8, 15);
    // Given the other way round, and beside one that names nothing and would fit as well.
    let nameless =
        StatementLine { booked_on: date(2026, 8, 1), ..from("", USINE_IBAN, "360", "virement") };
    let lines = [second, nameless, first];
    let verdicts = match_lines(&lines, &items(), &payers()).unwrap();
    let said: Vec<_> = verdicts
        .iter()
        .map(|it| match it {
            Verdict::Certain(proposal) => said(proposal),
            Verdict::Suggested(all) => format!("? {}", said(&all[0])),
            Verdict::Unknown => String::new(),
        })
        .collect();
    assert_eq!(
        said,
        [
            "double usine:  rest 360.00",
            "? credit usine:  rest 360.00",
            "exact usine: FA-2026-000130 360.00 rest 0.00",
        ]
    );
}

#[test]
fn a_verdict_explains_itself() {
    let json = serde_json::to_value(verdict(&transfer("240", "fa 2026-122"))).unwrap();
    let expected = serde_json::json!({
        "verdict": "certain",
        "proposals": {
            "member": "forge",
            "allocations": [{ "document": "FA-2026-000122", "amount": "240.00" }],
            "rest": "0.00",
            "outcome": "exact",
            "reasons": [
                { "reason": "number", "document": "FA-2026-000122", "form": "zeros_lost" }
            ],
        },
    });
    assert_eq!(json, expected);
}
