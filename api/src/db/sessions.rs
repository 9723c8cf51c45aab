//! Sign-ins, the tokens that renew them, and the links that begin them.

use diesel::prelude::*;

use super::schema::{refresh_tokens, sessions, sign_in_links};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{PoleId, SessionId, UserId};

words! {
    /// How a session began.
    pub(crate) enum SignInMethod {
        /// With a password.
        Password = "password",
        /// With a one-time link.
        Link = "link",
    }
}

/// A row of `sessions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(crate) struct SessionRow {
    pub(crate) pole_id: PoleId,
    pub(crate) session_id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) method: SignInMethod,
    pub(crate) created_at: Time,
    /// However often it is renewed, it ends then.
    pub(crate) expires_at: Time,
    pub(crate) revoked_at: Option<Time>,
}

impl SessionRow {
    /// Whether it has not ended.
    pub(crate) fn is_open(&self, now: Time) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A row of `refresh_tokens`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(crate) struct RefreshRow {
    pub(crate) pole_id: PoleId,
    pub(crate) hash: String,
    pub(crate) session_id: SessionId,
    pub(crate) created_at: Time,
    pub(crate) expires_at: Time,
    pub(crate) used_at: Option<Time>,
}

/// A row of `sign_in_links`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_links, treat_none_as_default_value = false)]
pub(crate) struct LinkRow {
    pub(crate) pole_id: PoleId,
    pub(crate) hash: String,
    pub(crate) user_id: UserId,
    pub(crate) created_at: Time,
    pub(crate) expires_at: Time,
    pub(crate) used_at: Option<Time>,
}

/// Adds a session.
pub(crate) fn insert(conn: &mut Db, row: &SessionRow) -> Result<(), DbError> {
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

/// One session.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    session: &SessionId,
) -> Result<Option<SessionRow>, DbError> {
    let row = sessions::table.find((pole, session)).select(SessionRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Ends a session; false if it had ended already.
pub(crate) fn revoke(
    conn: &mut Db,
    pole: &PoleId,
    session: &SessionId,
    at: Time,
) -> Result<bool, DbError> {
    let open = sessions::table.find((pole, session)).filter(sessions::revoked_at.is_null());
    Ok(diesel::update(open).set(sessions::revoked_at.eq(Some(at))).execute(conn)? > 0)
}

/// Ends all sessions of a user but one, which may be none.
pub(crate) fn revoke_all(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
    but: Option<&SessionId>,
    at: Time,
) -> Result<usize, DbError> {
    let theirs = sessions::pole_id.eq(pole).and(sessions::user_id.eq(user));
    let others = sessions::session_id.ne(but.map_or("", SessionId::as_str));
    let open = sessions::table.filter(theirs.and(others).and(sessions::revoked_at.is_null()));
    Ok(diesel::update(open).set(sessions::revoked_at.eq(Some(at))).execute(conn)?)
}

/// Adds a token that renews a session.
pub(crate) fn insert_refresh(conn: &mut Db, row: &RefreshRow) -> Result<(), DbError> {
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn)?;
    Ok(())
}

/// The token with a hash.
pub(crate) fn find_refresh(
    conn: &mut Db,
    pole: &PoleId,
    hash: &str,
) -> Result<Option<RefreshRow>, DbError> {
    let row = refresh_tokens::table.find((pole, hash)).select(RefreshRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Takes a token out of use; false if somebody was faster. Of two requests that come with it at
/// once, one waits here for the other and then learns that it was second.
pub(crate) fn use_refresh(
    conn: &mut Db,
    pole: &PoleId,
    hash: &str,
    at: Time,
) -> Result<bool, DbError> {
    let unused = refresh_tokens::table.find((pole, hash)).filter(refresh_tokens::used_at.is_null());
    Ok(diesel::update(unused).set(refresh_tokens::used_at.eq(Some(at))).execute(conn)? > 0)
}

/// Adds a link.
pub(crate) fn insert_link(conn: &mut Db, row: &LinkRow) -> Result<(), DbError> {
    diesel::insert_into(sign_in_links::table).values(row).execute(conn)?;
    Ok(())
}

/// Uses a link up, if it is still good, and tells whose it is.
pub(crate) fn use_link(
    conn: &mut Db,
    pole: &PoleId,
    hash: &str,
    at: Time,
) -> Result<Option<UserId>, DbError> {
    let good = sign_in_links::table
        .find((pole, hash))
        .filter(sign_in_links::used_at.is_null().and(sign_in_links::expires_at.gt(at)));
    let used = diesel::update(good)
        .set(sign_in_links::used_at.eq(Some(at)))
        .returning(sign_in_links::user_id)
        .get_result(conn);
    Ok(used.optional()?)
}

/// Takes every link of a user that is still good out of use.
pub(crate) fn use_links_of(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
    at: Time,
) -> Result<(), DbError> {
    let theirs = sign_in_links::pole_id.eq(pole).and(sign_in_links::user_id.eq(user));
    let good = sign_in_links::table.filter(theirs.and(sign_in_links::used_at.is_null()));
    diesel::update(good).set(sign_in_links::used_at.eq(Some(at))).execute(conn)?;
    Ok(())
}

/// Forgets what ended before an instant.
pub(crate) fn forget_before(conn: &mut Db, before: Time) -> Result<(), DbError> {
    let over = sessions::table.filter(sessions::expires_at.lt(before)).select(sessions::session_id);
    let of_those = refresh_tokens::session_id.eq_any(over);
    let old = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before).or(of_those));
    diesel::delete(old).execute(conn)?;
    let old = sign_in_links::table.filter(sign_in_links::expires_at.lt(before));
    diesel::delete(old).execute(conn)?;
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(conn)?;
    Ok(())
}
