//! Usage alerts, and the notices they have raised.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::clock::Time;
use crate::day::Day;
use crate::db::schema::{subscriptions, usage_alerts, usage_notices};
use crate::db::subscriptions::SubscriptionRow;
use crate::db::{Db, DbError};
use crate::id::{MeterId, PoleId, SubscriptionId, UsageAlertId};
use crate::on_backend;

/// A row of `usage_alerts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = usage_alerts, primary_key(pole_id, alert_id), treat_none_as_null = true)]
pub(crate) struct AlertRow {
    pub(crate) pole_id: PoleId,
    pub(crate) alert_id: UsageAlertId,
    pub(crate) subscription_id: SubscriptionId,
    /// Whose quantity is watched; what the member owes, if none.
    pub(crate) meter_id: Option<MeterId>,
    /// Millionths of the meter's unit, or the currency's minor units.
    pub(crate) threshold: i64,
    pub(crate) email: String,
    /// When it last told.
    pub(crate) raised_at: Option<Time>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `usage_notices`.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = usage_notices)]
pub(crate) struct NoticeRow {
    pub(crate) pole_id: PoleId,
    pub(crate) alert_id: UsageAlertId,
    /// The first day of the month.
    pub(crate) month: Day,
    pub(crate) threshold: i64,
    /// In the threshold's unit.
    pub(crate) reached: i64,
    pub(crate) raised_at: Time,
}

/// Adds an alert.
pub(crate) fn insert(conn: &mut Db, row: &AlertRow) -> Result<(), DbError> {
    diesel::insert_into(usage_alerts::table).values(row).execute(conn)?;
    Ok(())
}

/// One alert of a subscription.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    subscription: &SubscriptionId,
    alert: &UsageAlertId,
) -> Result<Option<AlertRow>, DbError> {
    let row = usage_alerts::table
        .find((pole, alert))
        .filter(usage_alerts::subscription_id.eq(subscription));
    Ok(row.select(AlertRow::as_select()).first(conn).optional()?)
}

/// How many alerts a subscription has.
pub(crate) fn count(
    conn: &mut Db,
    pole: &PoleId,
    subscription: &SubscriptionId,
) -> Result<i64, DbError> {
    let rows = usage_alerts::table
        .filter(usage_alerts::pole_id.eq(pole))
        .filter(usage_alerts::subscription_id.eq(subscription));
    Ok(rows.count().get_result(conn)?)
}

/// Alerts of a subscription in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    subscription: &SubscriptionId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<AlertRow>, DbError> {
    let mut query = usage_alerts::table
        .filter(usage_alerts::pole_id.eq(pole))
        .filter(usage_alerts::subscription_id.eq(subscription))
        .select(AlertRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(usage_alerts::alert_id.gt(after.to_owned()));
    }
    Ok(query.order(usage_alerts::alert_id).limit(rows).load(conn)?)
}

/// Replaces an alert and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &AlertRow,
    version: i64,
) -> Result<Option<AlertRow>, DbError> {
    let at = usage_alerts::table
        .find((&row.pole_id, &row.alert_id))
        .filter(usage_alerts::version.eq(version));
    let changed = diesel::update(at).set(row).returning(usage_alerts::all_columns);
    Ok(changed.get_result(conn).optional()?)
}

/// Takes an alert away, with its notices.
pub(crate) fn delete(conn: &mut Db, row: &AlertRow) -> Result<(), DbError> {
    diesel::delete(usage_alerts::table.find((&row.pole_id, &row.alert_id))).execute(conn)?;
    Ok(())
}

/// The poles that have alerts.
pub(crate) fn poles(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    Ok(usage_alerts::table.select(usage_alerts::pole_id).distinct().load(conn)?)
}

/// The alerts of a pole that have not told yet in a month, with their subscriptions, as far as these
/// cover some of it.
pub(crate) fn open(
    conn: &mut Db,
    pole: &PoleId,
    (first, last): (&Day, &Day),
) -> Result<Vec<(AlertRow, SubscriptionRow)>, DbError> {
    let subscription = usage_alerts::pole_id
        .eq(subscriptions::pole_id)
        .and(usage_alerts::subscription_id.eq(subscriptions::subscription_id));
    let told = usage_notices::table
        .filter(usage_notices::pole_id.eq(usage_alerts::pole_id))
        .filter(usage_notices::alert_id.eq(usage_alerts::alert_id))
        .filter(usage_notices::threshold.eq(usage_alerts::threshold))
        .filter(usage_notices::month.eq(first));
    let rows = usage_alerts::table
        .inner_join(subscriptions::table.on(subscription))
        .filter(usage_alerts::pole_id.eq(pole))
        .filter(subscriptions::first_day.le(last))
        .filter(subscriptions::last_day.is_null().or(subscriptions::last_day.ge(first)))
        .filter(not(exists(told)))
        .order(usage_alerts::alert_id)
        .select((AlertRow::as_select(), SubscriptionRow::as_select()));
    Ok(rows.load(conn)?)
}

/// Notes that an alert tells; false if it has told already, or is gone.
pub(crate) fn raise(conn: &mut Db, notice: &NoticeRow) -> Result<bool, DbError> {
    let told = usage_notices::table
        .filter(usage_notices::pole_id.eq(&notice.pole_id))
        .filter(usage_notices::alert_id.eq(&notice.alert_id))
        .filter(usage_notices::month.eq(&notice.month))
        .filter(usage_notices::threshold.eq(notice.threshold));
    let alert = usage_alerts::table
        .find((&notice.pole_id, &notice.alert_id))
        .filter(usage_alerts::threshold.eq(notice.threshold))
        .filter(not(exists(told)));
    // First of all, so that of two who tell at once the second waits for the first.
    let told = diesel::update(alert).set(usage_alerts::raised_at.eq(notice.raised_at));
    if told.execute(conn)? == 0 {
        return Ok(false);
    }
    let added = on_backend!(conn, c => diesel::insert_into(usage_notices::table)
        .values(notice)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added == 1)
}
