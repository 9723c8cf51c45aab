//! Attempts to sign in, counted by account, so that guessing slows down on whichever server it is
//! tried.

use diesel::prelude::*;

use super::schema::sign_in_attempts as attempts;
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::PoleId;
use crate::on_backend;

/// What was tried before.
#[derive(Clone, Copy, Debug, Queryable)]
pub(crate) struct Attempts {
    /// How often, this time included.
    pub(crate) count: i32,
    pub(crate) blocked_until: Time,
}

/// Counts an attempt, and holds the account until the transaction ends, so that attempts at the
/// same time are counted one after the other. An account that was left alone since `forgiven`
/// begins anew.
#[expect(clippy::arithmetic_side_effects, reason = "it is the database that adds")]
pub(crate) fn count(
    conn: &mut Db,
    pole: &PoleId,
    account: &str,
    now: Time,
    forgiven: Time,
) -> Result<Attempts, DbError> {
    let old = attempts::table.find((pole, account)).filter(attempts::last_at.lt(forgiven));
    diesel::delete(old).execute(conn)?;
    let row = (
        attempts::pole_id.eq(pole),
        attempts::account.eq(account),
        attempts::attempts.eq(1),
        attempts::last_at.eq(now),
        attempts::blocked_until.eq(now),
    );
    let counted = on_backend!(conn, conn => diesel::insert_into(attempts::table)
        .values(row)
        .on_conflict((attempts::pole_id, attempts::account))
        .do_update()
        .set((attempts::attempts.eq(attempts::attempts + 1), attempts::last_at.eq(now)))
        .returning((attempts::attempts, attempts::blocked_until))
        .get_result(conn))?;
    Ok(counted)
}

/// Lets nobody try before an instant.
pub(crate) fn block(
    conn: &mut Db,
    pole: &PoleId,
    account: &str,
    until: Time,
) -> Result<(), DbError> {
    let at = attempts::table.find((pole, account));
    diesel::update(at).set(attempts::blocked_until.eq(until)).execute(conn)?;
    Ok(())
}

/// Forgets what was tried, after a success.
pub(crate) fn forget(conn: &mut Db, pole: &PoleId, account: &str) -> Result<(), DbError> {
    diesel::delete(attempts::table.find((pole, account))).execute(conn)?;
    Ok(())
}

/// Forgets what was tried before an instant.
pub(crate) fn forget_before(conn: &mut Db, before: Time) -> Result<(), DbError> {
    diesel::delete(attempts::table.filter(attempts::last_at.lt(before))).execute(conn)?;
    Ok(())
}
