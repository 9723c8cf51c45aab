//! What is known of a pole's account at Stripe: keys, customers, events, refunds, payouts and what moved
//! on its balance.

use diesel::prelude::*;

use super::schema::{
    stripe_accounts, stripe_balance, stripe_customers, stripe_events, stripe_payouts,
    stripe_refunds,
};
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{CollectionId, MemberId, PaymentId, PoleId};
use crate::on_backend;

/// A row of `stripe_accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_accounts, treat_none_as_default_value = false)]
pub(crate) struct AccountRow {
    pub(crate) pole_id: PoleId,
    /// Encrypted.
    pub(crate) keys: Vec<u8>,
    /// JSON, as the API shows it.
    pub(crate) document: String,
    /// Until when all was looked at that webhooks may have missed.
    pub(crate) looked_at: Option<Time>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `stripe_customers`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_customers)]
pub(crate) struct CustomerRow {
    pub(crate) pole_id: PoleId,
    pub(crate) member_id: MemberId,
    pub(crate) customer_id: String,
    pub(crate) made_at: Time,
}

/// A row of `stripe_events`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) pole_id: PoleId,
    pub(crate) event_id: String,
    pub(crate) kind: String,
    /// What it is about.
    pub(crate) object_id: String,
    pub(crate) happened_at: Time,
    /// As it came.
    pub(crate) body: Vec<u8>,
    /// Whether it was found in the list, since its webhook never came.
    pub(crate) listed: bool,
    pub(crate) received_at: Time,
    pub(crate) handled_at: Option<Time>,
    /// What was done about it, or why nothing could be yet.
    pub(crate) outcome: String,
}

/// A row of `stripe_refunds`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_refunds, treat_none_as_default_value = false)]
pub(crate) struct RefundRow {
    pub(crate) pole_id: PoleId,
    pub(crate) refund_id: String,
    pub(crate) collection_id: CollectionId,
    pub(crate) amount_minor: i64,
    pub(crate) status: String,
    pub(crate) payment_id: Option<PaymentId>,
    pub(crate) booked_at: Time,
}

/// A row of `stripe_payouts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_payouts, treat_none_as_default_value = false)]
pub(crate) struct PayoutRow {
    pub(crate) pole_id: PoleId,
    pub(crate) payout_id: String,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    /// What Stripe kept for itself.
    pub(crate) fees_minor: i64,
    pub(crate) arrives_on: Day,
    /// What stands on the bank statement.
    pub(crate) descriptor: String,
    pub(crate) journal: Option<String>,
    pub(crate) year: Option<i32>,
    pub(crate) seq: Option<i64>,
    pub(crate) back_journal: Option<String>,
    pub(crate) back_year: Option<i32>,
    pub(crate) back_seq: Option<i64>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `stripe_balance`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stripe_balance, treat_none_as_default_value = false)]
pub(crate) struct BalanceRow {
    pub(crate) pole_id: PoleId,
    pub(crate) transaction_id: String,
    pub(crate) payout_id: String,
    pub(crate) kind: String,
    /// The charge, refund or dispute that it is of.
    pub(crate) source_id: Option<String>,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    pub(crate) fee_minor: i64,
    pub(crate) net_minor: i64,
    pub(crate) happened_at: Time,
    /// Whether the books know what it is of; all else waits on the suspense account.
    pub(crate) known: bool,
}

