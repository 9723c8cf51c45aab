//! Members whose services are suspended, for which documents, and when that ended.

use std::collections::{HashMap, HashSet};

use diesel::dsl::max;
use diesel::prelude::*;

use super::dunning::LetterLevel;
use super::invoices::InvoiceRow;
use super::schema::{
    dunning_letters, dunning_notices, dunning_settings, invoices, services, subscriptions,
    suspension_causes, suspension_services, suspensions,
};
use super::services::ServiceRow;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, LetterId, MemberId, PoleId, ServiceId, SuspensionId};
use crate::on_backend;

words! {
    /// Why a suspension ended.
    pub(crate) enum LiftedWhy {
        /// What it was for is paid, or the member's credit covers it.
        Paid = "paid",
        /// What of it is not paid is left alone.
        Paused = "paused",
        /// Somebody said so: none begins by itself again for the same documents.
        ByHand = "by_hand",
    }
}

/// A row of `suspensions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = suspensions)]
pub(crate) struct SuspensionRow {
    pub(crate) pole_id: PoleId,
    pub(crate) suspension_id: SuspensionId,
    pub(crate) member_id: MemberId,
    /// Which one of the member it is, counted from 1.
    pub(crate) seq: i64,
    /// An id of a user or a key, `operator`, or `palier` where it began by itself.
    pub(crate) actor: String,
    /// What somebody said of it; empty where it began by itself.
    pub(crate) reason: String,
    /// The day it was in the pole.
    pub(crate) began_on: Day,
    pub(crate) began_at: Time,
    pub(crate) lifted: Option<LiftedWhy>,
    pub(crate) lifted_by: Option<String>,
    pub(crate) lift_reason: Option<String>,
    pub(crate) lifted_on: Option<Day>,
    pub(crate) lifted_at: Option<Time>,
}

/// A row of `suspension_causes`: a document that a suspension is for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = suspension_causes)]
pub(crate) struct CauseRow {
    pub(crate) pole_id: PoleId,
    pub(crate) suspension_id: SuspensionId,
    pub(crate) invoice_id: InvoiceId,
    /// The formal notice that went before.
    pub(crate) letter_id: LetterId,
    /// What was open of it.
    pub(crate) open_minor: i64,
}

/// A row of `suspension_services`: a service that the member was subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = suspension_services)]
#[expect(clippy::struct_field_names, reason = "as the columns are called")]
pub(crate) struct SuspendedServiceRow {
    pub(crate) pole_id: PoleId,
    pub(crate) suspension_id: SuspensionId,
    pub(crate) service_id: ServiceId,
}

/// Which suspensions are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) member: Option<MemberId>,
    /// Those that go on, or those that have ended.
    pub(crate) open: Option<bool>,
}

/// Adds a suspension, with what it is for and what it suspends.
pub(crate) fn insert(
    conn: &mut Db,
    row: &SuspensionRow,
    causes: &[CauseRow],
    services: &[SuspendedServiceRow],
) -> Result<(), DbError> {
    diesel::insert_into(suspensions::table).values(row).execute(conn)?;
    on_backend!(conn, c => {
        diesel::insert_into(suspension_causes::table).values(causes).execute(c)
    })?;
    on_backend!(conn, c => {
        diesel::insert_into(suspension_services::table).values(services).execute(c)
    })?;
    Ok(())
}

/// Ends a suspension that goes on; says whether it did.
pub(crate) fn lift(conn: &mut Db, row: &SuspensionRow) -> Result<bool, DbError> {
    let at = suspensions::table.find((&row.pole_id, &row.suspension_id));
    let ended = diesel::update(at.filter(suspensions::lifted_at.is_null())).set((
        suspensions::lifted.eq(row.lifted),
        suspensions::lifted_by.eq(&row.lifted_by),
        suspensions::lift_reason.eq(&row.lift_reason),
        suspensions::lifted_on.eq(&row.lifted_on),
        suspensions::lifted_at.eq(row.lifted_at),
    ));
    Ok(ended.execute(conn)? > 0)
}

