//! People who sign in, and what they are.

use diesel::prelude::*;

use super::schema::{user_grants, users};
use super::{Db, DbError, words};
use crate::auth::{Grant, Role};
use crate::clock::Time;
use crate::db::poles::{PoleRow, WrittenLanguage};
use crate::id::{MemberId, PoleId, ProviderId, UserId};
use crate::search;

words! {
    /// Whether a user may sign in.
    pub(crate) enum UserStatus {
        /// Yes.
        Active = "active",
        /// No, and every session has ended.
        Disabled = "disabled",
    }
}

/// A row of `users`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, primary_key(pole_id, user_id), treat_none_as_null = true)]
pub(crate) struct UserRow {
    pub(crate) pole_id: PoleId,
    pub(crate) user_id: UserId,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) name: String,
    pub(crate) language: WrittenLanguage,
    pub(crate) status: UserStatus,
    pub(crate) password_hash: Option<String>,
    pub(crate) search: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl UserRow {
    /// A person who has no password yet.
    pub(crate) fn new(pole: &PoleRow, id: UserId, email: String, name: String, at: Time) -> Self {
        Self {
            pole_id: pole.pole_id.clone(),
            user_id: id,
            email_key: email_key(&email),
            search: search::folded(&format!("{name} {email}")),
            email,
            name,
            language: pole.language,
            status: UserStatus::Active,
            password_hash: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = user_grants, treat_none_as_default_value = false)]
struct GrantRow {
    pole_id: PoleId,
    user_id: UserId,
    position: i32,
    role: Role,
    member_id: Option<MemberId>,
    provider_id: Option<ProviderId>,
}

/// Which users are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Those who act for one of these members only, unless the caller may see all.
    pub(crate) among: Option<Vec<MemberId>>,
    /// Those who act for this member.
    pub(crate) member: Option<MemberId>,
    pub(crate) status: Option<UserStatus>,
    /// Words that must all be there, without accents and case.
    pub(crate) words: Vec<String>,
}

/// What tells two addresses apart.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Adds a user.
pub(crate) fn insert(conn: &mut Db, row: &UserRow) -> Result<(), DbError> {
    diesel::insert_into(users::table).values(row).execute(conn)?;
    Ok(())
}

/// One user.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
) -> Result<Option<UserRow>, DbError> {
    let row = users::table.find((pole, user)).select(UserRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The user who has an address.
pub(crate) fn find_by_email(
    conn: &mut Db,
    pole: &PoleId,
    email: &str,
) -> Result<Option<UserRow>, DbError> {
    let key = email_key(email);
    let row = users::table.filter(users::pole_id.eq(pole).and(users::email_key.eq(key)));
    Ok(row.select(UserRow::as_select()).first(conn).optional()?)
}

/// Users in the order in which they were added, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<UserRow>, DbError> {
    let member = filter.member.clone().map(|member| vec![member]);
    let mut query =
        users::table.filter(users::pole_id.eq(pole)).select(UserRow::as_select()).into_boxed();
    for members in [&filter.among, &member].into_iter().flatten() {
        let acting = user_grants::table
            .filter(user_grants::pole_id.eq(pole).and(user_grants::member_id.eq_any(members)))
            .select(user_grants::user_id);
        query = query.filter(users::user_id.eq_any(acting));
    }
    if let Some(status) = filter.status {
        query = query.filter(users::status.eq(status));
    }
    for word in &filter.words {
        query = query.filter(users::search.like(search::containing(word)).escape('\\'));
    }
    if let Some(after) = after {
        query = query.filter(users::user_id.gt(after.to_owned()));
    }
    Ok(query.order(users::user_id).limit(rows).load(conn)?)
}

/// Replaces a user and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &UserRow,
    version: i64,
) -> Result<Option<UserRow>, DbError> {
    let at = users::table.find((&row.pole_id, &row.user_id)).filter(users::version.eq(version));
    let changed = diesel::update(at).set(row).returning(users::all_columns).get_result(conn);
    Ok(changed.optional()?)
}

/// Keeps another hash of a password.
pub(crate) fn set_password(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
    hash: &str,
) -> Result<(), DbError> {
    let at = users::table.find((pole, user));
    diesel::update(at).set(users::password_hash.eq(hash)).execute(conn)?;
    Ok(())
}

/// What a user is, in the order in which it was said.
pub(crate) fn grants(conn: &mut Db, pole: &PoleId, user: &UserId) -> Result<Vec<Grant>, DbError> {
    let all = grants_of(conn, pole, std::slice::from_ref(user))?;
    Ok(all.into_iter().map(|(_, grant)| grant).collect())
}

/// What each of several users is.
pub(crate) fn grants_of(
    conn: &mut Db,
    pole: &PoleId,
    users: &[UserId],
) -> Result<Vec<(UserId, Grant)>, DbError> {
    let rows: Vec<GrantRow> = user_grants::table
        .filter(user_grants::pole_id.eq(pole).and(user_grants::user_id.eq_any(users)))
        .order((user_grants::user_id, user_grants::position))
        .select(GrantRow::as_select())
        .load(conn)?;
    let grant = |row: GrantRow| {
        let grant = Grant::new(row.role, row.member_id, row.provider_id);
        let unreadable = || DbError::Unreadable {
            table: "user_grants",
            id: row.user_id.to_string(),
            what: format!("{} for nobody, or for two", row.role.as_str()),
        };
        grant.map(|grant| (row.user_id.clone(), grant)).ok_or_else(unreadable)
    };
    rows.into_iter().map(grant).collect()
}

/// Says anew what a user is.
pub(crate) fn set_grants(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
    grants: &[Grant],
) -> Result<(), DbError> {
    let theirs = user_grants::pole_id.eq(pole).and(user_grants::user_id.eq(user));
    diesel::delete(user_grants::table.filter(theirs)).execute(conn)?;
    for (position, grant) in (0_i32..).zip(grants) {
        let (member, provider) = grant.owner();
        let row = GrantRow {
            pole_id: pole.clone(),
            user_id: user.clone(),
            position,
            role: grant.role(),
            member_id: member.cloned(),
            provider_id: provider.cloned(),
        };
        diesel::insert_into(user_grants::table).values(&row).execute(conn)?;
    }
    Ok(())
}

/// Whether anybody who may sign in runs the pole.
pub(crate) fn has_admin(conn: &mut Db, pole: &PoleId) -> Result<bool, DbError> {
    let admins = user_grants::table
        .filter(user_grants::pole_id.eq(pole).and(user_grants::role.eq(Role::PoleAdmin)))
        .select(user_grants::user_id);
    let count: i64 = users::table
        .filter(users::pole_id.eq(pole).and(users::status.eq(UserStatus::Active)))
        .filter(users::user_id.eq_any(admins))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}
