//! From what was found to what is proposed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Allocation, NumberForm, Outcome, Proposal, Reason, Verdict,
    books::{Books, Item},
    reference::{self, Named},
    returned,
};
use crate::{Error, Money, statement::StatementLine};

/// How many documents are proposed where nothing but the amount speaks for them.
const MAX_BY_AMOUNT: usize = 10;

/// What the documents that a line names make of it.
pub(super) fn by_number(books: &Books<'_>, line: &StatementLine) -> Result<Verdict, Error> {
    let named = reference::named(books, line);
    if named.items.is_empty() {
        return Ok(Verdict::Unknown);
    }
    if line.reversal {
        return returned::by_number(books, line, &named);
    }
    let mut by_member: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for found in &named.items {
        by_member.entry(&found.0.facts.member).or_default().push(*found);
    }
    let several = by_member.len() > 1;
    let mut proposals = Vec::new();
    for (member, items) in by_member {
        let doubts = doubts(books, line, &named, member, several);
        let (mut proposal, sure) = numbered(books, line, member, &items)?;
        let certain = sure && doubts.is_empty();
        proposal.reasons.extend(doubts);
        if certain {
            return Ok(Verdict::Certain(proposal));
        }
        proposals.push(proposal);
    }
    Ok(Verdict::Suggested(proposals))
}

/// What speaks against a line being this member's, though it names a document of theirs.
pub(super) fn doubts(
    books: &Books<'_>,
    line: &StatementLine,
    named: &Named<'_, '_>,
    member: &str,
    several: bool,
) -> Vec<Reason> {
    let mut doubts = Vec::new();
    if several {
        doubts.push(Reason::Ambiguous);
    }
    if named.overlap {
        doubts.push(Reason::NumbersOverlap);
    }
    let known = books.payers.of(line).into_iter().filter(|it| it.reason != Reason::NameInText);
    let other = known.filter(|it| !it.members.contains(member));
    let others = other.filter_map(|it| it.members.first().map(|other| (*other).to_owned()));
    let others: BTreeSet<_> = others.collect();
    doubts.extend(others.into_iter().map(|member| Reason::OtherPayer { member }));
    doubts
}

