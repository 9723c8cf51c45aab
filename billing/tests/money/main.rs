//! What happens to money once an invoice is final: bank statements, what their lines pay, what is
//! due for late payment, what goes to the bank as files, and what the books say of it.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod camt;
mod camt_faults;
mod csv;
mod dunning;
#[path = "../books/generate.rs"]
mod generate;
mod matched;
mod matching;
mod reported;
mod reports;
mod sepa;
mod statements;

use jiff::civil::date;
use palier_billing::{
    Currency, Money,
    ledger::{Auxiliary, Heading, Revenue},
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
