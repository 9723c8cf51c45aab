//! Accounts to which providers are paid.

use diesel::prelude::*;

use super::collections::Channel;
use super::schema::provider_accounts;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{PoleId, ProviderAccountId, ProviderId};

words! {
    /// Where an account stands.
    pub(crate) enum AccountStatus {
        /// Somebody has yet to confirm it: nothing is paid to it.
        Pending = "pending",
        /// The provider is paid to it.
        Confirmed = "confirmed",
        /// The provider is paid to it no more, or never was.
        Ended = "ended",
    }
}

/// A row of `provider_accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_accounts, treat_none_as_default_value = false)]
pub(crate) struct AccountRow {
    pub(crate) pole_id: PoleId,
    pub(crate) account_id: ProviderAccountId,
    pub(crate) provider_id: ProviderId,
    /// Whose account it is.
    pub(crate) holder: String,
    /// Where it is.
    pub(crate) channel: Channel,
    /// An IBAN, or what Stripe calls it.
    pub(crate) number: String,
    pub(crate) bic: Option<String>,
    /// JSON: where the holder sits, if the bank needs it.
    pub(crate) address: Option<String>,
    pub(crate) status: AccountStatus,
    /// Who gave it: an id of a user or a key, or `operator`.
    pub(crate) given_by: String,
    /// Who confirmed it: somebody else.
    pub(crate) confirmed_by: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// Adds one.
pub(crate) fn insert(conn: &mut Db, row: &AccountRow) -> Result<(), DbError> {
    diesel::insert_into(provider_accounts::table).values(row).execute(conn)?;
    Ok(())
}

/// One of them.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    account: &ProviderAccountId,
) -> Result<Option<AccountRow>, DbError> {
    let row = provider_accounts::table.find((pole, account)).select(AccountRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one of a provider that stands so: there is one at most that is pending, and one that is confirmed.
pub(crate) fn of_provider(
    conn: &mut Db,
    pole: &PoleId,
    (provider, status): (&ProviderId, AccountStatus),
) -> Result<Option<AccountRow>, DbError> {
    let row = provider_accounts::table
        .filter(provider_accounts::pole_id.eq(pole))
        .filter(provider_accounts::provider_id.eq(provider))
        .filter(provider_accounts::status.eq(status))
        .select(AccountRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Those of a provider in the order in which they were given, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<AccountRow>, DbError> {
    let mut query = provider_accounts::table
        .filter(provider_accounts::pole_id.eq(pole))
        .filter(provider_accounts::provider_id.eq(provider))
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(provider_accounts::account_id.gt(after.to_owned()));
    }
    Ok(query.order(provider_accounts::account_id).limit(rows).load(conn)?)
}

/// Writes down where an account stands, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &AccountRow, version: i64) -> Result<bool, DbError> {
    let at = provider_accounts::table.find((&row.pole_id, &row.account_id));
    let changed = diesel::update(at.filter(provider_accounts::version.eq(version))).set((
        provider_accounts::status.eq(row.status),
        provider_accounts::confirmed_by.eq(&row.confirmed_by),
        provider_accounts::version.eq(row.version),
        provider_accounts::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}
