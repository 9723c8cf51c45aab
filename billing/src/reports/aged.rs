//! Who owes what, and for how long.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::{Currency, Error, Money, matching::OpenItem};

/// What members owe on a day, by how long it has been due (*balance âgée*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgedReceivables {
    /// The day.
    pub on: Date,
    /// A row for each member with anything open, in the order of their names.
    pub rows: Vec<AgedRow>,
    /// The sums of the rows; its member is empty.
    pub total: AgedRow,
}

/// What one member owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgedRow {
    /// The member.
    pub member: String,
    /// What is not due yet: its due date is the day itself, or later.
    pub not_due: Money,
    /// 1 to 30 days late.
    pub days_1_to_30: Money,
    /// 31 to 60 days late.
    pub days_31_to_60: Money,
    /// 61 to 90 days late.
    pub days_61_to_90: Money,
    /// More than 90 days late.
    pub over_90_days: Money,
    /// What is in the member's favour, below zero: credit notes, payments that settled nothing. It
    /// has no age: nobody is late with it.
    pub credits: Money,
    /// All of it together: what the member's account stands at.
    pub total: Money,
}

impl AgedRow {
    fn new(member: &str, currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            member: member.to_owned(),
            not_due: zero,
            days_1_to_30: zero,
            days_31_to_60: zero,
            days_61_to_90: zero,
            over_90_days: zero,
            credits: zero,
            total: zero,
        }
    }

    fn add(&mut self, item: &OpenItem, on: Date) -> Result<(), Error> {
        let late = item.due_on.duration_until(on).as_hours() / 24;
        let place = match late {
            _ if item.open.minor() < 0 => &mut self.credits,
            ..=0 => &mut self.not_due,
            1..=30 => &mut self.days_1_to_30,
            31..=60 => &mut self.days_31_to_60,
            61..=90 => &mut self.days_61_to_90,
            91.. => &mut self.over_90_days,
        };
        *place = place.checked_add(item.open)?;
        self.total = self.total.checked_add(item.open)?;
        Ok(())
    }
}

/// Ages what is open on a day. Money on a member's account that settles nothing is an item as well:
/// one whose open amount is below zero.
///
/// # Errors
/// [`Error::CurrencyMismatch`] for an item in another currency, [`Error::Overflow`].
///
/// ```
/// # use jiff::civil::date;
/// # use palier_billing::{Currency, Money, matching::OpenItem, reports::aged_receivables};
/// let item = |due_on, cents| OpenItem {
///     document: "FA-1".into(),
///     member: "forge".into(),
///     due_on,
///     total: Money::from_minor(cents, Currency::EUR),
///     open: Money::from_minor(cents, Currency::EUR),
/// };
/// let items = [item(date(2026, 8, 30), 120_00), item(date(2026, 9, 30), 60_00)];
/// let aged = aged_receivables(Currency::EUR, date(2026, 9, 30), &items)?;
/// assert_eq!(aged.rows[0].days_31_to_60.to_string(), "120.00");
/// assert_eq!(aged.rows[0].not_due.to_string(), "60.00");
/// assert_eq!(aged.total.total.to_string(), "180.00");
/// # Ok::<_, palier_billing::Error>(())
/// ```
pub fn aged_receivables<'i>(
    currency: Currency,
    on: Date,
    items: impl IntoIterator<Item = &'i OpenItem>,
) -> Result<AgedReceivables, Error> {
    let mut rows: BTreeMap<&str, AgedRow> = BTreeMap::new();
    let mut total = AgedRow::new("", currency);
    for item in items.into_iter().filter(|item| !item.open.is_zero()) {
        let row = rows.entry(&item.member).or_insert_with(|| AgedRow::new(&item.member, currency));
        row.add(item, on)?;
        total.add(item, on)?;
    }
    Ok(AgedReceivables { on, rows: rows.into_values().collect(), total })
}
