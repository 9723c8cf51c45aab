//! An entry in the making.

use super::{
    Auxiliary, Chart, ChartAccount, Entry, Heading, Journal, LedgerError, Posting, Role, Side,
    text::line,
};
use crate::{Currency, Money};

/// Where a sum goes: what is the same in all of this is one posting.
#[derive(Clone, PartialEq)]
struct Target {
    account: ChartAccount,
    auxiliary: Option<Auxiliary>,
    label: String,
    tag: Option<String>,
}

/// Sums by target, as debits; a credit is a debit below zero.
///
/// Facts are signed (what a credit note says is what an invoice says, less than nothing) and
/// postings are not. Here one becomes the other: a sum below zero changes sides, a sum of zero is
/// no posting.
pub(super) struct Draft<'f> {
    chart: &'f Chart,
    heading: &'f Heading,
    currency: Currency,
    sums: Vec<(Target, Money)>,
}

impl<'f> Draft<'f> {
    pub(super) const fn new(chart: &'f Chart, heading: &'f Heading, currency: Currency) -> Self {
        Self { chart, heading, currency, sums: Vec::new() }
    }

    pub(super) const fn chart(&self) -> &'f Chart {
        self.chart
    }

    pub(super) const fn zero(&self) -> Money {
        Money::zero(self.currency)
    }

    /// Debits the account that has the part.
    pub(super) fn debit(&mut self, role: Role, amount: Money) -> Result<(), LedgerError> {
        self.debit_account(self.chart.account(role), amount, None)
    }

    /// Credits the account that has the part.
    pub(super) fn credit(&mut self, role: Role, amount: Money) -> Result<(), LedgerError> {
        self.credit_account(self.chart.account(role), amount, None)
    }

    /// Debits an account, with an analytic tag.
    pub(super) fn debit_account(
        &mut self,
        account: ChartAccount,
        amount: Money,
        tag: Option<&str>,
    ) -> Result<(), LedgerError> {
        let (label, tag) = (self.heading.label().to_owned(), tag.map(str::to_owned));
        self.add(Target { account, auxiliary: None, label, tag }, amount)
    }

    /// Credits an account, with an analytic tag.
    pub(super) fn credit_account(
        &mut self,
        account: ChartAccount,
        amount: Money,
        tag: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.debit_account(account, self.zero().checked_sub(amount)?, tag)
    }

    /// Debits an account, or one company's part of it, by what it stands at. There may be one for
    /// every company, each once: they are not compared with each other.
    pub(super) fn carry(
        &mut self,
        account: ChartAccount,
        auxiliary: Option<Auxiliary>,
        balance: Money,
    ) -> Result<(), LedgerError> {
        let label = self.heading.label().to_owned();
        let target = Target { account, auxiliary, label, tag: None };
        self.sums.push((target, self.zero().checked_add(balance)?));
        Ok(())
    }

    /// Debits what one company owes, or is owed. A posting that settles a document says which, so
    /// that it can be lettered with it.
    pub(super) fn debit_company(
        &mut self,
        role: Role,
        company: &Auxiliary,
        amount: Money,
        document: Option<&str>,
    ) -> Result<(), LedgerError> {
        let label = match document {
            Some(document) => line("label", &format!("{} {document}", self.heading.label()))?,
            None => self.heading.label().to_owned(),
        };
        let account = self.chart.account(role);
        let target = Target { account, auxiliary: Some(company.clone()), label, tag: None };
        self.add(target, amount)
    }

    /// Credits what one company owes, or is owed.
    pub(super) fn credit_company(
        &mut self,
        role: Role,
        company: &Auxiliary,
        amount: Money,
        document: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.debit_company(role, company, self.zero().checked_sub(amount)?, document)
    }

    fn add(&mut self, target: Target, amount: Money) -> Result<(), LedgerError> {
        match self.sums.iter_mut().find(|(known, _)| *known == target) {
            Some((_, sum)) => *sum = sum.checked_add(amount)?,
            None => self.sums.push((target, self.zero().checked_add(amount)?)),
        }
        Ok(())
    }

    /// The entry, or none if nothing moved.
    pub(super) fn finish(self, journal: Journal) -> Result<Option<Entry>, LedgerError> {
        let zero = self.zero();
        let moved = self.sums.into_iter().filter(|(_, sum)| !sum.is_zero());
        let postings = moved.map(|(target, sum)| {
            let (side, amount) = match sum.minor() {
                ..0 => (Side::Credit, zero.checked_sub(sum)?),
                _ => (Side::Debit, sum),
            };
            let posting = Posting::new(target.account, side, amount, &target.label)?;
            let posting = target.auxiliary.into_iter().fold(posting, Posting::of);
            Ok(target.tag.into_iter().fold(posting, Posting::tagged))
        });
        let postings = postings.collect::<Result<Vec<_>, LedgerError>>()?;
        if postings.is_empty() {
            return Ok(None);
        }
        Entry::new(journal, self.heading.clone(), postings).map(Some)
    }
}
