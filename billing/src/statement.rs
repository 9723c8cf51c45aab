//! Bank statements: what came in and went out of an account, as the bank tells it.
//!
//! [`read_camt`] reads camt.053 (ISO 20022, all versions), [`read_csv`] what French banks export
//! from their web sites. Both give [`Statement`]s, or every fault of the file with its line: half a
//! statement is none.
//!
//! Each line has a [`key`](StatementLine::key) that is the same whenever the same movement is read
//! again, so that a file imported twice, or two exports that overlap, book nothing twice.
//!
//! ```
//! use palier_billing::statement::{CsvMapping, read_csv};
//!
//! let mapping: CsvMapping = serde_json::from_str(
//!     r#"{
//!         "booked_on": "Date",
//!         "amount": { "debit": "Débit", "credit": "Crédit" },
//!         "text": ["Libellé"]
//!     }"#,
//! )?;
//! let file = "Date;Libellé;Débit;Crédit\n03/08/2026;VIR FORGE SA FA-2026-000001;;1 234,50\n";
//! let statement = read_csv(file.as_bytes(), &mapping, "FR1420041010050500013M02606")?;
//! let line = &statement.lines[0];
//! assert_eq!(line.amount.to_string(), "1234.50");
//! assert_eq!(line.booked_on.to_string(), "2026-08-03");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod camt;
mod csv;
mod fault;
mod iban;
mod key;
mod reference;

pub use camt::read_camt;
pub use csv::{AmountColumns, CsvMapping, DateOrder, DecimalMark, read_csv};
pub use fault::{StatementFault, StatementFaultKind, StatementFaults};
pub use iban::{Iban, NotAnIban};
pub(crate) use reference::remainder_97;
pub use reference::{CreditorReference, NotACreditorReference};

use jiff::civil::Date;
use serde::Serialize;

use crate::Money;

/// What a bank tells of one account over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The account: its IBAN, or its number where it has none. Without spaces.
    pub account: String,
    /// The bank's identification of the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the account held before and after the lines; a CSV file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balances: Option<Balances>,
    /// The movements that are booked, in the order of the file.
    pub lines: Vec<StatementLine>,
    /// How many movements the file announces that are not booked. They are no lines.
    pub not_booked: usize,
}

/// The balances of a statement: opening, lines and closing add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Balances {
    /// Before the first line.
    pub opening: Money,
    /// After the last.
    pub closing: Money,
}

/// One movement on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// What this movement is known by, whenever and from whichever file it is read.
    pub key: String,
    /// Where it stands in the file, from 1.
    pub line: u64,
    /// The day it was booked.
    pub booked_on: Date,
    /// The day from which it bears interest.
    pub value_on: Date,
    /// Above zero what came in, below zero what went out.
    pub amount: Money,
    /// Whether it takes an earlier movement back: a direct debit that came back, for one.
    pub reversal: bool,
    /// ISO 20022 code of the reason for which it was taken back, such as `AC04`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_reason: Option<String>,
    /// What the bank calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
    /// Who paid or was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    /// On whose behalf, if not its own (ultimate debtor or creditor).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// From or to which account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty_iban: Option<Iban>,
    /// What the payer wrote, on one line; empty where nothing was.
    pub remittance: String,
    /// The reference of the invoice as the payer's software knew it: ISO 11649, or another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured_reference: Option<String>,
    /// What the payer called the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_to_end: Option<String>,
}
