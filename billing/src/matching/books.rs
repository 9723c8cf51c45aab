//! What is open, while lines are matched.

use std::collections::BTreeMap;

use super::{Allocation, OpenItem, Payer, Proposal, number::Pattern, payer::Payers};
use crate::{Error, Money, statement::StatementLine};

/// A document, and what is open of it by now.
#[derive(Clone, Debug)]
pub(super) struct Item<'i> {
    pub(super) facts: &'i OpenItem,
    pub(super) open: Money,
    pub(super) pattern: Pattern,
}

impl Item<'_> {
    /// What was paid of it.
    pub(super) fn settled(&self) -> Result<Money, Error> {
        self.facts.total.checked_sub(self.open)
    }

    pub(super) fn is_open(&self) -> bool {
        !self.open.is_zero()
    }

    pub(super) fn allocation(&self, amount: Money) -> Allocation {
        Allocation { document: self.facts.document.clone(), amount }
    }
}

/// Documents, oldest first, and payers.
pub(super) struct Books<'i> {
    items: Vec<Item<'i>>,
    by_digits: BTreeMap<String, Vec<usize>>,
    by_number: BTreeMap<&'i str, usize>,
    by_member: BTreeMap<&'i str, Vec<usize>>,
    pub(super) payers: Payers<'i>,
}

impl<'i> Books<'i> {
    pub(super) fn new(items: &'i [OpenItem], payers: &'i [Payer]) -> Self {
        let mut sorted: Vec<_> = items.iter().collect();
        sorted.sort_by_key(|item| (item.due_on, &item.document));
        let item = |facts: &'i OpenItem| {
            let pattern = Pattern::of(&facts.document);
            Item { facts, open: facts.open, pattern }
        };
        let items: Vec<_> = sorted.into_iter().map(item).collect();
        let mut books = Self {
            by_digits: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_member: BTreeMap::new(),
            payers: Payers::new(payers),
            items,
        };
        for (place, item) in books.items.iter().enumerate() {
            let digits = item.pattern.last_digits().to_owned();
            books.by_digits.entry(digits).or_default().push(place);
            books.by_number.insert(&item.facts.document, place);
            books.by_member.entry(&item.facts.member).or_default().push(place);
        }
        books
    }

    /// The documents whose numbers end with these digits, zeros before them left out.
    pub(super) fn ending_with(&self, digits: &str) -> impl Iterator<Item = &Item<'i>> {
        let places = self.by_digits.get(digits).into_iter().flatten();
        places.filter_map(|place| self.items.get(*place))
    }

    /// A member's documents, oldest first.
    pub(super) fn of(&self, member: &str) -> impl Iterator<Item = &Item<'i>> {
        let places = self.by_member.get(member).into_iter().flatten();
        places.filter_map(|place| self.items.get(*place))
    }

    /// What a member has open in the currency of the line, oldest first.
    pub(super) fn open_of(&self, member: &str, line: &StatementLine) -> Vec<&Item<'i>> {
        let currency = line.amount.currency();
        self.of(member).filter(|it| it.is_open() && it.open.currency() == currency).collect()
    }

    /// Every document of which so much is open.
    pub(super) fn with_open(&self, amount: Money) -> impl Iterator<Item = &Item<'i>> {
        self.items.iter().filter(move |item| item.open == amount)
    }

    /// Books what is certain.
    pub(super) fn take(&mut self, proposal: &Proposal) -> Result<(), Error> {
        for Allocation { document, amount } in &proposal.allocations {
            let place = self.by_number.get(document.as_str()).copied();
            if let Some(item) = place.and_then(|place| self.items.get_mut(place)) {
                item.open = item.open.checked_sub(*amount)?;
            }
        }
        Ok(())
    }
}
