//! Interest for late payment, to the day.

use jiff::{ToSpan, civil::Date};
use num_bigint::BigUint;
use serde::Serialize;

use super::{AgreedRate, DunningError, PenaltyRates, RateGround, rates::next_half_year};
use crate::{
    Currency, Days, Error, Money, Percent,
    allocate::largest_remainder,
    decimal::{div_round, narrow},
};

/// The indemnity for recovery costs, per invoice (code de commerce, D441-5).
pub const INDEMNITY: Money = Money::from_minor(4_000, Currency::EUR);
/// Days of a year.
///
/// No text says how a year is counted. Days are counted as they are and a year as 365, the
/// convention of penalties in France; in a leap year a day is no less.
const YEAR: u32 = 365;
/// What a cent, open for a year at 100 %, counts for.
const WHOLE: u32 = YEAR * 1_000_000;

/// An invoice, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateInvoice {
    /// What it came to, tax included: the base of penalties.
    pub total: Money,
    /// The day by which it was to be paid.
    pub due_on: Date,
    /// What was settled of it and when, in any order; below zero what was taken back. Credit notes
    /// laid against it settle it as payments do.
    pub settled: Vec<(Date, Money)>,
    /// Whether both sides are professionals. Private persons and the public owe penalties by other
    /// rules, which are not these.
    pub between_professionals: bool,
}

/// What is due for a delay. Neither part bears VAT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Penalty {
    /// The interest, rounded once.
    pub interest: Money,
    /// The indemnity for recovery costs, in euros whatever the invoice is in: once, if the invoice was
    /// open on any day after it was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indemnity: Option<Money>,
    /// What the interest is made of, by what was open and the rate. Amounts sum to the interest.
    pub periods: Vec<PenaltyPeriod>,
}

/// Days on which the same was open at the same rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PenaltyPeriod {
    /// The days.
    pub days: Days,
    /// What was open on each of them.
    pub open: Money,
    /// The yearly rate.
    pub rate_percent: Percent,
    /// What the rate rests on.
    pub ground: RateGround,
    /// The part of the interest that they make.
    pub amount: Money,
}

/// A period, before it is known what part of the interest it makes.
struct Stretch {
    days: Days,
    open: Money,
    rate: Percent,
    ground: RateGround,
}

impl LateInvoice {
    /// What is due for days up to and with `until`.
    ///
    /// Interest runs from the day after the due date, without a reminder, up to and with the day of
    /// payment. It bears no interest itself (code civil, 1343-2).
    ///
    /// # Errors
    /// [`DunningError`].
    pub fn penalty(
        &self,
        agreed: AgreedRate,
        rates: &PenaltyRates,
        until: Date,
    ) -> Result<Penalty, DunningError> {
        let stretches = if self.between_professionals {
            self.stretches(agreed, rates, until)?
        } else {
            Vec::new()
        };
        let exact = stretches.iter().map(Stretch::weight).collect::<Result<Vec<_>, _>>()?;
        let sum = exact.iter().try_fold(0_u128, |sum, it| sum.checked_add(*it));
        let sum = sum.and_then(|it| i128::try_from(it).ok());
        let sum = sum.ok_or_else(Error::overflow("interest"))?;
        let cents = narrow(div_round(sum, WHOLE.into())?, "interest")?;
        let shares: Vec<_> = exact.into_iter().map(BigUint::from).collect();
        let parts = largest_remainder(cents.unsigned_abs(), &shares, &BigUint::from(WHOLE))?;
        let money = |cents| Money::from_minor(cents, self.total.currency());
        let periods = stretches
            .iter()
            .zip(parts)
            .map(|(stretch, part)| Ok(stretch.period(money(narrow(part.into(), "interest")?))));
        let periods = periods.collect::<Result<_, Error>>()?;
        let interest = money(cents);
        let indemnity = Some(INDEMNITY).filter(|_| !stretches.is_empty());
        Ok(Penalty { interest, indemnity, periods })
    }

    /// The days after the due date on which something was open, cut where that or the rate changes.
    fn stretches(
        &self,
        agreed: AgreedRate,
        rates: &PenaltyRates,
        until: Date,
    ) -> Result<Vec<Stretch>, DunningError> {
        let mut events = self.settled.clone();
        events.sort_by_key(|(day, _)| *day);
        let mut stretches = Vec::new();
        let (mut open, mut from) = (self.total, self.due_on.saturating_add(1.day()));
        let end = until.saturating_add(1.day());
        let mut events = events.into_iter().peekable();
        while from < end {
            // What is paid on a day was still open on it.
            while let Some((day, amount)) = events.next_if(|(day, _)| *day < from) {
                open = open.checked_sub(amount)?;
                // Within a day, one may be taken back before another comes in.
                if events.peek().is_none_or(|(next, _)| *next != day) {
                    self.check(open, day)?;
                }
            }
            let change = events.peek().map_or(end, |(day, _)| day.saturating_add(1.day()));
            let next = change.min(end).min(next_half_year(from)?);
            if !open.is_zero() {
                let (rate, ground) = agreed.on(from, rates)?;
                stretches.push(Stretch { days: Days::new(from, next)?, open, rate, ground });
            }
            from = next;
        }
        Ok(stretches)
    }

    fn check(&self, open: Money, day: Date) -> Result<(), DunningError> {
        let nothing = Money::zero(self.total.currency());
        if nothing <= open && open <= self.total {
            return Ok(());
        }
        Err(DunningError::Settlements { day })
    }
}

impl Stretch {
    /// Cents times ten-thousandths of a per cent times days: exact. None of them is below zero.
    fn weight(&self) -> Result<u128, Error> {
        let factors = [self.open.minor(), self.rate.units(), self.days.count()];
        let product = factors
            .iter()
            .try_fold(1_u128, |product, factor| product.checked_mul(u128::try_from(*factor).ok()?));
        product.ok_or_else(Error::overflow("interest"))
    }

    const fn period(&self, amount: Money) -> PenaltyPeriod {
        PenaltyPeriod {
            days: self.days,
            open: self.open,
            rate_percent: self.rate,
            ground: self.ground,
            amount,
        }
    }
}
