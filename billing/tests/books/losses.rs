//! Bad debts and differences, worked by hand.

use palier_billing::ledger::{Chart, Rounding, VatDue, WriteOff, rounding, write_off};

use crate::{booked, eur, forge, heading, part};

#[test]
fn vat_is_no_part_of_a_loss() {
    let lost = |vat_due| WriteOff {
        heading: heading("OD-1"),
        customer: forge(),
        lost: part(vat_due, "60", "60"),
    };
    let chart = Chart::default();
    let on_debits = booked(write_off(&chart, &lost(VatDue::OnDebits)));
    assert_eq!(on_debits, ["D 654000 50.00", "D 445710 10.00", "C 411000 M0001 60.00"]);
    let on_receipt = booked(write_off(&chart, &lost(VatDue::OnReceipt)));
    assert_eq!(on_receipt, ["D 654000 50.00", "D 445740 10.00", "C 411000 M0001 60.00"]);
}

#[test]
fn a_cent_let_go_settles_the_invoice_and_its_vat() {
    let chart = Chart::default();
    let short = Rounding {
        heading: heading("OD-2"),
        customer: forge(),
        difference: eur("0.05"),
        settles: Some(part(VatDue::OnReceipt, "119.95", "0.05")),
    };
    assert_eq!(
        booked(rounding(&chart, &short)),
        ["D 658000 0.05", "C 411000 M0001 0.05", "D 445740 0.01", "C 445710 0.01",]
    );
    let over = Rounding { difference: eur("-0.02"), settles: None, ..short.clone() };
    assert_eq!(booked(rounding(&chart, &over)), ["C 758000 0.02", "D 411000 M0001 0.02"]);
    let none = Rounding { difference: eur("0"), settles: None, ..short };
    assert_eq!(rounding(&chart, &none), Ok(None));
}
