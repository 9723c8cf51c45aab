//! How a pole collects what its members owe, and what these were told of it.

use diesel::prelude::*;

use super::schema::{collection_notices, collection_settings};
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, MeansId, PoleId};

/// A row of `collection_settings`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collection_settings)]
pub(crate) struct CollectionSettingsRow {
    pub(crate) pole_id: PoleId,
    /// JSON, as the API shows it.
    pub(crate) document: String,
    /// Whether collections are planned by themselves, as the document says as well.
    pub(crate) automatic: bool,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A row of `collection_notices`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = collection_notices, primary_key(pole_id, invoice_id))]
pub(crate) struct NoticeRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) means_id: MeansId,
    /// How much the member was told.
    pub(crate) amount_minor: i64,
    /// The day it was told it is collected.
    pub(crate) collect_on: Day,
    /// When that was.
    pub(crate) told_on: Day,
}

/// The settings of a pole, if it has any.
pub(crate) fn find(conn: &mut Db, pole: &PoleId) -> Result<Option<CollectionSettingsRow>, DbError> {
    let row = collection_settings::table.find(pole).select(CollectionSettingsRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Adds the settings of a pole that has none.
pub(crate) fn insert(conn: &mut Db, row: &CollectionSettingsRow) -> Result<(), DbError> {
    diesel::insert_into(collection_settings::table).values(row).execute(conn)?;
    Ok(())
}

/// Replaces the settings, if they are still at this version; says whether they were.
pub(crate) fn update(
    conn: &mut Db,
    row: &CollectionSettingsRow,
    version: i64,
) -> Result<bool, DbError> {
    let at = collection_settings::table.find(&row.pole_id);
    let changed = diesel::update(at.filter(collection_settings::version.eq(version))).set((
        collection_settings::document.eq(&row.document),
        collection_settings::automatic.eq(row.automatic),
        collection_settings::version.eq(row.version),
        collection_settings::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// Poles whose collections are planned by themselves.
pub(crate) fn automatic(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    let rows = collection_settings::table
        .filter(collection_settings::automatic.eq(true))
        .order(collection_settings::pole_id)
        .select(collection_settings::pole_id);
    Ok(rows.load(conn)?)
}

/// What a member was told of the collection of a document.
pub(crate) fn notice(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Option<NoticeRow>, DbError> {
    let row = collection_notices::table.find((pole, invoice)).select(NoticeRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Writes down what a member is told, in place of what it was told before.
pub(crate) fn tell(conn: &mut Db, row: &NoticeRow) -> Result<(), DbError> {
    let at = collection_notices::table.find((&row.pole_id, &row.invoice_id));
    if diesel::update(at).set(row).execute(conn)? == 0 {
        diesel::insert_into(collection_notices::table).values(row).execute(conn)?;
    }
    Ok(())
}
