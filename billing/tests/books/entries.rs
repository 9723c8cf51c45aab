//! Entries worked by hand.

use palier_billing::{
    Money, VatCategory, VatTotal,
    ledger::{
        Auxiliary, Chart, ChartAccount, Disbursement, Fees, LedgerError, Payment, Posting,
        Purchase, Refund, Revenue, Sale, Settlement, Standing, Treasury, VatDue, credit_note,
        disbursement, opening, payment, purchase, refund, sale, transfer, unmatched,
    },
};

use crate::{booked, eur, forge, heading, invoice, part, service, vat};

fn account(number: &str) -> ChartAccount {
    ChartAccount::new(number.parse().unwrap(), "Compte").unwrap()
}

/// The sample invoice: 177.15 € of three services at three rates.
fn sample() -> Sale {
    let lines = [("compute", "105.87"), ("training", "36.36"), ("press", "9.90")];
    Sale {
        heading: heading("FA-2026-000001"),
        customer: forge(),
        lines: lines.map(|(code, amount)| (service(code), eur(amount))).to_vec(),
        vat: vat(&[("20", "105.87"), ("10", "36.36"), ("2.1", "9.90")]),
        vat_due: VatDue::OnDebits,
    }
}

#[test]
fn an_invoice_credits_sales_and_vat() {
    let mut chart = Chart::default();
    chart.sales.insert("training".into(), account("706300"));
    chart.vat_collected.insert("20".parse().unwrap(), account("445712"));
    let entry = sale(&chart, &sample());
    assert_eq!(
        booked(entry.clone()),
        [
            "D 411000 M0001 177.15",
            "C 706000 105.87",
            "C 706300 36.36",
            "C 706000 9.90",
            "C 445710 3.85",
            "C 445712 21.17",
        ]
    );
    let entry = entry.unwrap().unwrap();
    let tags: Vec<_> = entry.postings().iter().map(|posting| posting.tag()).collect();
    assert_eq!(tags[..4], [None, Some("compute"), Some("training"), Some("press")]);
    assert_eq!(entry.total(), eur("177.15"));
}

#[test]
fn a_credit_note_swaps_the_sides() {
    let note = credit_note(&Chart::default(), &sample());
    assert_eq!(
        booked(note),
        [
            "C 411000 M0001 177.15",
            "D 706000 105.87",
            "D 706000 36.36",
            "D 706000 9.90",
            "D 445710 25.02",
        ]
    );
    let rebate = Sale { lines: vec![(Revenue::Rebate, eur("100"))], ..invoice(VatDue::OnDebits) };
    let rebate = booked(credit_note(&Chart::default(), &rebate));
    assert_eq!(rebate, ["C 411000 M0001 120.00", "D 709000 100.00", "D 445710 20.00"]);
}

#[test]
fn vat_on_receipt_waits_for_the_payment() {
    let chart = Chart::default();
    let sold = booked(sale(&chart, &invoice(VatDue::OnReceipt)));
    assert_eq!(sold, ["D 411000 M0001 120.00", "C 706000 100.00", "C 445740 20.00"]);
    // 33.34 of 120.00 carry 5.5567 of VAT, and 66.67 in all 11.1117.
    let first = Payment {
        heading: heading("VIR-1"),
        customer: forge(),
        received: eur("33.34"),
        into: Treasury::Bank,
        fees: None,
        settles: vec![part(VatDue::OnReceipt, "0", "33.34")],
    };
    assert_eq!(
        booked(payment(&chart, &first)),
        ["D 512000 33.34", "C 411000 M0001 33.34", "D 445740 5.56", "C 445710 5.56",]
    );
    let second = Payment {
        received: eur("33.33"),
        settles: vec![part(VatDue::OnReceipt, "33.34", "33.33")],
        ..first
    };
    assert_eq!(booked(payment(&chart, &second))[2..], ["D 445740 5.55", "C 445710 5.55"]);
}

#[test]
fn what_is_paid_too_much_stays_with_the_customer() {
    let chart = Chart::default();
    let paid = Payment {
        heading: heading("CB-1"),
        customer: forge(),
        received: eur("150"),
        into: Treasury::PaymentProvider,
        fees: Some(Fees { net: eur("2"), vat: eur("0.40") }),
        settles: vec![part(VatDue::OnDebits, "0", "120")],
    };
    let entry = payment(&chart, &paid);
    assert_eq!(
        booked(entry.clone()),
        [
            "D 517000 147.60",
            "D 627000 2.00",
            "D 445660 0.40",
            "C 411000 M0001 120.00",
            "C 411000 M0001 30.00",
        ]
    );
    let entry = entry.unwrap().unwrap();
    let labels: Vec<_> = entry.postings().iter().map(Posting::label).collect();
    assert_eq!(labels[3..], ["Forge SA FA-1", "Forge SA"]);

    let back = Refund {
        heading: heading("VIR-2"),
        customer: forge(),
        paid: eur("30"),
        from: Treasury::Bank,
        settles: vec![],
    };
    assert_eq!(booked(refund(&chart, &back)), ["C 512000 30.00", "D 411000 M0001 30.00"]);
}

