//! By what members let themselves be collected: mandates, and what a payment provider keeps.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::payments::Whose;
use super::schema::payment_means;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{MeansId, MemberId, PoleId};

words! {
    /// What a means of payment is.
    pub(crate) enum MeansKind {
        /// A mandate for direct debits, which the pole gives its bank in files.
        Mandate = "mandate",
        /// A card that Stripe keeps.
        StripeCard = "stripe_card",
        /// An account that Stripe debits.
        StripeSepa = "stripe_sepa",
    }
}

words! {
    /// Where a means of payment stands.
    pub(crate) enum MeansStatus {
        /// The member has not said yes yet.
        Pending = "pending",
        /// The member lets itself be collected by it.
        Active = "active",
        /// It can be used no more.
        Ended = "ended",
    }
}

/// A row of `payment_means`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_means, treat_none_as_default_value = false)]
pub(crate) struct MeansRow {
    pub(crate) pole_id: PoleId,
    pub(crate) means_id: MeansId,
    pub(crate) member_id: MemberId,
    pub(crate) kind: MeansKind,
    pub(crate) status: MeansStatus,
    /// Whether what the member owes is collected by this one.
    pub(crate) is_default: bool,
    /// By what people know it.
    pub(crate) label: String,
    /// JSON: what is known of it, by its kind.
    pub(crate) details: String,
    /// The reference of the mandate, or the id at the provider.
    pub(crate) external_id: Option<String>,
    /// Why it ended; empty before.
    pub(crate) reason: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Adds one.
pub(crate) fn insert(conn: &mut Db, row: &MeansRow) -> Result<(), DbError> {
    diesel::insert_into(payment_means::table).values(row).execute(conn)?;
    Ok(())
}

/// One of them.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    means: &MeansId,
) -> Result<Option<MeansRow>, DbError> {
    let row = payment_means::table.find((pole, means)).select(MeansRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that is called so outside.
pub(crate) fn by_external(
    conn: &mut Db,
    pole: &PoleId,
    external: &str,
) -> Result<Option<MeansRow>, DbError> {
    let row = payment_means::table
        .filter(payment_means::pole_id.eq(pole).and(payment_means::external_id.eq(external)))
        .select(MeansRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Whether a mandate has this reference already: they differ in more than their capitals.
pub(crate) fn is_reference(conn: &mut Db, pole: &PoleId, reference: &str) -> Result<bool, DbError> {
    let same = sql::<Bool>("upper(external_id) = ").bind::<Text, _>(reference.to_ascii_uppercase());
    let rows = payment_means::table
        .filter(payment_means::pole_id.eq(pole).and(payment_means::kind.eq(MeansKind::Mandate)))
        .filter(same)
        .select(payment_means::means_id);
    let found: Option<MeansId> = rows.first(conn).optional()?;
    Ok(found.is_some())
}

/// By which one what a member owes is collected.
pub(crate) fn default_of(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
) -> Result<Option<MeansRow>, DbError> {
    let row = payment_means::table
        .filter(payment_means::pole_id.eq(pole).and(payment_means::member_id.eq(member)))
        .filter(payment_means::is_default.eq(true))
        .select(MeansRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// They in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    whose: &Whose,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MeansRow>, DbError> {
    let mut query = payment_means::table
        .filter(payment_means::pole_id.eq(pole))
        .select(MeansRow::as_select())
        .into_boxed();
    if let Some(among) = &whose.among {
        query = query.filter(payment_means::member_id.eq_any(among));
    }
    if let Some(member) = &whose.member {
        query = query.filter(payment_means::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(payment_means::means_id.gt(after.to_owned()));
    }
    Ok(query.order(payment_means::means_id).limit(rows).load(conn)?)
}

/// Writes one down anew, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &MeansRow, version: i64) -> Result<bool, DbError> {
    let at = payment_means::table.find((&row.pole_id, &row.means_id));
    let changed = diesel::update(at.filter(payment_means::version.eq(version))).set((
        payment_means::status.eq(row.status),
        payment_means::is_default.eq(row.is_default),
        payment_means::label.eq(&row.label),
        payment_means::details.eq(&row.details),
        payment_means::external_id.eq(&row.external_id),
        payment_means::reason.eq(&row.reason),
        payment_means::version.eq(row.version),
        payment_means::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}
