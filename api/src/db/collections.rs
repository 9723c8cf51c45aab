//! Money that is asked for by members' means of payment, and what of which documents it is.

use std::collections::HashSet;

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use palier_billing::{Currency, Money};

use super::invoices::{InvoiceKind, InvoiceRow, InvoiceStatus};
use super::means::MeansKind;
use super::payments::Whose;
use super::schema::{collection_parts, collections, invoices, payment_means};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{CollectionId, InvoiceId, MeansId, MemberId, PaymentId, PoleId};
use crate::on_backend;

words! {
    /// By whom money is moved.
    pub(crate) enum Channel {
        /// The pole's bank, which is given a file.
        Bank = "bank",
        /// Stripe.
        Stripe = "stripe",
    }
}

words! {
    /// Where a collection stands.
    pub(crate) enum CollectionStatus {
        /// Its day has not come, or nobody has sent it yet.
        Planned = "planned",
        /// It was given to whoever collects, and nobody has said more.
        Sent = "sent",
        /// Whoever collects is at it; that takes days for a direct debit.
        Processing = "processing",
        /// The money came in.
        Succeeded = "succeeded",
        /// It did not.
        Failed = "failed",
        /// It was given up before anything was asked for.
        Cancelled = "cancelled",
        /// It came in, and went back.
        Returned = "returned",
    }
}

impl CollectionStatus {
    /// Whether money is on its way, or will be.
    pub(crate) const fn is_live(self) -> bool {
        matches!(self, Self::Planned | Self::Sent | Self::Processing)
    }
}

/// A row of `collections`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collections, treat_none_as_default_value = false)]
pub(crate) struct CollectionRow {
    pub(crate) pole_id: PoleId,
    pub(crate) collection_id: CollectionId,
    pub(crate) member_id: MemberId,
    /// None where the member pays by itself, on a page of the provider.
    pub(crate) means_id: Option<MeansId>,
    pub(crate) channel: Channel,
    pub(crate) status: CollectionStatus,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    /// The day the member is debited.
    pub(crate) collect_on: Day,
    /// The day the member was told of day and amount.
    pub(crate) announced_on: Option<Day>,
    /// Which try it is for its documents, from 1.
    pub(crate) attempt: i32,
    /// What it is called at the provider, or from end to end.
    pub(crate) external_id: Option<String>,
    /// The file by which it was sent.
    pub(crate) file_id: Option<String>,
    /// Why it did not come in, or came back: a code of the bank's or the provider's.
    pub(crate) failure_code: Option<String>,
    /// The same in words.
    pub(crate) failure_reason: Option<String>,
    /// What it became in the books.
    pub(crate) payment_id: Option<PaymentId>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl CollectionRow {
    /// How much.
    pub(crate) fn amount(&self) -> Money {
        let currency = Currency::from_code(&self.currency).unwrap_or(Currency::EUR);
        Money::from_minor(self.amount_minor, currency)
    }
}

/// A row of `collection_parts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collection_parts)]
pub(crate) struct PartRow {
    pub(crate) pole_id: PoleId,
    pub(crate) collection_id: CollectionId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) amount_minor: i64,
    /// Whether the collection is planned or on its way.
    pub(crate) live: bool,
}

/// Adds a collection with what it is of.
pub(crate) fn insert(conn: &mut Db, row: &CollectionRow, parts: &[PartRow]) -> Result<(), DbError> {
    diesel::insert_into(collections::table).values(row).execute(conn)?;
    on_backend!(conn, c => {
        diesel::insert_into(collection_parts::table).values(parts).execute(c)
    })?;
    Ok(())
}

