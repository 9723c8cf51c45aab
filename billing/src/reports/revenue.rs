//! What each service earned.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Currency, Error, Money, Month,
    ledger::{Account, Entry, Side},
};

/// What one service earned in a month, or what came in on an account of income that is no
/// service's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevenueRow {
    /// The month in which it was booked.
    pub month: Month,
    /// The service; none for fees, rebates, penalties and what else has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The account.
    pub account: Account,
    /// Credits less debits, without VAT.
    pub amount: Money,
}

/// Income (accounts of class 7) by month, service and account, in this order. Sums of nothing, where
/// a credit note took all back, are left out.
///
/// # Errors
/// [`Error::CurrencyMismatch`] for an entry in another currency, [`Error::Overflow`].
pub fn revenue<'e>(
    currency: Currency,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<Vec<RevenueRow>, Error> {
    let mut sums: BTreeMap<(Month, Option<&str>, &Account), Money> = BTreeMap::new();
    for entry in entries {
        let month = Month::of(entry.heading().date());
        for posting in entry.postings().iter().filter(|it| it.account().is_of_income()) {
            let key = (month, posting.tag(), posting.account());
            let sum = sums.entry(key).or_insert(Money::zero(currency));
            *sum =
                sum.checked_add(posting.on(Side::Credit))?.checked_sub(posting.on(Side::Debit))?;
        }
    }
    let rows = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
    Ok(rows
        .map(|((month, service, account), amount)| RevenueRow {
            month,
            service: service.map(str::to_owned),
            account: account.clone(),
            amount,
        })
        .collect())
}
