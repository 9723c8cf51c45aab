//! Recurring and one-time fees: when they are due, and for how much of their interval.

use jiff::civil::{Date, date};
use serde::Serialize;

use super::{Line, LineKind, Pool, RatedCharge};
use crate::{
    Cost, Currency, Days, Error, Interval, Money, Month, OneTime, Proration, Quantity, Recurrence,
    Recurring, Timing,
};

/// The stretch of time a recurring fee pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FeeInterval {
    /// The whole interval.
    pub interval: Days,
    /// The days of it that are charged: subscribed, and past the trial.
    pub charged: Days,
}

impl Recurring {
    /// The intervals that are billed with a month to a subscription, each exactly once over all
    /// months.
    ///
    /// In arrears, an interval is billed with the month in which it (or the subscription) ends. In
    /// advance, with the month before the one in which it begins; what a new subscriber could not
    /// be asked for in advance comes with its first month.
    ///
    /// `anchor` is the day from which quarters and years are counted; monthly fees follow the
    /// calendar, like the invoices they stand on.
    ///
    /// # Errors
    /// [`Error::Calendar`] outside the representable years.
    pub fn due_with(
        &self,
        month: Month,
        subscription: Days,
        anchor: Date,
    ) -> Result<Vec<FeeInterval>, Error> {
        let this = month.days()?;
        let next = month.next()?.days()?;
        let Some(charged) = self.after_trial(subscription)? else {
            return Ok(Vec::new());
        };
        let recurrence = match self.interval {
            Interval::Month => Recurrence { anchor: this.first(), interval: Interval::Month },
            interval => Recurrence { anchor, interval },
        };
        // One interval before the month, at the earliest, ends in it; one after it begins next.
        let first = recurrence.index_of(this.first())?.saturating_sub(1);
        let last = recurrence.index_of(next.first())?.saturating_add(1);
        let mut due = Vec::new();
        for n in first..=last {
            let interval = recurrence.nth(n)?;
            let Some(charged) = interval.overlap(charged) else {
                continue;
            };
            let is_due = match self.timing {
                Timing::Arrears => this.first() < charged.end() && charged.end() <= this.end(),
                Timing::Advance if this.contains(subscription.first()) => {
                    interval.first() < next.end()
                }
                Timing::Advance => {
                    subscription.first() < this.first() && next.contains(interval.first())
                }
            };
            if is_due {
                due.push(FeeInterval { interval, charged });
            }
        }
        Ok(due)
    }

    /// The days of a subscription that are charged.
    fn after_trial(&self, subscription: Days) -> Result<Option<Days>, Error> {
        if self.trial_days == 0 || subscription.first() == Date::MIN {
            return Ok(Some(subscription));
        }
        let trial = jiff::Span::new().try_days(self.trial_days)?;
        let first = subscription.first().checked_add(trial)?;
        Ok(Days::new(first, subscription.end()).ok())
    }

    /// What an interval costs.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn amount(&self, fee: FeeInterval, currency: Currency) -> Result<Money, Error> {
        let whole = Cost::flat(self.amount).round(currency)?;
        match self.proration {
            Proration::None => Ok(whole),
            Proration::Daily => whole.fraction(fee.charged.count(), fee.interval.count()),
        }
    }
}

impl<'a> RatedCharge<'a> {
    /// Fees of a dated pool fall due by the calendar; one without date owes one whole interval.
    pub(super) fn recurring(
        &mut self,
        fee: &Recurring,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        // Any 1 January is as good as another where no contract says otherwise.
        let anchor = pool.contract_start().unwrap_or(date(2000, 1, 1));
        for subscriber in pool.subscribers() {
            let Some(month) = pool.month() else {
                let amount = Cost::flat(fee.amount).round(currency)?;
                self.fee(&subscriber.member, LineKind::Recurring(None), amount)?;
                continue;
            };
            for due in fee.due_with(month, subscriber.days()?, anchor)? {
                let amount = fee.amount(due, currency)?;
                self.fee(&subscriber.member, LineKind::Recurring(Some(due)), amount)?;
            }
        }
        Ok(())
    }

