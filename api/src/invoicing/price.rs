//! What a month of a service comes to, line by line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use palier_billing::{
    Currency, DocumentLine, LateUsage, Money, Month, Period, PriceBase, Rating, Tariff,
};

use super::billee::Billee;
use super::{InvoicingError, Settings};
use crate::clock::Time;
use crate::day::Day;
use crate::db::billed::BilledRow;
use crate::db::poles::PoleRow;
use crate::db::services::ServiceRow;
use crate::db::tariffs::{self, TariffRow};
use crate::db::usage::late::{self, LateRow};
use crate::db::usage::series;
use crate::db::{Db, meters};
use crate::id::{MemberId, TariffId};
use crate::metering::month::{MonthPool, ServiceMonth};

mod again;
mod billed;
mod line;
mod year;

use again::Again;
use line::Lines;

/// What the pricing of all services of a month shares.
pub(crate) struct Context {
    pub(super) pole: PoleRow,
    pub(super) settings: Settings,
    pub(super) currency: Currency,
    pub(super) month: Month,
    pub(super) period: Period,
    pub(super) zone: TimeZone,
    pub(super) billees: HashMap<MemberId, Billee>,
    /// The first month that was invoiced; this one, if none was.
    pub(super) first: Month,
    /// What changed of closed months and is billed with this one.
    pub(super) late: Vec<LateRow>,
}

impl Context {
    /// The month in which what changed had happened.
    fn month_of(&self, change: &LateRow) -> Month {
        Month::at(change.happened_at.timestamp(), &self.zone)
    }
}

/// A month of a service, priced.
pub(crate) struct ServiceBill {
    pub(crate) service: ServiceRow,
    /// Each with the member that pays it.
    pub(crate) lines: Vec<(MemberId, DocumentLine)>,
    /// What is remembered of it.
    pub(crate) billed: Vec<BilledRow>,
    /// The prices that the pool reached.
    pub(crate) pools: Vec<Reached>,
    /// Members whose usage of months before is billed with this one, by id.
    pub(crate) late: BTreeSet<String>,
    /// Members that used it and are not subscribed: nobody is billed for that.
    pub(crate) strangers: BTreeSet<String>,
    /// Meters of whose usage some has no price.
    pub(crate) unpriced: BTreeSet<String>,
    /// Whether it was used before the first month that was invoiced: nobody is billed for that.
    pub(crate) used_before: bool,
}

/// The price that a pool reached, and what it saved.
pub(crate) struct Reached {
    /// What the charge is called.
    pub(crate) charge: Option<String>,
    pub(crate) quantity: palier_billing::Quantity,
    pub(crate) unit_price: palier_billing::Price,
    /// For how many units that price is.
    pub(crate) price_base: PriceBase,
    pub(crate) active_members: usize,
    /// What all members save together by not being alone.
    pub(crate) saved: Money,
    /// What the pole forgoes because of a cap.
    pub(crate) forgone: Money,
}

/// Prices a month of a service. It asks for a [`snapshot`](Db::snapshot).
///
/// # Errors
/// [`InvoicingError::Service`] if what was used cannot be priced.
pub(crate) fn price_service(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
) -> Result<ServiceBill, InvoicingError> {
    let versions = Versions::read(conn, service)?;
    let month = read_month(conn, context, service, &versions, context.month)?;
    let mut bill = ServiceBill {
        service: service.clone(),
        lines: Vec::new(),
        billed: Vec::new(),
        pools: Vec::new(),
        strangers: BTreeSet::new(),
        unpriced: BTreeSet::new(),
        late: BTreeSet::new(),
        used_before: context.month == context.first
            && series::is_any_before(conn, service, context.period.start().into())?,
    };
    let units = units(conn, service)?;
    // What happened before the first month that was invoiced is nobody's bill.
    let late = context.late.iter().filter(|change| context.month_of(change) >= context.first);
    let (mut again, mut later) = (Again::default(), Vec::new());
    for change in late {
        let month = context.month_of(change);
        if versions.rates_again(month) {
            again.months.insert(month);
        } else if let Some(year) = versions.rates_year_again(context, service, month)? {
            again.years.insert(year);
        } else {
            later.push(change.clone());
        }
    }
    let mut month = month;
    bill.late = month.count_late(&later);
    for (version, members) in versions.of_month(&month, &BTreeMap::new()) {
        let priced = Priced { context, service, version, members: &members, units: &units };
        priced.bill(conn, &month, &mut bill)?;
    }
    again::bill(conn, context, service, &versions, &again, &mut bill)?;
    Ok(bill)
}

/// A month of a service as it was when it was closed, or is now if it is open.
fn read_month(
    conn: &mut Db,
    context: &Context,
    service: &ServiceRow,
    versions: &Versions,
    month: Month,
) -> Result<ServiceMonth, InvoicingError> {
    let failed = |error| failed_for(service, error);
    let period = month.days().and_then(|days| days.period(&context.zone)).map_err(failed)?;
    let of = (month, period, &context.zone);
    let mut read = ServiceMonth::read(conn, service, of, versions.tariffs())?;
    let between = (Time::from(period.start()), Time::from(period.end()));
    read.as_closed(&late::between(conn, &context.pole.pole_id, between)?);
    Ok(read)
}

/// Units of a service's meters, by code.
fn units(conn: &mut Db, service: &ServiceRow) -> Result<HashMap<String, String>, InvoicingError> {
    let meters = meters::of_service(conn, &service.pole_id, &service.service_id)?;
    Ok(meters.into_iter().map(|meter| (meter.code, meter.unit)).collect())
}

/// The versions of a service's tariff.
struct Versions(Vec<Version>);

/// A version, and what it asks for.
type Version = (TariffRow, Tariff);

