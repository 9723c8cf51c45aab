//! What happens to money once an invoice is final: bank statements, what their lines pay, what is
//! due for late payment, and what the books say of it.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod camt;
mod camt_faults;
mod csv;
mod dunning;
mod matched;
mod matching;
mod statements;

use palier_billing::{Currency, Money};

fn eur(text: &str) -> Money {
    Money::parse(text, Currency::EUR).unwrap()
}
