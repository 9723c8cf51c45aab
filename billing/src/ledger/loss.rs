//! What will not be paid: bad debts and differences.

use super::{
    Auxiliary, Chart, Entry, Heading, Journal, LedgerError, Role, Settlement, VatDue, draft::Draft,
    settlement::settle,
};
use crate::Money;

/// A part of an invoice that is lost for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOff {
    /// When, which document proves the loss, what it says.
    pub heading: Heading,
    /// Whose debt it was.
    pub customer: Auxiliary,
    /// What is lost, tax included.
    pub lost: Settlement,
}

/// The entry of a bad debt; none if nothing is lost.
///
/// Its VAT is no loss: what was due is recovered (CGI, art. 272, 1), what was pending never becomes
/// due.
///
/// # Errors
/// [`LedgerError::TotalDiffers`], [`LedgerError::OverSettled`], [`LedgerError::Figures`].
pub fn write_off(chart: &Chart, bad: &WriteOff) -> Result<Option<Entry>, LedgerError> {
    let lost = &bad.lost;
    let shares = lost.vat_share()?;
    let net = shares.iter().try_fold(lost.amount, |net, (_, vat)| net.checked_sub(*vat))?;

    let mut draft = Draft::new(chart, &bad.heading, lost.amount.currency());
    draft.debit(Role::BadDebt, net)?;
    for (rate, vat) in shares {
        let account = match lost.vat_due {
            VatDue::OnReceipt => chart.account(Role::VatPending),
            VatDue::OnDebits => chart.vat_collected(rate),
        };
        draft.debit_account(account, vat, None)?;
    }
    let document = Some(lost.document.as_str());
    draft.credit_company(Role::Receivable, &bad.customer, lost.amount, document)?;
    draft.finish(Journal::Miscellaneous)
}

/// A difference of a few cents that nobody will ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// When, for which payment, what it says.
    pub heading: Heading,
    /// On whose account.
    pub customer: Auxiliary,
    /// Above zero what was paid too little, below zero what was paid too much.
    pub difference: Money,
    /// The document that is settled by it, if one is.
    pub settles: Option<Settlement>,
}

/// The entry of a rounding difference; none if there is none.
///
/// A cent let go lowers no tax: VAT pending becomes due as if it had been paid.
///
/// # Errors
/// [`LedgerError::TotalDiffers`], [`LedgerError::OverSettled`], [`LedgerError::Figures`].
pub fn rounding(chart: &Chart, rounding: &Rounding) -> Result<Option<Entry>, LedgerError> {
    let Rounding { heading, customer, difference, settles } = rounding;
    let mut draft = Draft::new(chart, heading, difference.currency());
    let role = if difference.minor() < 0 { Role::RoundingGain } else { Role::RoundingLoss };
    draft.debit(role, *difference)?;
    settle(&mut draft, customer, *difference, settles.as_slice())?;
    draft.finish(Journal::Miscellaneous)
}
