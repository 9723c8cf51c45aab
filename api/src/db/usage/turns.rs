//! Who writes usage of a pole at once: a matter of PostgreSQL, since SQLite has one writer.
//!
//! Events that are only added may be added by many, in the order of their key: who meets another's
//! event waits for it, and nobody can wait in a circle. Whoever takes something out of what counts
//! has looked at it before, and whoever adds all or nothing adds in more than one run: they write
//! alone. The database lets people in in the order in which they came, so that nobody waits for ever.

use diesel::RunQueryDsl as _;
use diesel::sql_types::Text;

use crate::db::{Db, DbError};
use crate::id::PoleId;

/// Lets others add events until the transaction ends, and nobody write alone.
pub(crate) fn together(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    lock(conn, pole, "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))")
}

/// Lets nobody else write usage until the transaction ends.
pub(crate) fn alone(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    lock(conn, pole, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
}

fn lock(conn: &mut Db, pole: &PoleId, sql: &str) -> Result<(), DbError> {
    if let Db::Postgres(conn) = conn {
        // Other things of a pole may come to be locked like this.
        let name = format!("usage {pole}");
        diesel::sql_query(sql).bind::<Text, _>(name).execute(conn)?;
    }
    Ok(())
}
