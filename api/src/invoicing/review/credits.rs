//! Credits of members, as somebody reviews a month: what it draws, and what is about to be lost.

use std::collections::HashMap;

use palier_billing::Money;

use super::super::run::PricedMonth;
use crate::day::Day;
use crate::id::{GrantId, MemberId};

/// A credit that a month draws, or that ends soon.
pub(crate) struct CreditReview {
    pub(crate) member: MemberId,
    pub(crate) grant: GrantId,
    pub(crate) reason: String,
    /// What the month draws of it.
    pub(crate) drawn: Money,
    /// What is left then.
    pub(crate) left: Money,
    /// The first day on which it is valid no longer.
    pub(crate) valid_until: Option<Day>,
    /// Whether something is left that only this month or the next can draw.
    pub(crate) ends_soon: bool,
}

/// Those of which something is drawn, or of which something is left that is valid no longer than `soon`,
/// the last day of the month to come; in the order of their members.
pub(super) fn review(priced: &PricedMonth, soon: &Day) -> Vec<CreditReview> {
    let mut drawn: HashMap<&GrantId, i64> = HashMap::new();
    for draw in priced.documents.iter().flat_map(|document| &document.draws) {
        let sum = drawn.entry(&draw.grant).or_default();
        *sum = sum.saturating_add(draw.amount_minor);
    }
    let credits = priced.credits.values().flatten().filter_map(|credit| {
        let grant = &credit.grant;
        let drawn = drawn.get(&grant.grant_id).copied().unwrap_or_default();
        let left = credit.left.saturating_sub(drawn);
        let until = grant.valid_until.as_ref();
        let ends_soon = left > 0 && until.is_some_and(|until| *until <= soon.next());
        (drawn != 0 || ends_soon).then(|| CreditReview {
            member: grant.member_id.clone(),
            grant: grant.grant_id.clone(),
            reason: grant.reason.clone(),
            drawn: Money::from_minor(drawn, priced.currency),
            left: Money::from_minor(left, priced.currency),
            valid_until: grant.valid_until.clone(),
            ends_soon,
        })
    });
    credits.collect()
}