/// What a line pays of the documents of one member that it names, and whether their numbers and
/// amounts leave no other way to see it.
fn numbered(
    books: &Books<'_>,
    line: &StatementLine,
    member: &str,
    items: &[(&Item<'_>, NumberForm)],
) -> Result<(Proposal, bool), Error> {
    let amount = line.amount;
    let reasons = items
        .iter()
        .map(|(item, form)| Reason::Number { document: item.facts.document.clone(), form: *form });
    let mut reasons: Vec<_> = reasons.collect();
    let in_currency = |item: &&Item<'_>| item.open.currency() == amount.currency();
    let all = items.iter().map(|(item, _)| *item);
    let named: Vec<_> = all.filter(in_currency).collect();
    let comparable = named.len() == items.len();
    if !comparable {
        reasons.push(Reason::OtherCurrency);
    }
    let open: Vec<_> = named.iter().copied().filter(|item| item.is_open()).collect();
    let (allocations, rest) = spread(amount, &open)?;
    let left = |item: &&Item<'_>| !named.iter().any(|it| it.facts.document == item.facts.document);
    let mut others = books.open_of(member, line);
    others.retain(left);
    let strong = items.iter().all(|(_, form)| *form != NumberForm::LettersLost);
    let (outcome, sure) = if open.is_empty() && comparable && !named.is_empty() {
        let again = matches!(named.as_slice(), [only] if only.facts.total == amount);
        let meant = others.iter().any(|other| other.open == amount);
        let incoming = amount.minor() > 0;
        (Outcome::Double, incoming && strong && (others.is_empty() || (again && !meant)))
    } else if allocations.is_empty() {
        (Outcome::Credit, false)
    } else if !rest.is_zero() {
        (Outcome::Over, strong && comparable && others.is_empty())
    } else if settles(&open, &allocations)? {
        (Outcome::Exact, comparable)
    } else {
        (Outcome::Partial, strong && comparable && named.len() == 1)
    };
    if !sure && !rest.is_zero() && !others.is_empty() {
        reasons.push(Reason::OthersOpen);
    }
    Ok((Proposal { member: member.to_owned(), allocations, rest, outcome, reasons }, sure))
}

/// Spreads an amount over what is open of documents in their order: those of the other sign (credit
/// notes beside invoices) whole, the others as far as it goes. Gives what is left.
///
/// Nothing, if together they have the other sign.
fn spread(amount: Money, open: &[&Item<'_>]) -> Result<(Vec<Allocation>, Money), Error> {
    let sum = Money::sum(amount.currency(), open.iter().map(|item| item.open))?;
    if sum.minor().signum() != amount.minor().signum() {
        return Ok((Vec::new(), amount));
    }
    let along = |item: &&Item<'_>| item.open.minor().signum() == amount.minor().signum();
    let mut rest = amount;
    for item in open.iter().filter(|item| !along(item)) {
        rest = rest.checked_sub(item.open)?;
    }
    let mut allocations = Vec::new();
    for item in open {
        let part = if !along(item) {
            item.open
        } else if rest.minor().unsigned_abs() < item.open.minor().unsigned_abs() {
            rest
        } else {
            item.open
        };
        if along(item) {
            rest = rest.checked_sub(part)?;
        }
        if !part.is_zero() {
            allocations.push(item.allocation(part));
        }
    }
    Ok((allocations, rest))
}

/// Whether the allocations settle all of what is open.
fn settles(open: &[&Item<'_>], allocations: &[Allocation]) -> Result<bool, Error> {
    let Some(first) = open.first() else { return Ok(false) };
    let currency = first.open.currency();
    let sum = Money::sum(currency, open.iter().map(|item| item.open))?;
    Ok(sum == Money::sum(currency, allocations.iter().map(|it| it.amount))?)
}

/// What a line pays of what its payer has open.
pub(super) fn by_payer(books: &Books<'_>, line: &StatementLine) -> Result<Verdict, Error> {
    let evidence = books.payers.of(line);
    let mut known = evidence.iter();
    let Some(first) = known.next() else { return Ok(Verdict::Unknown) };
    let agreed = known.fold(first.members.clone(), |all, it| &all & &it.members);
    let contradicted = agreed.is_empty();
    let members: BTreeSet<_> = if contradicted {
        evidence.iter().flat_map(|it| it.members.iter().copied()).collect()
    } else {
        agreed
    };
    if line.reversal {
        return returned::by_payer(books, line, &members, &first.reason);
    }
    let mut proposals = Vec::new();
    for member in &members {
        let mine = evidence.iter().filter(|it| it.members.contains(member));
        let reasons: Vec<_> = mine.map(|it| it.reason.clone()).collect();
        proposals.extend(of_payer(books, line, member, &reasons)?);
    }
    let fits = |proposal: &Proposal| proposal.outcome == Outcome::Exact;
    // What was written speaks louder than who wrote it: a number that was not certain stays so. And
    // anybody can have a name: without the account, the amount may be another's by chance.
    let sure = first.reason == Reason::Iban
        && !contradicted
        && members.len() == 1
        && reference::named(books, line).items.is_empty();
    match proposals.as_slice() {
        [] => Ok(Verdict::Unknown),
        [only] if sure && fits(only) => Ok(Verdict::Certain(only.clone())),
        [_] if members.len() == 1 && !contradicted => Ok(Verdict::Suggested(proposals)),
        _ => {
            doubt(&mut proposals);
            // Those that fit come first; otherwise the order is that of members.
            proposals.sort_by_key(|it| !fits(it));
            Ok(Verdict::Suggested(proposals))
        }
    }
}

/// The ways in which a line can settle exactly what a member has open; without any, oldest first.
fn of_payer(
    books: &Books<'_>,
    line: &StatementLine,
    member: &str,
    reasons: &[Reason],
) -> Result<Vec<Proposal>, Error> {
    let amount = line.amount;
    let open = books.open_of(member, line);
    let proposal = |allocations, rest, outcome, why: Option<Reason>| {
        let reasons = reasons.iter().cloned().chain(why).collect();
        Proposal { member: member.to_owned(), allocations, rest, outcome, reasons }
    };
    let zero = Money::zero(amount.currency());
    let single = open.iter().filter(|item| item.open == amount).map(|item| {
        proposal(vec![item.allocation(amount)], zero, Outcome::Exact, Some(Reason::OpenAmount))
    });
    let mut ways: Vec<_> = single.collect();
    let sum = Money::sum(amount.currency(), open.iter().map(|item| item.open))?;
    if open.len() > 1 && sum == amount {
        let all = open.iter().map(|item| item.allocation(item.open)).collect();
        ways.push(proposal(all, zero, Outcome::Exact, Some(Reason::AllOpen)));
    }
    if !ways.is_empty() || amount.minor() <= 0 {
        return Ok(ways);
    }
    let (allocations, rest) = spread(amount, &open)?;
    let outcome = match (allocations.is_empty(), rest.is_zero()) {
        (true, _) => Outcome::Credit,
        (false, true) => Outcome::Partial,
        (false, false) => Outcome::Over,
    };
    Ok(vec![proposal(allocations, rest, outcome, None)])
}

/// All that a line may pay: what its numbers say, then its payer; with neither, its amount.
pub(super) fn suggested(books: &Books<'_>, line: &StatementLine) -> Result<Verdict, Error> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for verdict in [by_number(books, line)?, by_payer(books, line)?] {
        // Certain now only because of what other lines paid: someone may still look at it.
        let found = match verdict {
            Verdict::Certain(proposal) => vec![proposal],
            Verdict::Suggested(found) => found,
            Verdict::Unknown => Vec::new(),
        };
        for proposal in found {
            let same = |it: &Proposal| {
                (&it.member, &it.allocations) == (&proposal.member, &proposal.allocations)
            };
            if !proposals.iter().any(same) {
                proposals.push(proposal);
            }
        }
    }
    if proposals.is_empty() && !line.reversal && line.amount.minor() > 0 {
        proposals = by_amount(books, line.amount);
    }
    Ok(if proposals.is_empty() { Verdict::Unknown } else { Verdict::Suggested(proposals) })
}

fn by_amount(books: &Books<'_>, amount: Money) -> Vec<Proposal> {
    let fitting = books.with_open(amount).take(MAX_BY_AMOUNT);
    let mut proposals: Vec<_> = fitting
        .map(|item| Proposal {
            member: item.facts.member.clone(),
            allocations: vec![item.allocation(amount)],
            rest: Money::zero(amount.currency()),
            outcome: Outcome::Exact,
            reasons: vec![Reason::OpenAmount],
        })
        .collect();
    if proposals.len() > 1 {
        doubt(&mut proposals);
    }
    proposals
}

/// Says of each that another fits as well.
fn doubt(proposals: &mut [Proposal]) {
    for proposal in proposals {
        proposal.reasons.push(Reason::Ambiguous);
    }
}
