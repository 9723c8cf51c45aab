//! Documents made at random.

use palier_billing::{
    Currency, Money, VatCategory,
    ledger::{Chart, ChartAccount, Revenue, Sale, Settlement, VatDue},
    vat_totals,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{cents, forge, heading, service};

pub(crate) const RATES: [&str; 4] = ["20", "10", "5.5", "2.1"];
const FREE: [VatCategory; 3] =
    [VatCategory::Exempt, VatCategory::ReverseCharge, VatCategory::Export];

/// Each rate has an account of its own, so that no rate's cents can hide among another's.
pub(crate) fn chart() -> Chart {
    let account = |(place, rate): (usize, &&str)| {
        let number = format!("44571{place}").parse().unwrap();
        (rate.parse().unwrap(), ChartAccount::new(number, "TVA").unwrap())
    };
    Chart { vat_collected: RATES.iter().enumerate().map(account).collect(), ..Chart::default() }
}

fn revenue() -> impl Strategy<Value = Revenue> {
    let services = ["compute", "storage", "training"].map(service);
    let others = [Revenue::Membership, Revenue::Rebate, Revenue::Prepaid, Revenue::Penalty];
    select([services.as_slice(), &others].concat())
}

fn tax() -> impl Strategy<Value = (VatCategory, &'static str)> {
    let standard = select(&RATES[..]).prop_map(|rate| (VatCategory::Standard, rate));
    prop_oneof![4 => standard, 1 => select(&FREE[..]).prop_map(|category| (category, "0"))]
}

/// A document of up to six lines, some of which take off more than the others come to.
pub(crate) fn sales() -> impl Strategy<Value = Sale> {
    let amount = prop_oneof![8 => 0..100_000_i64, 2 => -100_000..0_i64, 1 => -2..3_i64];
    let line = (revenue(), tax(), amount);
    let vat_due = select(&[VatDue::OnReceipt, VatDue::OnDebits][..]);
    (vec(line, 1..6), vat_due).prop_map(|(lines, vat_due)| {
        let taxed = lines.iter().map(|(_, (category, rate), amount)| {
            (*category, rate.parse().unwrap(), cents(*amount))
        });
        let vat = vat_totals(Currency::EUR, taxed).unwrap();
        let lines = lines.into_iter().map(|(revenue, _, amount)| (revenue, cents(amount)));
        let (heading, customer) = (heading("FA-1"), forge());
        Sale { heading, customer, lines: lines.collect(), vat, vat_due }
    })
}

/// What a document comes to, tax included.
pub(crate) fn total(sale: &Sale) -> i64 {
    let lines = sale.lines.iter().map(|(_, amount)| amount);
    lines.chain(sale.vat.iter().map(|vat| &vat.vat)).map(|amount| amount.minor()).sum()
}

/// Where a document of `total` cents stands after each of its settlements: anywhere between nothing
/// and all of it, sometimes back again, and settled in the end.
pub(crate) fn course(total: i64, stops: &[u16]) -> Vec<i64> {
    let stop = |stop: &u16| {
        let part = i128::from(total) * i128::from(*stop) / i128::from(u16::MAX);
        i64::try_from(part).unwrap()
    };
    stops.iter().map(stop).chain([total]).collect()
}

/// The part of a document between two such places.
pub(crate) fn between(sale: &Sale, from: i64, to: i64) -> Settlement {
    Settlement {
        document: "FA-1".into(),
        total: cents(total(sale)),
        vat: sale.vat.clone(),
        vat_due: sale.vat_due,
        before: cents(from),
        amount: Money::from_minor(to - from, Currency::EUR),
    }
}
