//! The books: entries worked by hand, the laws of double entry over documents made at random, and
//! the accounting file against its checker.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod entries;
mod fec_broken;
mod fec_written;
mod generate;
mod laws;
mod losses;
mod refused;

use std::collections::BTreeMap;

use jiff::civil::date;
use palier_billing::{
    Currency, Money, VatCategory, VatTotal,
    ledger::{Auxiliary, Entry, Heading, LedgerError, Revenue, Sale, Settlement, Side, VatDue},
    vat_totals,
};

fn eur(text: &str) -> Money {
    Money::parse(text, Currency::EUR).unwrap()
}

fn cents(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn heading(piece: &str) -> Heading {
    Heading::new(date(2026, 7, 31), piece, "Forge SA").unwrap()
}

fn forge() -> Auxiliary {
    Auxiliary::new("M0001", "Forge SA").unwrap()
}

fn service(code: &str) -> Revenue {
    Revenue::Service(code.to_owned())
}

/// VAT at standard rates on amounts in euros.
fn vat(lines: &[(&str, &str)]) -> Vec<VatTotal> {
    let lines = lines
        .iter()
        .map(|(rate, amount)| (VatCategory::Standard, rate.parse().unwrap(), eur(amount)));
    vat_totals(Currency::EUR, lines).unwrap()
}

/// An invoice of 100 € and 20 % VAT.
fn invoice(vat_due: VatDue) -> Sale {
    Sale {
        heading: heading("FA-1"),
        customer: forge(),
        lines: vec![(service("compute"), eur("100"))],
        vat: vat(&[("20", "100")]),
        vat_due,
    }
}

/// A part of that invoice.
fn part(vat_due: VatDue, before: &str, amount: &str) -> Settlement {
    Settlement {
        document: "FA-1".into(),
        total: eur("120"),
        vat: vat(&[("20", "100")]),
        vat_due,
        before: eur(before),
        amount: eur(amount),
    }
}

/// The postings as a bookkeeper writes them, a line each.
#[track_caller]
fn booked(entry: Result<Option<Entry>, LedgerError>) -> Vec<String> {
    let entry = entry.unwrap().unwrap();
    let postings = entry.postings().iter();
    let line = postings.map(|posting| {
        let side = if posting.side() == Side::Debit { "D" } else { "C" };
        let whose = posting.auxiliary().map(|it| format!(" {}", it.code())).unwrap_or_default();
        format!("{side} {}{whose} {}", posting.account(), posting.amount())
    });
    line.collect()
}

/// What every account, and every company's part of it, stands at: debits less credits, in cents.
#[derive(Debug, Default, PartialEq)]
struct Balances(BTreeMap<(String, Option<String>), i64>);

impl Balances {
    /// Adds an entry that must balance and have no posting of nothing or less.
    #[track_caller]
    fn post(&mut self, entry: Result<Option<Entry>, LedgerError>) {
        let Some(entry) = entry.unwrap() else { return };
        let mut sum = 0;
        for posting in entry.postings() {
            let cents = posting.amount().minor();
            assert!(cents > 0, "{entry:?}");
            let signed = if posting.side() == Side::Debit { cents } else { -cents };
            let whose = posting.auxiliary().map(|it| it.code().to_owned());
            *self.0.entry((posting.account().to_string(), whose)).or_default() += signed;
            sum += signed;
        }
        assert_eq!(sum, 0, "{entry:?}");
    }

    /// What an account stands at, over all companies.
    fn of(&self, account: &str) -> i64 {
        let on = self.0.iter().filter(|((number, _), _)| number == account);
        on.map(|(_, cents)| cents).sum()
    }

    fn is_nothing(&self) -> bool {
        self.0.values().all(|cents| *cents == 0)
    }
}
