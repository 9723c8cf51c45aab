//! From what was asked to pools that can be rated.

use std::collections::BTreeSet;

use jiff::civil::Date;
use palier_billing::{Days, Error, Month, Pool, Quantity, Subscriber, Tariff, UsageRecord};

use super::input::{OtherMembers, QuotedMember, QuotedMonth, QuotedPool, QuotedUsage};
use super::limits;
use crate::problem::{Fault, Problem};
use crate::quote::{ContractYears, Course, Months};
use crate::say;

/// How members are called whose amounts are not asked for: no name that somebody else can have.
const OTHER: char = '\u{7f}';

/// What is to be priced.
pub(super) struct Question<'q> {
    pub(super) tariff: &'q Tariff,
    /// JSON pointer to it, if it came with the request.
    pub(super) tariff_at: Option<&'q str>,
    pub(super) pool: &'q QuotedPool,
    pub(super) months: &'q [QuotedMonth],
    pub(super) contract_start: Option<Date>,
}

/// The pools of the periods that are priced, in their order.
#[derive(Default)]
pub(super) struct Pools {
    pub(super) periods: Vec<Pool>,
    /// Meters whose usage no charge prices.
    pub(super) unpriced: BTreeSet<String>,
}

/// Whether a member was named in the request.
pub(super) fn is_named(member: &str) -> bool {
    !member.starts_with(OTHER)
}

impl<'q> Question<'q> {
    /// Gathers the pools.
    pub(super) fn pools(&self) -> Result<Pools, Problem> {
        limits::check_weights(self.tariff, self.pool)?;
        let given: BTreeSet<Month> = self.months.iter().map(|&QuotedMonth(month)| month).collect();
        let used = self.all_usage().filter_map(|usage| usage.month).map(|QuotedMonth(it)| it);
        let used: BTreeSet<Month> = used.collect();
        let Some(span) = Months::spanning(given.iter().chain(&used).copied()) else {
            limits::check_size(self.tariff, self.pool, 1)?;
            return self.undated();
        };
        let selected = if given.is_empty() { span.iter().collect() } else { given };
        let most = limits::MONTHS.saturating_add(1);
        limits::check_size(self.tariff, self.pool, span.iter().take(most).count())?;
        self.refuse_later_usage(&selected)?;
        self.dated(span, &selected)
    }

    /// Says what cannot be priced, and where it stands in the request.
    pub(super) fn unpriceable(&self, error: &Error) -> Problem {
        let charge = |number: &usize| {
            let at = self.tariff_at?;
            Some(format!("{at}/charges/{number}"))
        };
        let place = match error {
            Error::NegativeQuantity { member, .. } => {
                let position = self.pool.members.iter().position(|it| it.member == *member);
                position.map(|position| format!("/pool/members/{position}"))
            }
            Error::EventsRequired { charge: number } | Error::NoPoolPrice { charge: number } => {
                charge(number)
            }
            _ => None,
        };
        let place = place.unwrap_or_else(|| "/pool".to_owned());
        Problem::invalid(vec![Fault::body(place, "unpriceable", error.into())])
    }

    /// One period without a date.
    fn undated(&self) -> Result<Pools, Problem> {
        let mut pools = Pools::default();
        let pool = Pool::new(self.subscribers()).map_err(|error| self.unpriceable(&error))?;
        let pool = self.record(pool, None, true, &mut pools)?;
        pools.periods.push(pool);
        Ok(pools)
    }

    /// Month after month. Those that are not selected count for the contract year all the same.
    fn dated(&self, span: Months, selected: &BTreeSet<Month>) -> Result<Pools, Problem> {
        let refuse = |error: Error| self.unpriceable(&error);
        let first = selected.first().map(|month| month.days()).transpose().map_err(refuse)?;
        let first = first.map_or(Date::MIN, Days::first);
        let contract = ContractYears::since(self.contract_start.unwrap_or(first));
        let mut course = Course::new(self.tariff, contract);
        let mut pools = Pools::default();
        for month in span.iter() {
            let is_selected = selected.contains(&month);
            let pool = Pool::new(self.subscribers());
            let pool = pool.and_then(|pool| contract.date(pool, month)).map_err(refuse)?;
            let pool = self.record(pool, Some(month), is_selected, &mut pools)?;
            let pool = course.follow(pool, month).map_err(refuse)?;
            if is_selected {
                pools.periods.push(pool);
            }
        }
        Ok(pools)
    }

