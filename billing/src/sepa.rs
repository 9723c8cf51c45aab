//! Payments in euros that go to the bank as files: what a pole collects from its members by direct debit,
//! and what it pays its providers, without anybody between it and its bank.
//!
//! [`DirectDebits`] writes pain.008 (ISO 20022: customer direct debit initiation, of 2009 and of 2019,
//! under CORE and B2B), [`CreditTransfers`] pain.001 (customer credit transfer initiation), [`read_status`] reads
//! what the bank answers, pain.002 (customer payment status report), and a [`ReturnReason`] says in words
//! why something came back.
//!
//! What is handed in is valid by construction where it stands alone ([`CreditorId`], [`Bic`],
//! [`AccountHolder`], [`Mandate`]); what only a whole file can show (days, sequences, references that are
//! there twice) is checked when it is written, all of it at once and each fault with its JSON pointer.
//! Nothing is read from a clock: the same input gives the same bytes.
//!
//! | what | how |
//! |---|---|
//! | batches | one for each day, scheme and sequence, with its own count and sum; day by day |
//! | sequence | `OOFF`, `FNAL`, else `RCUR`; `FRST` only where the bank still wants it |
//! | day | a business day of TARGET, after the next one, after the notice that the debtor was given |
//! | texts | in the characters that every bank takes ([`latin`]); references as they are, or refused |
//! | bank | by its BIC where it is known; it must be outside the European Economic Area, as must the address |
//! | charges | each side its own (`SLEV`) |
//!
//! Sources: the rulebooks of the European Payments Council (EPC016-06 SDD Core, EPC222-07 SDD B2B,
//! EPC125-05 SCT), its guidelines for files from customers (EPC130-08, EPC131-08, EPC132-08) and between
//! banks (EPC115-06), creditor identifiers (EPC262-08), characters (EPC217-08), countries (EPC409-09),
//! reason codes (EPC173-14); ISO 20022 for messages, ISO 11649 for references, ISO 13616 for IBANs,
//! ISO 9362 for BICs.
//!
//! ```
//! use jiff::civil::date;
//! use palier_billing::sepa::*;
//! use palier_billing::{Currency, Money};
//!
//! let mandate = Mandate::new(MandateForm {
//!     reference: "RUM-FORGE-1",
//!     scheme: Scheme::B2b,
//!     kind: MandateKind::Recurrent,
//!     signed_on: date(2026, 1, 12),
//!     debtor: "Forge de l’Ouest",
//!     iban: "FR1420041010050500013M02606",
//!     bic: None,
//!     address: None,
//! })?;
//! let pole = AccountHolder::new("Pôle Mécatronique", "DE89370400440532013000", None, None)?;
//! let file = DirectDebits {
//!     message_id: "POLE-2026-07".to_owned(),
//!     created_at: date(2026, 7, 20).at(9, 30, 0, 0),
//!     creditor: Creditor { holder: pole, id: "FR72ZZZ123456".parse()? },
//!     notice_days: DirectDebits::NOTICE_DAYS,
//!     days_ahead: DirectDebits::DAYS_AHEAD,
//!     mark_first: false,
//!     batch_booking: true,
//!     collections: vec![Collection {
//!         end_to_end: "FA-2026-000123".to_owned(),
//!         amount: Money::from_minor(118_800, Currency::EUR),
//!         mandate,
//!         used: MandateUse::default(),
//!         is_last: false,
//!         amendment: None,
//!         collect_on: date(2026, 7, 31),
//!         notified_on: date(2026, 7, 3),
//!         remittance: Remittance::Text("Facture FA-2026-000123, juin 2026".to_owned()),
//!     }],
//! };
//! let xml = String::from_utf8(file.write(DebitVersion::V08)?)?;
//! assert!(xml.contains("<InstdAmt Ccy=\"EUR\">1188.00</InstdAmt>"));
//! assert!(xml.contains("<Nm>Pole Mecatronique</Nm>"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod account;
mod bic;
mod calendar;
mod creditor_id;
mod debit;
mod fault;
mod mandate;
mod reason;
mod remittance;
mod status;
mod text;
mod transfer;
mod xml;

pub use account::AccountHolder;
pub use bic::Bic;
pub use calendar::{business_day_after, earliest_collection, is_business_day, next_business_day};
pub use creditor_id::CreditorId;
pub use debit::{Amendment, Collection, Creditor, DebitBatch, DebitVersion, DirectDebits};
pub use fault::{SepaError, SepaFault, SepaFaults};
pub use mandate::{
    Mandate, MandateForm, MandateKind, MandateReference, MandateUse, Scheme, Sequence,
};
pub use reason::{Remedy, ReturnReason};
pub use remittance::Remittance;
pub use status::{
    BatchStatus, PaymentState, PaymentStatus, StatusReason, StatusReport, read_status,
};
pub use text::latin;
pub use transfer::{CreditTransfers, Transfer, TransferVersion};

/// How many characters the id of a message may have: 35 less what numbers its batches.
pub const MAX_MESSAGE_ID: usize = 30;
