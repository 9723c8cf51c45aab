//! Subscriptions: which member uses which service.

use diesel::prelude::*;

use super::schema::subscriptions;
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{MemberId, PoleId, ServiceId, SubscriptionId, TariffId};

/// A row of `subscriptions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = subscriptions,
    primary_key(pole_id, subscription_id),
    treat_none_as_null = true
)]
pub(crate) struct SubscriptionRow {
    pub(crate) pole_id: PoleId,
    pub(crate) subscription_id: SubscriptionId,
    pub(crate) member_id: MemberId,
    pub(crate) service_id: ServiceId,
    /// The tariff version it stays with; that in force, if none.
    pub(crate) tariff_id: Option<TariffId>,
    pub(crate) first_day: Day,
    /// The last day it covers; none while it goes on.
    pub(crate) last_day: Option<Day>,
    pub(crate) weight_micros: i64,
    pub(crate) minimum_amount_minor: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// Whether the member is told by mail that the pool has reached a tier.
    pub(crate) tier_mails: bool,
}

/// Which subscriptions are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Of one of these members or to one of these services, unless the caller may see all.
    pub(crate) among: Option<(Vec<MemberId>, Vec<ServiceId>)>,
    pub(crate) member: Option<MemberId>,
    pub(crate) service: Option<ServiceId>,
    /// Those that cover this day.
    pub(crate) on: Option<Day>,
}

/// Adds a subscription.
pub(crate) fn insert(conn: &mut Db, row: &SubscriptionRow) -> Result<(), DbError> {
    diesel::insert_into(subscriptions::table).values(row).execute(conn)?;
    Ok(())
}

/// One subscription of a member.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    subscription: &SubscriptionId,
) -> Result<Option<SubscriptionRow>, DbError> {
    let row = subscriptions::table
        .find((pole, subscription))
        .filter(subscriptions::member_id.eq(member))
        .select(SubscriptionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Those to a service that cover some of these days, both included.
pub(crate) fn of_service(
    conn: &mut Db,
    pole: &PoleId,
    service: &ServiceId,
    (first, last): (&Day, &Day),
) -> Result<Vec<SubscriptionRow>, DbError> {
    let ends = subscriptions::last_day;
    let rows = subscriptions::table
        .filter(subscriptions::pole_id.eq(pole).and(subscriptions::service_id.eq(service)))
        .filter(subscriptions::first_day.le(last).and(ends.is_null().or(ends.ge(first))))
        .order((subscriptions::member_id, subscriptions::first_day))
        .select(SubscriptionRow::as_select());
    Ok(rows.load(conn)?)
}

/// Whether a member has a subscription to a service, other than this one, that covers a day or
/// begins later.
pub(crate) fn overlaps(conn: &mut Db, row: &SubscriptionRow) -> Result<bool, DbError> {
    let others = subscriptions::table
        .filter(subscriptions::pole_id.eq(&row.pole_id))
        .filter(subscriptions::member_id.eq(&row.member_id))
        .filter(subscriptions::service_id.eq(&row.service_id))
        .filter(subscriptions::subscription_id.ne(&row.subscription_id))
        .filter(subscriptions::last_day.is_null().or(subscriptions::last_day.ge(&row.first_day)));
    let count: i64 = match &row.last_day {
        None => others.count().get_result(conn)?,
        Some(last) => others.filter(subscriptions::first_day.le(last)).count().get_result(conn)?,
    };
    Ok(count > 0)
}

/// Subscriptions in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<SubscriptionRow>, DbError> {
    let mut query = subscriptions::table
        .filter(subscriptions::pole_id.eq(pole))
        .select(SubscriptionRow::as_select())
        .into_boxed();
    if let Some((members, services)) = &filter.among {
        let (of, to) = (subscriptions::member_id, subscriptions::service_id);
        query = query.filter(of.eq_any(members).or(to.eq_any(services)));
    }
    if let Some(member) = &filter.member {
        query = query.filter(subscriptions::member_id.eq(member));
    }
    if let Some(service) = &filter.service {
        query = query.filter(subscriptions::service_id.eq(service));
    }
    if let Some(day) = &filter.on {
        let last = subscriptions::last_day;
        query =
            query.filter(subscriptions::first_day.le(day)).filter(last.is_null().or(last.ge(day)));
    }
    if let Some(after) = after {
        query = query.filter(subscriptions::subscription_id.gt(after.to_owned()));
    }
    Ok(query.order(subscriptions::subscription_id).limit(rows).load(conn)?)
}

/// Replaces a subscription and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &SubscriptionRow,
    version: i64,
) -> Result<Option<SubscriptionRow>, DbError> {
    let at = subscriptions::table
        .find((&row.pole_id, &row.subscription_id))
        .filter(subscriptions::version.eq(version));
    let changed = diesel::update(at).set(row).returning(subscriptions::all_columns);
    Ok(changed.get_result(conn).optional()?)
}
