//! Adding events, each engine in the way in which it is fast.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{PgConnection, SqliteConnection};

use super::{EventRow, LevelRow};
use crate::clock::Time;
use crate::db::schema::{usage_events, usage_levels};
use crate::db::{Db, DbError};
use crate::on_backend;

/// How many rows one statement adds where it must say all of them: PostgreSQL takes 65,535 values.
const ROWS: usize = 5_000;

/// Adds the events that are not there yet, and says of each whether it was new. Keys are sorted
/// and each is there once.
pub(crate) fn add(conn: &mut Db, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    match conn {
        Db::Sqlite(conn) => one_by_one(conn, rows),
        Db::Postgres(conn) => copied(conn, rows),
    }
}

/// A call to SQLite is a function call: what costs is the statement, which is prepared once.
fn one_by_one(conn: &mut SqliteConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        let added = diesel::insert_into(usage_events::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?;
        new.push(added == 1);
    }
    Ok(new)
}

/// `COPY` is more than twice as fast as any other way in, and knows no conflicts: it is tried
/// first, and most of the time every event is new.
fn copied(conn: &mut PgConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    if rows.len() == 1 {
        return added(conn, rows);
    }
    let copy = conn.transaction(|conn| {
        diesel::copy_from(usage_events::table).from_insertable(rows).execute(conn)
    });
    match copy {
        Ok(_) => Ok(vec![true; rows.len()]),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => added(conn, rows),
        Err(error) => Err(error.into()),
    }
}

fn added(conn: &mut PgConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    let mut new = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS) {
        let added: Vec<(Time, String)> = diesel::insert_into(usage_events::table)
            .values(rows)
            .on_conflict_do_nothing()
            .returning((usage_events::happened_at, usage_events::event_id))
            .get_results(conn)?;
        let added: HashSet<(Time, &str)> =
            added.iter().map(|(at, id)| (*at, id.as_str())).collect();
        new.extend(rows.iter().map(|row| added.contains(&row.key())));
    }
    Ok(new)
}

/// Adds what new events say of meters whose days cannot be added up.
pub(crate) fn add_levels(conn: &mut Db, rows: &[LevelRow]) -> Result<(), DbError> {
    for rows in rows.chunks(ROWS) {
        on_backend!(conn, c => diesel::insert_into(usage_levels::table).values(rows).execute(c))?;
    }
    Ok(())
}
