//! Who provides services.

use diesel::prelude::*;

use super::schema::providers;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{MemberId, PoleId, ProviderId};

words! {
    /// Where a provider stands.
    pub(crate) enum ProviderStatus {
        /// It provides services.
        Active = "active",
        /// It provides none any more.
        Retired = "retired",
    }
}

/// A row of `providers`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = providers, primary_key(pole_id, provider_id), treat_none_as_null = true)]
pub(crate) struct ProviderRow {
    pub(crate) pole_id: PoleId,
    pub(crate) provider_id: ProviderId,
    pub(crate) name: String,
    pub(crate) siren: Option<String>,
    pub(crate) vat_number: Option<String>,
    pub(crate) contact_name: Option<String>,
    pub(crate) contact_email: String,
    pub(crate) contact_phone: Option<String>,
    /// The member company that it is, if it is one.
    pub(crate) member_id: Option<MemberId>,
    pub(crate) status: ProviderStatus,
    /// What the search looks at: without accents and case.
    pub(crate) search: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Which providers are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// These only, unless the caller may see all.
    pub(crate) among: Option<Vec<ProviderId>>,
    pub(crate) status: Option<ProviderStatus>,
    pub(crate) member: Option<MemberId>,
    /// Words that must all be there, without accents and case.
    pub(crate) words: Vec<String>,
}

/// Adds a provider.
pub(crate) fn insert(conn: &mut Db, row: &ProviderRow) -> Result<(), DbError> {
    diesel::insert_into(providers::table).values(row).execute(conn)?;
    Ok(())
}

/// One provider.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
) -> Result<Option<ProviderRow>, DbError> {
    let row = providers::table.find((pole, provider)).select(ProviderRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Providers in the order in which they were added, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<ProviderRow>, DbError> {
    let mut query = providers::table
        .filter(providers::pole_id.eq(pole))
        .select(ProviderRow::as_select())
        .into_boxed();
    if let Some(among) = &filter.among {
        query = query.filter(providers::provider_id.eq_any(among));
    }
    if let Some(status) = filter.status {
        query = query.filter(providers::status.eq(status));
    }
    if let Some(member) = &filter.member {
        query = query.filter(providers::member_id.eq(member));
    }
    for word in &filter.words {
        query = query.filter(providers::search.like(crate::search::containing(word)).escape('\\'));
    }
    if let Some(after) = after {
        query = query.filter(providers::provider_id.gt(after.to_owned()));
    }
    Ok(query.order(providers::provider_id).limit(rows).load(conn)?)
}

/// Replaces a provider and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &ProviderRow,
    version: i64,
) -> Result<Option<ProviderRow>, DbError> {
    let at = providers::table
        .find((&row.pole_id, &row.provider_id))
        .filter(providers::version.eq(version));
    let changed = diesel::update(at).set(row).returning(providers::all_columns).get_result(conn);
    Ok(changed.optional()?)
}