#[test]
fn a_payment_that_comes_back_reopens_the_invoice() {
    let back = Refund {
        heading: heading("REJ-1"),
        customer: forge(),
        paid: eur("120"),
        from: Treasury::Bank,
        settles: vec![part(VatDue::OnReceipt, "120", "-120")],
    };
    assert_eq!(
        booked(refund(&Chart::default(), &back)),
        ["C 512000 120.00", "D 411000 M0001 120.00", "C 445740 20.00", "D 445710 20.00",]
    );
}

#[test]
fn a_credit_note_pays_an_invoice() {
    let note = |rate: &str| Settlement {
        document: "AV-1".into(),
        total: eur("-60"),
        vat: vat(&[(rate, "-50")])
            .into_iter()
            .map(|it| VatTotal { vat: eur("-10"), ..it })
            .collect(),
        amount: eur("-60"),
        ..part(VatDue::OnReceipt, "0", "0")
    };
    let offset = |rate: &str| Payment {
        heading: heading("COMP-1"),
        customer: forge(),
        received: Money::zero(palier_billing::Currency::EUR),
        into: Treasury::Bank,
        fees: None,
        settles: vec![part(VatDue::OnReceipt, "0", "60"), note(rate)],
    };
    // Half the invoice is paid by the note: its VAT and the note's cancel out where they are on one
    // account.
    let mut chart = Chart::default();
    let pair = ["C 411000 M0001 60.00", "D 411000 M0001 60.00"];
    assert_eq!(booked(payment(&chart, &offset("20"))), pair);
    chart.vat_collected.insert("10".parse().unwrap(), account("445711"));
    assert_eq!(
        booked(payment(&chart, &offset("10"))),
        ["C 411000 M0001 60.00", "C 445710 10.00", "D 411000 M0001 60.00", "D 445711 10.00",]
    );
}

#[test]
fn money_of_unknown_origin_waits_in_suspense() {
    let chart = Chart::default();
    let entry = unmatched(&chart, &heading("VIR-3"), Treasury::Bank, eur("120"));
    assert_eq!(booked(entry), ["D 512000 120.00", "C 471000 120.00"]);
    let found = Payment {
        heading: heading("VIR-3"),
        customer: forge(),
        received: eur("120"),
        into: Treasury::Suspense,
        fees: None,
        settles: vec![part(VatDue::OnDebits, "0", "120")],
    };
    assert_eq!(booked(payment(&chart, &found)), ["D 471000 120.00", "C 411000 M0001 120.00"]);
}

#[test]
fn the_payment_provider_pays_out() {
    let (from, to) = (Treasury::PaymentProvider, Treasury::Bank);
    let entry = transfer(&Chart::default(), &heading("PO-1"), from, to, eur("147.60"));
    assert_eq!(booked(entry), ["D 512000 147.60", "C 517000 147.60"]);
}

#[test]
fn prepaid_credits_are_no_revenue_until_they_are_drawn_on() {
    let chart = Chart::default();
    let sold = Sale { lines: vec![(Revenue::Prepaid, eur("100"))], ..invoice(VatDue::OnDebits) };
    let sold = booked(sale(&chart, &sold));
    assert_eq!(sold, ["D 411000 M0001 120.00", "C 419100 100.00", "C 445710 20.00"]);
    let drawn = Sale {
        lines: vec![(service("compute"), eur("80")), (Revenue::Prepaid, eur("-80"))],
        vat: vat(&[("20", "80"), ("20", "-80")]),
        ..invoice(VatDue::OnReceipt)
    };
    assert_eq!(booked(sale(&chart, &drawn)), ["C 706000 80.00", "D 419100 80.00"]);
}

#[test]
fn fees_and_penalties_have_accounts_of_their_own() {
    let out_of_scope = VatTotal {
        category: VatCategory::OutOfScope,
        rate_percent: "0".parse().unwrap(),
        base: eur("1140"),
        vat: eur("0"),
    };
    let fees = Sale {
        lines: vec![(Revenue::Membership, eur("1100")), (Revenue::Penalty, eur("40"))],
        vat: vec![out_of_scope],
        ..invoice(VatDue::OnReceipt)
    };
    let fees = booked(sale(&Chart::default(), &fees));
    assert_eq!(fees, ["D 411000 M0001 1140.00", "C 756000 1100.00", "C 763100 40.00"]);
}