    fn record(
        &self,
        pool: Pool,
        month: Option<Month>,
        with_undated: bool,
        pools: &mut Pools,
    ) -> Result<Pool, Problem> {
        let falls_in = |usage: &&QuotedUsage| match usage.month {
            Some(QuotedMonth(its)) => Some(its) == month,
            None => with_undated,
        };
        let mut records = Vec::new();
        for member in &self.pool.members {
            let whole = member.quantity.filter(|_| with_undated).map(|quantity| (quantity, None));
            let parts = member.usage.iter().filter(falls_in).map(|it| (it.sum(), Some(it)));
            records.extend(
                whole
                    .into_iter()
                    .chain(parts)
                    .map(|(quantity, usage)| record_of(member.member.clone(), quantity, usage)),
            );
        }
        if let Some(others) = &self.pool.others {
            let whole = others.quantity.filter(|_| with_undated).map(|quantity| (quantity, None));
            let parts = others.usage.iter().filter(falls_in).map(|it| (it.sum(), Some(it)));
            for (quantity, usage) in whole.into_iter().chain(parts) {
                let shares = others.split(quantity).map_err(|error| self.unpriceable(&error))?;
                records.extend(shares.map(|(member, share)| record_of(member, share, usage)));
            }
        }
        let recorded = self.tariff.record_usage(pool, &records);
        let recorded = recorded.map_err(|error| self.unpriceable(&error))?;
        pools.unpriced.extend(recorded.unpriced.into_keys());
        Ok(recorded.pool)
    }

    fn subscribers(&self) -> Vec<Subscriber> {
        let named = self.pool.members.iter().map(QuotedMember::subscriber);
        let others = self.pool.others.iter().flat_map(OtherMembers::subscribers);
        named.chain(others).collect()
    }

    fn all_usage(&self) -> impl Iterator<Item = &'q QuotedUsage> {
        let others = self.pool.others.iter().flat_map(|others| &others.usage);
        self.pool.members.iter().flat_map(|member| &member.usage).chain(others)
    }

    /// Usage after the last month that is priced would change nothing: it is a mistake.
    fn refuse_later_usage(&self, selected: &BTreeSet<Month>) -> Result<(), Problem> {
        let mut faults = Vec::new();
        let mut refuse = |at: &str, usage: &[QuotedUsage]| {
            for (position, usage) in usage.iter().enumerate() {
                if usage.month.map(|QuotedMonth(month)| month).as_ref() > selected.last() {
                    let detail = say!(
                        en "This lies after the months that are priced.",
                        fr "Ce mois est postérieur à ceux à chiffrer."
                    );
                    let place = format!("{at}/usage/{position}/month");
                    faults.push(Fault::body(place, "maximum", detail));
                }
            }
        };
        for (position, member) in self.pool.members.iter().enumerate() {
            refuse(&format!("/pool/members/{position}"), &member.usage);
        }
        if let Some(others) = &self.pool.others {
            refuse("/pool/others", &others.usage);
        }
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }
}

fn record_of(member: String, quantity: Quantity, usage: Option<&QuotedUsage>) -> UsageRecord {
    UsageRecord {
        member,
        meter: usage.and_then(|usage| usage.meter.clone()),
        quantity,
        events: usage.map(|usage| usage.events.clone()).unwrap_or_default(),
        properties: usage.map(|usage| usage.properties.clone()).unwrap_or_default(),
    }
}

impl QuotedUsage {
    /// How much it is.
    fn sum(&self) -> Quantity {
        let events =
            self.events.iter().copied().fold(0_i64, |sum, event| sum.saturating_add(event.units()));
        self.quantity.unwrap_or(Quantity::from_units(events))
    }
}

impl QuotedMember {
    fn subscriber(&self) -> Subscriber {
        let usual = Subscriber::new(self.member.clone());
        Subscriber {
            weight: self.weight.unwrap_or(usual.weight),
            start: self.first_day.as_ref().map(crate::day::Day::date),
            end: self.last_day.as_ref().map(|day| day.next().date()),
            ..usual
        }
    }
}

impl OtherMembers {
    fn names(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.count).map(|number| format!("{OTHER}{number:05}"))
    }

    fn subscribers(&self) -> impl Iterator<Item = Subscriber> {
        self.names().map(|name| {
            let usual = Subscriber::new(name);
            Subscriber { weight: self.weight.unwrap_or(usual.weight), ..usual }
        })
    }

    /// An even share for each, to the four places of a billed quantity: together they are billed
    /// what was said.
    fn split(
        &self,
        quantity: Quantity,
    ) -> Result<impl Iterator<Item = (String, Quantity)> + use<>, Error> {
        const STEP: i64 = 100;
        let steps = quantity.billable()?.units().checked_div(STEP).unwrap_or_default();
        let count = i64::from(self.count.max(1));
        let even = steps.checked_div(count).unwrap_or_default();
        let more = steps.checked_rem(count).unwrap_or_default();
        let shares = (0..count).map(move |number| {
            let steps = even.saturating_add(i64::from(number < more));
            Quantity::from_units(steps.saturating_mul(STEP))
        });
        Ok(self.names().zip(shares))
    }
}
