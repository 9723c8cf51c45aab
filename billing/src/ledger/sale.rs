//! Invoices and credit notes.

use super::{
    Auxiliary, Chart, ChartAccount, Entry, Heading, Journal, LedgerError, Role, VatDue,
    draft::Draft,
};
use crate::{Money, VatTotal};

/// What a line of a document is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revenue {
    /// A service, by its code.
    Service(String),
    /// A membership fee.
    Membership,
    /// A rebate granted after the fact, such as that of a year; it lowers what was sold.
    Rebate,
    /// Credits sold in advance, and, below zero, those that are drawn on.
    Prepaid,
    /// Penalties for late payment and the indemnity for recovery costs.
    Penalty,
}

impl Revenue {
    fn account(&self, chart: &Chart) -> ChartAccount {
        match self {
            Self::Service(code) => chart.sales(Some(code)),
            Self::Membership => chart.account(Role::Membership),
            Self::Rebate => chart.account(Role::Rebates),
            Self::Prepaid => chart.account(Role::Prepaid),
            Self::Penalty => chart.account(Role::Penalties),
        }
    }

    fn tag(&self) -> Option<&str> {
        match self {
            Self::Service(code) => Some(code),
            _ => None,
        }
    }
}

/// A document for a customer: an invoice, or a credit note with the same signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// When, which document, what it says.
    pub heading: Heading,
    /// For whom.
    pub customer: Auxiliary,
    /// What for, without VAT.
    pub lines: Vec<(Revenue, Money)>,
    /// Its VAT, those categories included for which none is charged.
    pub vat: Vec<VatTotal>,
    /// When that is due.
    pub vat_due: VatDue,
}

/// The entry of an invoice; none if it is all zeros.
///
/// # Errors
/// [`LedgerError::BasesDiffer`] if the lines are not what VAT was computed on;
/// [`LedgerError::Figures`].
pub fn sale(chart: &Chart, invoice: &Sale) -> Result<Option<Entry>, LedgerError> {
    book(chart, invoice, Money::checked_add)
}

/// The entry of a credit note, whose amounts are above zero as those of an invoice are: the same
/// facts undo it.
///
/// # Errors
/// As [`sale`].
pub fn credit_note(chart: &Chart, note: &Sale) -> Result<Option<Entry>, LedgerError> {
    book(chart, note, Money::checked_sub)
}

/// Books a document, whose amounts `signed` adds to nothing or takes from it.
fn book(
    chart: &Chart,
    document: &Sale,
    signed: fn(Money, Money) -> Result<Money, crate::Error>,
) -> Result<Option<Entry>, LedgerError> {
    let Some((_, first)) = document.lines.first() else { return Ok(None) };
    let zero = Money::zero(first.currency());
    let net = Money::sum(zero.currency(), document.lines.iter().map(|(_, amount)| *amount))?;
    let bases = Money::sum(zero.currency(), document.vat.iter().map(|vat| vat.base))?;
    if net != bases {
        return Err(LedgerError::BasesDiffer { lines: net, bases });
    }
    let total = document.vat.iter().try_fold(net, |sum, vat| sum.checked_add(vat.vat))?;
    // Nobody will pay a document that comes to nothing, so its VAT waits for nobody.
    let pending = document.vat_due == VatDue::OnReceipt && !total.is_zero();

    let mut draft = Draft::new(chart, &document.heading, zero.currency());
    draft.debit_company(Role::Receivable, &document.customer, signed(zero, total)?, None)?;
    for (revenue, amount) in &document.lines {
        draft.credit_account(revenue.account(chart), signed(zero, *amount)?, revenue.tag())?;
    }
    for vat in &document.vat {
        let account = if pending {
            chart.account(Role::VatPending)
        } else {
            chart.vat_collected(vat.rate_percent)
        };
        draft.credit_account(account, signed(zero, vat.vat)?, None)?;
    }
    draft.finish(Journal::Sales)
}
