//! How a pole bills.

use diesel::prelude::*;

use super::schema::billing_settings;
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::PoleId;

/// A row of `billing_settings`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = billing_settings)]
pub(crate) struct BillingSettingsRow {
    pub(crate) pole_id: PoleId,
    /// JSON, as the API shows it.
    pub(crate) document: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Those of a pole, if it has any.
pub(crate) fn find(conn: &mut Db, pole: &PoleId) -> Result<Option<BillingSettingsRow>, DbError> {
    let row = billing_settings::table.find(pole).select(BillingSettingsRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Adds those of a pole that has none.
pub(crate) fn insert(conn: &mut Db, row: &BillingSettingsRow) -> Result<(), DbError> {
    diesel::insert_into(billing_settings::table).values(row).execute(conn)?;
    Ok(())
}

/// Replaces them, if they are still at this version; says whether they were.
pub(crate) fn update(
    conn: &mut Db,
    row: &BillingSettingsRow,
    version: i64,
) -> Result<bool, DbError> {
    let at = billing_settings::table.find(&row.pole_id);
    let changed = diesel::update(at.filter(billing_settings::version.eq(version))).set((
        billing_settings::document.eq(&row.document),
        billing_settings::version.eq(row.version),
        billing_settings::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}
