//! Keys of machines.

use diesel::prelude::*;

use super::schema::{api_keys, poles};
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::{ApiKeyId, MemberId, PoleId, ProviderId};

/// A row of `api_keys`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub(crate) struct ApiKeyRow {
    pub(crate) pole_id: PoleId,
    pub(crate) api_key_id: ApiKeyId,
    pub(crate) hash: String,
    pub(crate) hint: String,
    pub(crate) name: String,
    pub(crate) member_id: Option<MemberId>,
    pub(crate) provider_id: Option<ProviderId>,
    /// Words between spaces.
    pub(crate) scopes: String,
    pub(crate) created_by: String,
    pub(crate) created_at: Time,
    pub(crate) expires_at: Option<Time>,
    pub(crate) last_used_at: Option<Time>,
    pub(crate) revoked_at: Option<Time>,
}

impl ApiKeyRow {
    /// Whether it opens anything.
    pub(crate) fn is_good(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Whose keys are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Those of these members and providers only, unless the caller may see all.
    pub(crate) among: Option<(Vec<MemberId>, Vec<ProviderId>)>,
    pub(crate) member: Option<MemberId>,
    pub(crate) provider: Option<ProviderId>,
}

/// Adds a key.
pub(crate) fn insert(conn: &mut Db, row: &ApiKeyRow) -> Result<(), DbError> {
    diesel::insert_into(api_keys::table).values(row).execute(conn)?;
    Ok(())
}

/// One key.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    key: &ApiKeyId,
) -> Result<Option<ApiKeyRow>, DbError> {
    let row = api_keys::table.find((pole, key)).select(ApiKeyRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The key with a hash.
pub(crate) fn find_by_hash(
    conn: &mut Db,
    pole: &PoleId,
    hash: &str,
) -> Result<Option<ApiKeyRow>, DbError> {
    let row = api_keys::table.filter(api_keys::pole_id.eq(pole).and(api_keys::hash.eq(hash)));
    Ok(row.select(ApiKeyRow::as_select()).first(conn).optional()?)
}

/// Whether the key with a hash opens a pole, whichever: the one question about keys that is not
/// asked of a pole, and the answer says no more than the key's owner knows.
pub(crate) fn opens_some_pole(conn: &mut Db, hash: &str, now: Time) -> Result<bool, DbError> {
    // Every index begins with the pole: with all of them named, one is used.
    let anywhere = api_keys::pole_id.eq_any(poles::table.select(poles::pole_id));
    let row = api_keys::table.filter(anywhere.and(api_keys::hash.eq(hash)));
    let row: Option<ApiKeyRow> = row.select(ApiKeyRow::as_select()).first(conn).optional()?;
    Ok(row.is_some_and(|row| row.is_good(now)))
}

/// Keys in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<ApiKeyRow>, DbError> {
    let mut query = api_keys::table
        .filter(api_keys::pole_id.eq(pole))
        .select(ApiKeyRow::as_select())
        .into_boxed();
    if let Some((members, providers)) = &filter.among {
        let theirs =
            api_keys::member_id.eq_any(members).or(api_keys::provider_id.eq_any(providers));
        query = query.filter(theirs.assume_not_null());
    }
    if let Some(member) = &filter.member {
        query = query.filter(api_keys::member_id.eq(member));
    }
    if let Some(provider) = &filter.provider {
        query = query.filter(api_keys::provider_id.eq(provider));
    }
    if let Some(after) = after {
        query = query.filter(api_keys::api_key_id.gt(after.to_owned()));
    }
    Ok(query.order(api_keys::api_key_id).limit(rows).load(conn)?)
}

/// Makes a key useless; false if it was already.
pub(crate) fn revoke(
    conn: &mut Db,
    pole: &PoleId,
    key: &ApiKeyId,
    at: Time,
) -> Result<bool, DbError> {
    let good = api_keys::table.find((pole, key)).filter(api_keys::revoked_at.is_null());
    Ok(diesel::update(good).set(api_keys::revoked_at.eq(Some(at))).execute(conn)? > 0)
}

/// Notes that a key was used.
pub(crate) fn used(conn: &mut Db, pole: &PoleId, key: &ApiKeyId, at: Time) -> Result<(), DbError> {
    let at_key = api_keys::table.find((pole, key));
    diesel::update(at_key).set(api_keys::last_used_at.eq(Some(at))).execute(conn)?;
    Ok(())
}
