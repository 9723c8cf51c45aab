//! What is refused, and how it is said.

use jiff::civil::date;
use palier_billing::{
    Currency, Error, Money,
    ledger::{
        Account, Auxiliary, Chart, Entry, EntryNumber, Heading, Journal, LedgerError, Letter,
        Lettering, Payment, Posting, Purchase, Role, Sale, Settlement, Side, Treasury, VatDue,
        payment, purchase, sale,
    },
};

use crate::{cents, eur, forge, heading, invoice, part, vat};

fn posting(role: Role, side: Side, amount: Money) -> Posting {
    Posting::new(role.usual(), side, amount, "Essai").unwrap()
}

#[test]
fn account_numbers_begin_with_three_digits() {
    for number in ["411", "706000", "445712A", "12345678901234567890"] {
        let account: Account = number.parse().unwrap();
        assert_eq!(account.to_string(), number);
        let json = serde_json::to_string(&account).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
    }
    for number in
        ["", "41", "41A", "A11", "411 000", "411-1", "411é", "٤١١", "123456789012345678901"]
    {
        let found = number.to_owned();
        assert_eq!(number.parse::<Account>(), Err(LedgerError::NotAnAccount { found }));
    }
}

#[test]
fn an_entry_has_two_sides_in_one_currency() {
    let entry = |postings| Entry::new(Journal::Miscellaneous, heading("OD-1"), postings);
    let debit = posting(Role::Bank, Side::Debit, eur("1"));
    for few in [vec![], vec![debit.clone()]] {
        let found = few.len();
        assert_eq!(entry(few), Err(LedgerError::TooFewPostings { found }));
    }
    let credit = posting(Role::Suspense, Side::Credit, eur("0.99"));
    let fault = LedgerError::Unbalanced { debit: eur("1"), credit: eur("0.99") };
    assert_eq!(fault.to_string(), "the debits come to 1.00, the credits to 0.99");
    assert_eq!(entry(vec![debit.clone(), credit]), Err(fault));
    let yen = posting(Role::Suspense, Side::Credit, Money::from_minor(100, Currency::JPY));
    let mixed = Error::CurrencyMismatch { left: "EUR", right: "JPY" };
    assert_eq!(entry(vec![debit, yen]), Err(LedgerError::Figures(mixed)));
    let most = posting(Role::Bank, Side::Debit, cents(i64::MAX));
    let overflow = Error::Overflow { what: "amount" };
    assert_eq!(entry(vec![most.clone(), most]), Err(LedgerError::Figures(overflow)));
}

#[test]
fn a_posting_is_more_than_nothing_and_says_something() {
    for amount in [eur("0"), eur("-1")] {
        let refused = Posting::new(Role::Bank.usual(), Side::Debit, amount, "Essai");
        assert_eq!(refused, Err(LedgerError::NotPositive { amount }));
    }
    let silent = Posting::new(Role::Bank.usual(), Side::Debit, eur("1"), "\t\n");
    assert_eq!(silent, Err(LedgerError::Blank { field: "posting label" }));
    let day = date(2026, 7, 31);
    let unproved = Heading::new(day, " ", "Essai");
    assert_eq!(unproved, Err(LedgerError::Blank { field: "piece reference" }));
    let nameless = Auxiliary::new("M0001", "");
    assert_eq!(nameless, Err(LedgerError::Blank { field: "auxiliary name" }));
    let torn = Heading::new(day, "FA\t1", "Deux\r\nlignes").unwrap();
    assert_eq!((torn.piece(), torn.label()), ("FA 1", "Deux lignes"));
    assert_eq!(torn.dated(date(2026, 7, 1)).piece_date(), date(2026, 7, 1));
}

#[test]
fn documents_that_contradict_themselves_are_not_booked() {
    let facts = Sale { vat: vat(&[("20", "99.99")]), ..invoice(VatDue::OnDebits) };
    let fault = LedgerError::BasesDiffer { lines: eur("100"), bases: eur("99.99") };
    assert_eq!(sale(&Chart::default(), &facts), Err(fault.clone()));
    let bought = Purchase {
        heading: heading("F-1"),
        provider: forge(),
        lines: vec![(None, eur("100"))],
        vat: facts.vat,
        vat_due: VatDue::OnReceipt,
        reverse_charge: None,
    };
    assert_eq!(purchase(&Chart::default(), &bought), Err(fault));
    let mut abroad = Purchase { vat: vat(&[("0", "100")]), ..bought };
    abroad.vat[0].category = palier_billing::VatCategory::ReverseCharge;
    assert_eq!(purchase(&Chart::default(), &abroad), Err(LedgerError::NoReverseChargeRate));
}

