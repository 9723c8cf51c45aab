//! Which column of an export is what.

use serde::{Deserialize, Serialize};

/// How a bank writes its exports.
///
/// Columns are named as in the header, or, for banks that have no header names worth the word, as
/// they will be found: upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvMapping {
    /// What stands between columns.
    #[serde(default = "semicolon")]
    pub delimiter: char,
    /// What stands before the cents.
    #[serde(default)]
    pub decimal: DecimalMark,
    /// In which order dates are written.
    #[serde(default)]
    pub dates: DateOrder,
    /// ISO 4217 code of the currency, unless a column has it.
    #[serde(default = "euro")]
    pub currency: String,
    /// The column with the day of booking.
    pub booked_on: String,
    /// The column or columns with the amount.
    pub amount: AmountColumns,
    /// The columns with what the payer and the bank wrote, in the order in which they are joined.
    pub text: Vec<String>,
    /// The column with the value date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_on: Option<String>,
    /// The column with the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_column: Option<String>,
    /// The column with the bank's reference of a movement: one that no other movement has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
    /// The column with the name of who paid or was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    /// The column with their IBAN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty_iban: Option<String>,
    /// The column with what the payer called the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_to_end: Option<String>,
}

/// Where amounts stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AmountColumns {
    /// One column; below zero is what went out.
    Signed(String),
    /// Two; what stands in the debit column went out, whatever its sign.
    Sides {
        /// The column of what went out.
        debit: String,
        /// The column of what came in.
        credit: String,
    },
}

/// What stands before the cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// As in `1 234,50` or `1.234,50`.
    #[default]
    Comma,
    /// As in `1234.50` or `1,234.50`.
    Point,
}

/// In which order a date is written; four digits first are a year in any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// As in `31/07/2026` or `31/07/26`.
    #[default]
    DayFirst,
    /// As in `07/31/2026`.
    MonthFirst,
}

const fn semicolon() -> char {
    ';'
}

fn euro() -> String {
    "EUR".to_owned()
}

impl CsvMapping {
    /// The columns a header must have.
    pub(super) fn names(&self) -> Vec<&str> {
        let amounts = match &self.amount {
            AmountColumns::Signed(amount) => vec![amount],
            AmountColumns::Sides { debit, credit } => vec![debit, credit],
        };
        let optional = [
            &self.value_on,
            &self.currency_column,
            &self.bank_reference,
            &self.counterparty,
            &self.counterparty_iban,
            &self.end_to_end,
        ];
        let named = [&self.booked_on].into_iter().chain(amounts).chain(&self.text);
        named.chain(optional.into_iter().flatten()).map(String::as_str).collect()
    }
}
