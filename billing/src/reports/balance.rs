//! What every account stands at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    Currency, Days, Error, Money,
    ledger::{Account, Auxiliary, Entry, Journal, Posting, Side},
};

/// The balance of every account over some days of a year (*balance générale*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrialBalance {
    /// The days.
    pub days: Days,
    /// A row for each account that moved, or stood at anything before, by number.
    pub rows: Vec<BalanceRow>,
    /// Sum of the debits within the days, which is that of the credits.
    pub debits: Money,
    /// Sum of the credits within the days.
    pub credits: Money,
}

/// One account, or one company's part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceRow {
    /// The account.
    pub account: Account,
    /// What it is called, as its last entry has it.
    pub label: String,
    /// Whose part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Auxiliary>,
    /// Debits less credits before the days.
    pub opening: Money,
    /// Debits within them.
    pub debits: Money,
    /// Credits within them.
    pub credits: Money,
    /// Debits less credits after them.
    pub closing: Money,
}

/// What the rows are sums of: an account, and a company's code where companies are told apart.
type Key<'e> = (&'e Account, Option<&'e str>);

/// A row in the making, and the date of the entry that named it.
struct Sum<'e> {
    row: BalanceRow,
    named: (Date, &'e str),
}

/// The balance of every account, of the entries of one accounting year in any order.
///
/// What the year began with ([`Journal::Opening`]) counts as before the days, whenever they begin.
/// Entries after them do not count.
///
/// # Errors
/// [`Error::CurrencyMismatch`] for an entry in another currency, [`Error::Overflow`].
///
/// ```
/// # use jiff::civil::date;
/// # use palier_billing::{Currency, Days, Money, ledger::*, reports::trial_balance};
/// let heading = Heading::new(date(2026, 8, 3), "VIR-0042", "Virement")?;
/// let amount = Money::from_minor(1234_50, Currency::EUR);
/// let entry = unmatched(&Chart::default(), &heading, Treasury::Bank, amount)?.unwrap();
/// let august = Days::new(date(2026, 8, 1), date(2026, 9, 1))?;
/// let balance = trial_balance(Currency::EUR, august, [&entry])?;
/// let said: Vec<_> =
///     balance.rows.iter().map(|row| format!("{} {}", row.account, row.closing)).collect();
/// assert_eq!(said, ["471000 -1234.50", "512000 1234.50"]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn trial_balance<'e>(
    currency: Currency,
    days: Days,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<TrialBalance, Error> {
    sum(currency, days, entries, |posting| Some((posting.account(), None)))
}

/// The same of each company's part of the accounts that have them: what each customer owes, what
/// each provider is owed (*balance auxiliaire*).
///
/// # Errors
/// As [`trial_balance`].
pub fn company_balance<'e>(
    currency: Currency,
    days: Days,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<TrialBalance, Error> {
    sum(currency, days, entries, |posting| {
        posting.auxiliary().map(|company| (posting.account(), Some(company.code())))
    })
}

fn sum<'e>(
    currency: Currency,
    days: Days,
    entries: impl IntoIterator<Item = &'e Entry>,
    key: fn(&'e Posting) -> Option<Key<'e>>,
) -> Result<TrialBalance, Error> {
    let zero = Money::zero(currency);
    let mut sums: BTreeMap<Key<'e>, Sum<'e>> = BTreeMap::new();
    let (mut debits, mut credits) = (zero, zero);
    for entry in entries {
        let date = entry.heading().date();
        let before = date < days.first() || entry.journal() == Journal::Opening;
        if date >= days.end() {
            continue;
        }
        for posting in entry.postings() {
            let Some(key) = key(posting) else { continue };
            let sum = sums.entry(key).or_insert_with(|| Sum::new(posting, key, zero));
            sum.name(date, posting);
            sum.row.add(posting, before)?;
            if !before {
                debits = debits.checked_add(posting.on(Side::Debit))?;
                credits = credits.checked_add(posting.on(Side::Credit))?;
            }
        }
    }
    let rows = sums.into_values().map(|sum| sum.row).collect();
    Ok(TrialBalance { days, rows, debits, credits })
}

impl<'e> Sum<'e> {
    fn new(posting: &'e Posting, (account, company): Key<'e>, zero: Money) -> Self {
        let row = BalanceRow {
            account: account.clone(),
            label: String::new(),
            company: company.and_then(|_| posting.auxiliary().cloned()),
            opening: zero,
            debits: zero,
            credits: zero,
            closing: zero,
        };
        Self { row, named: (Date::MIN, "") }
    }

    /// Names the row as the last entry does; of several on a day, as the last by alphabet, so that
    /// their order says nothing.
    fn name(&mut self, date: Date, posting: &'e Posting) {
        if self.named < (date, posting.account_label()) {
            self.named = (date, posting.account_label());
            posting.account_label().clone_into(&mut self.row.label);
        }
    }
}

impl BalanceRow {
    fn add(&mut self, posting: &Posting, before: bool) -> Result<(), Error> {
        let (debit, credit) = (posting.on(Side::Debit), posting.on(Side::Credit));
        if before {
            self.opening = self.opening.checked_add(debit)?.checked_sub(credit)?;
        } else {
            self.debits = self.debits.checked_add(debit)?;
            self.credits = self.credits.checked_add(credit)?;
        }
        self.closing = self.closing.checked_add(debit)?.checked_sub(credit)?;
        Ok(())
    }
}
