//! Double entry: what happens to money, as entries whose debits equal their credits.
//!
//! A function for each thing that happens makes its [`Entry`] of plain facts and a [`Chart`]:
//!
//! | what happened | function | debit | credit |
//! |---|---|---|---|
//! | an invoice | [`sale`] | 411 | 706, 756, 4457 |
//! | a credit note | [`credit_note`] | 706 or 709, 4457 | 411 |
//! | a payment | [`payment()`] | 512, 627 | 411 |
//! | … and the VAT that waited for it | | 44574 | 44571 |
//! | a refund | [`refund`] | 411 | 512 |
//! | money of unknown origin | [`unmatched`] | 512 | 471 |
//! | money that moves | [`transfer`] | 512 | 517 |
//! | a loss | [`write_off`] | 654, 4457 | 411 |
//! | a cent too little | [`rounding`] | 658 | 411 |
//! | a provider's invoice | [`purchase`] | 611, 44566 or 44564 | 401 |
//! | … and paying it | [`disbursement`] | 401 | 512 |
//! | … and the VAT that waited for it | | 44566 | 44564 |
//! | a year that begins | [`opening`] | 411, 512 | 401, 4457, 120 |
//!
//! Amounts of nothing make no posting, and facts that move nothing no entry. Amounts below zero
//! change sides: no posting is ever negative.
//!
//! ```
//! use jiff::civil::date;
//! use palier_billing::{Currency, Money, VatCategory, ledger::*, vat_totals};
//!
//! let euros = |cents| Money::from_minor(cents, Currency::EUR);
//! let chart = Chart::default();
//! let forge = Auxiliary::new("M0001", "Forge SA")?;
//!
//! let vat = vat_totals(Currency::EUR, [(VatCategory::Standard, "20".parse()?, euros(100_00))])?;
//! let invoice = Sale {
//!     heading: Heading::new(date(2026, 7, 31), "FA-2026-000001", "Forge SA juillet 2026")?,
//!     customer: forge.clone(),
//!     lines: vec![(Revenue::Service("compute".into()), euros(100_00))],
//!     vat: vat.clone(),
//!     vat_due: VatDue::OnReceipt,
//! };
//! let sold = sale(&chart, &invoice)?.unwrap();
//!
//! let paid = payment(&chart, &Payment {
//!     heading: Heading::new(date(2026, 8, 14), "VIR-0042", "Virement Forge SA")?,
//!     customer: forge,
//!     received: euros(120_00),
//!     into: Treasury::Bank,
//!     fees: None,
//!     settles: vec![Settlement {
//!         document: "FA-2026-000001".into(),
//!         total: euros(120_00),
//!         vat,
//!         vat_due: VatDue::OnReceipt,
//!         before: euros(0),
//!         amount: euros(120_00),
//!     }],
//! })?;
//! let paid = paid.unwrap();
//! let booked: Vec<_> = paid
//!     .postings()
//!     .iter()
//!     .map(|it| format!("{} {} {}", it.side(), it.account(), it.amount()))
//!     .collect();
//! assert_eq!(booked, [
//!     "debit 512000 120.00",
//!     "credit 411000 120.00",
//!     "debit 445740 20.00",
//!     "credit 445710 20.00",
//! ]);
//!
//! // What was invoiced and what was paid settle each other.
//! let pair = [&sold.postings()[0], &paid.postings()[1]];
//! Lettering::of(Letter::FIRST, date(2026, 8, 14), pair)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod account;
mod chart;
mod draft;
mod entry;
mod error;
mod journal;
mod lettering;
mod loss;
mod opening;
mod payment;
mod purchase;
mod sale;
mod settlement;
mod text;

pub use crate::VatDue;
pub use account::{Account, Auxiliary, ChartAccount};
pub use chart::{Chart, Role};
pub use entry::{Entry, Heading, Posting, Side};
pub use error::LedgerError;
pub use journal::{EntryNumber, Journal};
pub use lettering::{Letter, Lettering};
pub use loss::{Rounding, WriteOff, rounding, write_off};
pub use opening::{Standing, opening};
pub use payment::{
    Fees, Payment, Payout, Refund, Treasury, bank_fees, payment, payout, payout_back, refund,
    transfer, unmatched,
};
pub use purchase::{Disbursement, Purchase, disbursement, purchase};
pub use sale::{Revenue, Sale, credit_note, sale};
pub use settlement::Settlement;