impl Versions {
    fn read(conn: &mut Db, service: &ServiceRow) -> Result<Self, InvoicingError> {
        let rows = tariffs::of_service(conn, &service.pole_id, &service.service_id)?;
        let read = rows.into_iter().map(|row| row.tariff().map(|tariff| (row, tariff)));
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    fn tariffs(&self) -> impl Iterator<Item = &Tariff> {
        self.0.iter().map(|(_, tariff)| tariff)
    }

    fn find(&self, id: &TariffId) -> Option<&Version> {
        self.0.iter().find(|(row, _)| row.tariff_id == *id)
    }

    /// The version in force at the end of a month, which is the one that prices it.
    fn in_force(&self, month: Month) -> Option<&Version> {
        let last = month.days().ok()?.end().yesterday().ok()?;
        let last = Day::from(last);
        // The newest stands first.
        self.0.iter().find(|(row, _)| row.effective_from <= last)
    }

    /// Whether a change of a closed month is billed by rating that month again. Over a contract
    /// year that goes on, what comes late moves the year's price with the next month anyway.
    fn rates_again(&self, month: Month) -> bool {
        self.in_force(month).is_some_and(|(_, tariff)| {
            tariff.late_usage() == LateUsage::Rerate && !year::adds_up(tariff)
        })
    }

    /// The first and the last month of the contract year that is rated again for a change of a closed
    /// month: that of the month, if it has ended. No month comes any more that would true it up.
    fn rates_year_again(
        &self,
        context: &Context,
        service: &ServiceRow,
        month: Month,
    ) -> Result<Option<(Month, Month)>, InvoicingError> {
        let again = self.in_force(month).is_some_and(|(_, tariff)| {
            tariff.late_usage() == LateUsage::Rerate && year::adds_up(tariff)
        });
        let ended = again.then(|| year::ended(service, month, context.month)).transpose();
        Ok(ended.map_err(|error| failed_for(service, error))?.flatten())
    }

    /// The versions by which a month is priced, each with the members that pay by it: the one in
    /// force, and those that subscriptions stay with. Members that `stayed` with one were billed by it
    /// already.
    fn of_month(
        &self,
        month: &ServiceMonth,
        stayed: &BTreeMap<String, TariffId>,
    ) -> Vec<(&Version, BTreeSet<String>)> {
        let in_force = self.in_force(month.month);
        let mut members: BTreeMap<&TariffId, BTreeSet<String>> = BTreeMap::new();
        for subscription in &month.subscriptions {
            let member = subscription.member_id.to_string();
            let pinned = stayed.get(&member).or(subscription.tariff_id.as_ref());
            if let Some((row, _)) = pinned.and_then(|id| self.find(id)).or(in_force) {
                // Of several in a month, the last one counts.
                for others in members.values_mut() {
                    others.remove(&member);
                }
                members.entry(&row.tariff_id).or_default().insert(member);
            }
        }
        members.into_iter().filter_map(|(id, of)| Some((self.find(id)?, of))).collect()
    }
}

/// What was used of a service cannot be priced.
fn failed_for(service: &ServiceRow, error: palier_billing::Error) -> InvoicingError {
    InvoicingError::Service { code: service.code.clone(), error }
}

/// One version of a tariff, and who pays by it.
struct Priced<'p> {
    context: &'p Context,
    service: &'p ServiceRow,
    version: &'p Version,
    members: &'p BTreeSet<String>,
    units: &'p HashMap<String, String>,
}

impl Priced<'_> {
    /// Rates the pool by this version, and bills those that pay by it.
    fn bill(
        &self,
        conn: &mut Db,
        month: &ServiceMonth,
        bill: &mut ServiceBill,
    ) -> Result<(), InvoicingError> {
        let failed = |error| failed_for(self.service, error);
        let (row, tariff) = self.version;
        let MonthPool { pool, unpriced, strangers } = month.pool(tariff).map_err(failed)?;
        bill.unpriced.extend(unpriced);
        bill.strangers.extend(strangers);
        let pool = year::to_date(conn, self.context, (self.service, month.month), tariff, pool)?;
        let rating = tariff.rate(&pool).map_err(failed)?;
        let lines = Lines { priced: self, tariff };
        for charge in rating.charges() {
            for line in charge.lines.iter().filter(|line| self.members.contains(line.member)) {
                if let Some(line) = lines.line(charge, line)? {
                    bill.lines.push(line);
                }
            }
        }
        for ((member, position), of) in
            billed::billed(self.context, self.service, month, &rating, self.members)?
        {
            if position == billed::MINIMUM {
                let line = line::minimum(self.context, self.service, &member, of.amount)?;
                bill.lines.extend(line.map(|line| (member.clone(), line)));
            }
            let charged = (member, position);
            bill.billed.push(of.row(self.context, self.service, row.tariff_id.clone(), charged));
        }
        bill.pools.extend(self.reached(&rating)?);
        Ok(())
    }

    fn reached(&self, rating: &Rating<'_>) -> Result<Vec<Reached>, InvoicingError> {
        let failed = |error| failed_for(self.service, error);
        let pooled = rating.charges().iter().filter_map(|charge| Some((charge, charge.pool?)));
        let reached = pooled.map(|(charge, pool)| {
            let saved = charge.lines.iter().filter_map(palier_billing::Line::saving);
            Ok(Reached {
                charge: charge.charge.name.clone(),
                quantity: pool.quantity,
                unit_price: pool.unit_price,
                price_base: line::price_base(charge.charge),
                active_members: pool.active_members,
                saved: Money::sum(rating.currency(), saved).map_err(failed)?,
                forgone: pool.forgone,
            })
        });
        reached.collect()
    }
}
