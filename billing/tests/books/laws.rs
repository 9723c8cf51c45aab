//! The laws of double entry. That every entry balances and no posting is negative is asserted
//! wherever one is posted.

use palier_billing::{
    Percent,
    ledger::{
        ChartAccount, Disbursement, Fees, Payment, Purchase, Refund, Rounding, Sale, Standing,
        Treasury, VatDue, WriteOff, credit_note, disbursement, opening, payment, purchase, refund,
        rounding, sale, write_off,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    Balances, cents, forge,
    generate::{RATES, between, chart, course, sales, total},
    heading,
};

/// One step of a document's life, from `from` to `to` cents settled.
fn step(sale: &Sale, from: i64, to: i64, fees: i64) -> Payment {
    Payment {
        heading: heading("VIR-1"),
        customer: forge(),
        received: cents(to - from),
        into: Treasury::Bank,
        fees: Some(Fees { net: cents(fees), vat: cents(fees / 5) }),
        settles: vec![between(sale, from, to)],
    }
}

proptest! {
    #[test]
    fn a_credit_note_of_the_same_facts_undoes_an_invoice(facts in sales()) {
        let mut books = Balances::default();
        books.post(sale(&chart(), &facts));
        books.post(credit_note(&chart(), &facts));
        prop_assert!(books.is_nothing(), "{books:?}");
    }

    /// However it is paid, partly taken back and paid again: nothing is owed in the end, no VAT
    /// waits, and what is due is the document's VAT of each rate.
    #[test]
    fn an_invoice_paid_in_any_parts_is_paid(
        facts in sales(),
        stops in vec(any::<u16>(), 0..6),
        fees in 0..500_i64,
    ) {
        let mut books = Balances::default();
        books.post(sale(&chart(), &facts));
        let mut from = 0;
        for to in course(total(&facts), &stops) {
            books.post(payment(&chart(), &step(&facts, from, to, fees)));
            from = to;
        }
        prop_assert_eq!((books.of("411000"), books.of("445740")), (0, 0));
        for (place, rate) in RATES.iter().enumerate() {
            let rate: Percent = rate.parse().unwrap();
            let due = facts.vat.iter().filter(|vat| vat.rate_percent == rate);
            let due: i64 = due.map(|vat| vat.vat.minor()).sum();
            prop_assert_eq!(books.of(&format!("44571{place}")), -due);
        }
    }

    /// The same where the last part is lost, or too small to be asked for.
    #[test]
    fn an_invoice_lost_in_part_keeps_no_vat_waiting(
        facts in sales(),
        stops in vec(any::<u16>(), 1..4),
        lost in any::<bool>(),
    ) {
        let mut books = Balances::default();
        books.post(sale(&chart(), &facts));
        let course = course(total(&facts), &stops);
        let (last, paid) = course.split_last().unwrap();
        let mut from = 0;
        for to in paid {
            books.post(payment(&chart(), &step(&facts, from, *to, 0)));
            from = *to;
        }
        let (heading, customer) = (heading("OD-1"), forge());
        let rest = between(&facts, from, *last);
        let received = books.of("512000");
        if lost {
            books.post(write_off(&chart(), &WriteOff { heading, customer, lost: rest }));
        } else {
            let (difference, settles) = (rest.amount, Some(rest));
            let facts = Rounding { heading, customer, difference, settles };
            books.post(rounding(&chart(), &facts));
        }
        prop_assert_eq!((books.of("411000"), books.of("445740")), (0, 0));
        prop_assert_eq!(books.of("512000"), received);
    }

    /// A refund is a payment the other way.
    #[test]
    fn what_is_paid_and_paid_back_was_never_paid(facts in sales(), stop in any::<u16>()) {
        let mut books = Balances::default();
        let to = course(total(&facts), &[stop])[0];
        books.post(payment(&chart(), &step(&facts, 0, to, 0)));
        books.post(refund(&chart(), &Refund {
            heading: heading("VIR-2"),
            customer: forge(),
            paid: cents(to),
            from: Treasury::Bank,
            settles: vec![between(&facts, to, 0)],
        }));
        prop_assert!(books.is_nothing(), "{books:?}");
    }

    /// An invoice settled by a credit note of the same facts: no cash, nothing open.
    #[test]
    fn a_credit_note_can_pay_its_invoice(facts in sales()) {
        let mut books = Balances::default();
        books.post(sale(&chart(), &facts));
        books.post(credit_note(&chart(), &facts));
        let minus = |amount: palier_billing::Money| cents(-amount.minor());
        let mut note = between(&facts, 0, total(&facts));
        (note.total, note.amount) = (minus(note.total), minus(note.amount));
        for vat in &mut note.vat {
            (vat.base, vat.vat) = (minus(vat.base), minus(vat.vat));
        }
        let mut offset = step(&facts, 0, total(&facts), 0);
        offset.received = cents(0);
        offset.settles.push(note);
        books.post(payment(&chart(), &offset));
        prop_assert!(books.is_nothing(), "{books:?}");
    }

    /// A year opens with what the one before left: the balance sheet as it stood, and one result.
    #[test]
    fn a_year_opens_as_the_one_before_ended(facts in sales(), stop in any::<u16>()) {
        let mut books = Balances::default();
        books.post(sale(&chart(), &facts));
        let to = course(total(&facts), &[stop])[0];
        books.post(payment(&chart(), &step(&facts, 0, to, 100)));
        let ended: Vec<_> = books.0.iter().map(|((number, whose), balance)| Standing {
            account: ChartAccount::new(number.parse().unwrap(), "Compte").unwrap(),
            whose: whose.as_ref().map(|_| forge()),
            balance: cents(*balance),
        }).collect();
        let mut opened = Balances::default();
        opened.post(opening(&chart(), &heading("BILAN"), &ended));
        for ((number, _), balance) in &books.0 {
            let kept = if matches!(number.as_bytes()[0], b'6' | b'7') { 0 } else { *balance };
            prop_assert_eq!(opened.of(number), kept, "{}", number);
        }
    }

    #[test]
    fn a_purchase_below_zero_undoes_a_purchase(
        facts in sales(),
        own in select(&RATES[..]),
        vat_due in select(&[VatDue::OnReceipt, VatDue::OnDebits][..]),
    ) {
        let bought = |sign: i64| Purchase {
            heading: facts.heading.clone(),
            provider: forge(),
            lines: facts.lines.iter().map(|(_, it)| (None, cents(sign * it.minor()))).collect(),
            vat: facts.vat.iter().map(|vat| palier_billing::VatTotal {
                base: cents(sign * vat.base.minor()),
                vat: cents(sign * vat.vat.minor()),
                ..*vat
            }).collect(),
            vat_due,
            reverse_charge: Some(own.parse().unwrap()),
        };
        let mut books = Balances::default();
        books.post(purchase(&chart(), &bought(1)));
        prop_assert_eq!(books.of("445200"), -books.of("445664"));
        books.post(purchase(&chart(), &bought(-1)));
        prop_assert!(books.is_nothing(), "{books:?}");

        // Paid, nothing is owed and nothing waits: all of its VAT can be deducted.
        books.post(purchase(&chart(), &bought(1)));
        let (owed, waits) = (-books.of("401000"), books.of("445640"));
        let all = waits + books.of("445660");
        let waited = if vat_due == VatDue::OnReceipt { all } else { 0 };
        prop_assert_eq!(waits, waited);
        let paid = Disbursement {
            heading: facts.heading.clone(),
            provider: forge(),
            from: Treasury::Bank,
            paid: cents(owed),
            vat: cents(waits),
        };
        books.post(disbursement(&chart(), &paid));
        let stand = ["401000", "445640", "445660", "512000"].map(|account| books.of(account));
        prop_assert_eq!(stand, [0, 0, all, -owed]);
    }
}
