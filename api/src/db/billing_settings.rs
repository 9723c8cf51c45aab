//! How a pole bills.

use diesel::prelude::*;

use super::schema::{account_parts, billing_settings};
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::PoleId;
use crate::on_backend;

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

/// An account that has a part in the books, or had it.
#[derive(Clone, Debug, PartialEq, Eq, Insertable)]
#[diesel(table_name = account_parts, treat_none_as_default_value = false)]
pub(crate) struct AccountPartRow {
    pub(crate) pole_id: PoleId,
    pub(crate) part: &'static str,
    pub(crate) account: String,
}

/// Notes accounts that have a part, as far as that is not known.
pub(crate) fn note_parts(conn: &mut Db, rows: &[AccountPartRow]) -> Result<(), DbError> {
    on_backend!(conn, c => {
        diesel::insert_into(account_parts::table).values(rows).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// The accounts other than the usual one that have a part, or had it.
pub(crate) fn accounts_of(
    conn: &mut Db,
    pole: &PoleId,
    part: &str,
) -> Result<Vec<String>, DbError> {
    let rows = account_parts::table
        .filter(account_parts::pole_id.eq(pole).and(account_parts::part.eq(part)))
        .select(account_parts::account);
    Ok(rows.load(conn)?)
}