/// One suspension.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    suspension: &SuspensionId,
) -> Result<Option<SuspensionRow>, DbError> {
    let row = suspensions::table.find((pole, suspension)).select(SuspensionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The suspension of a member that goes on.
pub(crate) fn open_of(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
) -> Result<Option<SuspensionRow>, DbError> {
    let row = suspensions::table
        .filter(suspensions::pole_id.eq(pole).and(suspensions::member_id.eq(member)))
        .filter(suspensions::lifted_at.is_null())
        .select(SuspensionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// A suspension that goes on, and since when it does.
pub(crate) type Open = (SuspensionId, Time);

/// Whose suspensions go on.
pub(crate) fn open(conn: &mut Db, pole: &PoleId) -> Result<Vec<(MemberId, Open)>, DbError> {
    let open = suspensions::table
        .filter(suspensions::pole_id.eq(pole))
        .filter(suspensions::lifted_at.is_null());
    let what = (suspensions::suspension_id, suspensions::began_at);
    Ok(open.select((suspensions::member_id, what)).load(conn)?)
}

/// How many suspensions a member has had.
pub(crate) fn count_of(conn: &mut Db, pole: &PoleId, member: &MemberId) -> Result<i64, DbError> {
    let of_member = suspensions::table
        .filter(suspensions::pole_id.eq(pole).and(suspensions::member_id.eq(member)));
    Ok(of_member.select(max(suspensions::seq)).first::<Option<i64>>(conn)?.unwrap_or_default())
}

/// Suspensions in the order in which they began, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<SuspensionRow>, DbError> {
    let mut query = suspensions::table
        .filter(suspensions::pole_id.eq(pole))
        .select(SuspensionRow::as_select())
        .into_boxed();
    if let Some(member) = &wanted.member {
        query = query.filter(suspensions::member_id.eq(member));
    }
    match wanted.open {
        Some(true) => query = query.filter(suspensions::lifted_at.is_null()),
        Some(false) => query = query.filter(suspensions::lifted_at.is_not_null()),
        None => {}
    }
    if let Some(after) = after {
        query = query.filter(suspensions::suspension_id.gt(after.to_owned()));
    }
    Ok(query.order(suspensions::suspension_id).limit(rows).load(conn)?)
}

/// What some suspensions are for, with the documents as they are now.
pub(crate) fn causes(
    conn: &mut Db,
    pole: &PoleId,
    of: &[SuspensionId],
) -> Result<Vec<(CauseRow, InvoiceRow)>, DbError> {
    let document = invoices::pole_id
        .eq(suspension_causes::pole_id)
        .and(invoices::invoice_id.eq(suspension_causes::invoice_id));
    let rows = suspension_causes::table
        .inner_join(invoices::table.on(document))
        .filter(suspension_causes::pole_id.eq(pole))
        .filter(suspension_causes::suspension_id.eq_any(of))
        .order((suspension_causes::suspension_id, suspension_causes::invoice_id))
        .select((CauseRow::as_select(), InvoiceRow::as_select()));
    Ok(rows.load(conn)?)
}

/// The services that some suspensions suspend.
pub(crate) fn services(
    conn: &mut Db,
    pole: &PoleId,
    of: &[SuspensionId],
) -> Result<Vec<(SuspensionId, ServiceRow)>, DbError> {
    let service = services::pole_id
        .eq(suspension_services::pole_id)
        .and(services::service_id.eq(suspension_services::service_id));
    let rows = suspension_services::table
        .inner_join(services::table.on(service))
        .filter(suspension_services::pole_id.eq(pole))
        .filter(suspension_services::suspension_id.eq_any(of))
        .order((suspension_services::suspension_id, services::code))
        .select((suspension_services::suspension_id, ServiceRow::as_select()));
    Ok(rows.load(conn)?)
}

/// The services that a member is subscribed to on a day, or will be.
pub(crate) fn subscribed(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    today: &Day,
) -> Result<Vec<ServiceId>, DbError> {
    let of_member = subscriptions::table
        .filter(subscriptions::pole_id.eq(pole).and(subscriptions::member_id.eq(member)))
        .filter(subscriptions::last_day.is_null().or(subscriptions::last_day.ge(today)));
    let ids = of_member.select(subscriptions::service_id).distinct();
    Ok(ids.order(subscriptions::service_id).load(conn)?)
}

/// The formal notices that went out about some documents until the end of a day, and from which day on
/// each announced that services are suspended.
pub(crate) fn announced(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
    as_of: &Day,
) -> Result<HashMap<InvoiceId, (LetterId, Option<Day>)>, DbError> {
    let letter = dunning_letters::pole_id
        .eq(dunning_notices::pole_id)
        .and(dunning_letters::letter_id.eq(dunning_notices::letter_id));
    let rows = dunning_notices::table
        .inner_join(dunning_letters::table.on(letter))
        .filter(dunning_notices::pole_id.eq(pole))
        .filter(dunning_notices::invoice_id.eq_any(of))
        .filter(dunning_notices::level.eq(LetterLevel::FormalNotice))
        .filter(dunning_letters::sent_on.le(as_of))
        .select((
            dunning_notices::invoice_id,
            dunning_letters::letter_id,
            dunning_letters::suspends_on,
        ));
    let rows = rows.load::<(InvoiceId, LetterId, Option<Day>)>(conn)?;
    Ok(rows.into_iter().map(|(invoice, letter, day)| (invoice, (letter, day))).collect())
}

/// Which of some documents a suspension was for that somebody lifted by hand.
pub(crate) fn let_off(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
) -> Result<HashSet<InvoiceId>, DbError> {
    let suspension = suspensions::pole_id
        .eq(suspension_causes::pole_id)
        .and(suspensions::suspension_id.eq(suspension_causes::suspension_id));
    let rows = suspension_causes::table
        .inner_join(suspensions::table.on(suspension))
        .filter(suspension_causes::pole_id.eq(pole))
        .filter(suspension_causes::invoice_id.eq_any(of))
        .filter(suspensions::lifted.eq(LiftedWhy::ByHand))
        .select(suspension_causes::invoice_id);
    Ok(rows.load(conn)?.into_iter().collect())
}

/// The poles that suspend services by themselves.
pub(crate) fn automatic(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    let poles = dunning_settings::table.filter(dunning_settings::suspends_after.is_not_null());
    Ok(poles.order(dunning_settings::pole_id).select(dunning_settings::pole_id).load(conn)?)
}

/// The poles in which a suspension goes on.
pub(crate) fn poles_with_open(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    let open = suspensions::table.filter(suspensions::lifted_at.is_null());
    Ok(open.select(suspensions::pole_id).distinct().order(suspensions::pole_id).load(conn)?)
}
