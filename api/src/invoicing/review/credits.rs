//! Credits of members, as somebody reviews a month: what it draws, and what is about to be lost.

use palier_billing::Money;

use super::super::draw::GrantUse;
use super::super::view::MonthView;
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
pub(super) fn review(view: &MonthView, soon: &Day) -> Vec<CreditReview> {
    let told = view.credits.iter().filter_map(|GrantUse { grant, drawn_minor, left_minor }| {
        let until = grant.valid_until.as_ref();
        let ends_soon = *left_minor > 0 && until.is_some_and(|until| *until <= soon.next());
        (*drawn_minor != 0 || ends_soon).then(|| CreditReview {
            member: grant.member_id.clone(),
            grant: grant.grant_id.clone(),
            reason: grant.reason.clone(),
            drawn: Money::from_minor(*drawn_minor, view.currency),
            left: Money::from_minor(*left_minor, view.currency),
            valid_until: grant.valid_until.clone(),
            ends_soon,
        })
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by(|one, other| one.member.cmp(&other.member));
    told
}
