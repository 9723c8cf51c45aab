//! Rating: from what a pool used to what each member owes, line by line.

use std::collections::BTreeMap;

mod correction;
mod fees;
mod pool;
mod shares;
mod step;
mod usage;
mod view;
mod year;

pub use correction::Correction;
pub use fees::FeeInterval;
pub use pool::{Metered, Pool, Subscriber};
pub use shares::SharedOutcome;
pub use step::Step;
pub use usage::PoolPrice;
pub use year::{YearToDate, YearToDateEntry};

use crate::{Charge, ChargeKind, Currency, Error, Money, Price, Quantity, Tariff};

/// What every member of a pool owes by one tariff for one billing period.
#[derive(Clone, Debug)]
pub struct Rating<'a> {
    currency: Currency,
    pool: &'a Pool,
    charges: Vec<RatedCharge<'a>>,
}

/// One charge, rated for every member.
#[derive(Clone, Debug)]
pub struct RatedCharge<'a> {
    /// Position of the charge in its tariff, from 0.
    pub position: usize,
    /// The charge.
    pub charge: &'a Charge,
    /// The price that the pool reached, where its volume decides.
    pub pool: Option<PoolPrice>,
    /// What became of a shared cost.
    pub shared: Option<SharedOutcome>,
    /// The year to date after this period, where volume adds up over a contract year.
    pub year: Option<YearToDate>,
    /// What is billed: at least one line per subscribed member for usage and shares, in the order
    /// of the members.
    pub lines: Vec<Line<'a>>,
    /// The sum of the lines.
    pub total: Money,
}

/// One line of a member's invoice.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Whose invoice.
    pub member: &'a str,
    /// What it is for.
    pub kind: LineKind,
    /// What was metered, where the line is about this period's usage.
    pub metered: Option<&'a Metered>,
    /// What is billed: billable, less free units.
    pub quantity: Quantity,
    /// Price per `price_base` units, where quantity times price is the amount.
    pub unit_price: Option<Price>,
    /// What is owed; negative for what is given back.
    pub amount: Money,
    /// What the member would owe on the same schedule if it were alone.
    pub alone: Option<Money>,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// This period's usage.
    Usage,
    /// A share of a cost.
    Share,
    /// The price moved since earlier months of the contract year were billed.
    PriceAdjustment,
    /// The whole contract year at its final price, less what its months were billed.
    YearEndAdjustment,
    /// What is missing to the least a member pays.
    Minimum,
    /// What exceeds the most a member pays, taken off.
    Maximum,
    /// A recurring fee, for an interval if the rating is dated.
    Recurring(Option<FeeInterval>),
    /// A fee at the start of a subscription.
    OneTime,
}

impl LineKind {
    /// As it is written in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Share => "share",
            Self::PriceAdjustment => "price_adjustment",
            Self::YearEndAdjustment => "year_end_adjustment",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Recurring(_) => "recurring",
            Self::OneTime => "one_time",
        }
    }

    /// Whether the line corrects what was billed before, and so may be negative.
    pub const fn is_adjustment(self) -> bool {
        matches!(self, Self::PriceAdjustment | Self::YearEndAdjustment)
    }
}

impl<'a> Line<'a> {
    /// A line that is an amount and no more.
    const fn of(member: &'a str, kind: LineKind, amount: Money) -> Self {
        Self {
            member,
            kind,
            metered: None,
            quantity: Quantity::ZERO,
            unit_price: None,
            amount,
            alone: None,
        }
    }

    /// What the member saves by not being alone; negative if it would be better off.
    pub fn saving(&self) -> Option<Money> {
        self.alone.and_then(|alone| alone.checked_sub(self.amount).ok())
    }
}

impl Tariff {
    /// Prices what a pool used.
    ///
    /// # Errors
    /// [`Error`]: figures out of range, usage that does not fit the tariff, weights that give no
    /// basis to share a cost by.
    pub fn rate<'a>(&'a self, pool: &'a Pool) -> Result<Rating<'a>, Error> {
        let charges = self.charges().iter().enumerate();
        let charges = charges
            .map(|(position, charge)| self.rate_charge(position, charge, pool))
            .collect::<Result<_, _>>()?;
        Ok(Rating { currency: self.currency(), pool, charges })
    }

    fn rate_charge<'a>(
        &'a self,
        position: usize,
        charge: &'a Charge,
        pool: &'a Pool,
    ) -> Result<RatedCharge<'a>, Error> {
        let mut rated = RatedCharge {
            position,
            charge,
            pool: None,
            shared: None,
            year: None,
            lines: Vec::with_capacity(pool.subscribers().len()),
            total: Money::zero(self.currency()),
        };
        match &charge.kind {
            ChargeKind::Recurring(fee) => rated.recurring(fee, pool, self.currency())?,
            ChargeKind::OneTime(fee) => rated.one_time(*fee, pool, self.currency())?,
            ChargeKind::Usage(usage) => rated.usage(usage, pool, self.currency())?,
            ChargeKind::SharedCost(cost) => rated.share(cost, pool, self.currency())?,
        }
        rated.total = Money::sum(self.currency(), rated.lines.iter().map(|line| line.amount))?;
        Ok(rated)
    }
}

impl<'a> Rating<'a> {
    /// The currency of all amounts.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The pool that was rated.
    pub const fn pool(&self) -> &'a Pool {
        self.pool
    }

    /// The rated charges, in the order of the tariff.
    pub fn charges(&self) -> &[RatedCharge<'a>] {
        &self.charges
    }

    /// All lines of one member, in the order of an invoice.
    pub fn lines_of<'r>(
        &'r self,
        member: &'r str,
    ) -> impl Iterator<Item = (&'r RatedCharge<'a>, &'r Line<'a>)> {
        self.charges.iter().flat_map(move |charge| {
            charge.lines.iter().filter(move |line| line.member == member).map(move |l| (charge, l))
        })
    }

    /// What every member owes, subscribed or corrected, by member id.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn amounts(&self) -> Result<BTreeMap<&'a str, Money>, Error> {
        let subscribed = self.pool.subscribers().iter().map(|member| member.member.as_str());
        let nothing = Money::zero(self.currency);
        let mut amounts: BTreeMap<_, _> = subscribed.map(|member| (member, nothing)).collect();
        for charge in &self.charges {
            charge.add_to(&mut amounts)?;
        }
        Ok(amounts)
    }

    /// What all members owe together.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Money, Error> {
        Money::sum(self.currency, self.charges.iter().map(|charge| charge.total))
    }
}

impl<'a> RatedCharge<'a> {
    /// What every member owes for this charge, by member id.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn amounts(&self) -> Result<BTreeMap<&'a str, Money>, Error> {
        let mut amounts = BTreeMap::new();
        self.add_to(&mut amounts)?;
        Ok(amounts)
    }

    fn add_to(&self, amounts: &mut BTreeMap<&'a str, Money>) -> Result<(), Error> {
        for line in &self.lines {
            let nothing = Money::zero(line.amount.currency());
            let amount = amounts.entry(line.member).or_insert(nothing);
            *amount = amount.checked_add(line.amount)?;
        }
        Ok(())
    }
}