    pub(super) fn one_time(
        &mut self,
        fee: OneTime,
        pool: &'a Pool,
        currency: Currency,
    ) -> Result<(), Error> {
        let Some(month) = pool.month() else {
            return Ok(());
        };
        let days = month.days()?;
        let amount = Cost::flat(fee.amount).round(currency)?;
        let members = pool.subscribers().iter();
        for subscriber in members.filter(|it| it.start.is_some_and(|day| days.contains(day))) {
            self.fee(&subscriber.member, LineKind::OneTime, amount)?;
        }
        Ok(())
    }

    fn fee(&mut self, member: &'a str, kind: LineKind, amount: Money) -> Result<(), Error> {
        let (quantity, unit_price) = (Quantity::ONE, Some(amount.as_price()?));
        self.lines.push(Line { quantity, unit_price, ..Line::of(member, kind, amount) });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: Date, end: Date) -> Days {
        Days::new(first, end).unwrap()
    }

    fn fee(interval: Interval, timing: Timing, trial_days: u16) -> Recurring {
        let amount = "120".parse().unwrap();
        Recurring { amount, interval, timing, proration: Proration::Daily, trial_days }
    }

    /// All that is billed over four years, month by month.
    fn billed(fee: Recurring, subscription: Days, anchor: Date) -> Vec<(Month, FeeInterval)> {
        let months = (0..48_i32)
            .map(|n| Month::of(date(2023, 6, 1).checked_add(jiff::Span::new().months(n)).unwrap()));
        months
            .flat_map(|month| {
                let due = fee.due_with(month, subscription, anchor).unwrap();
                due.into_iter().map(move |due| (month, due))
            })
            .collect()
    }

    #[test]
    fn a_month_begun_late_is_prorated_by_days() {
        let fee = fee(Interval::Month, Timing::Arrears, 0);
        let july: Month = "2026-07".parse().unwrap();
        let due =
            fee.due_with(july, days(date(2026, 7, 15), Date::MAX), july.days().unwrap().first());
        let [due] = due.unwrap()[..] else { panic!("one interval") };
        assert_eq!((due.charged.count(), due.interval.count()), (17, 31));
        assert_eq!(fee.amount(due, Currency::EUR).unwrap().to_string(), "65.81");
    }

    #[test]
    fn every_charged_day_is_billed_exactly_once() {
        for interval in [Interval::Month, Interval::Quarter, Interval::Year] {
            for timing in [Timing::Advance, Timing::Arrears] {
                for trial in [0, 10, 45] {
                    for anchor in [date(2020, 1, 31), date(2024, 2, 29), date(2024, 4, 1)] {
                        let subscription = days(date(2024, 1, 17), date(2025, 11, 3));
                        let billed = billed(fee(interval, timing, trial), subscription, anchor);
                        let mut next = subscription
                            .first()
                            .checked_add(jiff::Span::new().days(i64::from(trial)))
                            .unwrap();
                        for (_, due) in &billed {
                            assert_eq!(due.charged.first(), next, "{interval} {timing} {anchor}");
                            next = due.charged.end();
                        }
                        assert_eq!(next, subscription.end(), "{interval} {timing} {anchor}");
                    }
                }
            }
        }
    }

    #[test]
    fn advance_comes_before_and_arrears_after() {
        let subscription = days(date(2024, 1, 17), date(2025, 11, 3));
        let advance =
            billed(fee(Interval::Quarter, Timing::Advance, 0), subscription, date(2024, 1, 1));
        assert_eq!(advance[0].0.to_string(), "2024-01");
        assert_eq!(advance[1].0.to_string(), "2024-03");
        assert_eq!(advance[1].1.interval.first(), date(2024, 4, 1));
        let arrears =
            billed(fee(Interval::Quarter, Timing::Arrears, 0), subscription, date(2024, 1, 1));
        assert_eq!(arrears[0].0.to_string(), "2024-03");
        assert_eq!(arrears.last().unwrap().0.to_string(), "2025-11");
    }

    #[test]
    fn a_trial_longer_than_the_subscription_costs_nothing() {
        let subscription = days(date(2024, 1, 17), date(2024, 2, 3));
        assert!(
            billed(fee(Interval::Month, Timing::Arrears, 30), subscription, date(2024, 1, 1))
                .is_empty()
        );
    }
}