/// One collection.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    collection: &CollectionId,
) -> Result<Option<CollectionRow>, DbError> {
    let row = collections::table.find((pole, collection)).select(CollectionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that is called so at the provider, or from end to end.
pub(crate) fn by_external(
    conn: &mut Db,
    pole: &PoleId,
    external: &str,
) -> Result<Option<CollectionRow>, DbError> {
    let row = collections::table
        .filter(collections::pole_id.eq(pole).and(collections::external_id.eq(external)))
        .select(CollectionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that became a payment.
pub(crate) fn by_payment(
    conn: &mut Db,
    pole: &PoleId,
    payment: &PaymentId,
) -> Result<Option<CollectionRow>, DbError> {
    let row = collections::table
        .filter(collections::pole_id.eq(pole).and(collections::payment_id.eq(payment)))
        .select(CollectionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The day of the last collection that was sent by a means in a file which the bank did not refuse as a
/// whole, whatever became of it.
pub(crate) fn last_sent(
    conn: &mut Db,
    pole: &PoleId,
    means: &MeansId,
) -> Result<Option<Day>, DbError> {
    let never = [CollectionStatus::Planned, CollectionStatus::Cancelled];
    let last = collections::table
        .filter(collections::pole_id.eq(pole).and(collections::means_id.eq(means)))
        .filter(collections::file_id.is_not_null())
        .filter(collections::status.ne_all(never))
        .order(collections::collect_on.desc())
        .select(collections::collect_on);
    Ok(last.first(conn).optional()?)
}

/// Which collections are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) whose: Whose,
    pub(crate) status: Option<CollectionStatus>,
    pub(crate) channel: Option<Channel>,
    /// Those whose day has come by this one.
    pub(crate) until: Option<Day>,
    /// Those that were sent by this file.
    pub(crate) file: Option<String>,
}

/// Collections in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<CollectionRow>, DbError> {
    let mut query = collections::table
        .filter(collections::pole_id.eq(pole))
        .select(CollectionRow::as_select())
        .into_boxed();
    if let Some(among) = &wanted.whose.among {
        query = query.filter(collections::member_id.eq_any(among));
    }
    if let Some(member) = &wanted.whose.member {
        query = query.filter(collections::member_id.eq(member));
    }
    if let Some(status) = wanted.status {
        query = query.filter(collections::status.eq(status));
    }
    if let Some(channel) = wanted.channel {
        query = query.filter(collections::channel.eq(channel));
    }
    if let Some(until) = &wanted.until {
        query = query.filter(collections::collect_on.le(until));
    }
    if let Some(file) = &wanted.file {
        query = query.filter(collections::file_id.eq(file.clone()));
    }
    if let Some(after) = after {
        query = query.filter(collections::collection_id.gt(after.to_owned()));
    }
    Ok(query.order(collections::collection_id).limit(rows).load(conn)?)
}

/// What collections are of, by their documents.
pub(crate) fn parts(
    conn: &mut Db,
    pole: &PoleId,
    of: &[CollectionId],
) -> Result<Vec<PartRow>, DbError> {
    let rows = collection_parts::table
        .filter(collection_parts::pole_id.eq(pole))
        .filter(collection_parts::collection_id.eq_any(of))
        .order((collection_parts::collection_id, collection_parts::invoice_id))
        .select(PartRow::as_select());
    Ok(rows.load(conn)?)
}

/// Which of some documents are being collected.
pub(crate) fn on_the_way(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
) -> Result<HashSet<InvoiceId>, DbError> {
    let rows = collection_parts::table
        .filter(collection_parts::pole_id.eq(pole).and(collection_parts::live.eq(true)))
        .filter(collection_parts::invoice_id.eq_any(of))
        .select(collection_parts::invoice_id);
    Ok(rows.load(conn)?.into_iter().collect())
}

/// Whether any is on its way, beyond being planned.
pub(crate) fn is_any_sent(conn: &mut Db, pole: &PoleId, channel: Channel) -> Result<bool, DbError> {
    let sent = [CollectionStatus::Sent, CollectionStatus::Processing];
    let rows = collections::table
        .filter(collections::pole_id.eq(pole).and(collections::channel.eq(channel)))
        .filter(collections::status.eq_any(sent));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(conn)?)
}

/// Whether money of a document is on its way, beyond being planned.
pub(crate) fn is_sent(conn: &mut Db, pole: &PoleId, invoice: &InvoiceId) -> Result<bool, DbError> {
    let its = collection_parts::table
        .filter(collection_parts::pole_id.eq(pole).and(collection_parts::invoice_id.eq(invoice)))
        .select(collection_parts::collection_id);
    let sent = [CollectionStatus::Sent, CollectionStatus::Processing];
    let rows = collections::table
        .filter(collections::pole_id.eq(pole).and(collections::collection_id.eq_any(its)))
        .filter(collections::status.eq_any(sent));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(conn)?)
}

/// How often a document was to be collected.
pub(crate) fn attempts(conn: &mut Db, pole: &PoleId, invoice: &InvoiceId) -> Result<i32, DbError> {
    let tries = collection_parts::table
        .filter(collection_parts::pole_id.eq(pole).and(collection_parts::invoice_id.eq(invoice)))
        .select(count_star());
    let tries: i64 = tries.first(conn)?;
    Ok(i32::try_from(tries).unwrap_or(i32::MAX))
}

/// Final documents that ask for money which has not come in, are due by a day, are not being collected
/// and never were, of members who are collected by such means; with these, in the order in which they
/// were made.
pub(crate) fn to_collect(
    conn: &mut Db,
    pole: &PoleId,
    kinds: &[MeansKind],
    due_by: &Day,
) -> Result<Vec<(InvoiceRow, MeansId)>, DbError> {
    let is_open = sql::<Bool>(
        "gross_minor > coalesce((SELECT sum(a.amount_minor) FROM payment_allocations a \
         WHERE a.pole_id = invoices.pole_id AND a.invoice_id = invoices.invoice_id), 0)",
    );
    let was_tried = collection_parts::table
        .filter(collection_parts::pole_id.eq(pole))
        .select(collection_parts::invoice_id);
    let of_member = payment_means::pole_id
        .eq(invoices::pole_id)
        .and(payment_means::member_id.eq(invoices::member_id));
    let rows = invoices::table
        .inner_join(payment_means::table.on(of_member))
        .filter(invoices::pole_id.eq(pole).and(invoices::status.eq(InvoiceStatus::Final)))
        .filter(invoices::kind.eq_any([InvoiceKind::Invoice, InvoiceKind::Corrective]))
        .filter(invoices::due_on.le(due_by))
        .filter(payment_means::is_default.eq(true).and(payment_means::kind.eq_any(kinds)))
        .filter(is_open)
        .filter(diesel::dsl::not(invoices::invoice_id.eq_any(was_tried)))
        .order(invoices::invoice_id)
        .select((InvoiceRow::as_select(), payment_means::means_id));
    Ok(rows.load(conn)?)
}

/// Writes down where a collection stands, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &CollectionRow, version: i64) -> Result<bool, DbError> {
    let at = collections::table.find((&row.pole_id, &row.collection_id));
    let changed = diesel::update(at.filter(collections::version.eq(version))).set((
        collections::status.eq(row.status),
        collections::collect_on.eq(&row.collect_on),
        collections::announced_on.eq(&row.announced_on),
        collections::external_id.eq(&row.external_id),
        collections::file_id.eq(&row.file_id),
        collections::failure_code.eq(&row.failure_code),
        collections::failure_reason.eq(&row.failure_reason),
        collections::payment_id.eq(&row.payment_id),
        collections::version.eq(row.version),
        collections::updated_at.eq(row.updated_at),
    ));
    if changed.execute(conn)? == 0 {
        return Ok(false);
    }
    let its = collection_parts::table
        .filter(collection_parts::pole_id.eq(&row.pole_id))
        .filter(collection_parts::collection_id.eq(&row.collection_id));
    let live = row.status.is_live();
    diesel::update(its).set(collection_parts::live.eq(live)).execute(conn)?;
    Ok(true)
}
