//! Rating again: what to bill or give back when a period that was billed turns out different.

use std::collections::BTreeMap;

use serde::Serialize;

use super::RatedCharge;
use crate::{Error, Money};

/// The difference between what a member was billed for a charge and what it owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Whose.
    pub member: String,
    /// What was billed so far, earlier corrections included.
    pub billed: Money,
    /// What is owed.
    pub due: Money,
    /// What is to be billed, or given back if negative; never zero.
    pub amount: Money,
}

impl RatedCharge<'_> {
    /// The corrections that bring every member from what was billed to what this rating says.
    ///
    /// Only members whose amount moved appear, by member id; one that was billed and is not rated
    /// any more gets everything back. Add the corrections to what was billed, ask again, and there
    /// are none: rating without new usage produces no document.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`], [`Error::Overflow`].
    pub fn corrections(&self, billed: &BTreeMap<String, Money>) -> Result<Vec<Correction>, Error> {
        let nothing = Money::zero(self.total.currency());
        let due = self.amounts()?;
        let mut members: Vec<&str> = billed.keys().map(String::as_str).collect();
        members.extend(due.keys());
        members.sort_unstable();
        members.dedup();
        let mut corrections = Vec::new();
        for member in members {
            let billed = billed.get(member).copied().unwrap_or(nothing);
            let due = due.get(member).copied().unwrap_or(nothing);
            let amount = due.checked_sub(billed)?;
            if !amount.is_zero() {
                corrections.push(Correction { member: member.to_owned(), billed, due, amount });
            }
        }
        Ok(corrections)
    }
}
