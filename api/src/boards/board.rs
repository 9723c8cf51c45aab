//! A price board: where the pool of a service stands in a month, and each of its members.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use palier_billing::{
    Aggregation, Basis, Charge, ChargeKind, Error, Month, OwnStanding, Period, Pool, PriceBase,
    PriceBoard, Projection, RatedCharge, Rating, Tariff, Viewer,
};

use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::services::{self, ServiceRow};
use crate::db::tariffs;
use crate::db::{Db, DbError};
use crate::id::{MemberId, ServiceId, TariffId};
use crate::metering::Calendar;
use crate::metering::month::{MonthPool, ServiceMonth};
use crate::quote::{ContractYears, Course};

/// The price board of a service, for all who may look at it.
pub(crate) struct Board {
    pub(crate) service: ServiceRow,
    pub(crate) month: Month,
    /// It counts every event that was on disk by then.
    pub(crate) as_of: Time,
    /// By the tariff in force, unless there is none.
    in_force: Option<TariffId>,
    /// The members that are subscribed in this month, with the version they stay with, if any.
    subscribed: HashMap<MemberId, Option<TariffId>>,
    versions: BTreeMap<TariffId, Result<Version, Error>>,
}

/// The board by one version of the tariff.
pub(crate) struct Version {
    pub(crate) tariff: Tariff,
    pool: Pool,
    /// Meters of whose usage some has no price.
    pub(crate) unpriced: BTreeSet<String>,
    /// Members that have used it and are not subscribed.
    pub(crate) strangers: BTreeSet<String>,
    pub(crate) charges: Vec<ChargeBoard>,
}

/// The board of one charge.
pub(crate) struct ChargeBoard {
    pub(crate) position: usize,
    pub(crate) price_base: PriceBase,
    /// As the pole sees it.
    pub(crate) board: PriceBoard,
    /// What each member sees of itself, by id.
    pub(crate) own: HashMap<String, OwnStanding>,
}

impl Board {
    /// Reads what was used, and prices it. None, if there is no such service.
    pub(crate) fn read(
        conn: &mut Db,
        pole: &PoleRow,
        service: &ServiceId,
        (month, period): (Month, Period),
        now: Time,
    ) -> Result<Option<Self>, DbError> {
        conn.snapshot(|conn| {
            let Some(service) = services::find(conn, &pole.pole_id, service, None)? else {
                return Ok(None);
            };
            let calendar = Calendar::of(pole);
            let zone = calendar.zone();
            let last = Day::from(period.days().first()).end_of_month();
            let in_force = tariffs::in_force(conn, &pole.pole_id, &service.service_id, &last)?;
            let in_force = in_force.map(|row| row.tariff_id);
            let rows = tariffs::of_service(conn, &pole.pole_id, &service.service_id)?;
            let tariffs = rows.iter().map(|row| Ok((row.tariff_id.clone(), row.tariff()?)));
            let mut tariffs = tariffs.collect::<Result<BTreeMap<_, _>, DbError>>()?;
            let read = ServiceMonth::read(conn, &service, (month, period, zone), tariffs.values())?;
            let subscribed: HashMap<_, _> = read
                .subscriptions
                .iter()
                .map(|row| (row.member_id.clone(), row.tariff_id.clone()))
                .collect();
            let pinned = |id: &TariffId| subscribed.values().flatten().any(|pinned| pinned == id);
            tariffs.retain(|id, _| in_force.as_ref() == Some(id) || pinned(id));
            let contract = service.contract_anniversary.as_ref().map(Day::date);
            let contract = contract.map(ContractYears::since);
            let mut earlier = Vec::new();
            if let Some(contract) = contract
                && tariffs.values().any(adds_up_over_years)
            {
                for month in before(contract, month) {
                    let Ok(period) = month.days().and_then(|days| days.period(zone)) else {
                        continue;
                    };
                    let of = (month, period, zone);
                    earlier.push(ServiceMonth::read(conn, &service, of, tariffs.values())?);
                }
            }
            let clock = (period.contains(now.timestamp())).then_some((&period, now));
            let versions = tariffs.into_iter().map(|(id, tariff)| {
                (id, Version::of(tariff, &read, contract.map(|it| (it, &earlier)), clock))
            });
            let versions = versions.collect();
            Ok(Some(Self { service, month, as_of: now, in_force, subscribed, versions }))
        })
    }

