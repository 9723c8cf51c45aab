//! Payments that come back: direct debits returned, transfers recalled, refunds that did not arrive.

use std::collections::BTreeSet;

use super::{
    Outcome, Proposal, Reason, Verdict,
    books::{Books, Item},
    propose::doubts,
    reference::Named,
};
use crate::{Error, Money, matching::NumberForm, statement::StatementLine};

/// What comes back of the document that a line names: what was paid of it, or less.
pub(super) fn by_number(
    books: &Books<'_>,
    line: &StatementLine,
    named: &Named<'_, '_>,
) -> Result<Verdict, Error> {
    let mut proposals = Vec::new();
    for (item, form) in &named.items {
        if !was_paid(item, line.amount, |settled, back| settled >= back)? {
            continue;
        }
        let reason = Reason::Number { document: item.facts.document.clone(), form: *form };
        let several = named.items.len() > 1;
        let doubts = doubts(books, line, named, &item.facts.member, several);
        let certain = doubts.is_empty() && *form != NumberForm::LettersLost;
        let reasons = [reason].into_iter().chain(doubts).collect();
        let proposal = proposal(item, line.amount, reasons);
        if certain {
            return Ok(Verdict::Certain(proposal));
        }
        proposals.push(proposal);
    }
    Ok(if proposals.is_empty() { Verdict::Unknown } else { Verdict::Suggested(proposals) })
}

/// What comes back of documents of the payer, of which exactly so much was paid. Never certain: a
/// member's fees are the same each month.
pub(super) fn by_payer(
    books: &Books<'_>,
    line: &StatementLine,
    members: &BTreeSet<&str>,
    reason: &Reason,
) -> Result<Verdict, Error> {
    let mut proposals = Vec::new();
    for item in members.iter().flat_map(|member| books.of(member)) {
        if was_paid(item, line.amount, |settled, back| settled == back)? {
            proposals.push(proposal(item, line.amount, vec![reason.clone(), Reason::OpenAmount]));
        }
    }
    Ok(if proposals.is_empty() { Verdict::Unknown } else { Verdict::Suggested(proposals) })
}

/// Whether what was paid of a document compares to what comes back of it.
fn was_paid(item: &Item<'_>, amount: Money, compares: fn(u64, u64) -> bool) -> Result<bool, Error> {
    if item.open.currency() != amount.currency() {
        return Ok(false);
    }
    let settled = item.settled()?.minor();
    let opposite = settled.signum().saturating_add(amount.minor().signum()) == 0;
    let paid = !amount.is_zero() && opposite;
    Ok(paid && compares(settled.unsigned_abs(), amount.minor().unsigned_abs()))
}

fn proposal(item: &Item<'_>, amount: Money, reasons: Vec<Reason>) -> Proposal {
    Proposal {
        member: item.facts.member.clone(),
        allocations: vec![item.allocation(amount)],
        rest: Money::zero(amount.currency()),
        outcome: Outcome::Returned,
        reasons,
    }
}
