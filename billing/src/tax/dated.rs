//! Values that change on known days: what VAT makes of a seller, a service or a member.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What holds from a day on, in place of what held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change<T> {
    /// The first day on which it holds.
    pub effective_from: Date,
    /// What holds then.
    pub value: T,
}

/// A value over time: what held from the beginning, and what took its place on which day.
///
/// ```
/// # use jiff::civil::date;
/// # use palier_billing::{Change, Dated, SellerVat};
/// let leaves = Change { effective_from: date(2027, 3, 1), value: SellerVat::Taxable };
/// let seller = Dated::new(SellerVat::Franchise, vec![leaves])?;
/// assert_eq!(seller.on(date(2027, 2, 28)).value, SellerVat::Franchise);
/// let held = seller.on(date(2027, 3, 31));
/// assert_eq!((held.value, held.since), (SellerVat::Taxable, Some(date(2027, 3, 1))));
/// # Ok::<_, palier_billing::OutOfOrder>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    first: T,
    changes: Vec<Change<T>>,
}

/// What holds on a day, and between which days it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Held<T> {
    /// What holds.
    pub value: T,
    /// The first day on which it does; none, if it always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The first day on which it does no longer; none, if no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A change that does not come after the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the change at place {place} does not come after the one before it")]
pub struct OutOfOrder {
    /// Its place among the changes, from 0.
    pub place: usize,
    /// Whether both are of the same day.
    pub same_day: bool,
}

impl<T: Copy + PartialEq> Dated<T> {
    /// What holds from the beginning, and its changes, each on a later day than the one before.
    ///
    /// # Errors
    /// [`OutOfOrder`]: the first that is not.
    pub fn new(first: T, changes: Vec<Change<T>>) -> Result<Self, OutOfOrder> {
        let fault = out_of_order(&changes).next();
        fault.map_or(Ok(Self { first, changes }), Err)
    }

    /// What holds on a day. A change that says what held already is none.
    pub fn on(&self, day: Date) -> Held<T> {
        let mut held = Held { value: self.first, since: None, until: None };
        for change in &self.changes {
            if change.value == held.value {
                continue;
            }
            if change.effective_from > day {
                held.until = Some(change.effective_from);
                break;
            }
            held = Held { value: change.value, since: Some(change.effective_from), until: None };
        }
        held
    }

    /// All values it has or had, in their order.
    pub fn values(&self) -> impl Iterator<Item = T> {
        std::iter::once(self.first).chain(self.changes.iter().map(|change| change.value))
    }

    /// The day of its first change, if it has any.
    pub fn changes_from(&self) -> Option<Date> {
        self.changes.first().map(|change| change.effective_from)
    }
}

impl<T> From<T> for Dated<T> {
    /// What never changed.
    fn from(first: T) -> Self {
        Self { first, changes: Vec::new() }
    }
}

impl<T> Held<T> {
    /// What holds, if it did not always or will not for ever: only then is there a day to name.
    pub fn dated(self) -> Option<Self> {
        (self.since.is_some() || self.until.is_some()).then_some(self)
    }
}

/// Those of some changes that do not come after the one before them.
pub fn out_of_order<T>(changes: &[Change<T>]) -> impl Iterator<Item = OutOfOrder> {
    let pairs = changes.iter().zip(changes.iter().skip(1)).zip(1..);
    pairs.filter(|((before, change), _)| change.effective_from <= before.effective_from).map(
        |((before, change), place)| OutOfOrder {
            place,
            same_day: change.effective_from == before.effective_from,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn change(day: Date, value: u8) -> Change<u8> {
        Change { effective_from: day, value }
    }

    #[test]
    fn a_day_has_what_the_last_change_before_it_says() {
        let [may, june, july] = [5, 6, 7].map(|month| date(2027, month, 1));
        let changes = vec![change(may, 2), change(june, 2), change(july, 1)];
        let dated = Dated::new(1, changes).unwrap();
        let on = |day| dated.on(day);
        let before = Held { value: 1, since: None, until: Some(may) };
        assert_eq!(on(date(2027, 4, 30)), before);
        // What changes nothing in June is no change: it held since May.
        let second = Held { value: 2, since: Some(may), until: Some(july) };
        assert_eq!([on(may), on(june), on(date(2027, 6, 30))], [second; 3]);
        assert_eq!(on(july), Held { value: 1, since: Some(july), until: None });
        assert_eq!(dated.values().collect::<Vec<_>>(), [1, 2, 2, 1]);
        assert_eq!(dated.changes_from(), Some(may));
        let never = Dated::from(7).on(july);
        assert_eq!((never.value, never.dated()), (7, None));
    }

    #[test]
    fn changes_come_one_after_the_other() {
        let [may, june] = [5, 6].map(|month| date(2027, month, 1));
        let changes = [change(june, 1), change(june, 2), change(may, 3)];
        let found = out_of_order(&changes);
        let places =
            [(1, true), (2, false)].map(|(place, same_day)| OutOfOrder { place, same_day });
        assert_eq!(found.collect::<Vec<_>>(), places);
        assert!(Dated::new(0, vec![change(may, 1), change(may, 2)]).is_err());
    }
}
