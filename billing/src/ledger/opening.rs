//! The balances that a year begins with.

use super::{
    Auxiliary, Chart, ChartAccount, Entry, Heading, Journal, LedgerError, Role, draft::Draft,
};
use crate::Money;

/// What an account, or one company's part of it, stands at when a year ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: ChartAccount,
    /// Whose part of it.
    pub whose: Option<Auxiliary>,
    /// Debits less credits.
    pub balance: Money,
}

/// The entry that opens a year; none if all accounts stand at nothing.
///
/// Accounts of the balance sheet go on as they stand. What all others come to is the result of the
/// year that ended. The accounting file has this entry and none that closes accounts (A47 A-1).
///
/// # Errors
/// [`LedgerError::Unbalanced`], [`LedgerError::TooFewPostings`] where the books that ended did not
/// balance; [`LedgerError::Figures`].
///
/// ```
/// # use palier_billing::{Currency, Money, ledger::*};
/// # use jiff::civil::date;
/// let chart = Chart::default();
/// let standing = |role, cents| Standing {
///     account: chart.account(role),
///     whose: None,
///     balance: Money::from_minor(cents, Currency::EUR),
/// };
/// let ended = [
///     standing(Role::Bank, 120_00),
///     standing(Role::VatCollected, -20_00),
///     standing(Role::Sales, -100_00),
/// ];
/// let heading = Heading::new(date(2027, 1, 1), "BILAN-2026", "À nouveaux")?;
/// let entry = opening(&chart, &heading, &ended)?.unwrap();
/// let booked = entry.postings().iter();
/// let booked: Vec<_> =
///     booked.map(|it| format!("{} {} {}", it.side(), it.account(), it.amount())).collect();
/// assert_eq!(booked, ["debit 512000 120.00", "credit 445710 20.00", "credit 120000 100.00"]);
/// # Ok::<_, LedgerError>(())
/// ```
pub fn opening(
    chart: &Chart,
    heading: &Heading,
    ended: &[Standing],
) -> Result<Option<Entry>, LedgerError> {
    let Some(first) = ended.first() else { return Ok(None) };
    let mut draft = Draft::new(chart, heading, first.balance.currency());
    let mut result = draft.zero();
    for Standing { account, whose, balance } in ended {
        if account.number().is_of_balance_sheet() {
            draft.carry(account.clone(), whose.clone(), *balance)?;
        } else {
            result = result.checked_add(*balance)?;
        }
    }
    draft.debit(if result.minor() < 0 { Role::Profit } else { Role::Loss }, result)?;
    draft.finish(Journal::Opening)
}
