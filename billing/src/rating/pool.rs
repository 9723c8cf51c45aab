//! What rating starts from: who is subscribed, and what each of them used.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::YearToDate;
use crate::{Days, Error, Month, Quantity};

/// A member's subscription to the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscriber {
    /// The member's id. Cents that cannot be split go to the first in this order.
    pub member: String,
    /// The weight by which a `weighted` cost is shared.
    #[serde(default = "Subscriber::usual_weight")]
    pub weight: Quantity,
    /// The first day of the subscription; none if it began before anything that matters here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Date>,
    /// The day after its last; none if it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
}

impl Subscriber {
    /// A member that has long been subscribed, with a weight of one.
    pub fn new(member: impl Into<String>) -> Self {
        let weight = Self::usual_weight();
        Self { member: member.into(), weight, start: None, end: None }
    }

    const fn usual_weight() -> Quantity {
        Quantity::ONE
    }

    /// The days of the subscription.
    pub(crate) fn days(&self) -> Result<Days, Error> {
        Days::new(self.start.unwrap_or(Date::MIN), self.end.unwrap_or(Date::MAX))
    }
}

/// What a member used of one meter in the period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// The aggregate, as metered.
    pub quantity: Quantity,
    /// The quantity of each event, where a charge is priced per event.
    pub events: Vec<Quantity>,
}

impl From<Quantity> for Metered {
    fn from(quantity: Quantity) -> Self {
        Self { quantity, events: Vec::new() }
    }
}

/// The members subscribed to a service in a period, and what each used, charge by charge.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    subscribers: Vec<Subscriber>,
    /// By position of the charge; a charge without an entry looks at `shared`.
    by_charge: BTreeMap<usize, Vec<Metered>>,
    shared: Vec<Metered>,
    month: Option<Month>,
    contract_start: Option<Date>,
    years: BTreeMap<usize, YearToDate>,
    closes_year: bool,
}

impl Pool {
    /// The pool of these subscribers, which used nothing so far.
    ///
    /// # Errors
    /// [`Error::DuplicateMember`].
    pub fn new(subscribers: impl IntoIterator<Item = Subscriber>) -> Result<Self, Error> {
        let mut subscribers: Vec<_> = subscribers.into_iter().collect();
        subscribers.sort_by(|a, b| a.member.cmp(&b.member));
        if let Some([twice, _]) = subscribers.array_windows().find(|[a, b]| a.member == b.member) {
            return Err(Error::DuplicateMember { member: twice.member.clone() });
        }
        let shared = vec![Metered::default(); subscribers.len()];
        Ok(Self { subscribers, shared, ..Self::default() })
    }

    /// The pool of these members, subscribed throughout, and what each used.
    ///
    /// # Errors
    /// [`Error::DuplicateMember`].
    pub fn of<M: Into<String>>(
        usage: impl IntoIterator<Item = (M, Quantity)>,
    ) -> Result<Self, Error> {
        let (subscribers, usage): (Vec<_>, BTreeMap<_, _>) = usage
            .into_iter()
            .map(|(member, quantity)| {
                let member = member.into();
                (Subscriber::new(member.clone()), (member, Metered::from(quantity)))
            })
            .unzip();
        Self::new(subscribers)?.with_usage(usage)
    }

    /// Sets what each member used, for every charge that has no usage of its own.
    ///
    /// # Errors
    /// [`Error::NotSubscribed`] for a member that is not in the pool.
    pub fn with_usage(mut self, usage: BTreeMap<String, Metered>) -> Result<Self, Error> {
        self.shared = self.column(usage)?;
        Ok(self)
    }

    /// Sets what each member used as one charge sees it: of its meter, through its filter.
    ///
    /// # Errors
    /// [`Error::NotSubscribed`] for a member that is not in the pool.
    pub fn with_charge_usage(
        mut self,
        charge: usize,
        usage: BTreeMap<String, Metered>,
    ) -> Result<Self, Error> {
        let column = self.column(usage)?;
        self.by_charge.insert(charge, column);
        Ok(self)
    }

    /// Sets the billing month, by which fees are dated and prorated.
    #[must_use]
    pub fn in_month(mut self, month: Month) -> Self {
        self.month = Some(month);
        self
    }

    /// Sets the day the service's contract began, from which contract years and the intervals of
    /// quarterly and yearly fees are counted.
    #[must_use]
    pub fn with_contract_start(mut self, day: Date) -> Self {
        self.contract_start = Some(day);
        self
    }

    /// Sets what was used and billed so far in the contract year, for one charge.
    #[must_use]
    pub fn with_year_to_date(mut self, charge: usize, year: YearToDate) -> Self {
        self.years.insert(charge, year);
        self
    }

    /// Says that the contract year ends with this period.
    #[must_use]
    pub fn closing_year(mut self, closes: bool) -> Self {
        self.closes_year = closes;
        self
    }

    /// The subscribers, by member id.
    pub fn subscribers(&self) -> &[Subscriber] {
        &self.subscribers
    }

    /// Whether a member is subscribed.
    pub fn has(&self, member: &str) -> bool {
        self.subscribers.binary_search_by(|it| it.member.as_str().cmp(member)).is_ok()
    }

    /// The billing month, if the pool is dated.
    pub const fn month(&self) -> Option<Month> {
        self.month
    }

    /// The day the service's contract began, if it is known.
    pub const fn contract_start(&self) -> Option<Date> {
        self.contract_start
    }

    pub(crate) fn year_to_date(&self, charge: usize) -> Option<&YearToDate> {
        self.years.get(&charge)
    }

    pub(crate) const fn closes_year(&self) -> bool {
        self.closes_year
    }

    /// Every subscriber with what it used, as one charge sees it.
    pub(crate) fn usage(&self, charge: usize) -> impl Iterator<Item = (&Subscriber, &Metered)> {
        let column = self.by_charge.get(&charge).unwrap_or(&self.shared);
        self.subscribers.iter().zip(column)
    }

    fn column(&self, mut usage: BTreeMap<String, Metered>) -> Result<Vec<Metered>, Error> {
        let members = self.subscribers.iter();
        let column = members.map(|it| usage.remove(&it.member).unwrap_or_default()).collect();
        match usage.into_keys().next() {
            Some(member) => Err(Error::NotSubscribed { member }),
            None => Ok(column),
        }
    }
}
