//! How fast documents become electronic invoices. `cargo bench -p palier-billing --bench einvoice`

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark of literals fails loudly"
)]

use divan::{Bencher, counter::ItemsCount};
use palier_billing::{Issued, einvoice};
use serde_json::Value;

fn main() {
    divan::main();
}

/// An invoice of so many lines.
fn invoice(lines: usize) -> Issued {
    let example = include_str!("../src/einvoice/example.json");
    let mut value: Value = serde_json::from_str(example).unwrap();
    let line = value["lines"][0].clone();
    value["lines"] = vec![line; lines].into();
    serde_json::from_value(value).unwrap()
}

/// A service each of a pole, and what a larger member has.
const LINES: [usize; 3] = [2, 20, 200];

#[divan::bench(args = LINES)]
fn cii(bencher: Bencher<'_, '_>, lines: usize) {
    let issued = invoice(lines);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| einvoice::cii(&issued).unwrap());
}

#[divan::bench(args = LINES)]
fn ubl(bencher: Bencher<'_, '_>, lines: usize) {
    let issued = invoice(lines);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| einvoice::ubl(&issued).unwrap());
}

/// From the sealed bytes, as the server does it.
#[divan::bench(args = LINES)]
fn sealed_to_cii(bencher: Bencher<'_, '_>, lines: usize) {
    let sealed = invoice(lines).canonical().unwrap();
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let issued: Issued = serde_json::from_slice(&sealed).unwrap();
        einvoice::cii(&issued).unwrap()
    });
}
