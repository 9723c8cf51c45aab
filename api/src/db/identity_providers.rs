//! Outside services whose tokens a pole believes.

use diesel::prelude::*;

use super::schema::identity_providers;
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::{IdentityProviderId, PoleId};

/// A row of `identity_providers`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = identity_providers, primary_key(pole_id, identity_provider_id))]
pub(crate) struct IdentityProviderRow {
    pub(crate) pole_id: PoleId,
    pub(crate) identity_provider_id: IdentityProviderId,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) jwks_url: String,
    /// Names between spaces.
    pub(crate) algorithms: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Adds a provider.
pub(crate) fn insert(conn: &mut Db, row: &IdentityProviderRow) -> Result<(), DbError> {
    diesel::insert_into(identity_providers::table).values(row).execute(conn)?;
    Ok(())
}

/// One provider.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    provider: &IdentityProviderId,
) -> Result<Option<IdentityProviderRow>, DbError> {
    let row = identity_providers::table.find((pole, provider));
    Ok(row.select(IdentityProviderRow::as_select()).first(conn).optional()?)
}

/// The provider that says of itself to be this issuer.
pub(crate) fn find_by_issuer(
    conn: &mut Db,
    pole: &PoleId,
    issuer: &str,
) -> Result<Option<IdentityProviderRow>, DbError> {
    let row = identity_providers::table
        .filter(identity_providers::pole_id.eq(pole).and(identity_providers::issuer.eq(issuer)));
    Ok(row.select(IdentityProviderRow::as_select()).first(conn).optional()?)
}

/// Providers in the order in which they were added, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<IdentityProviderRow>, DbError> {
    let mut query = identity_providers::table
        .filter(identity_providers::pole_id.eq(pole))
        .select(IdentityProviderRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(identity_providers::identity_provider_id.gt(after.to_owned()));
    }
    Ok(query.order(identity_providers::identity_provider_id).limit(rows).load(conn)?)
}

/// Replaces a provider and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &IdentityProviderRow,
    version: i64,
) -> Result<Option<IdentityProviderRow>, DbError> {
    let at = identity_providers::table
        .find((&row.pole_id, &row.identity_provider_id))
        .filter(identity_providers::version.eq(version));
    let changed =
        diesel::update(at).set(row).returning(identity_providers::all_columns).get_result(conn);
    Ok(changed.optional()?)
}

/// Takes a provider away.
pub(crate) fn delete(
    conn: &mut Db,
    pole: &PoleId,
    provider: &IdentityProviderId,
) -> Result<bool, DbError> {
    Ok(diesel::delete(identity_providers::table.find((pole, provider))).execute(conn)? > 0)
}