#[test]
fn no_more_is_settled_than_a_document_came_to() {
    for (before, amount, settled) in [
        ("100", "20.01", "120.01"),
        ("0", "-0.01", "-0.01"),
        ("-1", "1", "-1"),
        ("121", "-1", "121"),
    ] {
        let paid = Payment {
            heading: heading("VIR-1"),
            customer: forge(),
            received: eur(amount),
            into: Treasury::Bank,
            fees: None,
            settles: vec![part(VatDue::OnDebits, before, amount)],
        };
        let (document, total) = ("FA-1".into(), eur("120"));
        let fault = LedgerError::OverSettled { document, total, settled: eur(settled) };
        assert_eq!(payment(&Chart::default(), &paid), Err(fault));
    }
}

#[test]
fn a_credit_note_is_below_zero_in_all_its_parts() {
    let facts = |total, vat| Payment {
        heading: heading("COMP-1"),
        customer: forge(),
        received: eur("0"),
        into: Treasury::Bank,
        fees: None,
        settles: vec![Settlement { total, vat, ..part(VatDue::OnReceipt, "0", "-120") }],
    };
    let paid = |total, vat| payment(&Chart::default(), &facts(total, vat));
    assert!(paid(eur("-120"), vat(&[("20", "-100")])).is_ok());
    for (total, lines) in [("-120", [("20", "100")]), ("-119.99", [("20", "-100")])] {
        let fault = paid(eur(total), vat(&lines)).unwrap_err();
        assert!(matches!(fault, LedgerError::TotalDiffers { .. }), "{fault}");
    }
    let fault = paid(eur("-120"), vec![]).unwrap_err();
    assert_eq!(fault.to_string(), "FA-1 came to -120.00, its bases and its VAT to 0.00");
}

#[test]
fn numbers_of_entries_have_one_form() {
    for number in ["VE000001", "BQ999999", "AN1000000"] {
        assert_eq!(number.parse::<EntryNumber>().unwrap().to_string(), number);
    }
    for number in ["", "VE", "VE1", "VE0000001", "XX000001", "VE+00001", "é00001"] {
        assert!(number.parse::<EntryNumber>().is_err(), "{number}");
    }
}

#[test]
fn letters_follow_each_other() {
    let letters = std::iter::successors(Some(Letter::FIRST), |letter| Some(letter.next()));
    let letters: Vec<_> = letters.take(26 * 26 + 26 * 26 * 26 + 1).collect();
    assert!(letters.is_sorted());
    for (place, text) in
        [(0, "AA"), (25, "AZ"), (26, "BA"), (675, "ZZ"), (676, "AAA"), (18252, "AAAA")]
    {
        assert_eq!(letters[place].to_string(), text);
        assert_eq!(text.parse::<Letter>(), Ok(letters[place]));
    }
    for text in ["", "A", "aa", "A1", "ÀA", "AAAAAAAAAAAAA"] {
        let found = text.to_owned();
        assert_eq!(text.parse::<Letter>(), Err(LedgerError::NotALetter { found }));
    }
}

#[test]
fn only_what_settles_each_other_is_lettered() {
    let letter = |postings: &[Posting]| Lettering::of(Letter::FIRST, date(2026, 8, 1), postings);
    let debit = posting(Role::Receivable, Side::Debit, eur("1")).of(forge());
    let credit = posting(Role::Receivable, Side::Credit, eur("1"));
    let own = credit.clone().of(forge());
    assert!(letter(&[debit.clone(), own.clone()]).is_ok());
    assert_eq!(letter(&[debit.clone(), credit]), Err(LedgerError::LetteredApart));
    let found = LedgerError::TooFewPostings { found: 1 };
    assert_eq!(letter(std::slice::from_ref(&debit)), Err(found));
    let fault = LedgerError::Unbalanced { debit: eur("2"), credit: eur("1") };
    assert_eq!(letter(&[debit.clone(), own, debit]), Err(fault));
}