    /// The version of the tariff by which a member pays; that in force, for anybody else.
    pub(crate) fn version(
        &self,
        member: Option<&MemberId>,
    ) -> Option<(&TariffId, &Result<Version, Error>)> {
        let pinned = member.and_then(|member| self.subscribed.get(member)?.as_ref());
        self.versions.get_key_value(pinned.or(self.in_force.as_ref())?)
    }

    /// Every version by which somebody pays and can, and whether it is that in force.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&TariffId, bool, &Version)> {
        self.versions.iter().filter_map(|(id, version)| {
            Some((id, self.in_force.as_ref() == Some(id), version.as_ref().ok()?))
        })
    }

    /// Whether a member is subscribed to the service in this month.
    pub(crate) fn has(&self, member: &MemberId) -> bool {
        self.subscribed.contains_key(member)
    }
}

impl Version {
    fn of(
        tariff: Tariff,
        read: &ServiceMonth,
        year: Option<(ContractYears, &Vec<ServiceMonth>)>,
        clock: Option<(&Period, Time)>,
    ) -> Result<Self, Error> {
        let MonthPool { mut pool, unpriced, strangers } = read.pool(&tariff)?;
        if let Some((contract, earlier)) = year {
            let mut course = Course::new(&tariff, contract);
            for month in earlier {
                course.follow(month.pool(&tariff)?.pool, month.month)?;
            }
            pool = course.follow(pool, read.month)?;
        }
        let rating = tariff.rate(&pool)?;
        let charges = rating.charges().iter();
        let charges =
            charges.filter_map(|charge| ChargeBoard::of(&tariff, charge, clock).transpose());
        let charges = charges.collect::<Result<_, _>>()?;
        Ok(Self { tariff, pool, unpriced, strangers, charges })
    }

    /// The rating behind it.
    pub(crate) fn rate(&self) -> Result<Rating<'_>, Error> {
        self.tariff.rate(&self.pool)
    }

    /// What is charged.
    pub(crate) fn charge(&self, position: usize) -> Option<&Charge> {
        self.tariff.charges().get(position)
    }
}

impl ChargeBoard {
    /// The board of a charge whose price follows what the pool uses; others have none.
    fn of(
        tariff: &Tariff,
        rated: &RatedCharge<'_>,
        clock: Option<(&Period, Time)>,
    ) -> Result<Option<Self>, Error> {
        let Some(pool) = rated.pool else { return Ok(None) };
        let meter = rated.charge.source().and_then(|source| tariff.meter_of(source));
        let aggregation = meter.map(|meter| meter.aggregation).unwrap_or_default();
        let is_added_up = matches!(aggregation, Aggregation::Sum | Aggregation::Count);
        let pace = clock.filter(|_| is_added_up).map(|(period, now)| (period, now.timestamp()));
        let Some(mut board) = rated.price_board(Viewer::Pole, pace)? else { return Ok(None) };
        if clock.is_some()
            && aggregation.is_stock()
            && let Some(standing) = &mut board.pool
        {
            // A stock is metered as if it stood like this until the end.
            let (quantity, unit_price) = (pool.quantity, pool.unit_price);
            standing.projection = Some(Projection { quantity, unit_price });
        }
        let own = rated.own_standings()?;
        let own = own.into_iter().map(|(member, own)| (member.to_owned(), own)).collect();
        Ok(Some(Self { position: rated.position, price_base: pool.price_base, board, own }))
    }
}

fn adds_up_over_years(tariff: &Tariff) -> bool {
    tariff.charges().iter().any(
        |charge| matches!(&charge.kind, ChargeKind::Usage(usage) if usage.basis != Basis::Period),
    )
}

/// The months before this one in its contract year, the first of them first.
fn before(contract: ContractYears, month: Month) -> Vec<Month> {
    let year = contract.number(month).ok();
    let previous = |month: &Month| {
        let day = month.days().ok()?.first().yesterday().ok()?;
        Some(Month::of(day)).filter(|month| contract.number(*month).ok() == year)
    };
    let mut months: Vec<_> = std::iter::successors(previous(&month), previous).collect();
    months.reverse();
    months
}