#[test]
fn a_document_that_comes_to_nothing_keeps_no_vat_waiting() {
    let swap = Sale {
        lines: vec![(service("compute"), eur("100")), (service("press"), eur("-117.53"))],
        vat: vat(&[("20", "100"), ("2.1", "-117.53")]),
        ..invoice(VatDue::OnReceipt)
    };
    // 120.00 at 20 % less 120.00 at 2.1 %.
    assert_eq!(
        booked(sale(&Chart::default(), &swap)),
        ["C 706000 100.00", "D 706000 117.53", "C 445710 17.53",]
    );
    let nothing = Sale { lines: vec![(service("compute"), eur("0"))], vat: vec![], ..swap };
    assert_eq!(sale(&Chart::default(), &nothing), Ok(None));
    assert_eq!(sale(&Chart::default(), &Sale { lines: vec![], ..nothing }), Ok(None));
}

#[test]
fn a_purchase_is_the_mirror_of_a_sale() {
    let grid = Auxiliary::new("F0001", "Grille SARL").unwrap();
    let bought = Purchase {
        heading: heading("F-77"),
        provider: grid.clone(),
        lines: vec![(Some("compute".into()), eur("50")), (None, eur("10"))],
        vat: vat(&[("20", "60")]),
        vat_due: VatDue::OnDebits,
        reverse_charge: None,
    };
    let mut chart = Chart::default();
    chart.purchases.insert("compute".into(), account("604100"));
    assert_eq!(
        booked(purchase(&chart, &bought)),
        ["D 604100 50.00", "D 611000 10.00", "D 445660 12.00", "C 401000 F0001 72.00",]
    );
    let mut paid = Disbursement {
        heading: heading("VIR-4"),
        provider: grid,
        from: Treasury::Bank,
        paid: eur("72"),
        vat: eur("0"),
    };
    assert_eq!(booked(disbursement(&chart, &paid)), ["D 401000 F0001 72.00", "C 512000 72.00"]);

    // Where its VAT is due on receipt, it is deducted with the payment, and not if that came back.
    let bought = Purchase { vat_due: VatDue::OnReceipt, ..bought };
    assert_eq!(
        booked(purchase(&chart, &bought)),
        ["D 604100 50.00", "D 611000 10.00", "D 445640 12.00", "C 401000 F0001 72.00",]
    );
    paid.vat = eur("12");
    assert_eq!(
        booked(disbursement(&chart, &paid)),
        ["D 401000 F0001 72.00", "C 512000 72.00", "D 445660 12.00", "C 445640 12.00"]
    );
    (paid.paid, paid.vat) = (eur("-72"), eur("-12"));
    assert_eq!(
        booked(disbursement(&chart, &paid)),
        ["C 401000 F0001 72.00", "D 512000 72.00", "C 445660 12.00", "D 445640 12.00"]
    );
}

#[test]
fn under_reverse_charge_the_pole_owes_and_deducts() {
    let abroad = VatTotal {
        category: VatCategory::ReverseCharge,
        rate_percent: "0".parse().unwrap(),
        base: eur("50"),
        vat: eur("0"),
    };
    let bought = Purchase {
        heading: heading("F-78"),
        provider: Auxiliary::new("F0002", "Rechenzentrum GmbH").unwrap(),
        lines: vec![(None, eur("50"))],
        vat: vec![abroad],
        // What the pole owes itself, it deducts with what it owes, whenever it is paid.
        vat_due: VatDue::OnReceipt,
        reverse_charge: Some("20".parse().unwrap()),
    };
    assert_eq!(
        booked(purchase(&Chart::default(), &bought)),
        ["D 611000 50.00", "D 445664 10.00", "C 445200 10.00", "C 401000 F0002 50.00",]
    );
}

#[test]
fn a_year_that_lost_money_opens_with_the_loss() {
    let standing = |number: &str, whose, balance: &str| Standing {
        account: account(number),
        whose,
        balance: eur(balance),
    };
    let ended = [
        standing("411000", Some(forge()), "12"),
        standing("512000", None, "-20"),
        standing("471000", None, "0"),
        standing("611000", None, "18"),
        standing("706000", None, "-10"),
    ];
    let opened = |ended: &[Standing]| opening(&Chart::default(), &heading("BILAN"), ended);
    let entry = booked(opened(&ended));
    assert_eq!(entry, ["D 411000 M0001 12.00", "C 512000 20.00", "D 129000 8.00"]);
    assert!(matches!(opened(&ended[..4]), Err(LedgerError::Unbalanced { .. })));
    assert_eq!(opened(&[]), Ok(None));
}