/// The account of a pole, if it has one.
pub(crate) fn account(conn: &mut Db, pole: &PoleId) -> Result<Option<AccountRow>, DbError> {
    let row = stripe_accounts::table.find(pole).select(AccountRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// All poles that have one.
pub(crate) fn accounts(conn: &mut Db) -> Result<Vec<AccountRow>, DbError> {
    let rows = stripe_accounts::table.order(stripe_accounts::pole_id);
    Ok(rows.select(AccountRow::as_select()).load(conn)?)
}

/// Adds the account of a pole that has none.
pub(crate) fn insert_account(conn: &mut Db, row: &AccountRow) -> Result<(), DbError> {
    diesel::insert_into(stripe_accounts::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes an account anew, if it is still at this version; says whether it was.
pub(crate) fn update_account(
    conn: &mut Db,
    row: &AccountRow,
    version: i64,
) -> Result<bool, DbError> {
    let at = stripe_accounts::table.find(&row.pole_id);
    let changed = diesel::update(at.filter(stripe_accounts::version.eq(version))).set((
        stripe_accounts::keys.eq(&row.keys),
        stripe_accounts::document.eq(&row.document),
        stripe_accounts::version.eq(row.version),
        stripe_accounts::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// Forgets the account of a pole.
pub(crate) fn remove_account(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    diesel::delete(stripe_accounts::table.find(pole)).execute(conn)?;
    Ok(())
}

/// Notes that all was looked at until then.
pub(crate) fn looked(conn: &mut Db, pole: &PoleId, until: Time) -> Result<(), DbError> {
    let at = stripe_accounts::table.find(pole);
    diesel::update(at).set(stripe_accounts::looked_at.eq(until)).execute(conn)?;
    Ok(())
}

/// What a member is called there.
pub(crate) fn customer(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
) -> Result<Option<String>, DbError> {
    let row = stripe_customers::table.find((pole, member)).select(stripe_customers::customer_id);
    Ok(row.first(conn).optional()?)
}

/// Notes what a member is called there; what was noted before stays.
pub(crate) fn note_customer(conn: &mut Db, row: &CustomerRow) -> Result<(), DbError> {
    on_backend!(conn, c => {
        diesel::insert_into(stripe_customers::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// Keeps an event, unless it is kept already; says whether it is new.
pub(crate) fn keep_event(conn: &mut Db, row: &EventRow) -> Result<bool, DbError> {
    let added = on_backend!(conn, c => {
        diesel::insert_into(stripe_events::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(added > 0)
}

/// One event.
pub(crate) fn event(
    conn: &mut Db,
    pole: &PoleId,
    event: &str,
) -> Result<Option<EventRow>, DbError> {
    let row = stripe_events::table.find((pole, event)).select(EventRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Events as they came in, those behind a place; only those that nothing was done about, if asked for.
pub(crate) fn events(
    conn: &mut Db,
    pole: &PoleId,
    unhandled: bool,
    after: Option<(Time, &str)>,
    rows: i64,
) -> Result<Vec<EventRow>, DbError> {
    let mut query = stripe_events::table
        .filter(stripe_events::pole_id.eq(pole))
        .select(EventRow::as_select())
        .into_boxed();
    if unhandled {
        query = query.filter(stripe_events::handled_at.is_null());
    }
    if let Some((received, id)) = after {
        let id = id.to_owned();
        let later = stripe_events::received_at.gt(received);
        let same = stripe_events::received_at.eq(received).and(stripe_events::event_id.gt(id));
        query = query.filter(later.or(same));
    }
    let order = (stripe_events::received_at, stripe_events::event_id);
    Ok(query.order(order).limit(rows).load(conn)?)
}

/// Notes what became of an event.
pub(crate) fn note_event(
    conn: &mut Db,
    pole: &PoleId,
    event: &str,
    (handled_at, outcome): (Option<Time>, &str),
) -> Result<(), DbError> {
    diesel::update(stripe_events::table.find((pole, event)))
        .set((stripe_events::handled_at.eq(handled_at), stripe_events::outcome.eq(outcome)))
        .execute(conn)?;
    Ok(())
}

/// One refund, if it was booked.
pub(crate) fn refund(
    conn: &mut Db,
    pole: &PoleId,
    refund: &str,
) -> Result<Option<RefundRow>, DbError> {
    let row = stripe_refunds::table.find((pole, refund)).select(RefundRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Notes that a refund was booked.
pub(crate) fn insert_refund(conn: &mut Db, row: &RefundRow) -> Result<(), DbError> {
    diesel::insert_into(stripe_refunds::table).values(row).execute(conn)?;
    Ok(())
}

/// Notes what a refund is now.
pub(crate) fn update_refund(conn: &mut Db, row: &RefundRow) -> Result<(), DbError> {
    diesel::update(stripe_refunds::table.find((&row.pole_id, &row.refund_id)))
        .set((
            stripe_refunds::status.eq(&row.status),
            stripe_refunds::payment_id.eq(&row.payment_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// One payout.
pub(crate) fn payout(
    conn: &mut Db,
    pole: &PoleId,
    payout: &str,
) -> Result<Option<PayoutRow>, DbError> {
    let row = stripe_payouts::table.find((pole, payout)).select(PayoutRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Payouts, the latest first, those before a place.
pub(crate) fn payouts(
    conn: &mut Db,
    pole: &PoleId,
    before: Option<(&str, &str)>,
    rows: i64,
) -> Result<Vec<PayoutRow>, DbError> {
    let mut query = stripe_payouts::table
        .filter(stripe_payouts::pole_id.eq(pole))
        .select(PayoutRow::as_select())
        .into_boxed();
    if let Some((day, id)) = before {
        let (day, id) = (day.to_owned(), id.to_owned());
        let earlier = stripe_payouts::arrives_on.lt(day.clone());
        let same = stripe_payouts::arrives_on.eq(day).and(stripe_payouts::payout_id.lt(id));
        query = query.filter(earlier.or(same));
    }
    let order = (stripe_payouts::arrives_on.desc(), stripe_payouts::payout_id.desc());
    Ok(query.order(order).limit(rows).load(conn)?)
}

/// Payouts of a sum that arrived over some days, both included.
pub(crate) fn payouts_like(
    conn: &mut Db,
    pole: &PoleId,
    (minor, currency): (i64, &str),
    (first, last): (&Day, &Day),
) -> Result<Vec<PayoutRow>, DbError> {
    let rows = stripe_payouts::table
        .filter(stripe_payouts::pole_id.eq(pole).and(stripe_payouts::status.eq("paid")))
        .filter(stripe_payouts::amount_minor.eq(minor).and(stripe_payouts::currency.eq(currency)))
        .filter(stripe_payouts::arrives_on.between(first, last))
        .order(stripe_payouts::payout_id)
        .select(PayoutRow::as_select());
    Ok(rows.load(conn)?)
}

/// Adds a payout with what it consists of.
pub(crate) fn insert_payout(
    conn: &mut Db,
    row: &PayoutRow,
    parts: &[BalanceRow],
) -> Result<(), DbError> {
    /// SQLite takes 32,766 values.
    const BATCH: usize = 1_000;
    diesel::insert_into(stripe_payouts::table).values(row).execute(conn)?;
    for parts in parts.chunks(BATCH) {
        on_backend!(conn, c => {
            diesel::insert_into(stripe_balance::table).values(parts).execute(c)
        })?;
    }
    Ok(())
}

/// Notes that a payout came back.
pub(crate) fn update_payout(conn: &mut Db, row: &PayoutRow) -> Result<(), DbError> {
    diesel::update(stripe_payouts::table.find((&row.pole_id, &row.payout_id)))
        .set((
            stripe_payouts::status.eq(&row.status),
            stripe_payouts::back_journal.eq(&row.back_journal),
            stripe_payouts::back_year.eq(row.back_year),
            stripe_payouts::back_seq.eq(row.back_seq),
            stripe_payouts::updated_at.eq(row.updated_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a payout consists of.
pub(crate) fn balance_of(
    conn: &mut Db,
    pole: &PoleId,
    payout: &str,
) -> Result<Vec<BalanceRow>, DbError> {
    let rows = stripe_balance::table
        .filter(stripe_balance::pole_id.eq(pole).and(stripe_balance::payout_id.eq(payout)))
        .order((stripe_balance::happened_at, stripe_balance::transaction_id))
        .select(BalanceRow::as_select());
    Ok(rows.load(conn)?)
}
